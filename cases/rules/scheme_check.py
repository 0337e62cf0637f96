"""Finds what is wrong with a readable scheme."""

from cases.rules.scheme_types import Scheme


def problems(scheme: Scheme) -> list[str]:
    """Sentences."""
    return []
