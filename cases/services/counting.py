"""Adds what was heard to the counts of open watches, in the transaction that stores it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from cases.models import Watch, WatchCount
from cases.rules.cues import cues
from cases.rules.worsening import bucket_of
from monitoring import bulk
from monitoring.connectors.base import Mention
from monitoring.store import StoredPost

COUNT_FIELDS = ("watch_id", "bucket", "n", "n_negative", "reach", "is_unknown")
ADD = (
    "ON CONFLICT (watch_id, bucket) DO UPDATE SET n = cases_watchcount.n + excluded.n, "
    "n_negative = cases_watchcount.n_negative + excluded.n_negative, "
    "reach = cases_watchcount.reach + excluded.reach, is_unknown = excluded.is_unknown"
)


@dataclass(slots=True)
class _Added:
    n: int = 0
    n_negative: int = 0
    reach: int = 0

    def add(self, mention: Mention) -> None:
        self.n += 1
        self.n_negative += bool(cues(mention.text))
        self.reach += (mention.author.followers or 0) if mention.author else 0


def count(posts: Iterable[StoredPost], *, now: datetime) -> None:
    """Count posts for the watches on their threads, by event time, and make those watches due.

    The watches are held first and their counts written after, in the order of their keys: as an
    evaluation does, so that two workers never hold what the other wants.
    """
    with transaction.atomic(savepoint=False):
        _count(posts, now=now)


def _count(posts: Iterable[StoredPost], *, now: datetime) -> None:
    by_thread: dict[tuple[str, str], list[StoredPost]] = defaultdict(list)
    for post in posts:
        by_thread[post.mention.platform, post.thread_id].append(post)
    threads = [thread for _, thread in by_thread]
    watches = Watch.objects.select_for_update().filter(ended_at=None, thread_id__in=threads).order_by("pk")
    added: dict[tuple[int, int], _Added] = defaultdict(_Added)
    for watch_id, *thread in watches.values_list("pk", "platform", "thread_id"):
        for post in by_thread.get((thread[0], thread[1]), ()):
            added[watch_id, bucket_of(post.mention.posted_at, arrived_at=now)].add(post.mention)
    if added:
        rows = [
            (*key, sums.n, sums.n_negative, sums.reach, False)
            for key, sums in sorted(added.items(), key=lambda item: item[0])
        ]
        bulk.upsert(WatchCount, COUNT_FIELDS, rows, on_conflict=ADD)
        due = sorted({watch_id for watch_id, _ in added})
        bulk.update(Watch, ("evaluate_at",), [(now, watch_id) for watch_id in due])
