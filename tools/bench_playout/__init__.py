"""What a sound server has recorded of a conversation that was played to it."""
