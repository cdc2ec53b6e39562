"""Compositors of others in the GPU's place: the same program draws with them, every layer in every frame."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Final, NamedTuple, cast

from mien.errors import PackageMissing
from mien.installing import pip_install
from mien.prove.peers.stage import Painter


class _Peer(NamedTuple):
    name: str
    """For people."""
    module: str
    """Here, which has a class `Peer` that is a `Painter`."""
    imported: str
    """The library, as it is imported."""
    package: str
    """The same, as it is installed."""


PEERS: Final = {"skia": _Peer("Skia", "mien.prove.peers.skia_raster", "skia", "skia-python")}


def installed() -> list[str]:
    """The peers whose library is there; whether it can be imported `painter` finds out."""
    return [key for key, peer in PEERS.items() if find_spec(peer.imported) is not None]


def painter(key: str) -> type[Painter]:
    """What draws with a peer. Raises PackageMissing where its library cannot be imported."""
    peer = PEERS[key]
    try:
        return cast("type[Painter]", import_module(peer.module).Peer)
    except (ImportError, AttributeError) as error:  # the latter of a folder that only has its name
        raise PackageMissing(
            f"{peer.name} cannot be played: {error}; `{pip_install(peer.package)}`, or prove it without."
        ) from error
