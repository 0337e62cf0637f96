"""Incident mode: the topics of a situation instead of its posts, what is most pressing first.

A topic is a lead with its near-copies. Four sections: danger, questions, what grows, and the rest. Counts are
exact and come from the indexes; of each section one page of topics is read, however many there are.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from cases import carried
from cases.models import Case, CaseClaim, Claim, Situation, User
from cases.reads.growth import MOST_GROWING, Growth, growth_of
from cases.rules.workflow import State

PAGE, FIRST = 40, 12
"""Topics on a page of one section, and of each when all are shown."""

COLUMNS = (
    *("pk", "is_urgent", "asks", "n_copies", "posted_at", "taken_by", "taken_until"),
    *("post__text", "post__language", "post__platform", "post__n_shares"),
    *("post__author__name", "post__author__handle"),
)
"""What the row of a topic shows."""

LARGEST = 2**63 - 1
"""No number that a place names is read as a larger one."""


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
    sections: Sequence[Listed]
    newest: int


@dataclass(frozen=True, slots=True)
class Sieve:
    """What is looked at: one section from a place on, or all; only what says something new since a look."""

    section: Section | None = None
    after: str = ""
    only_new: bool = False
    since: int = 0


def topics(user: User, situation: Situation, *, now: datetime, sieve: Sieve = Sieve()) -> Topics:
    """What is unread of a situation, by section; the number of queries does not grow with it."""
    waiting = unread(situation)
    if sieve.only_new:
        waiting = waiting.filter(pk__gt=sieve.since).exclude(pk__in=_known(situation))
    growth = growth_of(situation, now=now)
    rising = _rising({*growth.growing, *_unchecked(situation)}, situation, sieve)
    counts = _counts(waiting, rising)
    wanted = [sieve.section] if sieve.section else list(Section)
    places = {each: _place(each, waiting, rising, sieve) if counts[each][0] else [] for each in wanted}
    rows = _read([case_id for place in places.values() for case_id, _n in place])
    claims = carried.linked_to(list(rows))  # what is unread is no copy
    names = _holders(rows.values(), user, now=now)
    told = {pk: _topic(row, claims.get(pk, ()), growth, sieve, names) for pk, row in rows.items()}
    sections = [_listed(each, counts[each], places[each], told, growth, sieve) for each in wanted]
    n_topics, n_posts = (sum(part[n] for part in counts.values()) for n in (0, 1))
    newest = Case.objects.aggregate(newest=Max("pk"))["newest"] or 0
    return Topics(n_topics, n_posts, sections, newest)


def unread(situation: Situation) -> QuerySet[Case]:
    """The topics of a situation that nobody has judged: leads and posts that stand alone."""
    return Case.objects.filter(situation=situation, state=State.NEW)


def largest(case_ids: Collection[int], *, most: int) -> list[Case]:
    """Of these topics those that were told most often, with their posts."""
    some = Case.objects.filter(pk__in=list(case_ids)[:5000]).select_related("post")
    return list(some.order_by("-n_copies", "pk")[:most])


def n_unread(situation: Situation) -> tuple[int, int]:
    """How many topics, and posts with all their copies, nobody has judged."""
    found = unread(situation).aggregate(n=Count("*"), told=Sum("n_copies"))
    return found["n"], found["n"] + (found["told"] or 0)


def per_situation(situations: Collection[int]) -> dict[int, tuple[int, int]]:
    """As `n_unread`, of many at once."""
    rows = Case.objects.filter(situation__in=situations, state=State.NEW).values_list("situation")
    found = rows.annotate(n=Count("*"), told=Sum("n_copies")).order_by()
    return {pk: (n, n + (copies or 0)) for pk, n, copies in found if pk is not None}


def _rising(found: Collection[int], situation: Situation, sieve: Sieve) -> dict[int, int]:
    """Of these the calm topics that nobody has read, with their copies.

    Looked up by their numbers and sorted out here: asked for both, SQLite reads the whole situation.
    """
    rows = Case.objects.filter(pk__in=found).values_list(
        "pk", "n_copies", "state", "situation_id", "is_urgent", "asks"
    )
    calm = (State.NEW, situation.pk, False, False)
    rising = {pk: n for pk, n, *about in rows if tuple(about) == calm}
    if not sieve.only_new:
        return rising
    known = set(_known(situation).filter(case__in=rising).values_list("case_id", flat=True))
    return {pk: n for pk, n in rising.items() if pk > sieve.since and pk not in known}


def _counts(waiting: QuerySet[Case], rising: Mapping[int, int]) -> dict[Section, tuple[int, int]]:
    """Topics and posts of each section: all of them in one statement."""
    rows = waiting.order_by().values_list("is_urgent", "asks").annotate(n=Count("*"), told=Sum("n_copies"))
    told = {(urgent, asks): (n, n + (copies or 0)) for urgent, asks, n, copies in rows}
    nothing = (0, 0)
    urgent = [told.get((True, asks), nothing) for asks in (True, False)]
    calm = told.get((False, False), nothing)
    up = (len(rising), len(rising) + sum(rising.values()))
    return {
        Section.DANGER: (sum(n for n, _ in urgent), sum(n for _, n in urgent)),
        Section.QUESTIONS: told.get((False, True), nothing),
        Section.GROWING: up,
        Section.REST: (calm[0] - up[0], calm[1] - up[1]),
    }


def _place(
    section: Section, waiting: QuerySet[Case], rising: Mapping[int, int], sieve: Sieve
) -> list[tuple[int, int]]:
    """One page of a section and one more, as (case, copies): most told first; danger, longest first."""
    size = _size(sieve)
    if section is Section.GROWING:
        return _behind(sorted(rising.items(), key=lambda row: (-row[1], row[0])), sieve.after)[: size + 1]
    # `IN (false)` where `NOT is_urgent` would keep the databases from the order of the index.
    calm = waiting.filter(is_urgent__in=[False])
    cases = {
        Section.DANGER: waiting.filter(is_urgent__in=[True]),
        Section.QUESTIONS: calm.filter(asks__in=[True]),
        Section.REST: calm.filter(asks__in=[False]).exclude(pk__in=rising),
    }[section]
    order = ("pk",) if section is Section.DANGER else ("-n_copies", "pk")
    rows = _after(cases, sieve.after, section).order_by(*order).values_list("pk", "n_copies")
    return list(rows[: size + 1])


def _size(sieve: Sieve) -> int:
    return PAGE if sieve.section else FIRST


def _read(case_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """What a row shows and no more: of four dozen topics a page would make two hundred objects."""
    rows = Case.objects.filter(pk__in=case_ids).values(*COLUMNS) if case_ids else ()
    return {row["pk"]: row for row in rows}


def _holders(rows: Iterable[Mapping[str, Any]], user: User, *, now: datetime) -> dict[int, str]:
    """Which of these cases somebody else is at now, and that person's name."""
    held = {row["pk"]: row["taken_by"] for row in rows if row["taken_until"] and row["taken_until"] > now}
    others = {pk: person for pk, person in held.items() if person != user.pk}
    people = User.objects.in_bulk(set(others.values())) if others else {}
    return {pk: str(people[person]) for pk, person in others.items() if person in people}


