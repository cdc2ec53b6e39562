"""The old program: characters on a stage, composited on the CPU, played on a clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from mien.catalog import bundled_or_path
from mien.clock import SAMPLE_RATE, Clock, s_to_samples
from mien.composite import CharacterRows, FrameRows
from mien.errors import ScriptError
from mien.prove.old_way.cache import L1Cache
from mien.prove.old_way.figures import Figures, FrameTime, figures
from mien.prove.old_way.painter import Painter, Picture, shrunk
from mien.prove.old_way.sound import WholeClipSound
from mien.prove.old_way.state import Sizing, States
from mien.stage.cast import cast_of
from mien.stage.player import Actor
from mien.stage.show import Show
from mien.talk import Conversation, background_path
from mien.types import F32, U8, Affine, Pose, Size

_TAIL_S = 1.2
_EMPTY_STAGE = (41, 43, 54)


@dataclass(slots=True)
class _Figure:
    actor: Actor
    placement: Affine
    """The character's canvas to that on which it is composited."""
    states: States
    layers: CharacterRows
    rows: FrameRows
    key: bytes = b""
    taken: int = -1
    """Number of the hold in which the state was taken."""


class LegacyStage:
    """A conversation as the old program played it. A context manager.

    Mien's own motion says what each character does; its poses are rounded to expression states, and a
    finished picture of each state is kept in the L1 cache. A state that is not there is composited at once,
    in the frame that needs it, layer by layer at `Sizing.canvas_scale`. Parameters: `size` of the frame in
    pixels. Raises as `mien.stage.show.Show`; ScriptError for a character with layer groups.
    """

    def __init__(
        self, conversation: Conversation, size: Size, clock: Clock, sizing: Sizing | None = None
    ) -> None:
        self.size = size
        self.sizing = sizing or Sizing()
        self.cache: L1Cache[Picture] = L1Cache(self.sizing.capacity)
        self.miss_ms: list[float] = []
        self.sound = WholeClipSound()
        self._clock = clock
        self._hold = self.sizing.hold * SAMPLE_RATE // round(float(conversation.fps))
        try:
            self._set_up(conversation)
        except BaseException:
            self.sound.close()
            raise

    def _set_up(self, conversation: Conversation) -> None:
        canvas, art = (_times(self.size, by) for by in (self.sizing.canvas_scale, self.sizing.art_scale))
        scale = canvas.height / art.height
        sound: Any = self.sound  # in the place of an AudioSession, of which a show uses `say` and the events
        self._show = Show(cast_of(conversation), art, sound, seed=conversation.seed)
        self.painter = Painter(self._show.pages)
        self._figures = []
        for actor in self._show._actors.values():
            if actor.character.groups:
                raise ScriptError(f"{actor.key!r} has layer groups, which the old program cannot draw.")
            slots = len(actor.character.slots)
            placement = actor.home.then(Affine(a=scale, d=scale))
            states, layers = (
                States(actor.character, self.sizing),
                CharacterRows(actor.character, actor.page_base),
            )
            figure = _Figure(actor, placement, states, layers, FrameRows(slots, canvas))
            self._figures.append(figure)
            self._convert(figure)
        self._background = _background(conversation, self.size)
        self.picture: U8 = np.full((self.size.height, self.size.width, 4), 255, np.uint8)
        for turn in conversation.turns:
            self._show.session.queue(turn)
        self.sound.prepare()

    def draw(self, at: int) -> U8:
        """The frame of sample `at`: (h, w, 4) uint8 premultiplied RGBA, the stage's own."""
        self._show.session.advance(at)
        frame = self._background.copy()
        for figure in self._figures:
            pose = figure.actor.performer.pose(self._show.script, at, figure.actor.pose)
            image, (x, y) = self._picture(figure, pose, at)
            dx, dy = figure.states.offset(pose, self.size.height)
            frame.paste(image, (x + dx, y + dy), image)
        self._show.script.seal(at)
        self.picture[..., :3] = np.asarray(frame)
        return self.picture

    def state(self, who: int) -> FrameRows:
        """What a miss composites of character number `who`, in the state that it is in."""
        figure = self._figures[who]
        self._fill(figure, figure.states.pose)
        return figure.rows

    @property
    def pages(self) -> list[U8]:
        """What rows point into: (side, side, 4) uint8 premultiplied each."""
        return self._show.pages

    def _picture(self, figure: _Figure, pose: Pose, at: int) -> Picture:
        number = at // self._hold
        if number != figure.taken:
            figure.taken, figure.key = number, figure.states.take(pose)

        def composite() -> Picture:
            begun = self._clock.now_ns()
            rows = self._fill(figure, figure.states.pose)
            made = shrunk(self.painter.paint(rows), self.sizing.canvas_scale, self.size)
            self.miss_ms.append((self._clock.now_ns() - begun) / 1e6)
            return made

        return self.cache.get((figure.actor.key, figure.key), composite)

    def _fill(self, figure: _Figure, pose: Pose) -> F32:
        figure.rows.reset()
        figure.layers.fill(figure.rows, pose, figure.placement)
        return figure.rows.rows[: figure.rows.count]

    def _convert(self, figure: _Figure) -> None:
        """Bring every drawing into Pillow's form, as such programs do when they load a character."""
        character = figure.actor.character
        pose = Pose.empty(len(character.slots))
        pose.picks[:, 0] = [max(0, slot.default) for slot in character.slots]
        for s, slot in enumerate(character.slots):
            usual = pose.picks[s, 0]
            for drawing in range(len(slot.drawings)):
                pose.picks[s, 0] = drawing
                self.painter.groups(self._fill(figure, pose))
            pose.picks[s, 0] = usual

    def close(self) -> None:
        """End the threads. Idempotent."""
        self._show.close()
        self.sound.close()

    def __enter__(self) -> LegacyStage:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _times(size: Size, by: float) -> Size:
    return Size(round(size.width * by), round(size.height * by))


