"""What is known of the last hour of a watch in a flood: sums of the database, and the newest posts."""

from collections.abc import Collection

from django.db.models import QuerySet, Sum

from cases.models import WatchCount, WatchedPost
from cases.rules.tone import tone_of
from cases.services.seen import HOUR, Busy, Sight
from cases.services.tallying import judged_as

NEWEST = 200
"""The posts that the signs may name are among so many of the newest."""

MOST_REPLIES = 1000
"""More replies than this say no more."""

OF_WEIGHT = """(NOT ("cases_watchedpost"."role" = '') OR "cases_watchedpost"."followers" >= 10000)"""
"""As the index `watched_posts_of_weight` has it: SQLite uses that for these very words only."""

NAMED = (
    "post_id",
    "cue",
    "is_readable",
    "post__case__category",
    "post__case__state",
    "post__case__lead__category",
)


def of_weight(watch_ids: Collection[int]) -> QuerySet[WatchedPost]:
    """Posts whose author may weigh more than others: few, however many there are, and in no order.

    Asked for nothing else, or SQLite reads all posts instead of this index.
    """
    return WatchedPost.objects.extra(where=[OF_WEIGHT]).filter(  # nosec B610 - words of our own
        watch__in=watch_ids, is_imported=False
    )


def read_busy(sight: Sight, *, last: int) -> None:
    """The hour up to bucket `last`: its cost does not grow with its posts, but for one count of replies."""
    recent, watch = sight.recent, sight.watch
    counted = WatchCount.objects.filter(watch=watch, bucket__gt=last - HOUR, bucket__lte=last)
    sums = counted.aggregate(
        **{name: Sum(name) for name in ("n_negative", "n_judged", "n_cued", "n_readable", "reach")}
    )
    recent.n_judged, recent.n_cued = sums["n_judged"], sums["n_cued"]
    recent.n_negative, recent.n_readable = sums["n_negative"], sums["n_readable"]
    held = WatchedPost.objects.filter(
        watch=watch, bucket__gt=last - HOUR, bucket__lte=last, is_imported=False
    )
    recent.n_replies = held.filter(is_reply=True)[:MOST_REPLIES].count()
    # Found before anything is joined to them: PostgreSQL would join the whole hour and sort it then.
    newest = list(held.order_by("-bucket", "-post_id").values_list("post_id", flat=True)[:NEWEST])
    told = WatchedPost.objects.filter(watch=watch, post__in=newest).order_by("-bucket", "-post_id")
    for post_id, cue, readable, *judged in told.values_list(*NAMED):
        recent.posts.append(post_id)
        if tone_of(judged_as(*judged), cue=cue, is_readable=readable).is_negative:
            recent.negative_posts.append(post_id)
    fields = ("followers", "author", "post_id", "bucket")
    heavy = [row for row in of_weight([watch.pk]).values_list(*fields) if last - HOUR < row[3] <= last]
    known = [(followers, -author, post_id) for followers, author, post_id, _ in heavy if author is not None]
    followers, author, post_id = max(known, default=(0, 0, 0))
    recent.busy = Busy(
        n=sight.counts.recent(last),
        reach=sums["reach"],
        largest=followers,
        n_of_largest=held.filter(author=-author).count() if known else 0,
        largest_posts=[post_id] if known else [],
    )
