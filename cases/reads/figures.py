"""The dashboard's figures, each with what it is compared to, and the volume by outcome over time."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from statistics import median

from django.db.models import Count, Q, QuerySet

from cases.models import Assessment, Case, Escalation, Watch
from cases.reads.inbox import oldest_waiting
from cases.rules.levels import Level
from cases.rules.workflow import State

SPANS = {
    "hour": (timedelta(hours=1), timedelta(minutes=5)),
    "day": (timedelta(days=1), timedelta(hours=1)),
    "week": (timedelta(days=7), timedelta(hours=6)),
}
"""How far back, and how wide one column is."""

SCHEME = ("positive", "dissatisfied", "joke", "untruth", "insult")
NEGATIVE = frozenset({"dissatisfied", "joke", "untruth", "insult"})
TARGET_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Column:
    """One stretch of time: when it starts and how many posts of each outcome it holds."""

    start: datetime
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line of the outcome table. `followed`: advice followed among those chosen, None = none."""

    category: str
    n: int
    n_answered: int
    median_s: float | None
    followed: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The five figures and what stands beside them. Times in seconds, shares between 0 and 1."""

    n_waiting: int
    oldest_at: datetime | None
    median_s: float | None
    median_before_s: float | None
    within_target: float | None
    negative: float | None
    negative_before: float | None
    n_watches: int
    n_worse: int
    n_posts: int
    columns: list[Column]
    outcomes: list[Outcome]
    workload: list[tuple[str, int, int]]


def figures(span: str, *, now: datetime) -> Figures:
    """Everything on the dashboard for the last hour, day or week; compared with the span before."""
    length, width = SPANS[span]
    since = _rounded_up(now, width) - length
    recent, before = _posts(since, now), _posts(since - length, since)
    answers, answers_before = _answer_times(since, now), _answer_times(since - length, since)
    columns = _columns(recent, since=since, until=since + length, width=width)
    counted = sum((Counter(column.counts) for column in columns), Counter())
    return Figures(
        n_waiting=Case.objects.filter(state=State.NEW).count(),
        oldest_at=oldest_waiting(now=now),
        median_s=_median(seconds for seconds, _ in answers),
        median_before_s=_median(seconds for seconds, _ in answers_before),
        within_target=_share(sum(in_time for _, in_time in answers), len(answers)),
        negative=_negative(counted),
        negative_before=_negative(_by_category(before)),
        n_watches=Watch.objects.filter(ended_at=None).count(),
        n_worse=_n_worse(),
        n_posts=sum(counted.values()),
        columns=columns,
        outcomes=_outcomes(recent, counted, since=since, until=now),
        workload=_workload(since),
    )


def _rounded_up(moment: datetime, width: timedelta) -> datetime:
    """The end of the column that this moment falls in, so that columns start at round times."""
    step = width.total_seconds()
    return datetime.fromtimestamp(ceil(moment.timestamp() / step) * step, tz=UTC)


def outcome_of(category: str) -> str:
    """Which colour a case has: a category of the scheme, outside of it, or not judged yet."""
    if not category:
        return "unjudged"
    return category if category in SCHEME else "outside"


def _posts(since: datetime, until: datetime) -> QuerySet[Case]:
    return Case.objects.filter(posted_at__gt=since, posted_at__lte=until)


def _by_category(cases: QuerySet[Case]) -> Counter[str]:
    rows = cases.order_by().values_list("category").annotate(n=Count("pk"))
    counted: Counter[str] = Counter()
    for category, n in rows:
        counted[outcome_of(category)] += n
    return counted


def _negative(counted: Counter[str]) -> float | None:
    judged = sum(n for outcome, n in counted.items() if outcome != "unjudged")
    return _share(sum(counted[category] for category in NEGATIVE), judged)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _median(values: Iterable[float]) -> float | None:
    known = list(values)
    return median(known) if known else None


def _answer_times(since: datetime, until: datetime) -> list[tuple[float, bool]]:
    """Per first answer in this span: seconds from post to answer, and whether it came in time."""
    answered = Case.objects.filter(first_responded_at__gt=since, first_responded_at__lte=until)
    rows = answered.order_by().values_list("posted_at", "first_responded_at", "first_due_at")
    return [
        ((responded - posted).total_seconds(), responded <= due)
        for posted, responded, due in rows
        if responded and due
    ]


def _n_worse() -> int:
    """Watches above calm, and alarms on cases without a watch."""
    rising = Watch.objects.filter(ended_at=None, level__gte=Level.WORSENING).count()
    return rising + Escalation.objects.filter(resolved_at=None, watch=None, cause="danger").count()


def _columns(cases: QuerySet[Case], *, since: datetime, until: datetime, width: timedelta) -> list[Column]:
    """Posts per column and outcome, counted by the database in one pass."""
    starts = [since + i * width for i in range(round((until - since) / width))]
    ends = [*starts[1:], until]
    per_column = {
        f"n_{i}": Count("pk", filter=Q(posted_at__gt=start, posted_at__lte=end))
        for i, (start, end) in enumerate(zip(starts, ends, strict=True))
    }
    counted: list[Counter[str]] = [Counter() for _ in starts]
    for category, *numbers in cases.order_by().values_list("category").annotate(**per_column):
        for counts, n in zip(counted, numbers, strict=True):
            counts[outcome_of(category)] += n
    return [Column(start, dict(+counts)) for start, counts in zip(starts, counted, strict=True)]


def _outcomes(
    cases: QuerySet[Case], counted: Counter[str], *, since: datetime, until: datetime
) -> list[Outcome]:
    times: dict[str, list[float]] = {}
    answered = cases.exclude(first_responded_at=None).order_by()
    for category, posted, responded in answered.values_list("category", "posted_at", "first_responded_at"):
        if responded:
            times.setdefault(outcome_of(category), []).append((responded - posted).total_seconds())
    chosen: dict[str, list[bool]] = {}
    choices = Assessment.objects.filter(
        case__posted_at__gt=since, case__posted_at__lte=until, follows_advice__isnull=False
    ).order_by()
    for category, follows in choices.values_list("case__category", "follows_advice"):
        chosen.setdefault(outcome_of(category), []).append(bool(follows))
    return [
        Outcome(
            category=outcome,
            n=counted[outcome],
            n_answered=len(times.get(outcome, [])),
            median_s=_median(times.get(outcome, [])),
            followed=_share(sum(chosen.get(outcome, [])), len(chosen.get(outcome, []))),
        )
        for outcome in (*SCHEME, "outside", "unjudged")
    ]


def _workload(since: datetime) -> list[tuple[str, int, int]]:
    """Per person: posts judged and replies chosen in this span."""
    judged: Counter[str] = Counter()
    replied: Counter[str] = Counter()
    done = Assessment.objects.filter(completed_at__gt=since, by__isnull=False).select_related("by")
    for assessment in done.order_by()[:5000]:
        judged[str(assessment.by)] += 1
        replied[str(assessment.by)] += bool(assessment.wants_answer)
    return [(name, n, replied[name]) for name, n in judged.most_common(12)]
