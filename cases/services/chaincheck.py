"""Proof that the chain is alive: a test alarm a minute goes the way of every alarm, to nobody.

The beat starts it, the sweep of due steps takes its step, the sweep of messages delivers it. In both it
takes its turn: not before anything real that was due earlier. A chain that stands still anywhere, or that
sticks on one alarm, so keeps it from arriving.
"""

from datetime import datetime, timedelta

import structlog
from django.conf import settings

from cases.models import ChainBeat, Escalation, Notification
from cases.pulse import pulse
from monitoring import fetch

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=60)
KEPT = timedelta(days=1)
QUICK = fetch.Limits(connect_s=3.0, read_s=3.0, total_s=5.0, max_bytes=10_000, max_redirects=2)
"""The watchman outside need not be waited for."""


def beat(*, now: datetime) -> bool:
    """Start a test alarm when the last one is a minute old, also after the clock was set back."""
    ChainBeat.objects.filter(due_at__lt=now - KEPT).delete()
    ChainBeat.objects.filter(due_at__gt=now + EVERY).delete()  # of a clock that went ahead
    if ChainBeat.objects.filter(due_at__gt=now - EVERY).exists():
        return False
    ChainBeat.objects.create(due_at=now)
    return True


def take_step(*, now: datetime) -> int:
    """Take the step of test alarms, each after every real step that was due before it."""
    waiting = ChainBeat.objects.filter(stepped_at=None, due_at__lte=now)
    running = Escalation.objects.filter(status=Escalation.Status.RUNNING, next_step_at__lte=now)
    oldest = running.order_by("next_step_at").values_list("next_step_at", flat=True).first()
    if oldest:
        waiting = waiting.filter(due_at__lt=oldest)
    return waiting.update(stepped_at=now)


def deliver(*, now: datetime) -> int:
    """Deliver test alarms, each after every real message that was due before it."""
    waiting = ChainBeat.objects.filter(delivered_at=None, stepped_at__lte=now)
    due = Notification.objects.filter(delivered_at=None, due_at__lte=now)
    oldest = due.order_by("due_at").values_list("due_at", flat=True).first()
    if oldest:
        waiting = waiting.filter(due_at__lt=oldest)
    return waiting.update(delivered_at=now)


def tell_outside(*, now: datetime, network: fetch.Network = fetch.INTERNET) -> bool:
    """Tell the watchman outside (`DEADMAN_URL`) once per proof that the whole chain works.

    Without a proof nothing is told, and its silence there is the alarm. That it cannot be reached harms
    nothing here: it is logged, and told with the next proof.
    """
    url = settings.DEADMAN_URL
    if not url or not pulse(now=now).is_well:
        return False
    newest = ChainBeat.objects.filter(delivered_at__isnull=False).order_by("-due_at").first()
    if newest is None:
        return False
    untold = ChainBeat.objects.filter(pk=newest.pk, told_outside_at=None)
    if not untold.update(told_outside_at=now):
        return False
    return _ping(url, network)


def _ping(url: str, network: fetch.Network) -> bool:
    if not url.startswith("https://") and not network.allow_private:
        log.warning("deadman_not_told", why="its address does not start with https://")
        return False
    try:
        answer = fetch.get(url, limits=QUICK, network=network)
    except (fetch.FetchFailed, fetch.FetchRefused) as error:
        log.warning("deadman_not_told", why=type(error).__name__)
        return False
    if answer.status >= 300:
        log.warning("deadman_not_told", why=f"status {answer.status}")
    return answer.status < 300
