"""The watch board: what is watched, how it goes, and which alarms ring."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from cases import duty, wording
from cases.models import Escalation, Notification, User, Watch, WatchCheck, WatchCount
from cases.reasons import strongest
from cases.rules.levels import Level
from cases.rules.worsening import BUCKET_S

POINTS = 12
LOGGED = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Watched:
    """One watch as the board shows it.

    `points`: posts per window, oldest first, None where the source could not be seen; `usual`:
    the expected band per window, once known. `state`: worsened, acknowledged, rising, blind,
    due, paused or active.
    """

    watch: Watch
    state: str
    sentence: str
    points: list[int | None]
    window_s: int
    usual: tuple[int, int] | None
    last_check: WatchCheck | None
    escalation: Escalation | None


@dataclass(frozen=True, slots=True)
class Ringing:
    """An alarm that nobody has taken: why, who was told, and who is next and when."""

    escalation: Escalation
    sentence: str
    told: list[str]
    next_people: list[str]


@dataclass(frozen=True, slots=True)
class Board:
    ringing: list[Ringing]
    taken: list[Escalation]
    watches: list[Watched]
    log: list[tuple[Escalation, str]]


def board(*, now: datetime) -> Board:
    """The whole board: alarms first, then watches, worst first."""
    escalations = list(_open_escalations())
    by_case = {escalation.case_id: escalation for escalation in escalations}
    rows = [_watched(watch, by_case, facts, now=now) for watch, facts in _watches_with_facts(now=now)]
    order = ("worsened", "blind", "due", "rising", "acknowledged", "paused", "active")
    rows.sort(key=lambda row: (order.index(row.state), -row.watch.level, row.watch.next_check_at))
    return Board(
        ringing=_ringing([e for e in escalations if e.status == Escalation.Status.RUNNING], now=now),
        taken=[e for e in escalations if e.status == Escalation.Status.ACKNOWLEDGED],
        watches=rows,
        log=[(escalation, wording.alarm(escalation)) for escalation in _log(now=now)],
    )


def watched(watch: Watch, *, now: datetime) -> Watched:
    """One watch, for the page of its case."""
    facts = _Facts(_counts([watch.pk], now=now)[watch.pk], watch.checks.select_related("by").first())
    running = _open_escalations().filter(case_id=watch.case_id).first()
    return _watched(watch, {watch.case_id: running} if running else {}, facts, now=now)


def alarm_sentence(escalation_id: int) -> str:
    """Why this alarm rings, or nothing when it is no more."""
    escalation = Escalation.objects.filter(pk=escalation_id).first()
    return wording.alarm(escalation) if escalation else ""


def notices(user: User) -> list[tuple[Notification, wording.Notice]]:
    """Somebody's own messages in the app, newest first, each as it is read."""
    mine = Notification.objects.filter(recipient=user, channel=Notification.Channel.IN_APP)
    newest = mine.select_related("escalation__case", "escalation__acknowledged_by").order_by("-pk")[:50]
    return [(message, wording.notice(message)) for message in newest]


@dataclass(frozen=True, slots=True)
class _Facts:
    counts: dict[int, WatchCount]
    last_check: WatchCheck | None


def _open_escalations() -> QuerySet[Escalation]:
    found = Escalation.objects.filter(resolved_at=None)
    return found.select_related("case__post__author", "watch__watcher", "acknowledged_by").order_by(
        "-level", "raised_at"
    )


def _log(*, now: datetime) -> list[Escalation]:
    recent = Escalation.objects.filter(raised_at__gte=now - LOGGED)
    return list(recent.select_related("acknowledged_by", "case").order_by("-raised_at")[:50])


def _watches_with_facts(*, now: datetime) -> list[tuple[Watch, _Facts]]:
    watches = list(Watch.objects.filter(ended_at=None).select_related("case__post__author", "watcher")[:200])
    ids = [watch.pk for watch in watches]
    counts = _counts(ids, now=now)
    checks: dict[int, WatchCheck] = {}
    for check in WatchCheck.objects.filter(watch_id__in=ids).select_related("by").order_by("at"):
        checks[check.watch_id] = check
    return [(watch, _Facts(counts[watch.pk], checks.get(watch.pk))) for watch in watches]


def _counts(watch_ids: list[int], *, now: datetime) -> dict[int, dict[int, WatchCount]]:
    since = int((now - timedelta(seconds=3600 * POINTS)).timestamp()) // BUCKET_S
    found: dict[int, dict[int, WatchCount]] = defaultdict(dict)
    for count in WatchCount.objects.filter(watch_id__in=watch_ids, bucket__gte=since):
        found[count.watch_id][count.bucket] = count
    return found


def _watched(watch: Watch, by_case: dict[int, Escalation], facts: _Facts, *, now: datetime) -> Watched:
    verdict: dict[str, Any] = watch.verdict
    window_s = int(verdict.get("window_s") or 3600)
    escalation = by_case.get(watch.case_id)
    return Watched(
        watch=watch,
        state=_state(watch, escalation, now=now),
        sentence=strongest(verdict),
        points=_points(facts.counts, window_s=window_s, now=now),
        window_s=window_s,
        usual=(verdict["usual_low"], verdict["usual_high"]) if "usual_low" in verdict else None,
        last_check=facts.last_check,
        escalation=escalation,
    )


def _points(counts: dict[int, WatchCount], *, window_s: int, now: datetime) -> list[int | None]:
    """Posts per window up to now; a window with an unknown bucket is unknown."""
    width, last = window_s // BUCKET_S, int(now.timestamp()) // BUCKET_S
    points: list[int | None] = []
    for i in range(POINTS - 1, -1, -1):
        end = last - i * width
        inside = [counts[bucket] for bucket in range(end - width + 1, end + 1) if bucket in counts]
        points.append(None if any(count.is_unknown for count in inside) else sum(c.n for c in inside))
    return points


def _state(watch: Watch, escalation: Escalation | None, *, now: datetime) -> str:
    rings = escalation is not None and escalation.status == Escalation.Status.RUNNING
    for name, holds in (
        ("worsened", rings),
        ("blind", watch.blind_since is not None),
        ("acknowledged", escalation is not None),
        ("paused", watch.paused_until is not None and watch.paused_until > now),
        ("due", watch.next_check_at <= now),
        ("rising", watch.level >= Level.ATTENTION),
    ):
        if holds:
            return name
    return "active"


def _ringing(escalations: list[Escalation], *, now: datetime) -> list[Ringing]:
    """Who was told in this round of each alarm, and who is next; people are looked up once for all."""
    told: dict[tuple[int, int], list[str]] = defaultdict(list)
    messages = Notification.objects.filter(escalation__in=escalations).select_related("recipient")
    for message in messages.order_by("step", "pk"):
        told[message.escalation_id or 0, message.round].append(str(message.recipient))
    known: dict[tuple[str, int | None], list[str]] = {}
    return [
        Ringing(
            escalation,
            wording.alarm(escalation),
            list(dict.fromkeys(told[escalation.pk, escalation.round])),
            _next_people(escalation, known, now=now),
        )
        for escalation in escalations
    ]


def _next_people(
    escalation: Escalation, known: dict[tuple[str, int | None], list[str]], *, now: datetime
) -> list[str]:
    rest = escalation.ladder[escalation.step :]
    if not rest:
        return []
    who = rest[0]["who"]
    group = (who, escalation.watch_id if who == "watcher" else None)
    if group not in known:
        known[group] = [str(person) for person in duty.people_for(escalation, who, now=now)]
    return known[group]
