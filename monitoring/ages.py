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

BATCH = 100
MOST_REMEMBERED = 500


@dataclass(frozen=True, slots=True)
class Batch:
    """Posts to look up at once, as (number, canonical id); `age` and `reached` say how far that brings it."""

    posts: tuple[tuple[int, str], ...]
    age: int = 0
    reached: int = 0


def batches(source: Source, watched: Collection[int], *, now: datetime) -> Iterator[Batch]:
    """What is due, the most wanted first: posts asked for, watched ones, then each age in turn."""
    asked = {*source.refreshed.get("again", ()), *map(int, source.refreshed.get("absent", ()))}
    for wanted in (sorted(asked)[:BATCH], sorted(set(watched) - asked, reverse=True)[:BATCH]):
        if wanted:
            found = Post.objects.filter(source=source, pk__in=wanted).values_list("pk", "canonical_id")
            yield Batch(tuple(found))
    for age, next_age in zip(AGES, (*AGES[1:], AGES[-1] + DAY), strict=True):
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
    """The next posts that have come to an age; those that are past the next age wait for that one."""
    youngest, oldest = now - timedelta(seconds=age), now - timedelta(seconds=next_age)
    found = Post.objects.filter(
        source=source, pk__gt=source.refreshed.get(str(age), 0), fetched_at__gt=oldest
    ).order_by("pk")
    posts = []
    for post_id, canonical_id, fetched_at in found.values_list("pk", "canonical_id", "fetched_at")[:BATCH]:
        if fetched_at > youngest:
            break
        posts.append((post_id, canonical_id))
    return Batch(tuple(posts), age, posts[-1][0]) if posts else None
