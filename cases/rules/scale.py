"""The scale of incidents as somebody saw it."""

from collections.abc import Iterable
from hashlib import sha256

Step = tuple[int, int, str, bool]
"""Of one level: its number, its place, its name, and whether it is in use."""

SHOWN = 16


def version(steps: Iterable[Step]) -> str:
    """A word that is another one as soon as any level is."""
    said = "\n".join(f"{pk} {n} {is_active:d} {name}" for pk, n, name, is_active in sorted(steps))
    return sha256(said.encode()).hexdigest()[:SHOWN]
