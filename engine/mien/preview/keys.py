"""glfw's numbers of keys as the panel's library names them."""

from __future__ import annotations

from typing import Final

from slimgui import imgui

Key = imgui.Key

PRESS: Final = 1
RELEASE: Final = 0
H: Final = 72
ESCAPE: Final = 256
ENTERS: Final = (257, 335)

_NAMED: Final[dict[int, imgui.Key]] = {
    32: Key.KEY_SPACE,
    39: Key.KEY_APOSTROPHE,
    44: Key.KEY_COMMA,
    45: Key.KEY_MINUS,
    46: Key.KEY_PERIOD,
    47: Key.KEY_SLASH,
    59: Key.KEY_SEMICOLON,
    61: Key.KEY_EQUAL,
    256: Key.KEY_ESCAPE,
    257: Key.KEY_ENTER,
    258: Key.KEY_TAB,
    259: Key.KEY_BACKSPACE,
    260: Key.KEY_INSERT,
    261: Key.KEY_DELETE,
    262: Key.KEY_RIGHT_ARROW,
    263: Key.KEY_LEFT_ARROW,
    264: Key.KEY_DOWN_ARROW,
    265: Key.KEY_UP_ARROW,
    266: Key.KEY_PAGE_UP,
    267: Key.KEY_PAGE_DOWN,
    268: Key.KEY_HOME,
    269: Key.KEY_END,
    335: Key.KEY_KEYPAD_ENTER,
    340: Key.KEY_LEFT_SHIFT,
    341: Key.KEY_LEFT_CTRL,
    342: Key.KEY_LEFT_ALT,
    343: Key.KEY_LEFT_SUPER,
    344: Key.KEY_RIGHT_SHIFT,
    345: Key.KEY_RIGHT_CTRL,
    346: Key.KEY_RIGHT_ALT,
    347: Key.KEY_RIGHT_SUPER,
}
KEYS: Final[dict[int, imgui.Key]] = {
    **_NAMED,
    **{48 + k: imgui.Key(Key.KEY_0 + k) for k in range(10)},
    **{65 + k: imgui.Key(Key.KEY_A + k) for k in range(26)},
    **{320 + k: imgui.Key(Key.KEY_KEYPAD0 + k) for k in range(10)},
}
MODS: Final[dict[int, imgui.Key]] = {
    bit: mod
    for bit, name in ((1, "MOD_SHIFT"), (2, "MOD_CTRL"), (4, "MOD_ALT"), (8, "MOD_SUPER"))
    if (mod := getattr(Key, name, None)) is not None
}
SHIFTS: Final = (340, 344)
_COMMANDS: Final = 2 | 4 | 8
"""Control, Alt, and the key of the system."""


def types(key: int, mods: int) -> bool:
    """Whether a key, with modifiers held, types a character, or has another one typed."""
    is_letter = 32 <= key < 256 or 320 <= key < 335 or key == 336
    return (is_letter or key in SHIFTS) and not mods & _COMMANDS


def held(key: int, mods: int, *, down: bool) -> int:
    """The modifiers held once a key has gone down or up. X11 tells those from before, without the key itself
    when that is one and goes down, and with it when it goes up."""
    own = 1 << key % 4 if 340 <= key < 348 else 0  # Shift, Control, Alt, the system's, left and right
    return mods | own if down else mods & ~own
