"""Figures that anyone can repeat: each bench measures our own path against a bare limit in one run."""
