"""A desk for what is copied into an exercise."""

from tests.cases.conftest import desk

__all__ = ["desk"]
