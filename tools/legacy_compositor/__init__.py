"""The comparison with the old way (`mien.prove.old_way`) as a command: main, and report, its tables."""
