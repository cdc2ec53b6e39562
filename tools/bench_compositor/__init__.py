"""The compositor benchmark: one timeline, drawn by Mien and by the libraries one would otherwise use."""
