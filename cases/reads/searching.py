"""All cases that match what somebody looks for: words, an author, a number, an address, what is known."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from cases import targets
from cases.models import Case, Task, User
from cases.reads.inbox import MAX_ID, PAGE, Listed, place_of, rows_of, token_of
from cases.rules.later import FIRST_YEAR, LAST_YEAR
from cases.rules.workflow import OPEN
from monitoring import search
from monitoring.models import Post
from monitoring.queries.looking import Term, holds, pattern_of, terms_of

FIRST, BLOCK = 400, 2000
"""Cases looked at before an index is asked, and at a time after it: a common word is soon met forty times."""

WIDER = 8
"""How much further back each stretch of time goes than the one before."""

SHORTEST = timedelta(minutes=1)

LONGEST = 500

Found = tuple[int, datetime]


@dataclass(frozen=True, slots=True)
class Filter:
    """What somebody looks for in all cases; "" or False = whatever it is.

    `assignee`: a username, "me" or "nobody". `since` and `until`: days on which it was posted.
    """

    text: str = ""
    state: str = ""
    category: str = ""
    platform: str = ""
    language: str = ""
    assignee: str = ""
    priority: str = ""
    since: str = ""
    until: str = ""
    is_overdue: bool = False
    is_snoozed: bool = False
    has_promise: bool = False

    @property
    def is_empty(self) -> bool:
        return self == Filter()

    def kept(self) -> dict[str, Any]:
        """Only what is asked, to keep or to put in an address."""
        return {name: value for name, value in asdict(self).items() if value}


NAMES = tuple(field.name for field in fields(Filter))


def filter_from(asked: Mapping[str, Any]) -> Filter:
    """A filter out of an address or a saved view; what is unknown or of another kind is not asked."""
    known: dict[str, Any] = {}
    for name in NAMES:
        value = asked.get(name, "")
        known[name] = bool(value) if name.startswith(("is_", "has_")) else str(value)[:LONGEST].strip()
    return Filter(**known)


def found(user: User, wanted: Filter, *, now: datetime, after: str = "") -> Listed:
    """One page of all cases that match, newest first."""
    listed = newest(user, wanted, now=now, most=PAGE + 1, after=after)
    pk, posted_at = listed[PAGE - 1] if len(listed) > PAGE else (0, now)
    token = token_of(posted_at, pk) if pk else ""
    return Listed(rows_of(user, [pk for pk, _ in listed[:PAGE]], now=now), token)


def newest(user: User, wanted: Filter, *, now: datetime, most: int, after: str = "") -> list[Found]:
    """The newest cases that match, at most `most`, with when each was posted.

    A common word is met on the way back in time. For others PostgreSQL is asked stretch by stretch,
    each much longer than the one before, so that what is read is little more than what is shown.
    SQLite looks a rare word up and sorts its hits by time. Neither reads all that is stored.
    """
    cases = _where(user, wanted, now=now)
    terms = terms_of(wanted.text)
    exact = [*_number(wanted.text), *search.by_permalink(wanted.text)]
    if exact:
        return _by_time(cases.filter(pk__in=exact), after=after, most=most)
    if not terms:
        return [] if wanted.text else _by_time(cases, after=after, most=most)
    walked, place = _walk(cases, terms, after=after, most=most, blocks=(FIRST,))
    if len(walked) >= most or place is None:
        return walked
    rest = most - len(walked)
    if connection.vendor == "postgresql" and (authors := search.authors(terms)) is not None:
        start = place_of(after)[0] if after else _by_time(cases, after="", most=1)[0][1]
        span = max(start - place_of(place)[0], SHORTEST)
        return [*walked, *_in_stretches(cases, terms, authors, after=place, span=span, most=rest)]
    ids = _looked_up(terms)
    if ids is not None:
        return [*walked, *_by_time(cases.filter(pk__in=_listed(ids)), after=place, most=rest)]
    more, _ = _walk(cases, terms, after=place, most=rest, blocks=_forever())
    return [*walked, *more]


def _in_stretches(
    cases: QuerySet[Case],
    terms: Sequence[Term],
    authors: Sequence[int],
    *,
    after: str,
    span: timedelta,
    most: int,
) -> list[Found]:
    """Hits in a stretch of time after the other, back to the oldest post; the first is WIDER than `span`."""
    oldest = Post.objects.order_by("posted_at").values_list("posted_at", flat=True).first()
    met: list[Found] = []
    before = place_of(after)
    while oldest and oldest <= before[0]:
        span *= WIDER
        since = max(oldest, before[0] - min(span, before[0] - oldest))
        hits = search.hits_between(terms, authors, since=since, before=before)
        ids = _listed([pk for pk, _ in hits])
        met += _by_time(cases.filter(pk__in=ids), after="", most=most - len(met)) if hits else []
        if len(met) == most or (since == oldest and len(hits) < search.MOST):
            break
        before = (hits[-1][1], hits[-1][0]) if len(hits) == search.MOST else (since, 0)
    return met


def _looked_up(terms: Sequence[Term]) -> list[int] | None:
    """The posts with these words in them or in the name of their author; None when there are many."""
    by_text, authors = search.hits(terms), search.authors(terms)
    if by_text is None or authors is None:
        return None
    by_author = list(Post.objects.filter(author__in=authors).values_list("pk", flat=True)[: search.MOST + 1])
    ids = {*by_text, *by_author}
    return sorted(ids) if len(ids) <= search.MOST else None


def _walk(
    cases: QuerySet[Case],
    terms: Sequence[Term],
    *,
    after: str,
    most: int,
    blocks: Iterator[int] | tuple[int, ...],
) -> tuple[list[Found], str | None]:
    """Hits met on the way back in time, and where the walk stopped; None at the end of time."""
    tests = tuple(map(pattern_of, terms))
    met: list[Found] = []
    for size in blocks:
        rows = _since(cases, after).order_by("-posted_at", "-pk")
        seen = list(
            rows.values_list("pk", "posted_at", "post__text", "post__author__name", "post__author__handle")[
                :size
            ]
        )
        for pk, posted_at, text, name, handle in seen:
            if holds(text, tests) or holds(f"{name or ''} {handle or ''}", tests):
                met.append((pk, posted_at))
                if len(met) == most:
                    return met, token_of(posted_at, pk)
        if len(seen) < size:
            return met, None
        after = token_of(seen[-1][1], seen[-1][0])
    return met, after


def _forever() -> Iterator[int]:
    while True:
        yield BLOCK


def _by_time(cases: QuerySet[Case], *, after: str, most: int) -> list[Found]:
    rows = _since(cases, after).order_by("-posted_at", "-pk")
    return list(rows.values_list("pk", "posted_at")[:most])


def _since(cases: QuerySet[Case], after: str) -> QuerySet[Case]:
    if not after:
        return cases
    posted_at, pk = place_of(after)
    return cases.filter(Q(posted_at__lt=posted_at) | Q(posted_at=posted_at, pk__lt=pk))


def _listed(ids: list[int]) -> RawSQL:
    """Many numbers as rows in one parameter: a statement with thousands of parameters is slow to read."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [ids])
    return RawSQL("SELECT value FROM json_each(%s)", [str(ids)])  # nosec B611 - a parameter


