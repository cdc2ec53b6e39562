"""Mien as the avatar of a LiveKit agent. Needs livekit-agents 1.8 or newer: `pip install 'mien[livekit]'`.

    avatar = AvatarSession("wren")
    await avatar.start(session, room=ctx.room)     # before session.start(...)

The sound goes from the agent's session to the face without a server in between, and the pictures with the
same sound into the room by LiveKit's own `AvatarRunner`. For an avatar in a process of its own, which is sent
its sound by `DataStreamAudioOutput`, give a `FaceGenerator` to an `AvatarRunner` there.
"""

from mien.agents.extras import lacks

try:
    import livekit.agents.voice.avatar  # noqa: F401
except ImportError as error:
    raise lacks("livekit-agents", "livekit", error) from None

from mien.agents.livekit.generator import FaceGenerator
from mien.agents.livekit.output import FaceOutput
from mien.agents.livekit.session import AvatarSession

__all__ = ["AvatarSession", "FaceGenerator", "FaceOutput"]
