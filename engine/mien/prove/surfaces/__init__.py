"""The surfaces that are watched, each by a process of its own."""
