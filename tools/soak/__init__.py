"""A long and hostile run: a host, a machine and a sound device that do what they like, under a seed."""
