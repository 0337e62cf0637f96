"""What a sweep must know of many watches before it judges them: read in a few queries for all at once."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Max

from cases import profiles
from cases.models import Watch, WatchCount, WatchedPost
from cases.rules.signs import Joined, Role
from cases.rules.tone import tone_of
from cases.rules.worsening import BUCKET_S, Series
from cases.services import flood
from cases.services.seen import HOUR, Counts, Sight, learns_from
from cases.services.tallying import judged_as
from cases.services.unseen import feeds, mark_unknown, read_up
from monitoring.models import Author

BUSY = 2000
"""Posts in the last hour above which they are summed up by the database, not read one by one."""

LOOKED_BACK = timedelta(hours=8)
"""So far counts are read when posts came late: six hours, and the hour under test before that."""


def look(watches: Sequence[Watch], *, now: datetime) -> list[Sight]:
    """What is to be known of these watches: at most seven queries, however many they are.

    The watches come with the source of their case, if they are on one. Buckets that cannot be seen are
    marked, and those that were read up after all are forgotten; the watches are held.
    """
    last = int(now.timestamp()) // BUCKET_S
    fed_by = feeds(watches)
    sights = []
    for watch in watches:
        unseen = fed_by[watch.pk].unseen_since(watch.started_at, now=now)
        sight = Sight(watch, Counts(), unseen.all_since, unseen.is_partly)
        sight.part_since, sight.sources = unseen.part_since, fed_by[watch.pk].sources
        sights.append(sight)
    _read_counts(sights, now=now)
    read_up(sights, last=last)
    mark_unknown(sights, now=now)
    active = {sight.watch.pk: sight for sight in sights if sight.counts.recent(last)}
    if active:
        busy = {pk for pk, sight in active.items() if sight.counts.recent(last) > BUSY}
        _read_recent({pk: sight for pk, sight in active.items() if pk not in busy}, last=last)
        for pk in sorted(busy):
            flood.read_busy(active[pk], last=last)
        _read_joined(active, last=last)
        _read_quiet(active, last=last)
    return sights


def counts_from(watch: Watch, *, now: datetime) -> int:
    """The first bucket to read: what is not learned yet, the windows under test, and what came late."""
    stored, started = watch.baseline, learns_from(watch)
    since = min(Series.counts_from(stored.get(name, {}), started, now=now) for name in ("all", "negative"))
    back = [since]
    if watch.late_bucket is not None:
        back.append(int((now - LOOKED_BACK).timestamp()) // BUCKET_S)
    if watch.blind_since:
        back.append(int(watch.blind_since.timestamp()) // BUCKET_S)
    return min(back)


def _read_counts(sights: Sequence[Sight], *, now: datetime) -> None:
    by_watch = {sight.watch.pk: sight for sight in sights}
    since = {sight.watch.pk: counts_from(sight.watch, now=now) for sight in sights}
    percent = {pk: profiles.of(sight.watch).known_percent[0] for pk, sight in by_watch.items()}
    rows = WatchCount.objects.filter(watch__in=by_watch, bucket__gte=min(since.values(), default=0))
    fields = ("watch_id", "bucket", "n", "n_negative", "reach", "n_readable", "n_imported", "is_unknown")
    for pk, bucket, n, n_negative, reach, n_readable, n_imported, is_unknown in rows.values_list(*fields):
        if bucket < since[pk]:
            continue
        counts = by_watch[pk].counts
        if is_unknown:
            counts.unknown.add(bucket)
            continue
        counts.n[bucket], counts.negative[bucket], counts.reach[bucket] = n, n_negative, reach
        counts.rings[bucket] = n - n_imported
        if n and 100 * n_readable < percent[pk] * n:
            counts.unreadable.add(bucket)


RECENT = (
    "watch_id",
    "post_id",
    "author",
    "followers",
    "cue",
    "is_reply",
    "is_readable",
    "post__case__category",
    "post__case__state",
    "post__case__lead__category",
)


def _read_recent(active: Mapping[int, Sight], *, last: int) -> None:
    """The posts of the last hour, newest first; those that came by a file ring for nobody."""
    if not active:
        return
    held = WatchedPost.objects.filter(
        watch__in=active, bucket__gt=last - HOUR, bucket__lte=last, is_imported=False
    )
    for row in held.order_by("watch_id", "-bucket", "-post_id").values_list(*RECENT):
        watch_id, post_id, author, followers, cue, is_reply, readable, *judged = row
        recent = active[watch_id].recent
        tone = tone_of(judged_as(*judged), cue=cue, is_readable=readable)
        recent.posts.append(post_id)
        recent.n_replies += is_reply
        recent.n_judged += tone.is_judged
        recent.n_cued += tone.is_cued
        recent.n_negative += tone.is_negative
        recent.n_readable += tone.is_readable
        if tone.is_negative:
            recent.negative_posts.append(post_id)
        if author is not None:
            recent.note_author(author, followers, post_id)


def _read_joined(active: Mapping[int, Sight], *, last: int) -> None:
    """Accounts of weight that took part for the first time within the hours of the profile."""
    first: dict[tuple[int, int], tuple[int, int, str, int]] = {}
    fields = ("watch_id", "author", "bucket", "post_id", "role", "followers")
    weighty = [row for row in flood.of_weight(active).values_list(*fields) if row[2] <= last]
    for watch_id, author, bucket, *about in sorted(weighty, key=lambda row: (row[2], row[3])):
        if author is not None:
            first.setdefault((watch_id, author), (bucket, *about))
    names = dict(Author.objects.filter(pk__in={key[1] for key in first}).values_list("pk", "handle"))
    for (watch_id, author), (bucket, post_id, role, followers) in first.items():
        profile = profiles.of(active[watch_id].watch)
        is_large = followers >= profile.reach_author[0]
        if (role or is_large) and bucket > last - profile.influence_hours[0] * HOUR:
            found = Joined(names.get(author, ""), Role(role or Role.INFLUENTIAL), post_id)
            active[watch_id].joined.append(found)


def _read_quiet(active: Mapping[int, Sight], *, last: int) -> None:
    """When something was last said before this hour; only asked where nothing was in the last hours."""
    asked: list[int] = []
    for watch_id, sight in active.items():
        earlier = [bucket for bucket, n in sight.counts.n.items() if n and bucket <= last - HOUR]
        sight.last_before = max(earlier, default=None)
        if sight.last_before is None:
            asked.append(watch_id)
    if not asked:
        return
    before = WatchCount.objects.filter(watch__in=asked, bucket__lte=last - HOUR)
    said = before.filter(n__gt=0).values_list("watch_id").annotate(last=Max("bucket"))
    unseen = dict(before.filter(is_unknown=True).values_list("watch_id").annotate(last=Max("bucket")))
    for watch_id, bucket in said:
        active[watch_id].last_before = bucket
    for watch_id, bucket in unseen.items():
        active[watch_id].is_quiet_unknown = bucket > (active[watch_id].last_before or 0)


def held_for(ids: Collection[int], *, skip_locked: bool = False) -> list[Watch]:
    """Open watches with all that `look` needs, held in the order of their numbers."""
    rows = Watch.objects.select_for_update(of=("self",), skip_locked=skip_locked)
    return list(rows.select_related("case__post__source").filter(pk__in=ids, ended_at=None).order_by("pk"))
