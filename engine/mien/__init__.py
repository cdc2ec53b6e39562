"""Mien: GPU compositing for expressive layered 2D characters in live conversation."""
