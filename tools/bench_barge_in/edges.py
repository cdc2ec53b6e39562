"""Pictures where they are handed over: by Mien, and by what shows them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from bench_barge_in.far_end import MARK, Came
from mien.agents.drawing import WHO, Drawing
from mien.agents.face import Face

SHUT = "neutral_sil"


class Marked(Drawing):
    """Draws whether the mouth is open into a corner of each picture."""

    def _draw(self, stage: Any, picture: Any, beginning: Any) -> Any:
        drawn = super()._draw(stage, picture, beginning)
        if picture is not None:
            (mouth,) = [slot for slot in stage.slots(WHO) if slot.name == "mouth"]
            edge = int(picture.shape[0] * MARK)
            picture[:edge, :edge, :3] = 0 if mouth.shown[0][0] == SHUT else 255
        return drawn


class Edges:
    """Notes what a face gives from now on, which is not open yet, and when it was cleared."""

    def __init__(self, face: Face) -> None:
        self.face = face
        face._drawing = Marked(face._drawing._cast, face._drawing._options)
        self.cleared: list[float] = []
        """When the calls returned."""
        self.given: list[Came] = []
        self.sent: list[Came] = []
        """By the framework."""
        frames, clear = face.frames, face.clear

        async def noted(**options: Any) -> AsyncIterator[Any]:
            async for shown in frames(**options):
                if shown.picture is not None:
                    self.given.append(came(shown.picture[0, 0, 0]))
                yield shown

        def cleared(**options: Any) -> Any:
            ended = clear(**options)
            self.cleared.append(time.monotonic())
            return ended

        face.frames = noted  # type: ignore[method-assign]
        face.clear = cleared  # type: ignore[method-assign]

    async def open_mouth(self, after_s: float, again: Callable[[], Awaitable[None]]) -> None:
        """Until the face has spoken so long, and the picture that was sent last has an open mouth.

        On a busy machine the last open ones may be left out, and the speech comes to its end without one:
        then it speaks `again`.
        """
        await self._speaking()
        await asyncio.sleep(after_s)
        while self.face.last is None or not self.sent or not self.sent[-1].speaks:
            if self.face.last is None:
                await again()
                await self._speaking()
            await asyncio.sleep(0.002)

    async def _speaking(self) -> None:
        while self.face.last is None:
            await asyncio.sleep(0.002)

    def note_sent(self, owner: Any, name: str, first: Callable[[Any], int]) -> None:
        """Have a method note the pictures that it is given. `first`: the value at the top left of one."""
        send = getattr(owner, name)

        def sent(*given: Any, **options: Any) -> Any:
            self.sent.append(came(first(given[-1])))
            return send(*given, **options)

        setattr(owner, name, sent)


def came(value: int) -> Came:
    """A picture now. `value`: at its top left, 0 to 255."""
    return Came(time.monotonic(), value > 128)
