"""Adds what was heard to the counts of open watches, in the transaction that stores it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from cases.models import Watch, WatchCount
from cases.rules.cues import cues
from cases.rules.worsening import bucket_of
from monitoring.connectors.base import Mention
from monitoring.store import StoredPost


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
    """Count posts for the watches on their threads, by event time, and make those watches due."""
    by_thread: dict[tuple[str, str], list[StoredPost]] = defaultdict(list)
    for post in posts:
        by_thread[post.mention.platform, post.thread_id].append(post)
    threads = [thread for _, thread in by_thread]
    watches = Watch.objects.filter(ended_at=None, thread_id__in=threads).order_by("pk")
    for watch in watches:
        added: dict[int, _Added] = defaultdict(_Added)
        for post in by_thread.get((watch.platform, watch.thread_id), ()):
            added[bucket_of(post.mention.posted_at, arrived_at=now)].add(post.mention)
        for bucket, sums in added.items():
            _add(watch, bucket, sums)
        if added:
            Watch.objects.filter(pk=watch.pk).update(evaluate_at=now)


def _add(watch: Watch, bucket: int, sums: _Added) -> None:
    WatchCount.objects.bulk_create([WatchCount(watch=watch, bucket=bucket)], ignore_conflicts=True)
    WatchCount.objects.filter(watch=watch, bucket=bucket).update(
        n=F("n") + sums.n,
        n_negative=F("n_negative") + sums.n_negative,
        reach=F("reach") + sums.reach,
        is_unknown=False,
    )
