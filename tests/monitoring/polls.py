"""One poll, as a worker does it, for the tests of what polling does around a page."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from monitoring import polling
from monitoring.connectors.base import Mention, Page
from monitoring.models import Source
from monitoring.store import Stored


def page(*mentions: Mention, read: int, **more: Any) -> Page:
    return Page(mentions=mentions, cursor={"read": read}, **more)


def quiet(stored: Stored, *, now: datetime) -> None:
    """Nobody upstairs listens."""


def poll(source: Source, *, now: datetime, on_page: Callable[..., object] = quiet) -> int:
    """One poll: taken, then read."""
    Source.objects.filter(pk=source.pk).update(next_poll_at=now)
    taken = polling.take_source(source.pk, now=now)
    assert taken is not None
    return polling.poll(taken, on_page=on_page, now=now)


def again(source: Source) -> Source:
    return Source.objects.select_related("credential").get(pk=source.pk)
