"""From any label for a feeling to an expression that a character has (docs/expressions.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from unicodedata import normalize

from mien.character import Character

_GO_EMOTIONS: Final[dict[str, tuple[str, ...]]] = {
    "admiration": ("awe", "impressed", "happy"),
    "amusement": ("amused", "joy", "laugh", "happy"),
    "anger": ("angry",),
    "annoyance": ("annoyed", "irritated", "skeptical", "angry"),
    "approval": ("nod", "relaxed", "happy"),
    "caring": ("tender", "love", "relaxed", "happy"),
    "confusion": ("confused", "puzzled", "thinking", "skeptical"),
    "curiosity": ("curious", "thinking", "surprised"),
    "desire": ("love", "embarrassed", "happy"),
    "disappointment": ("disappointed", "sad"),
    "disapproval": ("skeptical", "annoyed", "angry"),
    "disgust": ("disgusted", "skeptical", "annoyed", "angry"),
    "embarrassment": ("embarrassed", "shy", "blush"),
    "excitement": ("excited", "joy", "happy"),
    "fear": ("afraid", "scared", "worried", "surprised", "sad"),
    "gratitude": ("grateful", "relaxed", "happy"),
    "grief": ("crying", "cry", "sad"),
    "joy": ("joyful", "laugh", "happy"),
    "love": ("loving", "tender", "embarrassed", "happy"),
    "nervousness": ("nervous", "worried", "embarrassed"),
    "optimism": ("hopeful", "happy"),
    "pride": ("proud", "smug", "happy"),
    "realization": ("aha", "surprised"),
    "relief": ("relieved", "relaxed", "happy"),
    "remorse": ("guilty", "sad", "embarrassed"),
    "sadness": ("sad",),
    "surprise": ("surprised",),
}

GO_EMOTIONS: Final = (*_GO_EMOTIONS, "neutral")
"""The 28 labels of SillyTavern's expressions, which are those of GoEmotions."""

CHAINS: Final[dict[str, tuple[str, ...]]] = {
    # VRM 1.0
    "happy": ("joy", "smile", "amused", "relaxed"),
    "angry": ("annoyed", "stern", "skeptical"),
    "sad": ("worried", "tired"),
    "relaxed": ("content", "calm", "happy"),
    "surprised": ("shocked", "excited", "curious"),
    "neutral": (),
    **_GO_EMOTIONS,
    # Common words
    "afraid": ("scared", "worried", "surprised"),
    "amazed": ("surprised", "joy"),
    "amused": ("joy", "happy"),
    "anxious": ("nervous", "worried"),
    "annoyed": ("irritated", "skeptical", "angry"),
    "ashamed": ("guilty", "embarrassed", "sad"),
    "awkward": ("embarrassed",),
    "blush": ("embarrassed",),
    "bored": ("tired", "skeptical", "neutral"),
    "calm": ("relaxed",),
    "cheerful": ("happy", "joy"),
    "concerned": ("worried", "sad"),
    "confident": ("proud", "smug", "happy"),
    "confused": ("puzzled", "thinking", "skeptical"),
    "content": ("relaxed", "happy"),
    "cry": ("crying", "sad"),
    "crying": ("cry", "sad"),
    "curious": ("thinking", "surprised"),
    "default": ("neutral",),
    "delighted": ("joy", "happy"),
    "depressed": ("sad",),
    "determined": ("serious", "stern", "proud", "angry"),
    "disappointed": ("sad",),
    "disgusted": ("skeptical", "annoyed", "angry"),
    "doubtful": ("skeptical", "thinking"),
    "embarrassed": ("shy", "blush", "nervous", "worried"),
    "excited": ("joy", "happy"),
    "frown": ("sad", "angry"),
    "frustrated": ("annoyed", "angry"),
    "furious": ("angry",),
    "gentle": ("tender", "relaxed"),
    "glad": ("happy",),
    "grateful": ("relaxed", "happy"),
    "grin": ("joy", "happy"),
    "guilty": ("embarrassed", "sad"),
    "hopeful": ("happy", "relaxed"),
    "idle": ("neutral",),
    "impressed": ("surprised", "happy"),
    "interested": ("curious", "thinking"),
    "irritated": ("annoyed", "skeptical", "angry"),
    "joyful": ("joy", "happy"),
    "laugh": ("joy", "amused", "happy"),
    "laughing": ("laugh", "joy", "happy"),
    "laughs": ("laugh", "joy", "happy"),
    "loving": ("love", "tender", "happy"),
    "mad": ("angry",),
    "melancholy": ("sad",),
    "mischievous": ("smug", "wink", "happy"),
    "nervous": ("worried", "embarrassed"),
    "normal": ("neutral",),
    "playful": ("wink", "joy", "happy"),
    "pleased": ("happy", "relaxed"),
    "pout": ("annoyed", "sad"),
    "proud": ("smug", "happy"),
    "puzzled": ("confused", "thinking", "skeptical"),
    "relieved": ("relaxed", "happy"),
    "scared": ("afraid", "worried", "surprised"),
    "serious": ("stern", "thinking", "neutral"),
    "shocked": ("surprised",),
    "shy": ("embarrassed",),
    "sigh": ("tired", "relaxed", "sad"),
    "sighs": ("sigh", "tired", "relaxed", "sad"),
    "skeptical": ("doubtful", "annoyed", "thinking"),
    "sleepy": ("tired", "relaxed"),
    "smile": ("happy",),
    "smirk": ("smug", "skeptical", "happy"),
    "smug": ("proud", "skeptical", "happy"),
    "stern": ("serious", "skeptical", "angry"),
    "suspicious": ("skeptical",),
    "tender": ("love", "relaxed", "happy"),
    "thinking": ("thoughtful", "pensive", "curious", "skeptical"),
    "thoughtful": ("thinking", "pensive"),
    "pensive": ("thinking", "thoughtful", "sad"),
    "tired": ("sleepy", "relaxed", "sad"),
    "unhappy": ("sad",),
    "unsure": ("thinking", "worried", "skeptical"),
    "upset": ("sad", "worried", "angry"),
    "wink": ("playful", "happy"),
    "worried": ("nervous", "concerned", "sad"),
}
"""Label -> what to try in order when a character has neither it nor an alias for it."""

