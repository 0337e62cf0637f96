"""Runs a function in a process that has just started: nothing of ours is loaded before Django is set up."""

from importlib import import_module
from typing import Any

import django


def call(module: str, name: str, *args: Any) -> None:
    """Set Django up, then call `module.name` with these arguments."""
    django.setup()
    getattr(import_module(module), name)(*args)
