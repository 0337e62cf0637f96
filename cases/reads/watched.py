"""Which posts somebody keeps an eye on: they are looked up before all others."""

from django.db.models import Q

from cases.models import WatchThread
from monitoring.models import Post

MOST = 100


def watched_posts(source_id: int) -> list[int]:
    """Posts of a source in conversations under an open watch: the watched ones, then the newest."""
    rows = list(
        WatchThread.objects.filter(watch__ended_at=None)
        .order_by("watch", "pk")
        .values_list("case_id", "platform", "thread_id")
    )
    if not rows:
        return []
    firsts = list(
        Post.objects.filter(source=source_id, pk__in=[row[0] for row in rows]).values_list("pk", flat=True)
    )
    threads = Q()
    for _, platform, thread_id in rows:
        threads |= Q(platform=platform, thread_id=thread_id)
    newest = Post.objects.filter(threads, source=source_id).exclude(pk__in=firsts).order_by("-pk")
    return [*firsts[:MOST], *newest.values_list("pk", flat=True)[: max(0, MOST - len(firsts))]]
