"""Files of posts that somebody gives: looked at first, then read by a worker, then forgotten."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import User
from cases.services import audit
from monitoring.connectors.sheets import NotReadable, opened
from monitoring.models import RejectedMention, Source, Upload

CONNECTOR = "import"
MOST_BYTES = 20 * 1024 * 1024
UNSTARTED = timedelta(days=1)
"""A file that nobody started to read is forgotten after this."""


class FileRefused(Exception):
    """A file that cannot be read in: why, and what to do, in a sentence."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault

    def __str__(self) -> str:
        return {
            "empty": _("The file is empty."),
            "large": _("The file is larger than 20 MB. Split it into smaller files."),
            "list": _(
                "The file is one list in JSON. Give one object on each line (JSON lines), or a CSV file."
            ),
            "columns": _(
                "The first row does not name the columns that are needed: posted_at, and text or url. "
                "Use the template file."
            ),
            "text": _("This is no text file. Save it as CSV (UTF-8) and choose it again."),
            "rows": _("There is not one row with a post in the file."),
        }[self.fault]


def prepare(filename: str, content: bytes, *, by: User, now: datetime) -> int:
    """Keep a file so that somebody can look at it first; the number of its source. Raises FileRefused."""
    if len(content) > MOST_BYTES:
        raise FileRefused("large")
    try:
        n_rows = sum(1 for _row in opened(content).rows())
    except NotReadable as fault:
        raise FileRefused(fault.fault) from None
    if not n_rows:
        raise FileRefused("rows")
    with transaction.atomic():
        source = Source.objects.create(
            name=_name(filename, now=now),
            connector=CONNECTOR,
            settings={"time_zone": settings.TIME_ZONE},
            is_enabled=False,
            interval_s=60,
            next_poll_at=now,
        )
        Upload.objects.create(
            source=source, filename=filename[:200], content=content, n_rows=n_rows, by=by, at=now
        )
        facts = {"file": filename[:200], "n_rows": n_rows}
        audit.append(f"source:{source.pk}", "import prepared", by=by, now=now, facts=facts)
    return int(source.pk)


def start(source_id: int, *, by: User, now: datetime) -> bool:
    """Let a worker read the file; False when it was started before."""
    with transaction.atomic():
        fresh = Source.objects.filter(pk=source_id, connector=CONNECTOR, is_enabled=False, cursor={})
        if not fresh.exclude(health=Source.Health.ENDED).update(is_enabled=True, next_poll_at=now):
            return False
        audit.append(f"source:{source_id}", "import started", by=by, now=now)
    return True


def discard(source_id: int, *, by: User | None, now: datetime) -> bool:
    """Forget a file that was not started; False when it was."""
    with transaction.atomic():
        fresh = Source.objects.select_for_update().filter(
            pk=source_id, connector=CONNECTOR, is_enabled=False, cursor={}
        )
        source = fresh.exclude(health=Source.Health.ENDED).first()
        if source is None or source.posts.exists():
            return False
        source.delete()
        audit.append(f"source:{source_id}", "import thrown away", by=by, now=now)
    return True


def finish(*, now: datetime) -> int:
    """Forget the files that were read to their end, and those that nobody started; how many.

    What stays of a file is its name, its numbers, and the rows that could not be read.
    """
    held = Upload.objects.exclude(content=b"")
    is_over = Q(source__health=Source.Health.ENDED)
    is_left = Q(source__is_enabled=False, source__cursor={}, at__lt=now - UNSTARTED)
    read = list(held.filter(is_over).values_list("source", flat=True))
    left = list(held.filter(is_left).exclude(is_over).values_list("source", flat=True))
    n_finished = sum(_finish(source_id, now=now) for source_id in read)
    return n_finished + sum(discard(source_id, by=None, now=now) for source_id in left)


def _finish(source_id: int, *, now: datetime) -> bool:
    with transaction.atomic():
        source = Source.objects.select_for_update().get(pk=source_id)
        if not Upload.objects.filter(source=source).exclude(content=b"").update(content=b""):
            return False
        facts: dict[str, Any] = {
            "n_new": source.posts.count(),
            "n_rejected": RejectedMention.objects.filter(source=source).count(),
        }
        audit.append(f"source:{source_id}", "import finished", by=None, now=now, facts=facts)
    return True


def _name(filename: str, *, now: datetime) -> str:
    """A name that no other source has: the file's, and when it came."""
    local = timezone.localtime(now)
    name = f"{filename[:60]} ({local:%d-%m-%Y %H:%M:%S})"
    n_same = Source.objects.filter(name__startswith=name).count()
    return f"{name} {n_same + 1}" if n_same else name
