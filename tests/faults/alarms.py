"""Alarms from the post that makes a watch rise to the mail that was taken: killed, swept and counted."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from django.db.models import F
from django.test.utils import override_settings
from django.utils import timezone

from cases.models import AuditEvent, Case, DutyPost, Escalation, Notification, Shift, User, Watch
from cases.rules.ladders import Function
from cases.services import audit, escalation, watching
from monitoring.connectors.base import Kind
from monitoring.connectors.passive import NEVER_POLLED
from monitoring.models import Source
from tests.cases.steps import watched
from tests.faults.killing import killed_at_each_point
from tests.ticks import sweep
from tests.world import Desk, mention, open_desk

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
APART = timedelta(hours=3)
"""So long lies between one alarm and the next: alarms close to each other may share their messages."""

N_POSTS = 30
SWEEPS = (timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4))
"""When the machine comes by again after a death; a second step of a ladder is due later than that."""


def alarm_dying(folder: str, port: int, every: int, times: int) -> dict[str, Any]:
    """Posts make a watch rise; whoever raises, tells and mails is killed at a point; then others go on.

    `every`: only each so many-eth point; `times`: so often at each.
    """
    desk = open_desk(NOON, outbox=Path(folder) / "outbox")
    alarms = _Alarms(desk)
    n_points = n_alarms = 0
    tally: Counter[str] = Counter()
    with smtp("tests.faults.dying_mail.DyingBackend", port):
        for _ in range(times):
            for n_points in killed_at_each_point(alarms.prepare, every=every):  # noqa: B007
                n_alarms += 1
                for later in SWEEPS:
                    sweep(now=alarms.at + later)
                tally += _tally(alarms.case)
                _put_away(alarms.case, now=alarms.at + max(SWEEPS))
    return {"points": n_points, "alarms": n_alarms, "findings": len(audit.verify())} | _counted(tally)


class _Alarms:
    """A desk on which one watch after another rises."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.numbers, self.at = desk, count(), NOON

    def prepare(self) -> Callable[[], object]:
        """Posts that make a watch rise are stored; nobody has looked at them yet."""
        self.at += APART
        self.case = rising(self.desk, next(self.numbers), now=self.at)
        return lambda: sweep(now=self.at)


def rising(desk: Desk, n: int, *, now: datetime) -> Case:
    """A case under a watch that begins now, and more posts in its thread than anybody is used to."""
    case = desk.hear(mention(f"{n}-0", at=now, thread=f"t{n}"), now=now)[0]
    watched(desk, case, now=now)
    replies = [mention(f"{n}-{k}", at=now, thread=f"t{n}", kind=Kind.REPLY) for k in range(1, N_POSTS)]
    desk.store(replies, now=now)
    return case


@contextmanager
def smtp(backend: str, port: int) -> Iterator[None]:
    """Mail goes to a server on this machine."""
    with override_settings(EMAIL_BACKEND=backend, EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, EMAIL_TIMEOUT=5):
        yield


def _tally(case: Case) -> Counter[str]:
    mails = Notification.objects.filter(escalation__case=case, channel=Notification.Channel.EMAIL)
    steps = Counter(mails.values_list("recipient", "round", "step"))
    return Counter(
        escalations=Escalation.objects.filter(case=case).count(),
        untold=int(not mails.exists()),
        messages=mails.count(),
        undelivered=mails.filter(delivered_at=None).count(),
        told_twice=sum(n - 1 for n in steps.values()),
    )


def _counted(tally: Counter[str]) -> dict[str, int]:
    names = ("escalations", "untold", "messages", "undelivered", "told_twice")
    return {name: tally[name] for name in names}


def _put_away(case: Case, *, now: datetime) -> None:
    """The alarm is over and its watch ends: the next one stands alone."""
    escalation.resolve(case, by=None, now=now, resolution="seen")
    for watch in Watch.objects.filter(case=case, ended_at=None):
        watching.end(watch, by=None, now=now, reason="seen")


def raise_alarms(folder: str, n_alarms: int, first: int = 0) -> dict[str, Any]:
    """So many watches rise at this moment by the clock of the process; a desk is made when there is none."""
    now = timezone.now()
    desk = _desk(Path(folder), now=now)
    cases = [rising(desk, n, now=now).pk for n in range(first, first + n_alarms)]
    for watch_id in watching.due_watches(now=now):
        watching.evaluate(watch_id, now=now)
    return {"cases": cases, "raised": Escalation.objects.filter(case__in=cases).count()}


def _desk(folder: Path, *, now: datetime) -> Desk:
    """The desk of this database. Nobody polls while alarms are looked at, and no watch is blind."""
    if not Source.objects.exists():
        desk = open_desk(now, outbox=folder / "outbox")
        Source.objects.update(connector=next(iter(NEVER_POLLED)))
        _fill_posts(desk, now=now)
        return desk
    people = {user.username: user for user in User.objects.all()}
    source = Source.objects.get(name="practice")
    query = source.queries.get()
    names = ("sanne", "ilse", "bram", "anouk")
    officer, colleague, lead, employee = (people[name] for name in names)
    return Desk(now, officer, colleague, lead, employee, query, source)


def _fill_posts(desk: Desk, *, now: datetime) -> None:
    """Somebody is there for every step of a ladder: none is passed for lack of people."""
    people = (desk.officer, desk.colleague, desk.lead)
    day = timedelta(days=1)
    for n, function in enumerate(Function):
        post = DutyPost.objects.create(name=function.value, function=function.value)
        Shift.objects.create(
            post=post, person=people[n % len(people)], starts_at=now - day, ends_at=now + 300 * day
        )


def climbed(cases: list[int]) -> dict[str, Any]:
    """Per case the steps that were taken: which, when, and when each was due by its ladder."""
    found: dict[str, Any] = {}
    for held in Escalation.objects.filter(case__in=cases).order_by("case_id"):
        events = AuditEvent.objects.filter(subject=audit.subject_of(held.case_id), action="step taken")
        taken = [
            (event.facts["step"], (event.at - held.raised_at).total_seconds())
            for event in events.order_by("seq")
        ]
        due = [(n + 1, float(step["after_s"])) for n, step in enumerate(held.ladder)]
        found[str(held.case_id)] = {"taken": taken, "due": due}
    return found


def told(cases: list[int]) -> dict[str, Any]:
    """What became of the messages of these cases."""
    by_mail = Notification.objects.filter(channel=Notification.Channel.EMAIL)
    mails = by_mail.filter(escalation__case__in=cases)
    others = by_mail.filter(escalation=None, delivered_at__isnull=False)  # reminders that nobody looked
    steps = Counter(mails.values_list("escalation", "recipient", "round", "step"))
    early = mails.filter(delivered_at__lt=F("created_at"))
    return {
        "messages": mails.count() + others.count(),
        "undelivered": mails.filter(delivered_at=None).count(),
        "told_twice": sum(n - 1 for n in steps.values()),
        "early": early.count(),
        "findings": len(audit.verify()),
    }


SCENARIOS: dict[str, Callable[..., dict[str, Any]]] = {
    "alarm_dying": alarm_dying,
    "raise_alarms": raise_alarms,
    "climbed": climbed,
    "told": told,
}
