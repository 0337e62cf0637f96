"""Watch profiles as a page shows them: what they ask, which watches have them, and what was changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from cases.models import AuditEvent, Watch, WatchProfile
from cases.naming import Named, named
from cases.profiles import read, subject_of
from cases.rules.profiles import Profile

MOST = 200
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """One profile and how many open watches are judged by it."""

    profile: WatchProfile
    thresholds: Profile
    n_watches: int


@dataclass(frozen=True, slots=True)
class Used:
    """An open watch that is judged by a profile."""

    watch_id: int
    about: Named
    level: int


def profiles() -> list[Listed]:
    """All profiles: the default first, those out of use last."""
    is_open = Q(watches__ended_at=None, watches__isnull=False)
    rows = WatchProfile.objects.annotate(n_own=Count("watches", filter=is_open))
    n_free = Watch.objects.filter(ended_at=None, profile=None).count()
    return [
        Listed(row, read(row.thresholds), row.n_own + (n_free if row.is_default else 0))
        for row in rows.order_by("-is_default", "-is_active", "pk")[:MOST]
    ]


def choices(current: int | None = None) -> list[WatchProfile]:
    """What can be chosen for a watch: the profiles in use, and the one that it has (`current`)."""
    return list(
        WatchProfile.objects.filter(Q(is_active=True) | Q(pk=current)).order_by("-is_default", "pk")[:MOST]
    )


def thresholds_of(profile: WatchProfile) -> Profile:
    return read(profile.thresholds)


def default_thresholds() -> Profile:
    """What a new profile begins with."""
    row = WatchProfile.objects.filter(is_default=True).first()
    return read(row.thresholds) if row else Profile()


def used_by(profile: WatchProfile) -> list[Used]:
    """The open watches that a change of this profile touches, the highest level first."""
    is_judged_by = Q(profile=profile) | (Q(profile=None) if profile.is_default else Q(pk__in=()))
    rows = Watch.objects.filter(is_judged_by, ended_at=None).order_by("-level", "pk")
    found = rows.select_related("situation", "query")[:SHOWN]
    return [Used(watch.pk, named(watch), watch.level) for watch in found]


def history(profile: WatchProfile) -> Sequence[AuditEvent]:
    return list(AuditEvent.objects.filter(subject=subject_of(profile.pk)).order_by("-seq")[:20])
