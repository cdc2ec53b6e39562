"""The suite on every GL driver: which there are, runs of pytest, and the table."""
