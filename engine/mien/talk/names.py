"""What a conversation names, as paths: something bundled with Mien, or relative to its file."""

from __future__ import annotations

from pathlib import Path

from mien.catalog import Kind, bundled
from mien.errors import AssetMissing
from mien.messages import near_file, quoted, suggestion
from mien.talk.conversation import CastMember, Conversation


def background_path(conversation: Conversation) -> Path | None:
    """The picture behind the cast, None for an empty stage. Raises AssetMissing."""
    if conversation.background is None:
        return None
    return _path_of(conversation, conversation.background, "backgrounds", "stage.background")


def character_path(conversation: Conversation, member: CastMember) -> Path:
    """The folder or `.mien` file of a cast member. Raises AssetMissing."""
    return _path_of(conversation, member.character, "characters", f"cast {quoted(member.key)}: character")


def _path_of(conversation: Conversation, name: str, kind: Kind, key: str) -> Path:
    if "/" in name or "." in name:
        path = conversation.source.parent / name
        if not path.exists():
            remedy = suggestion(near_file(path), "correct the path.")
            raise AssetMissing(f"{conversation.source}: {key}: {path} does not exist; {remedy}")
        return path
    try:
        return bundled(kind, name)
    except AssetMissing as error:
        raise AssetMissing(f"{conversation.source}: {key}: {error}") from None
