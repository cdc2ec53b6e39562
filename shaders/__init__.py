"""The shaders, as package data: read them with `importlib.resources.files("mien.shaders")`."""
