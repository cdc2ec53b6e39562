"""What all connections of a server share: the performance, sessions, what is sent of frames. On one loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from mien.errors import AudioRejected, Closed, FormatError, NoThreads, ScriptError
from mien.serve import commands as told
from mien.serve.answers import refused
from mien.serve.clients import Client, Clients
from mien.serve.coding import Chunk
from mien.serve.counters import Counters
from mien.serve.limits import Limits
from mien.serve.media import Picture, Sound
from mien.serve.parts import Command
from mien.serve.performance import Happening, Performance
from mien.serve.renditions import Renditions
from mien.serve.replies import Answer, Error, Told, Welcome
from mien.stage.options import TRANSPARENT
from mien.talk import VisemeTimings
from mien.types import Size

if TYPE_CHECKING:
    from mien.serve.webrtc import Peers

_ROOMS_S: Final = 0.05
"""Between two looks at whether streams that were full have room."""


class House:
    """Parameters: `performance`, which somebody opens and closes; `limits`; `loop`, on whose thread
    everything here is called but `tell_opened`."""

    def __init__(
        self,
        performance: Performance,
        limits: Limits,
        loop: asyncio.AbstractEventLoop,
        peers: Peers | None = None,
    ) -> None:
        self.performance: Final = performance
        self.limits: Final = limits
        self.clients: Final = Clients(limits)
        self.counters: Final = Counters()
        self.peers: Final = peers
        self.loop: Final = loop
        self._renditions: Renditions[str] | None = None
        self._opened: asyncio.Future[str] = loop.create_future()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._leave = performance.listen(self._happens)

    def begin(self) -> None:
        """Look after sessions from now on."""
        self.keep(self.loop.create_task(self._look_after()))

    async def end(self) -> None:
        """And no more; nobody is sent anything any more."""
        self._leave()
        self._set_opened("this server is ending.")
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.peers is not None:
            await self.peers.end()
        if self._renditions is not None:
            self._renditions.close()

    def tell_opened(self, failure: str = "") -> None:
        """The stage is there, or cannot be opened. From any thread."""
        with suppress(RuntimeError):  # the loop has ended
            self.loop.call_soon_threadsafe(self._set_opened, failure)

    async def opened(self) -> None:
        """Wait until the stage is there. Raises Closed."""
        failure = await asyncio.shield(self._opened)
        if failure:
            raise Closed(failure)

    def welcome(self, hello: told.Hello, client: Client, *, resumed: bool, lost: int) -> Welcome:
        """What a client is told first."""
        stage = self.performance.stage
        return Welcome(
            id=hello.id,
            session=client.session,
            resumed=resumed,
            lost=lost,
            streams=client.streams.received(),
            version=version("mien"),
            width=stage.size.width,
            height=stage.size.height,
            fps=float(stage.fps),
            renderer=stage.renderer,
        )

    def settle(self, client: Client, command: told.SessionCommand) -> Told | None:
        """Do a command of the session; what is told of it. Raises Closed."""
        value: dict[str, Any] = {}
        if isinstance(command, told.Audio | told.AudioFails | told.PushTimings):
            return _streamed(client, command)
        match command:
            case told.Hello():
                return Error(
                    id=command.id,
                    about="hello",
                    code="refused",
                    sentence="hello was said; go on with the rest.",
                )
            case told.Frames():
                try:
                    size = self._made().want(client.session, command).size
                except (ScriptError, NoThreads) as error:
                    return Error(id=command.id, about="frames", code="limit", sentence=str(error))
                value = {"width": size.width, "height": size.height}
            case told.NoFrames():
                self._made().forget(client.session, sound=False)
            case told.Sounds():
                self._made().want_sound(client.session, as_float=command.samples == "float32")
            case told.NoSounds():
                self._made().forget(client.session, frames=False)
            case told.Offer():
                if self.peers is None:
                    sentence = "this server sends no WebRTC; start it with --webrtc, or ask for frames."
                    return Error(id=command.id, about="offer", code="refused", sentence=sentence)
                self.keep(self.loop.create_task(self._answer_offer(self.peers, client, command)))
                return None
        return None if command.id is None else Answer(id=command.id, value=value)

    def arrive(self, client: Client) -> None:
        """A client is connected."""
        self.performance.frames.hold(client.session)

    def leave(self, client: Client) -> None:
        """A client's connection has ended."""
        if self._renditions is not None:
            self._renditions.forget(client.session)
        self.performance.frames.hold(client.session, on=False)
        self.clients.leave(client, self.loop.time())

    def keep(self, task: asyncio.Task[Any]) -> None:
        """Have a task end in its time, and no later than the server."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def metrics(self) -> Iterator[tuple[str, str, str, float]]:
        """What is counted here, for Prometheus."""
        yield "serve_clients", "gauge", "Clients that are connected.", self.clients.connected
        yield "serve_sessions_total", "counter", "Sessions so far.", self.clients.opened
        if (peers := self.peers) is not None:
            yield "serve_peers", "gauge", "Pages that see the stage by WebRTC.", peers.connected
            dropped = "Pictures that pages' encoders were too slow for."
            yield "serve_peer_pictures_dropped", "gauge", dropped, peers.pictures_dropped
        if outlets := self.performance.outlets:
            yield "serve_streams", "gauge", "Streams that are sent.", sum(one.is_open for one in outlets)
            missed = sum(one.pictures_dropped for one in outlets)
            dropped = "Pictures that streams were too slow for, or that came while they were broken off."
            yield "serve_stream_pictures_dropped", "gauge", dropped, missed
        for name, value in self.counters.values().items():
            yield f"serve_{name}_total", "counter", f"As counted by mien serve: {name}.", value

    # -- between ------------------------------------------------------------------------------------

    async def _answer_offer(self, peers: Peers, client: Client, offer: told.Offer) -> None:
        reply: Told
        try:
            stage = self.performance.stage
            peers.begin(self.performance.frames, Size(*stage.size), stage.fps, self.loop)
            reply = Answer(id=offer.id, value={"sdp": await peers.answer(client.session, offer.sdp)})
        except Exception as error:  # or nobody would be told
            reply = refused(offer, error)
        self.counters.count(reply)
        client.tell(reply)

    def _made(self) -> Renditions[str]:
        if self._renditions is None:
            stage = self.performance.stage
            background = stage.options.background
            self._renditions = Renditions(
                self.performance.frames,
                Size(*stage.size),
                float(stage.fps),
                opaque=background != TRANSPARENT,
                most=self.limits.renditions,
                deliver=self._deliver,
                failed=self.performance.warn,
            )
        return self._renditions

    def _deliver(self, whom: Mapping[str, int], piece: Picture | Sound) -> None:
        """On a thread of the renditions."""
        with suppress(RuntimeError):  # the loop has ended
            self.loop.call_soon_threadsafe(self._hand_out, whom, piece)

    def _hand_out(self, whom: Mapping[str, int], piece: Picture | Sound) -> None:
        for client in self.clients:
            if client.wake is not None and (missed := whom.get(client.session)) is not None:
                before = client.pictures_dropped
                client.pictures_dropped += missed
                client.offer(piece)
                self.counters.pictures_dropped += client.pictures_dropped - before
        self.counters.pictures += isinstance(piece, Picture)

    def _happens(self, happening: Happening) -> None:
        """On a thread of the performance."""
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self.clients.tell_all, happening)

    def _set_opened(self, failure: str) -> None:
        if not self._opened.done():
            self._opened.set_result(failure)

    async def _look_after(self) -> None:
        """Tell of room in streams, and forget who was away for too long."""
        while True:
            await asyncio.sleep(_ROOMS_S)
            self.clients.expire(self.loop.time())
            if self.peers is not None:  # not waited for: a TURN server may take long to let go
                gone = self.peers.sessions - {client.session for client in self.clients}
                for session in gone:
                    self.keep(self.loop.create_task(self.peers.close(session)))
            for client in self.clients:
                for room in client.streams.rooms():
                    client.tell(room)


def _with_id(error: Error, command: Command) -> Error:
    return replace(error, id=command.id)


def _streamed(client: Client, command: told.Audio | told.AudioFails | told.PushTimings) -> Told | None:
    """More of a turn's sound, or of what belongs to it."""
    streams, number = client.streams, command.stream
    wrong: Error | None
    match command:
        case told.Audio():
            wrong = streams.take(Chunk(number, command.data, command.offset, command.last))
        case told.AudioFails():
            wrong = streams.fail(number, command.reason)
        case told.PushTimings(timings=said):
            try:
                timings = VisemeTimings(said.scheme, said.marks)
                wrong = streams.push_timings(number, timings, command.offset_s)
            except (AudioRejected, FormatError) as error:
                return refused(command, error)
    if wrong is not None:
        return _with_id(wrong, command)
    return None if command.id is None else Answer(id=command.id)
