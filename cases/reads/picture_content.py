"""What an environment picture holds, counted and chosen by rule as a situation stands at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone

from cases.models import Case, Picture, Situation
from cases.reads.picture_said import alarms, answered, claims, duties
from cases.reads.picture_sources import sources
from cases.reads.picture_tone import tone
from cases.reads.picture_topics import topics
from cases.rules.masking import plain
from cases.rules.pictures import FORMAT, changes
from cases.rules.workflow import OPEN, State

HOUR = timedelta(hours=1)
STEPS = ((timedelta(hours=2), timedelta(minutes=5)), (timedelta(hours=26), HOUR))
"""How long the incident lasts, and how wide one column is; a longer one is shown by its last day."""

MOST_COLUMNS = 24


@dataclass(frozen=True, slots=True)
class Span:
    """What a picture looks at: all of the situation up to `until`, and what came after `since`."""

    since: datetime
    until: datetime
    with_names: bool = False


def collect(
    situation: Situation, before: Picture | None, *, reason_for_names: str = "", now: datetime
) -> dict[str, Any]:
    """The content of the next picture, compared with the one before it. About fifteen queries.

    Everything is what we had by `now`. Texts are masked, unless `reason_for_names` says why not.
    """
    since = before.cutoff_at if before else min(situation.began_at, now)
    span = Span(since, now, with_names=bool(reason_for_names))
    cases = cases_of(situation, until=now)
    volume = _volume(cases, situation, span)
    stories = topics(cases, span)
    said, rings = claims(situation, span), alarms(situation, span)
    told = answered(situation, cases, span)
    content: dict[str, Any] = {
        "format": FORMAT,
        "situation": _situation(situation),
        "since": since.isoformat(),
        "previous": before.n if before else None,
        "names": {"shown": bool(reason_for_names), "reason": reason_for_names},
        "volume": volume,
        "topics": stories,
        "claims": said,
        "tone": tone(cases, span),
        "answered": told,
        "alarms": rings,
        "duties": duties(situation, span),
        "sources": sources(span, platforms={each["platform"] for each in volume["platforms"]}),
    }
    content["figures"] = _figures(cases, volume, told, n_topics=stories["n"], n_alarms=rings["n"])
    content["changes"] = changes(before.content if before else None, content)
    return content


def cases_of(situation: Situation, *, until: datetime) -> QuerySet[Case]:
    """The cases of a situation, copies too, that we had by then."""
    return Case.objects.filter(situation=situation, opened_at__lte=until).order_by()


def _situation(situation: Situation) -> dict[str, Any]:
    newest = situation.key_messages.select_related("by").order_by("-n").first()
    level, owner = situation.level, situation.owner
    return {
        "name": plain(situation.name),
        "about": plain(situation.about),
        "level": str(level) if level else "",
        "owner": str(owner) if owner else "",
        "began_at": situation.began_at.isoformat(),
        "word_due_at": situation.word_due_at.isoformat() if situation.word_due_at else None,
        "is_locked": situation.is_locked,
        "key_message": {
            "n": newest.n,
            "text": newest.text,
            "by": str(newest.by or ""),
            "at": newest.at.isoformat(),
        }
        if newest
        else None,
    }


def _figures(
    cases: QuerySet[Case], volume: Mapping[str, Any], told: Mapping[str, Any], *, n_topics: int, n_alarms: int
) -> dict[str, int]:
    states = dict(cases.values_list("state").annotate(n=Count("pk")))
    return {
        "posts": volume["n"],
        "people": volume["n_people"],
        "last_hour": volume["n_last_hour"],
        "topics": n_topics,
        "open": sum(states.get(state, 0) for state in OPEN),
        "unread": states.get(State.NEW, 0),
        "answered": told["n_posts"],
        "alarms": n_alarms,
    }


def _volume(cases: QuerySet[Case], situation: Situation, span: Span) -> dict[str, Any]:
    """Counts per platform and over time in one pass of the database, and reach in another."""
    starts, step = _columns(situation.began_at, span.until)
    ends = [*starts[1:], span.until + timedelta(microseconds=1)]
    counts = {f"n_{i}": _in(start, end) for i, (start, end) in enumerate(zip(starts, ends, strict=True))}
    rows = list(
        cases.values_list("post__platform").annotate(
            n=Count("pk"),
            n_hour=_in(span.until - HOUR, span.until + timedelta(microseconds=1)),
            n_before=_in(span.until - 2 * HOUR, span.until - HOUR),
            n_fresh=Count("pk", filter=Q(opened_at__gt=span.since)),
            **counts,
        )
    )
    columns = [sum(column) for column in zip(*(row[5:] for row in rows), strict=True)]
    platforms = sorted(({"platform": row[0], "n": row[1]} for row in rows), key=lambda each: -int(each["n"]))
    return {
        "n": sum(row[1] for row in rows),
        "n_last_hour": sum(row[2] for row in rows),
        "n_hour_before": sum(row[3] for row in rows),
        "n_fresh": sum(row[4] for row in rows),
        "platforms": platforms,
        "series": {
            "step_s": round(step.total_seconds()),
            "starts": [start.isoformat() for start in starts],
            "counts": columns or [0] * len(starts),
        },
        **_reach(cases),
    }


def _in(start: datetime, end: datetime) -> Count:
    return Count("pk", filter=Q(posted_at__gte=start, posted_at__lt=end))


def _reach(cases: QuerySet[Case]) -> dict[str, int]:
    """How many people wrote, and what others did with it, as far as platforms tell."""
    found = cases.aggregate(
        n_people=Count("post__author", distinct=True),
        n_reactions=Sum(F("post__n_replies") + F("post__n_shares") + F("post__n_likes")),
        n_views=Sum("post__n_views"),
        n_with_views=Count("post__n_views"),
    )
    return {name: int(value or 0) for name, value in found.items()}


def _columns(began_at: datetime, until: datetime) -> tuple[list[datetime], timedelta]:
    """The starts of the columns, at round times, and how wide they are."""
    lasts = max(until - began_at, timedelta(minutes=1))
    step = next((step for longest, step in STEPS if lasts <= longest), HOUR)
    local = timezone.localtime(until)
    end = local.replace(minute=0, second=0, microsecond=0)
    if step < HOUR:
        end = local.replace(minute=local.minute - local.minute % 5, second=0, microsecond=0)
    n = min(MOST_COLUMNS, ceil(lasts / step) + 1)
    return [end - i * step for i in reversed(range(n))], step
