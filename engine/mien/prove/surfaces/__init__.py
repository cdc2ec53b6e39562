"""The surfaces that are watched, each by a process of its own."""

from mien.prove.surfaces.observing import lacks, observe

__all__ = ["lacks", "observe"]