def _number(text: str) -> list[int]:
    """A case by its number. A number that is no case's is only a word."""
    words = text.strip().removeprefix("#")
    if not words.isdecimal() or len(words) > 18 or int(words) > MAX_ID:
        return []
    return list(Case.objects.filter(pk=int(words)).values_list("pk", flat=True))


def _where(user: User, wanted: Filter, *, now: datetime) -> QuerySet[Case]:
    cases = Case.objects.all()
    plain = {
        "state": "state",
        "category": "category",
        "platform": "post__platform",
        "language": "post__language",
    }
    cases = cases.filter(
        **{field: value for name, field in plain.items() if (value := getattr(wanted, name))}
    )
    if wanted.assignee == "nobody":
        cases = cases.filter(assignee=None)
    elif wanted.assignee:
        cases = (
            cases.filter(assignee=user)
            if wanted.assignee == "me"
            else cases.filter(assignee__username=wanted.assignee)
        )
    if wanted.priority:
        cases = cases.filter(is_urgent=wanted.priority == "urgent")
    if wanted.is_overdue:
        cases = cases.filter(due_at__lte=now, responded_at=None, state__in=targets.UNANSWERED)
    if wanted.is_snoozed:
        cases = cases.filter(snoozed_until__gt=now, state__in=[*OPEN])
    if wanted.has_promise:
        cases = cases.filter(Exists(Task.objects.filter(case=OuterRef("pk"), done_at=None)))
    return _within(cases, wanted)


def _within(cases: QuerySet[Case], wanted: Filter) -> QuerySet[Case]:
    """Those posted in a period; a day that is none does not narrow it."""
    since, until = _day(wanted.since), _day(wanted.until)
    if since:
        cases = cases.filter(posted_at__gte=since)
    if until:
        cases = cases.filter(posted_at__lt=until + timedelta(days=1))
    return cases


def _day(text: str) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return None
    return timezone.make_aware(datetime.combine(day, time()))
