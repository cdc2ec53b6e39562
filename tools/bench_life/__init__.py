"""How alive characters look, measured from their poses: nothing is drawn."""
