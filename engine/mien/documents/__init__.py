"""Reading what people write: TOML files and tables, each error with its file and key."""
