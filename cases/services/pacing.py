"""Replies that go with a message leave one after the other from an account, also after a pause.

Each has its turn from the moment it is queued. Whoever takes one also takes the next turn: what is due
before that moves behind it, so that a worker that comes back sends no backlog at once.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Max, Q, QuerySet

from cases.models import Response
from cases.rules.pace import per_minute
from monitoring.models import Credential, Source

BETWEEN_TICKS = timedelta(seconds=5)
"""Not later than this is in time: a worker comes by every few seconds, and keeps the pace all the same."""

Status = Response.Status


def step_of(source: Source) -> timedelta:
    """Between two replies of one account."""
    return timedelta(minutes=1) / per_minute(source.connector, source.settings)


def turns(source: Source, *, now: datetime) -> Iterator[datetime]:
    """The next free moments of an account, behind what waits for it or has just left."""
    step = step_of(source)
    ours = _of_account(source)
    waiting = ours.filter(status__in=[Status.QUEUED, Status.SENDING, Status.UNKNOWN])
    taken = (
        waiting.aggregate(last=Max("send_at"))["last"],
        ours.filter(status=Status.SENT).aggregate(last=Max("sent_at"))["last"],
    )
    turn = max([now + timedelta(seconds=settings.UNDO_WINDOW_S), *(last + step for last in taken if last)])
    while True:
        yield turn
        turn += step


def account_of(response_id: int) -> Source | None:
    """Whose account a reply leaves from, when it goes with a message; its row is held from now on.

    Call it before the reply itself is held. Two workers then take turns, and do not wait for each other's
    replies.
    """
    paced = Response.objects.filter(pk=response_id, message__isnull=False)
    source_id = paced.values_list("case__post__source", flat=True).first()
    if source_id is None:
        return None
    source = Source.objects.get(pk=source_id)
    hold_account(source)
    return source


def hold_account(source: Source) -> None:
    """One worker at a time; posts and sources may still refer to the row (no key update)."""
    if source.credential_id:
        Credential.objects.select_for_update(no_key=True).get(pk=source.credential_id)
    else:
        Source.objects.select_for_update(no_key=True).get(pk=source.pk)


def take_next_turn(source: Source, response: Response, *, was_due: datetime, now: datetime) -> None:
    """This one leaves now: the others of the account that is held leave a step later, or after that.

    Who is in time counts from the turn itself, so that the seconds between two ticks cost no pace.
    """
    step = step_of(source)
    since = was_due if now - was_due <= max(step, BETWEEN_TICKS) else now
    early = _of_account(source).filter(status__in=[Status.QUEUED, Status.UNKNOWN], send_at__lt=since + step)
    # What somebody else holds is being withdrawn; waiting for it would have two wait for each other.
    held = early.exclude(pk=response.pk).select_for_update(skip_locked=True, of=("self",))
    Response.objects.filter(pk__in=list(held.values_list("pk", flat=True))).update(send_at=since + step)


def push_back(response: Response, until: datetime, *, by_least: timedelta, now: datetime) -> None:
    """The platform said "too often": what waits for the same account keeps its pace, from then on."""
    source = response.case.post.source
    if source is None:
        return
    hold_account(source)
    queue = _of_account(source).filter(status=Status.QUEUED).exclude(pk=response.pk)
    held = queue.select_for_update(skip_locked=True, of=("self",))
    rows = Response.objects.filter(pk__in=list(held.values_list("pk", flat=True)))
    rows.update(send_at=F("send_at") + max(until - now, by_least))


def _of_account(source: Source) -> QuerySet[Response]:
    """Replies that go with a message, of all sources that speak through one account."""
    account = Q(case__post__source=source.pk)
    if source.credential_id:
        account = Q(case__post__source__credential=source.credential_id)
    return Response.objects.filter(account, message__isnull=False).exclude(status=Status.ELSEWHERE)
