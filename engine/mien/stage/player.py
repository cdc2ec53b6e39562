"""One tick: a time on the session's timeline to the layer rows of a frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import thread_time_ns

import numpy as np
import numpy.typing as npt

from mien.character import Character
from mien.clock import s_to_samples
from mien.composite import RGBA, CastRows, FrameRows
from mien.composite.held_joints import HeldJoints
from mien.composite.slot_rows import WHITE
from mien.composite.stand_ins import StandIns
from mien.motion import Performer
from mien.motion.coarse import CoarseChannels
from mien.motion.ease import smooth
from mien.motion.standing import standing
from mien.script import Script, TurnStarted
from mien.stage.slot_bases import View
from mien.talk.places import DIM_LISTENERS
from mien.types import F32, Affine, Indices, Pose

_RISE = s_to_samples(0.30)
_FALL = s_to_samples(0.60)


@dataclass(slots=True)
class Actor:
    """A character on the stage."""

    key: str
    character: Character
    home: Affine
    """Canvas pixels to frame pixels, where nothing in the script says else."""
    page_base: int
    """The frame's number of its first page."""
    performer: Performer
    stand_ins: StandIns
    depth: float = 0.0
    """Who has a higher one is drawn in front, where nothing in the script says else."""
    layers: tuple[int, ...] | None = None
    """The numbers of its offscreen layers in the frame; None: it has none yet."""
    pose: Pose = field(init=False)
    """Of the last tick; its player gives it one."""
    posed_at: int = -1
    """The sample of which `pose`, and what its performer says of lids, are; -1: of no frame."""
    hidden: Indices | None = None
    """The numbers of slots that are not drawn, whatever they show; None: all are."""


