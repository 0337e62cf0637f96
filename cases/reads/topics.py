"""Incident mode: the topics of a situation instead of its posts, what is most pressing first.

A topic is a lead with its near-copies. Four sections: danger, questions, what grows, and the rest. Counts are
exact and come from the indexes; of each section one page of topics is read, however many there are.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Count, Max, Q, QuerySet, Sum

from cases import carried
from cases.models import Case, CaseClaim, Claim, Situation, User
from cases.rules.workflow import State

PAGE, FIRST = 40, 12
"""Topics on a page of one section, and of each when all are shown."""

RECENT = timedelta(minutes=15)

MANY = 5
"""So many copies within a quarter of an hour, and more than in the one before: it grows."""

MOST_GROWING = 200


class Section(StrEnum):
    """In the order in which they are read."""

    DANGER = "danger"
    QUESTIONS = "questions"
    GROWING = "growing"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Topic:
    """One story: its first post, how often it was told, and how often in the last quarter of an hour."""

    id: int
    text: str
    language: str
    platform: str
    author: str
    is_urgent: bool
    asks: bool
    n_posts: int
    n_recent: int
    n_before: int
    first_at: datetime
    last_at: datetime
    platforms: Sequence[str]
    n_shares: int
    taken_by: str
    is_new: bool
    claims: Sequence[Claim]


@dataclass(frozen=True, slots=True)
class Listed:
    """A section with one page of its topics; `after` = where the next page starts, "" = no more."""

    section: Section
    n_topics: int
    n_posts: int
    topics: Sequence[Topic] = ()
    after: str = ""


@dataclass(frozen=True, slots=True)
class Topics:
    """What nobody has read of a situation yet. `newest`: the highest case there is, for the next look."""

    n_topics: int
    n_posts: int
    n_all: int
    sections: Sequence[Listed]
    newest: int


@dataclass(frozen=True, slots=True)
class Sieve:
    """What is looked at: one section from a place on, or all; only what says something new since a look."""

    section: Section | None = None
    after: str = ""
    only_new: bool = False
    since: int = 0


@dataclass(slots=True)
class _Growth:
    """How often each story was told in the last quarter of an hour, in the one before, and last when."""

    recent: dict[int, int] = field(default_factory=dict)
    before: dict[int, int] = field(default_factory=dict)
    last_at: dict[int, datetime] = field(default_factory=dict)

    @property
    def growing(self) -> list[int]:
        found = [pk for pk, n in self.recent.items() if n >= MANY and n > self.before.get(pk, 0)]
        return sorted(found, key=lambda pk: -self.recent[pk])[:MOST_GROWING]


def topics(user: User, situation: Situation, *, now: datetime, sieve: Sieve = Sieve()) -> Topics:
    """What is unread of a situation, by section; the number of queries does not grow with it."""
    waiting = unread(situation)
    if sieve.only_new:
        waiting = waiting.filter(pk__gt=sieve.since).exclude(pk__in=_known(situation))
    growth = _growth(situation, now=now)
    rising = {*growth.growing, *_unchecked(situation)}
    parts = _parts(waiting, rising)
    counts = _counts(waiting, rising)
    wanted = [sieve.section] if sieve.section else list(Section)
    sections = [_listed(user, each, parts[each], counts[each], growth, sieve, now=now) for each in wanted]
    n_topics, n_posts = (sum(part[n] for part in counts.values()) for n in (0, 1))
    newest = Case.objects.aggregate(newest=Max("pk"))["newest"] or 0
    return Topics(n_topics, n_posts, situation.cases.count(), sections, newest)


def unread(situation: Situation) -> QuerySet[Case]:
    """The topics of a situation that nobody has judged: leads and posts that stand alone."""
    return Case.objects.filter(situation=situation, state=State.NEW)


def largest(case_ids: Collection[int], *, most: int) -> list[Case]:
    """Of these topics those that were told most often, with their posts."""
    some = Case.objects.filter(pk__in=list(case_ids)[:5000]).select_related("post")
    return list(some.order_by("-n_copies", "pk")[:most])


def n_unread(situation: Situation) -> tuple[int, int]:
    """How many topics, and posts with all their copies, nobody has judged."""
    found = unread(situation).aggregate(n=Count("pk"), told=Sum("n_copies"))
    return found["n"], found["n"] + (found["told"] or 0)


def per_situation(situations: Collection[int]) -> dict[int, tuple[int, int]]:
    """As `n_unread`, of many at once."""
    rows = Case.objects.filter(situation__in=situations, state=State.NEW).values_list("situation")
    found = rows.annotate(n=Count("pk"), told=Sum("n_copies")).order_by()
    return {pk: (n, n + (copies or 0)) for pk, n, copies in found if pk is not None}


def _parts(waiting: QuerySet[Case], rising: Collection[int]) -> Mapping[Section, QuerySet[Case]]:
    # `IN (false)` where `NOT is_urgent` would keep the databases from the order of the index.
    calm = waiting.filter(is_urgent__in=[False])
    return {
        Section.DANGER: waiting.filter(is_urgent__in=[True]),
        Section.QUESTIONS: calm.filter(asks__in=[True]),
        Section.GROWING: calm.filter(asks__in=[False], pk__in=rising),
        Section.REST: calm.filter(asks__in=[False]).exclude(pk__in=rising),
    }


def _counts(waiting: QuerySet[Case], rising: Collection[int]) -> dict[Section, tuple[int, int]]:
    """Topics and posts of each section: all of them in two statements."""
    rows = waiting.order_by().values_list("is_urgent", "asks").annotate(n=Count("pk"), told=Sum("n_copies"))
    told = {(urgent, asks): (n, n + (copies or 0)) for urgent, asks, n, copies in rows}
    nothing = (0, 0)
    urgent = [told.get((True, asks), nothing) for asks in (True, False)]
    calm = told.get((False, False), nothing)
    growing = waiting.filter(is_urgent=False, asks=False, pk__in=rising)
    grown = growing.aggregate(n=Count("pk"), told=Sum("n_copies")) if rising else {"n": 0, "told": 0}
    up = (grown["n"], grown["n"] + (grown["told"] or 0))
    return {
        Section.DANGER: (sum(n for n, _ in urgent), sum(n for _, n in urgent)),
        Section.QUESTIONS: told.get((False, True), nothing),
        Section.GROWING: up,
        Section.REST: (calm[0] - up[0], calm[1] - up[1]),
    }


def _listed(
    user: User,
    section: Section,
    cases: QuerySet[Case],
    counted: tuple[int, int],
    growth: _Growth,
    sieve: Sieve,
    *,
    now: datetime,
) -> Listed:
    """One page of a section: what was told most stands first; danger, who waits longest."""
    if not counted[0]:
        return Listed(section, *counted)
    order = ("pk",) if section is Section.DANGER else ("-n_copies", "pk")
    size = PAGE if sieve.section else FIRST
    rows = list(
        _after(cases, sieve.after, section)
        .select_related("post__author", "taken_by")
        .order_by(*order)[: size + 1]
    )
    shown = rows[:size]
    if section is Section.GROWING:
        shown.sort(key=lambda case: (-growth.recent.get(case.pk, 0), -case.n_copies, case.pk))
    claims = carried.claims_of([case.pk for case in shown])
    last = rows[size - 1] if len(rows) > size else None
    after = f"{last.n_copies}_{last.pk}" if last else ""
    told = [_topic(case, claims.get(case.pk, ()), growth, sieve, user, now=now) for case in shown]
    return Listed(section, *counted, topics=told, after=after)


def _after(cases: QuerySet[Case], token: str, section: Section) -> QuerySet[Case]:
    """The rows behind a place that was read; a token that is not ours is the beginning."""
    n, _mark, pk = token.partition("_")
    if not (n.isdecimal() and pk.isdecimal() and len(token) < 40):
        return cases
    if section is Section.DANGER:
        return cases.filter(pk__gt=int(pk))
    return cases.filter(Q(n_copies__lt=int(n)) | Q(n_copies=int(n), pk__gt=int(pk)))


def _topic(
    case: Case, claims: Sequence[Claim], growth: _Growth, sieve: Sieve, user: User, *, now: datetime
) -> Topic:
    is_held = case.taken_until is not None and case.taken_until > now and case.taken_by_id != user.pk
    author = case.post.author
    return Topic(
        id=case.pk,
        text=case.post.text,
        language=case.post.language,
        platform=case.post.platform,
        author=(author.name or author.handle) if author else "",
        is_urgent=case.is_urgent,
        asks=case.asks,
        n_posts=case.n_copies + 1,
        n_recent=growth.recent.get(case.pk, 0),
        n_before=growth.before.get(case.pk, 0),
        first_at=case.posted_at,
        last_at=growth.last_at.get(case.pk, case.posted_at),
        platforms=(case.post.platform,),
        n_shares=case.post.n_shares,
        taken_by=str(case.taken_by) if is_held else "",
        is_new=bool(sieve.since) and case.pk > sieve.since,
        claims=claims,
    )


def _growth(situation: Situation, *, now: datetime) -> _Growth:
    """Copies by story over the last half hour, from the index of a situation by time alone."""
    since = now - 2 * RECENT
    copies = Case.objects.filter(situation=situation, opened_at__gt=since, lead__isnull=False)
    rows = (
        copies.order_by()
        .values_list("lead")
        .annotate(
            n=Count("pk"), recent=Count("pk", filter=Q(opened_at__gt=now - RECENT)), last=Max("opened_at")
        )
    )
    growth = _Growth()
    for lead_id, n, recent, last_at in rows:
        growth.recent[lead_id], growth.before[lead_id] = recent, n - recent
        growth.last_at[lead_id] = last_at
    return growth


def _unchecked(situation: Situation) -> list[int]:
    """Topics that carry a claim which nobody has checked: a rumour, however few tell it."""
    carriers = CaseClaim.objects.filter(case__situation=situation, claim__status=Claim.Status.UNVERIFIED)
    return list(carriers.values_list("case_id", flat=True)[:MOST_GROWING])


def _known(situation: Situation) -> QuerySet[CaseClaim]:
    """Topics that carry a claim which was decided: they say nothing new."""
    decided = CaseClaim.objects.filter(case__situation=situation).exclude(
        claim__status=Claim.Status.UNVERIFIED
    )
    return decided.values("case")  # type: ignore[return-value]