ECHOES: Final[Mapping[str, tuple[str, ...]]] = {
    "happy": ("happy", "relaxed"),
    "joy": ("happy", "joy"),
    "amused": ("amused", "happy"),
    "love": ("happy", "embarrassed"),
    "relaxed": ("relaxed",),
    "proud": ("happy", "skeptical"),
    "smug": ("skeptical",),
    "sad": ("worried", "sad"),
    "crying": ("worried", "sad"),
    "worried": ("worried", "sad"),
    "tired": ("worried", "sad"),
    "afraid": ("worried", "surprised"),
    "angry": ("worried", "surprised"),
    "annoyed": ("worried", "skeptical"),
    "surprised": ("surprised",),
    "embarrassed": ("happy", "relaxed"),
    "skeptical": ("thinking", "skeptical"),
    "thinking": ("thinking", "relaxed"),
    "confused": ("thinking", "worried"),
    "curious": ("curious", "thinking"),
    "neutral": ("neutral",),
}
"""A speaker's expression -> what a listener shows of it, the first that the listener has."""

SETTLES: Final[Mapping[str, tuple[str, ...]]] = {
    "joy": ("happy", "relaxed"),
    "laugh": ("happy", "relaxed"),
    "excited": ("happy",),
    "wink": ("happy",),
    "surprised": ("neutral",),
    "shocked": ("worried", "neutral"),
    "crying": ("sad",),
    "skeptical": ("neutral",),
    "confused": ("neutral",),
    "curious": ("neutral",),
}
"""What an outburst, or a look at what was just said, calms down to after its turn, the first that the
character has: nobody listens with eyes shut in laughter, or with one brow up through what others say. A mood
(happy, sad, angry, worried, tired) holds."""

_DEEPEST = 4


class Labels:
    """What labels mean to a character, in any case, with spaces or dashes for underscores."""

    def __init__(self, character: Character) -> None:
        self._expressions = character.expressions
        self._names = {_plain(name): name for name in character.expressions}
        self._aliases = {_plain(name): target for name, target in character.aliases.items()}

    def resolve(self, label: str) -> str | None:
        """The character's expression for a label; None when the label is unknown.

        An expression of that name, the character's own alias, then the labels of `CHAINS` one after
        another, and theirs (breadth first, four steps deep). A label of the table that leads nowhere is
        `neutral`.
        """
        asked = _plain(label)
        level, seen = [asked], {asked}
        for _ in range(_DEEPEST + 1):
            following: list[str] = []
            for name in level:
                found = self._names.get(name) or self._aliases.get(name)
                if found in self._expressions:
                    return found
                for other in CHAINS.get(name, ()):
                    if other not in seen:
                        seen.add(other)
                        following.append(other)
            level = following
        return "neutral" if asked in CHAINS else None


def resolve_expression(character: Character, label: str) -> str | None:
    """As `Labels.resolve`, asked once."""
    return Labels(character).resolve(label)


def _plain(label: str) -> str:
    label = label if label.isascii() else normalize("NFC", label)
    return "_".join(label.strip().lower().replace("-", " ").replace("_", " ").split())
