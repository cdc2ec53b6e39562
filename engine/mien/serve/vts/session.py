"""One connection of one plugin: who it is, what it sends, what it is told."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from mien.errors import MienError, NotWritable
from mien.messages import printable, quoted
from mien.serve.access import is_loopback
from mien.serve.limits import BAD_COSTS, Bucket
from mien.serve.strangers import Strangers, may_send
from mien.serve.vts.answering import ANSWERS
from mien.serve.vts.envelope import ErrorId, Refused, Request, answer_text, error_text, request_of
from mien.serve.vts.plugins import is_name
from mien.serve.vts.shared import Member, Shared

_TOO_SLOW: Final = 4408
_VALID: Final = "Token valid. The plugin is authenticated for the duration of this session."
_INVALID: Final = "Token invalid, or of another plugin; request one."


class Session:
    """Parameters: the `socket`; what is `shared` with other plugins; `strangers`, of whom it is one until it
    is let in; `message_bytes`, what its messages may have from then on."""

    def __init__(
        self, socket: ServerConnection, shared: Shared, strangers: Strangers, message_bytes: int
    ) -> None:
        self._socket, self._shared = socket, shared
        self._strangers, self._message_bytes = strangers, message_bytes
        self._member: Final = Member(self._too_slow)
        limits = shared.house.limits
        self._bucket: Final = Bucket(limits.messages_per_s, limits.burst)
        self._asking: asyncio.Task[None] | None = None
        self._is_known = False
        self._loop: Final = asyncio.get_running_loop()

    async def run(self) -> None:
        """Until it ends."""
        self._shared.members.add(self._member)
        sender = asyncio.create_task(self._send_events())
        try:
            while True:
                data = await self._socket.recv()
                if (wait := self._bucket.wait_s(self._loop.time())) > 0:
                    await asyncio.sleep(wait)
                await self._take(data)
        except ConnectionClosed:
            pass
        finally:
            self._shared.members.discard(self._member)
            self._shared.settle()
            for task in (sender, self._asking):
                if task is not None:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task

    def _too_slow(self) -> None:
        closing = self._socket.close(_TOO_SLOW, "read what you are told")
        self._shared.house.keep(self._loop.create_task(closing))

    async def _take(self, data: str | bytes) -> None:
        request = request_of(data)
        if isinstance(request, tuple):
            self._bucket.wait_s(self._loop.time(), BAD_COSTS - 1)
            await self._socket.send(error_text(*request))
        elif request.kind == "AuthenticationTokenRequest" and (self._asking is None or self._asking.done()):
            self._asking = asyncio.create_task(self._answer(request))  # meanwhile it may ask for more
        else:
            await self._answer(request)

    async def _answer(self, request: Request) -> None:
        try:
            data = await self._answered(request)
        except Refused as wrong:
            told = error_text(request.id, wrong)
        except MienError as error:  # what the stage says, or that there is none
            told = error_text(request.id, Refused(ErrorId.INTERNAL, str(error)))
        except Exception as error:
            what = printable(f"{type(error).__name__}: {error}", 300)
            sentence = f"{printable(request.kind)} failed ({what}); report it."
            told = error_text(request.id, Refused(ErrorId.INTERNAL, sentence))
        else:
            told = answer_text(request.kind.removesuffix("Request") + "Response", request.id, data)
        with suppress(ConnectionClosed):
            await self._socket.send(told)

    async def _answered(self, request: Request) -> dict[str, Any]:
        match request.kind:
            case "APIStateRequest":
                return {
                    "active": True,
                    "vTubeStudioVersion": self._shared.version,
                    "currentSessionAuthenticated": self._member.is_in,
                }
            case "AuthenticationTokenRequest":
                return {"authenticationToken": await self._granted(request)}
            case "AuthenticationRequest":
                return self._authenticated(request)
        answer = ANSWERS.get(request.kind)
        if answer is None:
            kind = quoted(request.kind)
            raise Refused(ErrorId.TYPE_UNKNOWN, f"Mien does not know {kind}; docs/serve.md has what it does.")
        if not self._member.is_in:
            raise Refused(ErrorId.NOT_AUTHENTICATED, "authenticate first: this was not done; send it again.")
        return await answer(self._shared, self._member, request)

    async def _granted(self, request: Request) -> str:
        """A token, if a person, or the command, lets the plugin in. Raises Refused."""
        name, developer = request.text("pluginName"), request.text("pluginDeveloper")
        if not is_name(name):
            raise Refused(ErrorId.TOKEN_PLUGIN_NAME, "pluginName has to be 3 to 32 characters.")
        if not is_name(developer):
            raise Refused(ErrorId.TOKEN_DEVELOPER_NAME, "pluginDeveloper has to be 3 to 32 characters.")
        shared = self._shared
        # From elsewhere anybody could say that name.
        is_near = is_loopback(str(self._socket.remote_address[0]))
        if not is_near or name not in shared.plugins.granted:
            if shared.asking.locked():
                raise Refused(ErrorId.TOKEN_ONGOING, "another plugin is asked about just now; try again.")
            async with shared.asking:
                may = await self._asked(name, developer)
            if not may:
                how = (
                    ""
                    if may is False
                    else f" Nobody can be asked: use mien serve --vts-allow {quoted(name)}."
                )
                raise Refused(ErrorId.TOKEN_DENIED, "User has denied API access for your plugin." + how)
        try:
            return shared.plugins.grant(name, developer)
        except (NotWritable, OSError) as error:
            raise Refused(ErrorId.INTERNAL, f"the token could not be kept: {error}") from None

    def _authenticated(self, request: Request) -> dict[str, Any]:
        name, developer = request.text("pluginName"), request.text("pluginDeveloper")
        token = request.text("authenticationToken")
        for given, wrong, field in (
            (name, ErrorId.PLUGIN_NAME_MISSING, "pluginName"),
            (developer, ErrorId.DEVELOPER_MISSING, "pluginDeveloper"),
            (token, ErrorId.TOKEN_MISSING, "authenticationToken"),
        ):
            if not given:
                raise Refused(wrong, f"{field} is missing; give it.")
        member = self._member
        member.is_in = self._shared.plugins.knows(name, developer, token)
        if member.is_in:
            member.plugin = (name, developer)
            self._is_known = True  # from now on, whatever it asks a person later
            self._strangers.leave(self._socket)
            may_send(self._socket, self._message_bytes)
        self._shared.settle()
        return {"authenticated": member.is_in, "reason": _VALID if member.is_in else _INVALID}

    async def _asked(self, name: str, developer: str) -> bool | None:
        """What a person says. Others who come meanwhile do not end the connection that waits for it."""
        self._strangers.leave(self._socket)
        try:
            return await self._shared.ask(name, developer)
        finally:
            if self._socket.state is State.OPEN and not self._is_known:
                self._strangers.come(self._socket)

    async def _send_events(self) -> None:
        with suppress(ConnectionClosed):
            while True:
                await self._socket.send(await self._member.waiting.get())
