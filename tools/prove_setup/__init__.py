"""Proof that set-up works on bare systems: fresh roots, and what is tried in them."""
