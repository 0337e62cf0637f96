"""The profile that a watch is judged by: read seldom, and never older than a few seconds."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from cases.models import Watch, WatchProfile
from cases.rules.profiles import Profile, ProfileInvalid

KNOWN_FOR_S = 3.0
"""So long a process goes by the profiles it read: a sweep asks for one at every watch."""


@dataclass(slots=True)
class _Known:
    """The profiles as this process read them last, by number; `default` counts for all other watches."""

    read_at: float = float("-inf")
    profiles: Mapping[int, Profile] = field(default_factory=dict)
    default: Profile = field(default_factory=Profile)


_known = _Known()


def of(watch: Watch) -> Profile:
    """The thresholds that count for a watch: those chosen for it, or the default ones.

    A profile that was retired goes on for the watches that have it.
    """
    known = _now_known()
    return known.profiles.get(watch.profile_id or 0, known.default)


def default() -> Profile:
    return _now_known().default


def subject_of(profile_id: int) -> str:
    """The subject in the trail of a profile."""
    return f"watch profile:{profile_id}"


def forget() -> None:
    """Read the profiles anew at the next question: they have just been changed here."""
    _known.read_at = float("-inf")


def read(thresholds: Mapping[str, list[int]]) -> Profile:
    """A stored profile. What can no longer be read counts as the normal one: a watch is never unjudged."""
    try:
        return Profile.from_json(thresholds)
    except ProfileInvalid:
        return Profile()


def _now_known() -> _Known:
    if time.monotonic() - _known.read_at > KNOWN_FOR_S:
        rows = list(WatchProfile.objects.all())
        _known.profiles = {row.pk: read(row.thresholds) for row in rows}
        defaults = (_known.profiles[row.pk] for row in rows if row.is_default)
        _known.default = next(defaults, Profile())
        _known.read_at = time.monotonic()
    return _known
