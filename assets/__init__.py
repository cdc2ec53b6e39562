"""What ships with Mien: characters, conversations, backgrounds, schemas."""