def _background(conversation: Conversation, size: Size) -> Image.Image:
    """The room behind the cast, covering the frame: RGB."""
    source = background_path(conversation)
    if source is None:
        return Image.new("RGB", size, _EMPTY_STAGE)
    with Image.open(bundled_or_path("backgrounds", source)) as picture:
        return ImageOps.fit(picture.convert("RGB"), size, Image.Resampling.LANCZOS)


def play(
    stage: LegacyStage, clock: Clock, fps: int, seconds: float, frames: list[FrameTime] | None = None
) -> Figures:
    """Play until the conversation is over or `seconds` have passed. `frames` takes every frame shown.

    The frame loop has an absolute schedule. Each frame first ends and starts turns (decoding a whole clip in
    the frame in which its turn comes), then draws. Frames whose time passed meanwhile are dropped.
    """
    interval_ns = 1_000_000_000 // fps
    frames = [] if frames is None else frames
    start_ns = clock.now_ns()
    index, quiet_from, last = 0, None, s_to_samples(seconds) * fps // SAMPLE_RATE
    while index < last:
        clock.sleep_until_ns(start_ns + index * interval_ns)
        begun_ns, misses = clock.now_ns(), stage.cache.misses
        stage.sound.step(clock, start_ns)
        stage.draw(index * SAMPLE_RATE // fps)
        done_ns = clock.now_ns()
        frames.append(
            FrameTime(
                index,
                (done_ns - begun_ns) / 1e6,
                (done_ns - start_ns) / 1e6,
                stage.cache.misses - misses,
            )
        )
        if not stage.sound.idle:
            quiet_from = None
        elif quiet_from is None:
            quiet_from = index
        if quiet_from is not None and index - quiet_from >= _TAIL_S * fps:
            break
        index = max(index + 1, (done_ns - start_ns) // interval_ns)
    sound = stage.sound.turns
    gaps = [one.gap_ms for one in sound if one.gap_ms is not None]
    return figures(frames, 1000 / fps, [one.first_audio_ms for one in sound], gaps, stage.miss_ms)
