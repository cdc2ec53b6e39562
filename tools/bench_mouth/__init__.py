"""How well the mouth follows speech whose phones are known."""
