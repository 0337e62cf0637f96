"""Situations as their pages show them: what stands, what is open, what was said and decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q

from cases.models import (
    AuditEvent,
    Batch,
    Case,
    Claim,
    Escalation,
    Inflow,
    KeyMessage,
    LogLine,
    Picture,
    PublicMessage,
    Situation,
    SituationLevel,
    Task,
    Watch,
)
from cases.reads.topics import Topics, n_unread, per_situation
from cases.rules.workflow import OPEN, State

Status = Situation.Status

HOURS = 12
QUARTERS = 16
"""Bars in the figure of the last four hours."""

QUARTER = timedelta(minutes=15)
LINES = 12


@dataclass(frozen=True, slots=True)
class Card:
    """One situation in the list."""

    situation: Situation
    n_topics_unread: int
    n_posts_unread: int
    n_cases: int
    alarm: Escalation | None


@dataclass(frozen=True, slots=True)
class Listed:
    """All that runs, what is proposed, and the last ones that are over."""

    open: Sequence[Card]
    proposed: Sequence[Situation]
    closed: Sequence[Situation]


@dataclass(frozen=True, slots=True)
class Stage:
    """Cases of a situation that wait for the same thing."""

    name: str
    n: int


@dataclass(frozen=True, slots=True)
class Page:
    """One situation as its page shows it."""

    situation: Situation
    n_topics_unread: int
    n_posts_unread: int
    n_cases: int
    n_answered: int
    stages: Sequence[Stage]
    key_message: KeyMessage | None
    earlier: Sequence[KeyMessage]
    inflows: Sequence[Inflow]
    claims: Sequence[Claim]
    messages: Sequence[PublicMessage]
    pictures: Sequence[Picture]
    log: Sequence[LogLine]
    batches: Sequence[Batch]
    alarm: Escalation | None
    case_alarms: int
    watch: Watch | None
    promised: Sequence[Task]
    quarters: Sequence[tuple[datetime, int]]


STAGES: Mapping[str, frozenset[str]] = {
    "unread": frozenset({State.NEW}),
    "judged": frozenset({State.ASSESSED}),
    "writing": frozenset({State.DRAFTING, State.APPROVAL, State.SENDING}),
    "comms": frozenset({State.COMMS}),
    "watched": frozenset({State.WATCHING}),
    "answered": frozenset({State.RESPONDED}),
}
"""What the open cases of a situation wait for."""


def situations(*, now: datetime) -> Listed:
    """The list of situations, in a few queries however many there are."""
    rows = Situation.objects.select_related("level", "owner", "story__post")
    running = list(rows.filter(status=Status.OPEN).order_by("-opened_at"))
    ids = [each.pk for each in running]
    waiting, n_cases = (
        per_situation(ids),
        dict(
            Case.objects.filter(situation__in=ids).values_list("situation").annotate(n=Count("pk")).order_by()
        ),
    )
    alarms = {
        alarm.situation_id: alarm
        for alarm in Escalation.objects.filter(situation__in=ids, resolved_at=None).select_related(
            "acknowledged_by"
        )
    }
    cards = [
        Card(each, *waiting.get(each.pk, (0, 0)), n_cases.get(each.pk, 0), alarms.get(each.pk))
        for each in running
    ]
    proposed = list(rows.filter(status=Status.PROPOSED).order_by("-created_at")[:10])
    return Listed(cards, proposed, list(rows.filter(status=Status.CLOSED).order_by("-closed_at")[:20]))


def banners(*, now: datetime) -> Sequence[Card]:
    """The open situations for the head of the inbox."""
    return situations(now=now).open if Situation.objects.filter(status=Status.OPEN).exists() else ()


def page(situation: Situation, *, now: datetime) -> Page:
    """Everything of one situation; the number of queries is fixed."""
    cases = Case.objects.filter(situation=situation)
    by_state = dict(cases.exclude(state=State.MERGED).values_list("state").annotate(n=Count("pk")).order_by())
    stages = [Stage(name, sum(by_state.get(state, 0) for state in states)) for name, states in STAGES.items()]
    messages = list(situation.key_messages.select_related("by").order_by("-n"))
    ringing = Escalation.objects.filter(resolved_at=None).select_related("acknowledged_by")
    return Page(
        situation,
        *n_unread(situation),
        n_cases=cases.count(),
        n_answered=cases.filter(first_responded_at__isnull=False).count(),
        stages=stages,
        key_message=messages[0] if messages else None,
        earlier=messages[1:],
        inflows=list(
            situation.inflows.select_related("query", "story__post", "by").order_by("ended_at", "-pk")[:20]
        ),
        claims=list(
            situation.claims.filter(merged_into=None)
            .annotate(n=Count("carried_by"))
            .order_by("-n", "pk")[:10]
        ),
        messages=list(situation.messages.order_by("-pk")[:5]),
        pictures=list(situation.pictures.select_related("signed_by").order_by("-n")[:5]),
        log=list(situation.log.select_related("by").order_by("-at", "-pk")[:LINES]),
        batches=list(situation.batches.order_by("-pk")[:5]),
        alarm=ringing.filter(situation=situation).first(),
        case_alarms=ringing.filter(case__situation=situation).count(),
        watch=situation.watches.filter(ended_at=None).select_related("post", "watcher").first(),
        promised=list(
            Task.objects.filter(case__situation=situation, done_at=None)
            .select_related("case", "assignee")
            .order_by("due_at")[:LINES]
        ),
        quarters=quarters(situation, now=now),
    )


def quarters(situation: Situation, *, now: datetime) -> list[tuple[datetime, int]]:
    """Posts by quarter of an hour, the last four hours, by when we heard them."""
    end_s = int(now.timestamp()) // 900 * 900
    starts = [end_s - n * 900 for n in range(QUARTERS - 1, -1, -1)]
    since = now.fromtimestamp(starts[0], tz=now.tzinfo)
    spans = {
        f"q{n}": Count(
            "pk",
            filter=Q(
                opened_at__gte=now.fromtimestamp(start, tz=now.tzinfo),
                opened_at__lt=now.fromtimestamp(start + 900, tz=now.tzinfo),
            ),
        )
        for n, start in enumerate(starts)
    }
    found = Case.objects.filter(situation=situation, opened_at__gte=since).aggregate(**spans)
    return [(now.fromtimestamp(start, tz=now.tzinfo), found[f"q{n}"]) for n, start in enumerate(starts)]


def levels() -> list[SituationLevel]:
    """The scale in use, the lowest first."""
    return list(SituationLevel.objects.filter(is_active=True))


def timeline(situation: Situation, *, most: int = 200) -> list[AuditEvent]:
    """What happened to a situation, its claims, messages and pictures; the newest first."""
    subjects = [f"situation:{situation.pk}"]
    for kind, rows in (
        ("claim", situation.claims),
        ("message", situation.messages),
        ("batch", situation.batches),
    ):
        subjects += [f"{kind}:{pk}" for pk in rows.values_list("pk", flat=True)[:200]]
    return list(AuditEvent.objects.filter(subject__in=subjects).order_by("-at", "-pk")[:most])


@dataclass(frozen=True, slots=True)
class Group:
    """Open cases that closing a situation asks about together."""

    name: str
    n: int
    n_posts: int


def to_close(situation: Situation) -> list[Group]:
    """The open cases of a situation by what they wait for, those that nothing is asked of left out."""
    cases = Case.objects.filter(situation=situation, state__in=[*OPEN]).exclude(state=State.MERGED)
    found: dict[str, tuple[int, int]] = {}
    for state, n_copies in cases.values_list("state", "n_copies"):
        name = next(name for name, states in STAGES.items() if state in states)
        n, n_posts = found.get(name, (0, 0))
        found[name] = (n + 1, n_posts + 1 + n_copies)
    return [Group(name, *found[name]) for name in STAGES if name in found]


@dataclass(frozen=True, slots=True)
class Wall:
    """What a big screen in the crisis room shows: no names of authors."""

    page: Page
    topics: Topics
