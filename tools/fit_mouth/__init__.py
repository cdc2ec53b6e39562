"""Fits the network that hears visemes: speech with known phones, disturbed, and a gated recurrent layer."""
