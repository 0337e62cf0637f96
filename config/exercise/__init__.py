"""Exercises: a space beside the real installation, filled, started, and read back afterwards."""
