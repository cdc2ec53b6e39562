"""The surfaces that are watched, each by a process of its own."""

from mien.prove.surfaces.observing import observe

__all__ = ["observe"]
