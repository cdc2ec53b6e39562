"""The linter: what a conversation asks of its cast and its sound that they cannot do."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

from mien.audio.path_source import PathSource
from mien.character import Character
from mien.clock import SAMPLE_RATE
from mien.errors import MienError
from mien.messages import quoted
from mien.talk.abilities import Abilities
from mien.talk.behind import SLACK_S
from mien.talk.conversation import Conversation
from mien.talk.cues import looks_at_itself
from mien.talk.staging_check import cannot_fade, check_staging, swaps_with_itself
from mien.talk.turns import Turn

_MOST: Final = 20
"""Complaints of a turn that are told one by one."""


def check_conversation(
    conversation: Conversation, characters: Mapping[str, Character], *, fades: bool = True
) -> list[str]:
    """One sentence for each cue, time or file that will be passed over, in order; none when all is well.

    `characters` by cast key; what cues ask of others to show is not looked at. `fades`: whether characters
    can on the stage. Audio files are asked for their lengths, about 1.5 ms each.
    """
    able = {key: Abilities(character) for key, character in characters.items()}
    staging = check_staging(conversation, fades=fades)
    found = []
    for turn in conversation.turns:
        complaints = _of_sound(turn)[:_MOST] + staging.get(turn.key, [])[:_MOST]
        if (one := able.get(turn.speaker)) is not None:
            name = characters[turn.speaker].name
            failing = [cue for cue in turn.cues if not one.can_follow(cue)]
            complaints += [one.complaint(cue, name) for cue in failing[:_MOST]]
            if any(looks_at_itself(cue, turn.speaker) for cue in turn.cues):
                complaints.append(f"{quoted(turn.speaker)} cannot look at itself; name somebody else.")
            if len(failing) > _MOST:
                complaints.append(f"{len(failing) - _MOST} more cues cannot be followed; mend those first.")
        found += [f"{conversation.source}: turn {quoted(turn.key)}: {said}" for said in complaints]
    return found


def without_what_fails(turn: Turn, character: Character, *, fades: bool = True) -> Turn:
    """The turn without the cues that its speaker, or a stage without `fades`, cannot follow: they have been
    told of."""
    able, who = Abilities(character), turn.speaker
    cues = (
        cue
        for cue in turn.cues
        if able.can_follow(cue)
        and not (cannot_fade(cue, fades=fades) or looks_at_itself(cue, who) or swaps_with_itself(cue, who))
    )
    return replace(turn, cues=tuple(cues))


def _of_sound(turn: Turn) -> list[str]:
    """What is wrong with its file, or lies behind its end."""
    if not isinstance(turn.audio, Path):
        return []
    try:
        with closing(PathSource(turn.audio, turn.folder).open()) as sound:
            samples = sound.expected
    except MienError as error:
        return [str(error)]
    if samples is None:
        return []
    length_s, found = samples / SAMPLE_RATE, []
    last = turn.words[-1] if turn.words else None
    if last is not None and last.end_s > length_s + SLACK_S:
        found.append(
            f"the word {quoted(last.text)} ends at {last.end_s:.2f} s, and its audio at {length_s:.2f} s; "
            "it will not be seen"
        )
    if turn.timings is not None and turn.timings.marks and turn.timings.marks[-1][2] > length_s + SLACK_S:
        end_s = turn.timings.marks[-1][2]
        found.append(
            f"its mouth shapes end at {end_s:.2f} s, and its audio at {length_s:.2f} s; they will not be seen"
        )
    for cue in turn.cues:
        if cue.at_s > length_s + SLACK_S:
            found.append(
                f"the cue {cue.kind} is at {cue.at_s:.2f} s, and its audio ends at {length_s:.2f} s; it "
                "comes behind the turn, and events() does not tell of it"
            )
    return [f"{said}: give times within the audio." for said in found]
