"""Situations: the list, the one screen for the night, and what is decided there."""
