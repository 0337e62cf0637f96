"""What a sweep must know of many watches before it judges them: read in a few queries for all at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db.models import Max, Q

from cases import profiles
from cases.models import Watch, WatchCount, WatchedPost, WatchThread
from cases.rules.signs import Coverage, Joined, ReachSeen, Role
from cases.rules.tone import tone_of
from cases.rules.worsening import BUCKET_S, Series
from cases.services.series import judged_as
from monitoring.connectors.passive import NEVER_POLLED
from monitoring.models import Author, BlindSpell, Source

HOUR = 12
OUT_OF_SIGHT = timedelta(minutes=15)
"""A source that has not answered for this long, or for three of its own rounds, is out of sight."""

LOOKED_BACK = timedelta(hours=8)
"""So far counts are read when posts came late: six hours, and the hour under test before that."""

BUCKETS_MARKED = 24


@dataclass(slots=True)
class Counts:
    """The buckets that were read of a watch."""

    n: dict[int, int] = field(default_factory=dict)
    rings: dict[int, int] = field(default_factory=dict)
    """Without what came by a file: it counts, and rings for nobody."""

    negative: dict[int, int] = field(default_factory=dict)
    reach: dict[int, int] = field(default_factory=dict)
    unknown: set[int] = field(default_factory=set)
    unreadable: set[int] = field(default_factory=set)
    """Buckets of which too little is known to say that nothing negative was in them."""

    imported: dict[int, int] = field(default_factory=dict)

    def recent(self, last: int) -> int:
        return sum(self.rings.get(bucket, 0) for bucket in range(last - HOUR + 1, last + 1))


@dataclass(slots=True)
class Recent:
    """The posts of the last hour, and the accounts of weight."""

    posts: list[int] = field(default_factory=list)
    negative_posts: list[int] = field(default_factory=list)
    n_replies: int = 0
    n_judged: int = 0
    n_cued: int = 0
    n_negative: int = 0
    n_readable: int = 0
    reach: dict[int, int] = field(default_factory=dict)
    by: dict[int, int] = field(default_factory=dict)
    largest_posts: list[int] = field(default_factory=list)

    @property
    def coverage(self) -> Coverage:
        n = len(self.posts)
        return Coverage(n, self.n_judged, self.n_cued, self.n_negative, self.n_readable)

    def reach_seen(self, usual: float | None) -> ReachSeen:
        if not self.reach:
            return ReachSeen(usual=usual, n_others=len(self.posts))
        author, largest = max(self.reach.items(), key=lambda each: (each[1], -each[0]))
        others = len(self.posts) - self.by[author]
        return ReachSeen(sum(self.reach.values()), usual, largest, others, self.largest_posts)


@dataclass(slots=True)
class Sight:
    """All that is read of one watch."""

    watch: Watch
    counts: Counts
    out_of_sight_since: datetime | None
    is_partly_unseen: bool
    """Whether any source of its threads cannot be seen, so that the buckets of now are unknown."""

    recent: Recent = field(default_factory=Recent)
    joined: list[Joined] = field(default_factory=list)
    last_before: int | None = None
    """The last bucket with a post before the last hour."""

    is_quiet_unknown: bool = False


def look(watches: Sequence[Watch], *, now: datetime) -> list[Sight]:
    """What is to be known of these watches: at most seven queries, however many they are.

    The watches come with their case, its post and its source. Buckets that cannot be seen are marked, and
    those that were read up after all are forgotten; the watches are held.
    """
    last = int(now.timestamp()) // BUCKET_S
    others = _other_sources(watches)
    sights = []
    for watch in watches:
        own = out_of_sight_since(watch.case.post.source, watch.started_at, now=now)
        more = (out_of_sight_since(source, watch.started_at, now=now) for source in others[watch.pk])
        sights.append(Sight(watch, Counts(), own, own is not None or any(more)))
    _read_counts(sights, now=now)
    _read_up(sights, last=last)
    _mark_unknown(sights, now=now)
    active = {sight.watch.pk: sight for sight in sights if sight.counts.recent(last)}
    if active:
        _read_recent(active, last=last)
        _read_joined(active, last=last)
        _read_quiet(active, last=last)
    return sights


def out_of_sight_since(source: Source | None, started_at: datetime, *, now: datetime) -> datetime | None:
    """Since when a source has shown nothing; None while it answers in its own rhythm.

    A captured post has no source, and one that was brought has none that looks for more: nobody promised
    to see its conversation.
    """
    if source is None or source.connector in NEVER_POLLED | {"import"}:
        return None
    patience = max(OUT_OF_SIGHT, 3 * timedelta(seconds=source.interval_s))
    if source.is_enabled and source.last_success_at and now - source.last_success_at <= patience:
        return None
    return source.last_success_at or started_at


def _other_sources(watches: Sequence[Watch]) -> dict[int, list[Source]]:
    """The sources of merged copies, by watch."""
    found: dict[int, list[Source]] = defaultdict(list)
    own = {watch.case_id for watch in watches}
    threads = WatchThread.objects.filter(watch__in=watches).exclude(case__in=own)
    pairs = list(threads.values_list("watch_id", "case__post__source").distinct())
    sources = Source.objects.in_bulk([pk for _, pk in pairs if pk]) if pairs else {}
    for watch_id, pk in pairs:
        if pk in sources:
            found[watch_id].append(sources[pk])
    return found


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


def learns_from(watch: Watch) -> datetime:
    """When the series of a watch begins: with the watch, or earlier where an import brought its past."""
    since = watch.baseline.get("from")
    return datetime.fromtimestamp(since * BUCKET_S, UTC) if since is not None else watch.started_at


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


def _mark_unknown(sights: Iterable[Sight], *, now: datetime) -> None:
    """Buckets in which a source could not be seen are unknown, never zero, until posts come after all."""
    rows = []
    last = int(now.timestamp()) // BUCKET_S
    for sight in sights:
        if not sight.is_partly_unseen:
            continue
        since = sight.out_of_sight_since or now
        first = int(since.timestamp()) // BUCKET_S + 1
        for bucket in range(max(min(first, last), last - BUCKETS_MARKED), last + 1):
            if bucket >= first and bucket not in sight.counts.n:
                sight.counts.unknown.add(bucket)
                rows.append(WatchCount(watch=sight.watch, bucket=bucket, is_unknown=True))
    if rows:
        WatchCount.objects.bulk_create(rows, ignore_conflicts=True)


def _read_up(sights: Sequence[Sight], *, last: int) -> None:
    """A source that was away has read everything by now: what was unknown is known, except what is lost."""
    back = [
        sight
        for sight in sights
        if sight.counts.unknown and not sight.is_partly_unseen and _has_read_all(sight.watch)
    ]
    if not back:
        return
    sources = {sight.watch.case.post.source_id for sight in back}
    spells = BlindSpell.objects.filter(Q(is_lost=True) | Q(until_at=None), source__in=sources)
    lost = list(spells.values_list("source_id", "from_at", "until_at"))
    gone = Q(pk__in=[])
    for sight in back:
        known = {bucket for bucket in sight.counts.unknown if not _is_lost(sight.watch, bucket, lost)}
        if known:
            sight.counts.unknown -= known
            gone |= Q(watch=sight.watch, bucket__in=known)
            earlier = [] if sight.watch.late_bucket is None else [sight.watch.late_bucket]
            sight.watch.late_bucket = min([*known, *earlier])
    WatchCount.objects.filter(gone, is_unknown=True, n=0).delete()


def _has_read_all(watch: Watch) -> bool:
    source = watch.case.post.source
    return source is not None and source.health == Source.Health.WORKING


def _is_lost(watch: Watch, bucket: int, lost: Iterable[tuple[int, datetime, datetime | None]]) -> bool:
    start, end = (datetime.fromtimestamp((bucket + n) * BUCKET_S, UTC) for n in (0, 1))
    return any(
        source == watch.case.post.source_id and from_at < end and (until_at is None or until_at > start)
        for source, from_at, until_at in lost
    )


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
            recent.by[author] = recent.by.get(author, 0) + 1
            if followers > max(recent.reach.values(), default=0):
                recent.largest_posts.insert(0, post_id)
            recent.reach[author] = max(followers, recent.reach.get(author, 0))


def _read_joined(active: Mapping[int, Sight], *, last: int) -> None:
    """Accounts of weight that took part for the first time within the hours of the profile."""
    weighty = WatchedPost.objects.filter(
        ~Q(role="") | Q(followers__gte=10_000), watch__in=active, bucket__lte=last, is_imported=False
    )
    first: dict[tuple[int, int], tuple[int, int, str, int]] = {}
    fields = ("watch_id", "author", "bucket", "post_id", "role", "followers")
    for watch_id, author, bucket, *about in weighty.order_by("bucket", "post_id").values_list(*fields):
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