def _listed(
    section: Section,
    counted: tuple[int, int],
    place: Sequence[tuple[int, int]],
    told: Mapping[int, Topic],
    growth: Growth,
    sieve: Sieve,
) -> Listed:
    size = _size(sieve)
    shown = [told[pk] for pk, _n in place[:size] if pk in told]
    if section is Section.GROWING:
        shown.sort(key=lambda topic: (-topic.n_recent, -topic.n_posts, topic.id))
    pk, n = place[size - 1] if len(place) > size else (0, 0)
    return Listed(section, *counted, topics=shown, after=f"{n}_{pk}" if pk else "")


def _token(token: str) -> tuple[int, int] | None:
    """Copies and case of the place that a token names; None for one that is not ours."""
    n, _mark, pk = token.partition("_")
    is_ours = n.isdecimal() and pk.isdecimal() and len(token) < 40
    return (min(int(n), LARGEST), min(int(pk), LARGEST)) if is_ours else None


def _behind(rows: Sequence[tuple[int, int]], token: str) -> list[tuple[int, int]]:
    found = _token(token)
    return [(pk, n) for pk, n in rows if found is None or (-n, pk) > (-found[0], found[1])]


def _after(cases: QuerySet[Case], token: str, section: Section) -> QuerySet[Case]:
    """The rows behind a place that was read; a token that is not ours is the beginning."""
    found = _token(token)
    if found is None:
        return cases
    n, pk = found
    if section is Section.DANGER:
        return cases.filter(pk__gt=pk)
    return cases.filter(Q(n_copies__lt=n) | Q(n_copies=n, pk__gt=pk))


def _topic(
    row: Mapping[str, Any], claims: Sequence[Claim], growth: Growth, sieve: Sieve, names: Mapping[int, str]
) -> Topic:
    pk, platform = row["pk"], row["post__platform"]
    return Topic(
        id=pk,
        text=row["post__text"],
        language=row["post__language"],
        platform=platform,
        author=row["post__author__name"] or row["post__author__handle"] or "",
        is_urgent=row["is_urgent"],
        asks=row["asks"],
        n_posts=row["n_copies"] + 1,
        n_recent=growth.recent.get(pk, 0),
        n_before=growth.before.get(pk, 0),
        first_at=row["posted_at"],
        last_at=growth.last_at.get(pk, row["posted_at"]),
        platforms=(platform,),
        n_shares=row["post__n_shares"],
        taken_by=names.get(pk, ""),
        is_new=bool(sieve.since) and pk > sieve.since,
        claims=claims,
    )


def _unchecked(situation: Situation) -> list[int]:
    """Topics that carry a claim which nobody has checked: a rumour, however few tell it."""
    # Claims are few: asked for by their numbers, else a database may begin with every case there is.
    open_claims = Claim.objects.filter(status=Claim.Status.UNVERIFIED).values_list("pk", flat=True)
    carriers = CaseClaim.objects.filter(case__situation=situation, claim__in=list(open_claims))
    return list(carriers.values_list("case_id", flat=True)[:MOST_GROWING])


def _known(situation: Situation) -> QuerySet[CaseClaim]:
    """Topics that carry a claim which was decided: they say nothing new."""
    decided = CaseClaim.objects.filter(case__situation=situation).exclude(
        claim__status=Claim.Status.UNVERIFIED
    )
    return decided.values("case")  # type: ignore[return-value]
