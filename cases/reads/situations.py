"""Situations as their pages show them: what stands, what is open, what was said and decided."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from cases.models import (
    AuditEvent,
    Batch,
    BatchCase,
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
    Target,
    Task,
    User,
    Watch,
    WatchProfile,
)
from cases.reads.growth import quarters
from cases.reads.topics import Topics, n_unread, per_situation, topics
from cases.rules.workflow import OPEN, State
from monitoring.models import Query

Status = Situation.Status

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


def banners() -> Sequence[Card]:
    """The open situations for the head of the inbox."""
    found = Situation.objects.filter(status=Status.OPEN).order_by("-opened_at")[:10]
    running = list(found)
    waiting = per_situation([each.pk for each in running]) if running else {}
    return [Card(each, *waiting.get(each.pk, (0, 0)), 0, None) for each in running]


def proposed() -> list[Situation]:
    """What a rule proposes and nobody has decided on."""
    return list(Situation.objects.filter(status=Status.PROPOSED).order_by("-created_at")[:5])


def page(situation: Situation, *, now: datetime) -> Page:
    """Everything of one situation; the number of queries is fixed."""
    cases = Case.objects.filter(situation=situation)
    by_state = dict(cases.values_list("state").annotate(n=Count("*")).order_by())
    stages = [Stage(name, sum(by_state.get(state, 0) for state in states)) for name, states in STAGES.items()]
    messages = list(situation.key_messages.select_related("by").order_by("-n"))
    ringing = Escalation.objects.filter(resolved_at=None).select_related("acknowledged_by")
    return Page(
        situation,
        *n_unread(situation),
        n_cases=sum(by_state.values()),
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


def levels() -> list[SituationLevel]:
    """The scale in use, the lowest first."""
    return list(SituationLevel.objects.filter(is_active=True))


def level_numbered(number: int | None) -> SituationLevel | None:
    return SituationLevel.objects.filter(pk=number).first() if number else None


def profiles() -> list[WatchProfile]:
    return list(WatchProfile.objects.order_by("name"))


def profile_numbered(number: int | None) -> WatchProfile | None:
    return WatchProfile.objects.filter(pk=number).first() if number else None


def queries_to_add(*, now: datetime) -> list[Query]:
    """The queries in use that flow into no situation yet."""
    flowing = Inflow.objects.filter(ended_at=None, query__isnull=False).values("query")
    return list(Query.objects.listening(now=now).exclude(pk__in=flowing).order_by("name"))


def targets_of(situation: Situation) -> list[Target]:
    """How soon its posts are answered, where it has targets of its own."""
    return list(situation.targets.order_by("priority"))


def inflow_of(situation: Situation, number: int) -> Inflow | None:
    return situation.inflows.filter(pk=number).first()


@dataclass(frozen=True, slots=True)
class Left:
    """What a shift leaves: who took over last, the log since then, and who has what."""

    last: AuditEvent | None
    log: Sequence[LogLine]
    cases: Sequence[Case]
    said: Sequence[PublicMessage]
    alarms: Sequence[Escalation]


def hand_over(situation: Situation) -> Left:
    """What the next shift needs to know beside the page of the situation."""
    trail = AuditEvent.objects.filter(subject=f"situation:{situation.pk}", action="taken over")
    last = trail.order_by("-seq").first()
    log = situation.log.select_related("by").order_by("-at", "-pk")
    held = Case.objects.filter(situation=situation, state__in=[*OPEN], assignee__isnull=False)
    ringing = Escalation.objects.filter(resolved_at=None).select_related("case__post", "acknowledged_by")
    theirs = Q(situation=situation) | Q(case__situation=situation)
    return Left(
        last,
        list((log.filter(at__gte=last.at) if last else log)[:100]),
        list(held.select_related("post", "assignee").order_by("assignee", "due_at")[:40]),
        list(situation.messages.filter(published_at__isnull=False).order_by("-published_at")[:3]),
        list(ringing.filter(theirs).order_by("-raised_at")[:20]),
    )


def timeline(
    situation: Situation, *, most: int = 200, actions: Collection[str] | None = None
) -> list[AuditEvent]:
    """What happened to a situation, its claims, messages and pictures; the newest first."""
    subjects = [f"situation:{situation.pk}"]
    for kind, rows in (
        ("claim", situation.claims),
        ("message", situation.messages),
        ("batch", situation.batches),
        ("picture", situation.pictures),
    ):
        subjects += [f"{kind}:{pk}" for pk in rows.values_list("pk", flat=True)[:200]]
    events = AuditEvent.objects.filter(subject__in=subjects)
    # The beginning of a batch stands on the situation's own trail as well.
    events = events.exclude(action="batch started", subject__startswith="batch:")
    events = events if actions is None else events.filter(action__in=actions)
    return list(events.order_by("-at", "-pk")[:most])


@dataclass(frozen=True, slots=True)
class Wall:
    """What a big screen in the crisis room shows: no names of authors."""

    page: Page
    topics: Topics
    n_last_hour: int
    n_hour_before: int


def wall(situation: Situation, user: User, *, now: datetime) -> Wall:
    """The same figures as the page, and the topics that press most."""
    shown = page(situation, now=now)
    last, before = (sum(n for _at, n in shown.quarters[a:b]) for a, b in ((-4, None), (-8, -4)))
    return Wall(shown, topics(user, situation, now=now), last, before)


@dataclass(frozen=True, slots=True)
class BatchPage:
    """How far an act on many cases is. `left`: the first cases that were left, with why."""

    percent: int
    n_to_do: int
    left: Sequence[tuple[int, str]]


def running_batches(situation: Situation) -> list[Batch]:
    """What is being carried out on its cases now."""
    return list(situation.batches.filter(status=Batch.Status.RUNNING).order_by("-pk"))


def batch_page(batch: Batch) -> BatchPage:
    n_looked = batch.n_done + batch.n_left
    left = BatchCase.objects.filter(batch=batch, outcome=BatchCase.Outcome.LEFT).order_by("case")
    percent = 100 * n_looked // batch.n_cases if batch.n_cases else 100
    return BatchPage(percent, batch.n_cases - n_looked, list(left.values_list("case_id", "why")[:50]))
