"""Which posts of a source are due to be looked up again: by their age, without a row for each of them.

`Source.refreshed` holds, by age in seconds, the number of the last post that was looked up at that age.
Posts are numbered in the order in which we stored them, so one number says how far an age has come. Three
names stand beside the ages: `again` (posts to look up now), `absent` (posts that were not there once, with
the moment) and `watched_at`.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitoring.models import Post, Source

HOUR, DAY = 3600, 86_400
AGES = (300, 1800, 2 * HOUR, 12 * HOUR, *(day * DAY for day in range(1, 15)))
"""Seconds after we stored a post; after the last one it is left alone."""

SPANS = tuple(zip(AGES, (*AGES[1:], AGES[-1] + DAY), strict=True))

BATCH = 100
MOST_REMEMBERED = 500


@dataclass(frozen=True, slots=True)
class Batch:
    """Posts to look up at once, as (number, canonical id); `age` and `reached` say how far that brings it."""

    posts: tuple[tuple[int, str], ...]
    age: int = 0
    reached: int = 0


def batches(source: Source, watched: Collection[int], *, now: datetime) -> Iterator[Batch]:
    """What is due, the most wanted first: posts asked for, watched ones, then each age.

    Which age comes first changes with the minute: where there is more than can be looked up, no age
    is left out for ever.
    """
    asked = {*source.refreshed.get("again", ()), *map(int, source.refreshed.get("absent", ()))}
    for wanted in (sorted(asked)[:BATCH], sorted(set(watched) - asked, reverse=True)[:BATCH]):
        if wanted:  # heard by this source, though another one may have brought them first
            found = Post.objects.filter(pk__in=wanted).values_list("pk", "canonical_id")
            yield Batch(tuple(found))
    first = int(now.timestamp()) // 60 % len(AGES)
    for age, next_age in (*SPANS[first:], *SPANS[:first]):
        batch = _aged(source, age, next_age, now=now)
        if batch:
            yield batch


def ask_again(source_id: int, post_ids: Sequence[int], *, now: datetime) -> None:
    """Look these posts up at once, in the caller's transaction."""
    source = Source.objects.select_for_update().get(pk=source_id)
    wanted = list(dict.fromkeys([*source.refreshed.get("again", ()), *post_ids]))
    source.refreshed["again"] = wanted[-MOST_REMEMBERED:]
    Source.objects.filter(pk=source_id).update(refreshed=source.refreshed, next_refresh_at=now)


def after(
    refreshed: dict[str, Any], batch: Batch, absent: Collection[int], *, now: datetime
) -> dict[str, Any]:
    """What is remembered once a batch was looked up; `absent`: its posts that were not there, once."""
    done = {post_id for post_id, _ in batch.posts}
    kept = {post_id: at for post_id, at in refreshed.get("absent", {}).items() if int(post_id) not in done}
    kept |= {str(post_id): now.isoformat() for post_id in absent}
    reached = {str(batch.age): batch.reached} if batch.age else {}
    again = [post_id for post_id in refreshed.get("again", ()) if post_id not in done]
    newest = dict(list(kept.items())[-MOST_REMEMBERED:])
    return {**refreshed, **reached, "again": again, "absent": newest}


def _aged(source: Source, age: int, next_age: int, *, now: datetime) -> Batch | None:
    """The next posts that have come to an age; those that are past the next age wait for that one.

    Without posts when there is only something to pass over.
    """
    youngest, oldest = now - timedelta(seconds=age), now - timedelta(seconds=next_age)
    reached = source.refreshed.get(str(age), 0)
    rows = _rows(source, reached)
    if rows and rows[0][2] <= oldest:
        reached = _last_before(source, reached, oldest)
        rows = _rows(source, reached)
    due = tuple((post_id, canonical_id) for post_id, canonical_id, at in rows if at <= youngest)
    if not due and reached == source.refreshed.get(str(age), 0):
        return None
    return Batch(due, age, due[-1][0] if due else reached)


def _rows(source: Source, after: int) -> list[tuple[int, str, datetime]]:
    found = Post.objects.filter(source=source, pk__gt=after).order_by("pk")
    return list(found.values_list("pk", "canonical_id", "fetched_at")[:BATCH])


def _last_before(source: Source, low: int, moment: datetime) -> int:
    """The last post stored up to a moment, found by halves: a long history costs a few look-ups."""
    posts = Post.objects.filter(source=source)
    high = posts.order_by("-pk").values_list("pk", flat=True).first() or low
    while low < high:
        middle = (low + high) // 2
        row = posts.filter(pk__gt=middle).order_by("pk").values_list("pk", "fetched_at").first()
        if row and row[1] <= moment:
            low = row[0]
        else:
            high = middle
    return low
