"""After the event: per alarm what happened when, what nobody saw in time, and how profiles did."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Min, Prefetch, QuerySet

from cases import wording
from cases.models import (
    AuditEvent,
    CommsDecision,
    Escalation,
    Notification,
    WatchCheck,
    WatchProfile,
)
from cases.models.subject import Subject
from cases.naming import Named, named
from cases.reasons import signs_in

MOST = 200
AGREES_WITHIN = timedelta(hours=24)
"""What the machine finds later than this is another event."""

RISES = ("escalated", "escalated further", "more evidence")
STEPS = ("onset", "alarm", "notified", "taken", "decided")


@dataclass(frozen=True, slots=True)
class Step:
    """One moment of an alarm; `minutes` since the moment before it, where both are known."""

    name: str
    at: datetime | None
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Looked:
    """One alarm as it went. `said`: "right", "false" or "" (nobody looked back yet)."""

    alarm: Escalation
    sentence: str
    profile: WatchProfile | None
    steps: Sequence[Step]
    said: str
    reason: str
    signs: Sequence[str]

    @property
    def about(self) -> Named:
        return named(self.alarm)


@dataclass(frozen=True, slots=True)
class Missed:
    """A person said that it got worse before the machine did; `minutes` until it agreed, None: never."""

    check: WatchCheck
    about: Named
    profile: WatchProfile | None
    agreed_at: datetime | None
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Totals:
    """How alarms went, of one profile or of all. `medians`: minutes per step, None where none is known.

    `false_signs`: which signs stood in false alarms, and how often.
    """

    profile: WatchProfile | None
    n: int
    n_right: int
    n_false: int
    n_missed: int
    medians: Mapping[str, int | None]
    false_signs: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class LookBack:
    alarms: Sequence[Looked]
    missed: Sequence[Missed]
    total: Totals
    by_profile: Sequence[Totals]
    profiles: Sequence[WatchProfile]
    is_cut: bool


def look_back(*, since: datetime, until: datetime, profile: int | None = None) -> LookBack:
    """All alarms that first rang in a period, and what a person saw first; a fixed number of queries."""
    profiles = list(WatchProfile.objects.order_by("name"))
    default = next((each for each in profiles if each.is_default), None)
    found = Escalation.objects.filter(raised_at__gte=since, raised_at__lte=until)
    rows = list(_with_people(found)[: MOST + 1])
    alarms = _looked(rows[:MOST], default)
    missed = _missed(since=since, until=until, default=default)
    if profile is not None:
        alarms = [each for each in alarms if each.profile and each.profile.pk == profile]
        missed = [each for each in missed if each.profile and each.profile.pk == profile]
    return LookBack(
        alarms=alarms,
        missed=missed,
        total=_totals(None, alarms, missed),
        by_profile=[
            _totals(each, [a for a in alarms if a.profile == each], [m for m in missed if m.profile == each])
            for each in profiles
            if each in [*(a.profile for a in alarms), *(m.profile for m in missed)]
        ],
        profiles=profiles,
        is_cut=len(rows) > MOST,
    )


def looked_at(alarm: Escalation) -> Looked:
    """One alarm as it went."""
    default = WatchProfile.objects.filter(is_default=True).first()
    return _looked(list(_with_people(Escalation.objects.filter(pk=alarm.pk))), default)[0]


def _with_people(found: QuerySet[Escalation]) -> QuerySet[Escalation]:
    decisions = Prefetch("case__decisions", CommsDecision.objects.order_by("at"), to_attr="in_order")
    rows = found.select_related(
        "case", "situation", "query", "watch__profile", "acknowledged_by", "looked_back_by"
    )
    return rows.prefetch_related(decisions).order_by("-raised_at", "-pk")


def _looked(rows: Sequence[Escalation], default: WatchProfile | None) -> list[Looked]:
    sent = Notification.objects.filter(escalation__in=rows, delivered_at__isnull=False)
    first_sent = dict(sent.order_by().values_list("escalation").annotate(at=Min("delivered_at")))
    events = _events([row.subject for row in rows], ("acknowledged", "looked back"))
    return [_one(row, first_sent.get(row.pk), events, default) for row in rows]


def _one(
    row: Escalation,
    notified_at: datetime | None,
    events: Mapping[Subject, Sequence[AuditEvent]],
    default: WatchProfile | None,
) -> Looked:
    mine = [event for event in events.get(row.subject, ()) if event.facts.get("escalation") == row.pk]
    taken = [event.at for event in mine if event.action == "acknowledged" and event.result == "done"]
    reasons = [event.facts["reason"] for event in mine if event.action == "looked back"]
    opened_at = row.opened_at or row.raised_at
    in_order: list[CommsDecision] = getattr(row.case, "in_order", [])  # by the prefetch
    decided = [each.at for each in in_order if each.at >= opened_at]
    moments = (
        row.onset_at,
        opened_at,
        notified_at,
        min(taken, default=row.acknowledged_at),
        decided[0] if decided else row.resolved_at,
    )
    return Looked(
        alarm=row,
        sentence=wording.alarm(row),
        profile=_profile(row.watch.profile if row.watch else None, default) if row.watch else None,
        steps=_steps(moments),
        said={True: "false", False: "right", None: ""}[row.is_false],
        reason=next((reason for reason in reversed(reasons) if reason), ""),
        signs=[sign.id for sign in signs_in(row.evidence) if sign.level],
    )


def _steps(moments: Iterable[datetime | None]) -> list[Step]:
    steps: list[Step] = []
    last: datetime | None = None
    for name, at in zip(STEPS, moments, strict=True):
        minutes = round((at - last).total_seconds() / 60) if at and last else None
        is_after = minutes is not None and minutes >= 0  # who has it may be told of it later
        steps.append(Step(name, at, minutes if is_after else None))
        last = at or last
    return steps


def _missed(*, since: datetime, until: datetime, default: WatchProfile | None) -> list[Missed]:
    said = WatchCheck.objects.filter(is_worse=True, at__gte=since, at__lte=until)
    checks = list(
        said.select_related("by", "watch__profile", "watch__situation", "watch__query").order_by("-at")[:MOST]
    )
    events = _events([check.watch.subject for check in checks], RISES)
    found = (_first(check, events.get(check.watch.subject, ()), default) for check in checks)
    return [missed for missed in found if missed]


def _first(check: WatchCheck, events: Sequence[AuditEvent], default: WatchProfile | None) -> Missed | None:
    """What a person saw first; None when the machine had risen in the alarm that stood then."""
    now_open = [event.facts.get("escalation") for event in events if event.at <= check.at][-1:]
    by_machine = [event for event in events if event.facts.get("cause") == "worsened"]
    if any(event.at < check.at and event.facts.get("escalation") in now_open for event in by_machine):
        return None
    later = [event.at for event in by_machine if check.at <= event.at < check.at + AGREES_WITHIN]
    agreed_at = min(later, default=None)
    minutes = round((agreed_at - check.at).total_seconds() / 60) if agreed_at else None
    return Missed(check, named(check.watch), _profile(check.watch.profile, default), agreed_at, minutes)


def _profile(own: WatchProfile | None, default: WatchProfile | None) -> WatchProfile | None:
    return own or default


def _events(about: Iterable[Subject], actions: Sequence[str]) -> dict[Subject, list[AuditEvent]]:
    """What happened with some of them, oldest first, by which it was."""
    subjects = {each.trail: each for each in about}
    found: dict[Subject, list[AuditEvent]] = defaultdict(list)
    for event in AuditEvent.objects.filter(subject__in=subjects, action__in=actions).order_by("seq"):
        found[subjects[event.subject]].append(event)
    return found


def _totals(profile: WatchProfile | None, alarms: Sequence[Looked], missed: Sequence[Missed]) -> Totals:
    false = [each for each in alarms if each.said == "false"]
    return Totals(
        profile=profile,
        n=len(alarms),
        n_right=sum(each.said == "right" for each in alarms),
        n_false=len(false),
        n_missed=len(missed),
        medians={name: _median(alarms, n) for n, name in enumerate(STEPS) if n},
        false_signs=Counter(sign for each in false for sign in each.signs).most_common(),
    )


def _median(alarms: Sequence[Looked], n: int) -> int | None:
    known = [each.steps[n].minutes for each in alarms]
    minutes = [each for each in known if each is not None]
    return round(median(minutes)) if minutes else None