class Player:
    """Fills the rows of a frame from the script. No call in `tick` waits, decodes, uploads or draws.

    Parameters: `actors` from back to front; `rows` of their characters; `script` as kept by the session; the
    rows that `frame` holds already stay behind the cast, the others are refilled by every tick; `coarse`: of
    each actor, where its joints may be held, if `rows` can hold them.
    """

    def __init__(
        self,
        actors: Sequence[Actor],
        rows: CastRows,
        script: Script,
        frame: FrameRows,
        coarse: Sequence[CoarseChannels] = (),
    ) -> None:
        self.frame = frame
        self.rebuilds = 0
        """Characters whose expression state changed in the last tick: an L1 rebuild each, once."""
        self.rebuild_us = 0.0
        """What filling their rows cost, their share of filling all, in processor time: who else had the core
        is no part of it."""
        self.here: npt.NDArray[np.bool_] | None = None
        """(pages,) which atlas pages can be drawn; None: all of them, always."""
        self.missing: frozenset[int] = frozenset()
        """Pages that the last tick asked for in vain."""
        self.misses = 0
        """Slots that began to show an older drawing in the last tick, since theirs is not on the GPU."""
        self.miss_ended: list[int] = []
        """For how many samples they had, of those whose drawing was there in the last tick."""
        self.actors = actors
        """Back to front; each with the pose of the last tick."""
        for actor, pose in zip(actors, rows.poses, strict=True):
            actor.pose = pose
        self._off_stage_pages: dict[str, tuple[int, frozenset[int]]] = {}
        """By key: the script's version, and what `would_show` said then."""
        self.held: HeldJoints | None = rows.held
        """What may be off by how much, and how many joints are; None: nothing, ever."""
        self.rows = rows
        """Those of the cast, as of the last tick."""
        self._coarse = coarse
        self.dim = DIM_LISTENERS
        """How much darker (0..1) somebody is drawn while another speaks."""
        self.views: dict[str, View] = {}
        """By key, which slots are looked at; to be followed by `look`. No part of the script."""
        self.shown_at = -1
        """The sample of the last tick."""
        self.floor = -1
        """The sample that the next frame shows at least: that of the last, or what was gone to."""
        self._script = script
        frame.keep()

    @property
    def samples(self) -> F32:
        """(drawings, SAMPLE_FLOATS) float32: all that rows of the cast may show."""
        return self.rows.samples

    def tick(self, at: int, known: Script | None = None) -> FrameRows:
        """The frame of sample `at`: what has been shown is sealed. `known`: of one that was, the script as of
        then."""
        frame, script = self.frame, known or self._script
        frame.rewind()
        self.missing, self.misses, self.miss_ended = frozenset(), 0, []
        stands = [standing(script.lanes(actor.key), at, actor.home) for actor in self.actors]
        present = [
            self._presence(script, actor.key, at) if stand.opacity > 0.0 else 0.0
            for actor, stand in zip(self.actors, stands, strict=True)
        ]
        most, second = sorted([0.0, 0.0, *present])[:-3:-1]
        tints: list[RGBA] = []
        for actor, stand, own in zip(self.actors, stands, present, strict=True):
            if stand.opacity <= 0.0:
                tints.append(WHITE)
                continue
            actor.performer.pose(script, at, actor.pose)
            actor.posed_at = at
            if self.here is not None:
                self._settle(actor, self.here, at)
            if actor.hidden is not None:
                actor.pose.opacity[actor.hidden] = 0.0
            # A listener stands in the shadow of who speaks, if it does not.
            tint = 1.0 - self.dim * max(0.0, (second if own == most else most) - own)
            tints.append((tint, tint, tint, 1.0))
        if self.held is not None and self.held.reach_px > 0.0:
            first = 0
            for k, (one, actor) in enumerate(zip(self._coarse, self.actors, strict=True)):
                last = first + len(actor.pose.swings)
                if stands[k].opacity > 0.0:
                    one.fill(script, at, self.held.channels[:, k], self.held.swings[:, first:last])
                first = last
        begun = thread_time_ns()
        self.rebuilds = self.rows.pick()
        self.rebuild_us = (thread_time_ns() - begun) / 1000 if self.rebuilds else 0.0
        opacities = [stand.opacity for stand in stands]
        whole = min(opacities, default=1.0) >= 1.0
        depths = [
            actor.depth if stand.depth is None else stand.depth
            for actor, stand in zip(self.actors, stands, strict=True)
        ]
        order = sorted(range(len(depths)), key=depths.__getitem__)
        placements = [stand.placement for stand in stands]
        self.rows.fill(frame, placements, tints, None if whole else opacities, order)
        self._script.seal(at)
        self.shown_at = self.floor = at
        return frame

    def recast(self, actors: Sequence[Actor], rows: CastRows, coarse: Sequence[CoarseChannels]) -> None:
        """Others are the cast from the next tick on."""
        self._off_stage_pages.clear()
        reach_px = 0.0 if self.held is None else self.held.reach_px
        self.actors, self.rows, self._coarse, self.held = actors, rows, coarse, rows.held
        for actor, pose in zip(actors, rows.poses, strict=True):
            actor.pose = pose
        if self.held is not None:
            self.held.reach_px = reach_px
        self.views = {actor.key: self.views[actor.key] for actor in actors if actor.key in self.views}
        self.look()

    def look(self) -> None:
        """Draw what the views say, from the next tick on."""
        for actor in self.actors:
            actor.hidden = self.views.get(actor.key, View()).hidden(actor.character)

    def shows(self, key: str, at: int) -> frozenset[int]:
        """Pages that somebody who is off stage would show at sample `at`."""
        actor = self._actor(key)
        actor.posed_at = -1
        return actor.stand_ins.pages_of(actor.performer.pose(self._script, at, actor.pose))

    def would_show(self, key: str) -> frozenset[int]:
        """The same for the next frame, and once all that was told has been followed; worked out anew when
        something was."""
        version = self._script.version(key, self._script.lanes(key))
        known = self._off_stage_pages.get(key)
        if known is None or known[0] != version:
            now = self._script.sealed + 1
            pages = self.shows(key, now + self._actor(key).performer.settles) | self.shows(key, now)
            known = self._off_stage_pages[key] = (version, pages)
        return known[1]

    def _actor(self, key: str) -> Actor:
        return next(actor for actor in self.actors if actor.key == key)

    def _settle(self, actor: Actor, here: npt.NDArray[np.bool_], at: int) -> None:
        """Let what is there stand in for what is not."""
        stand_ins = actor.stand_ins
        stand_ins.settle(actor.pose, here, at)
        self.missing |= stand_ins.missing
        self.misses += stand_ins.begun
        self.miss_ended += stand_ins.ended

    def _presence(self, script: Script, key: str, at: int) -> float:
        """0..1, rising when a character begins to speak and falling after its turn."""
        peak, ended, started = 0.0, 0, None

        def level(time: int) -> float:
            # Of a turn that follows closely on another the two envelopes overlap: no dip.
            falling = peak * (1.0 - smooth((time - ended) / _FALL))
            return falling if started is None else max(falling, smooth((time - started) / _RISE))

        for event in script.last_turns(key, at):
            if isinstance(event, TurnStarted):
                started = event.at
            else:
                # A turn that was shorter than the rise falls from where that had come to.
                peak = level(event.at) if started is not None else 1.0
                ended, started = event.at, None
        return level(at)
