"""What each command does on a stage. By the stage's public calls alone, on the thread that serves it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast

from mien.audio import AudioInput
from mien.catalog import bundled, bundled_names
from mien.errors import ScriptError
from mien.serve import commands as told
from mien.serve import parts
from mien.serve.allowed import Allowed
from mien.serve.coding import plain
from mien.serve.sounds import FileSound, InlineSound, Sound, UrlSound
from mien.serve.streams import Streams
from mien.talk import Cue, Staging, VisemeTimings, Word

if TYPE_CHECKING:
    from mien.backend import Backend

Value = dict[str, Any]
"""What an answer holds."""

_NOTHING: Final[Value] = {}


def audio_of(sound: Sound, allowed: Allowed, streams: Streams) -> AudioInput:
    """A turn's sound, as a stage takes it. Raises NotAllowed, AudioRejected."""
    match sound:
        case InlineSound(data=data):
            return data
        case UrlSound(url=url):
            return allowed.address(url)
        case FileSound(path=path):
            return cast("AudioInput", allowed.sound(path))  # a source is taken wherever a name is
    return streams.open(sound).feed


def say(stage: Backend, turn: told.Turn, audio: AudioInput) -> Value:
    """Queue a turn."""
    key = stage.say(
        turn.speaker,
        audio,
        turn.text,
        words=[Word(one.text, one.start_s, one.end_s) for one in turn.words],
        cues=[
            Cue(one.at_s, one.kind, _value(one.value), slot=one.slot, fraction=one.fraction)
            for one in turn.cues
        ],
        gap_s=turn.gap_s,
        timings=None if turn.timings is None else VisemeTimings(turn.timings.scheme, turn.timings.marks),
        key=turn.key,
    )
    return {"turn": key}


def do(stage: Backend, command: told.StageCommand, allowed: Allowed) -> Value:
    """Do what is no turn. Raises what the stage's call raises."""
    if isinstance(command, told.Load):
        character = character_of(command.character, allowed)
        stage.load(command.key, character, cast("Any", command.place), command.size)
        return _NOTHING
    return _CALLS[type(command)](stage, command) or _NOTHING


def character_of(name: str, allowed: Allowed) -> Any:
    """A bundled one by its name, or a path that is allowed."""
    return bundled("characters", name) if name in bundled_names("characters") else allowed.path(name)


def _value(value: Any) -> Any:
    """A cue's value, as `mien.Cue` has it."""
    if isinstance(value, parts.Staged):
        place: Any = value.place
        return Staging(value.who, place, value.size, value.side, value.transition, value.seconds, value.other)
    return value


def _cue(stage: Backend, cue: told.Cue) -> None:
    who, value = cue.who, _value(cue.value)
    match cue.kind:
        case "expression":
            stage.set_expression(who, value)
        case "gaze":
            stage.look_at(who, "viewer" if value is None else value)
        case "gesture":
            stage.gesture(who, "" if value is None else value)
        case "nod":
            stage.nod(who, 1.0 if value is None else value)
        case "burst":
            stage.burst(who, value)
        case "drawing":
            stage.wear(who, cue.slot, value)
        case _:
            _staged(stage, cue.kind, who, value)


def _staged(stage: Backend, kind: str, who: str, value: Any) -> None:
    if value is not None and not isinstance(value, str | Staging):
        raise ScriptError(f"a cue of {kind} takes a key, a staging or null as its value; give one of them.")
    if isinstance(value, str):
        value = Staging(other=value) if kind == "swap" else Staging(value)
    staging = value or Staging()
    who = staging.who or who
    how: Any = {"side": staging.side, "transition": staging.transition, "seconds": staging.seconds}
    match kind:
        case "enter":
            stage.enter(who, staging.place, staging.size, **how)
        case "leave":
            stage.leave(who, **how)
        case "move":
            stage.move(who, staging.place, staging.size, seconds=staging.seconds)
        case _:
            stage.swap(who, staging.other, **how)


def _gaze(stage: Backend, gaze: told.Gaze) -> None:
    if isinstance(gaze.at, str):
        if gaze.pixels:
            raise ScriptError("a gaze in pixels needs (x, y); give at as two numbers.")
        stage.look_at(gaze.who, gaze.at)
        return
    x, y = gaze.at
    if gaze.pixels:
        stage.look_at_place(gaze.who, x, y)
    else:
        stage.look_at(gaze.who, (x, y))


def _how(command: told.Enter | told.Leave | told.Swap) -> Any:
    return {"side": command.side, "transition": command.transition, "seconds": command.seconds}


def _cast(stage: Backend, _: told.Cast) -> Value:
    return {
        "cast": list(stage.cast),
        "on_stage": list(stage.on_stage),
        "loading": list(stage.loading),
        "repertoire": {who: plain(stage.repertoire(who)) for who in stage.cast},
        "standing": {who: plain(stage.standing(who)) for who in stage.cast},
    }


def _state(stage: Backend, _: told.State) -> Value:
    return {
        "position_s": stage.position_s,
        "playing": plain(stage.playing()),
        "turns": plain(stage.turns()),
        "paused": stage.paused,
        "idle": stage.idle,
        "on_stage": list(stage.on_stage),
        "warnings": list(stage.warnings),
        "output": stage.output,
        "restarts": stage.restarts,
    }


_CALLS: Final[dict[type[parts.Command], Callable[[Any, Any], Value | None]]] = {
    told.Cue: _cue,
    told.Expression: lambda stage, c: stage.set_expression(c.who, c.name),
    told.Gaze: _gaze,
    told.Gesture: lambda stage, c: stage.gesture(c.who, c.name),
    told.Nod: lambda stage, c: stage.nod(c.who, c.depth),
    told.Burst: lambda stage, c: stage.burst(c.who, c.kind),
    told.Wear: lambda stage, c: stage.wear(c.who, c.slot, c.drawing),
    told.Hold: lambda stage, c: stage.hold(c.who, c.channel, c.value, seconds=c.seconds),
    told.LetGo: lambda stage, c: stage.let_go(c.who, c.channel, seconds=c.seconds),
    told.Viseme: lambda stage, c: stage.show_viseme(c.who, c.viseme),
    told.Pause: lambda stage, c: stage.pause(),
    told.Resume: lambda stage, c: stage.resume(),
    told.Interrupt: lambda stage, c: stage.interrupt(),
    told.Seek: lambda stage, c: stage.seek(c.seconds),
    told.Enter: lambda stage, c: stage.enter(c.who, c.place, c.size, **_how(c)),
    told.Leave: lambda stage, c: stage.leave(c.who, **_how(c)),
    told.Move: lambda stage, c: stage.move(c.who, c.place, c.size, seconds=c.seconds),
    told.Swap: lambda stage, c: stage.swap(c.who, c.other, **_how(c)),
    told.Unload: lambda stage, c: stage.unload(c.key),
    told.Cast: _cast,
    told.State: _state,
    told.Metrics: lambda stage, c: {"stage": plain(stage.metrics())},
}
"""Each command but `Turn` and `Load`, which take what may not be allowed. A command more is a structure in
commands.py and a row here."""
