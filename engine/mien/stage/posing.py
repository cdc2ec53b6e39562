"""What a host takes into its own hand: channels that it overrides, a mouth shape that it shows."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from mien.arguments import number_of, refuse, text_of
from mien.character import Character
from mien.clock import s_to_samples
from mien.errors import ScriptError
from mien.messages import did_you_mean, quoted
from mien.motion.holds import YAW
from mien.motion.labels import CHAINS, Labels
from mien.motion.owners import RANGES, RESTS, Owners, Shown
from mien.script import ChannelHeld, VisemeShown
from mien.script_overrides import HELD
from mien.stage.player import Actor
from mien.stage.reasons import because_of
from mien.stage.shown import ChannelState, Repertoire
from mien.stage.talking import Talking
from mien.types import CHANNELS, VISEMES

_LONGEST_S: Final = 5
_SECONDS: Final = f"seconds, 0 to {_LONGEST_S}"


class Posing(Talking):
    """The part of a stage on which channels are seen and overridden."""

    def __init__(self) -> None:
        super().__init__()
        self._owners: dict[str, tuple[Character, Owners]] = {}
        self._overridden: dict[str, set[str]] = {}
        """What of each of the cast was ever held, mouths by "viseme"."""

    def channels(self, who: str, *, in_parts: bool = False) -> tuple[ChannelState, ...]:
        """Every channel of a character: its range, the value shown in the last frame, and who has the say.

        Beside those of `mien.types.CHANNELS` there are `lid_left` and `lid_right`, 0 wide .. 1 closed, of the
        character's own left and right eye. Worked out when asked for: frames cost nothing more.
        `in_parts`: for who asks again and again; each call finds out of one behaviour what it
        moves, or half of that, and knows of the others what was found out before. On the stage's own thread.
        Raises ScriptError, WrongThread.
        """
        self._check()
        self._check_owner("channels")
        self._check_in_cast(who)
        if not isinstance(in_parts, bool):
            refuse("in_parts", in_parts, "True or False")
        known = self._shown_of(self._numbered(who)[1])
        says = self._owners_of(who).at(self._show.script, self._shown_at, in_parts=in_parts, known=known)
        lanes, character = self._show.script.lanes(who), self._show.characters[who]
        because = {
            owner: because_of(owner, lanes, self._shown_at, character)
            for owner in {say.owner for say in says.values()}
        }
        return tuple(
            ChannelState(name, *RANGES[name], RESTS[name], say.value, say.owner, say.held, because[say.owner])
            for name, say in says.items()
        )

    def hold(self, who: str, channel: str, value: float, *, seconds: float = 0.1) -> None:
        """Override a channel from the next frame on, until it is held elsewhere or let go.

        It goes to `value` from where it is, in `seconds` (0 to 5; 0: at once), whatever its behaviours say,
        and what hangs on the head follows a head that is turned. An event of the script, as `set_expression`
        is: may be told every frame, from any thread. A drawing that `wear` shows stays, whatever holds its
        lid. Raises ScriptError for a channel that there is not, or a value out of its range.
        """
        self._check()
        self._check_in_cast(who)
        name = _channel_of(channel)
        low, high = RANGES[name]
        value = number_of(name, value, low, high, f"a number from {low:g} to {high:g}")
        lasts = s_to_samples(number_of("seconds", seconds, 0, _LONGEST_S, _SECONDS))
        self._tell(lambda: self._override(who, name, value, lasts))

    def let_go(self, who: str, channel: str | None = None, *, seconds: float = 0.1) -> None:
        """Give a channel back to its behaviours, in `seconds` (0 to 5); None: all that are held, and the
        mouth of `show_viseme`. What is not held stays as it is. From any thread. Raises ScriptError."""
        self._check()
        self._check_in_cast(who)
        name = None if channel is None else _channel_of(channel)
        lasts = s_to_samples(number_of("seconds", seconds, 0, _LONGEST_S, _SECONDS))
        self._tell(lambda: self._let_go(who, name, lasts))

    def show_viseme(self, who: str, viseme: str | None) -> None:
        """Show a mouth shape, in the mood of the face, whatever is spoken; None: the voice has it again.

        `viseme`: one of `repertoire(who).visemes`. At once, as all changes of the mouth's drawing; the jaw
        goes with it. What `wear` shows in the mouth's slot stays. From any thread. Raises ScriptError.
        """
        self._check()
        self._check_in_cast(who)
        number = None
        if viseme is not None:
            text_of("viseme", viseme, "its name, or None to give the mouth back")
            if viseme not in VISEMES:
                raise ScriptError(f"there is no viseme {quoted(viseme)}; {did_you_mean(viseme, VISEMES)}")
            number = VISEMES.index(viseme)
        self._tell(lambda: self._show_viseme(who, number))

    def repertoire(self, who: str) -> Repertoire:
        """What a character has: expressions, visemes, gestures, drawings, slots, channels. From any
        thread. Raises ScriptError."""
        self._check()
        self._check_in_cast(who)
        return _repertoire_of(self._show.characters[who])

    def _override(self, who: str, channel: str, value: float, lasts: int) -> None:
        self._overridden_of(who).add(channel)
        self._post_hold(who, channel, value, lasts)

    def _let_go(self, who: str, channel: str | None, lasts: int) -> None:
        known = self._overridden.get(who, set())
        for name in HELD if channel is None else (channel,):
            if name in known:
                self._post_hold(who, name, None, lasts)
        if channel is None and "viseme" in known:
            self._show.session.override(VisemeShown(self._next_at(), who, None))

    def _show_viseme(self, who: str, viseme: int | None) -> None:
        known = self._overridden_of(who)
        if viseme is not None or "viseme" in known:
            known.add("viseme")
            self._show.session.override(VisemeShown(self._next_at(), who, viseme))

    def _post_hold(self, who: str, channel: str, value: float | None, lasts: int) -> None:
        step = 0.0
        if who in self._show.cast and channel == CHANNELS[YAW]:
            step = self._owners_of(who).step(self._show.script, self._shown_at, channel, value)
        self._show.session.override(ChannelHeld(self._next_at(), who, channel, value, lasts, step))

    def _overridden_of(self, who: str) -> set[str]:
        self._overridden = {key: own for key, own in self._overridden.items() if key in self._show.cast}
        return self._overridden.setdefault(who, set())

    @property
    def _shown_at(self) -> int:
        """The sample that the last frame drawn shows."""
        return max(0, self._show.player.shown_at)

    def _numbered(self, who: str) -> tuple[int, Actor]:
        return next((k, one) for k, one in enumerate(self._show.player.actors) if one.key == who)

    def _shown_of(self, actor: Actor) -> Shown | None:
        """What the last frame drawn shows of somebody; None where it does not."""
        is_known = actor.posed_at == self._show.player.shown_at >= 0
        return Shown.of(actor.performer, actor.pose) if is_known else None

    def _owners_of(self, who: str) -> Owners:
        """Anew where somebody was read anew."""
        character = self._show.characters[who]
        known = self._owners.get(who)
        if known is None or known[0] is not character:
            self._owners = {key: one for key, one in self._owners.items() if key in self._show.cast}
            known = self._owners[who] = (character, Owners(character, who, self._show.script.seed))
        return known[1]


def _channel_of(channel: object) -> str:
    if not isinstance(channel, str):
        refuse("channel", channel, "its name, as channels() lists it")
    if channel not in RANGES:
        raise ScriptError(f"there is no channel {quoted(channel)}; {did_you_mean(channel, HELD)}")
    return channel


def _repertoire_of(character: Character) -> Repertoire:
    labels = Labels(character)
    found = {label: labels.resolve(label) for label in (*character.aliases, *CHAINS)}
    choices = {
        slot.name: tuple(drawing.name for drawing in slot.drawings)
        for slot in character.slots
        if len(slot.drawings) > 1 or slot.default < 0
    }
    return Repertoire(
        expressions=tuple(character.expressions),
        labels=MappingProxyType(
            {k: v for k, v in found.items() if v is not None and k not in character.expressions}
        ),
        visemes=VISEMES,
        gestures=tuple(character.gestures),
        drawings=MappingProxyType(choices),
        slots=tuple(slot.name for slot in character.slots),
        channels=HELD,
        mouth=character.slots[character.mouth.slot].name,
    )
