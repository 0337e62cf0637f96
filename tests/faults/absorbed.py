"""Situations while the machine dies: an alarm of the night rings once, an inflow skips nothing."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from django.test.utils import override_settings

from cases.models import AuditEvent, Case, Escalation, Inflow, Notification, Situation, User, Watch
from cases.rules.closing import CLOSABLE, Way
from cases.services import audit, closing, inflows, joining, situations, watching
from cases.services.situations import Plan
from monitoring.connectors.base import Kind
from monitoring.models import PostMatch
from tests.cases.steps import watched
from tests.faults.killing import killed_at_each_point
from tests.ticks import sweep
from tests.world import Desk, mention, open_desk

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
APART = timedelta(hours=3)
N_POSTS = 30
SWEEPS = (timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4))
KEPT_MAIL = "django.core.mail.backends.locmem.EmailBackend"
N_EACH = 12
"""Cases that an inflow brings: three bits."""


def absorbed_alarm_dying(folder: str, every: int) -> dict[str, Any]:
    """A watched case of a situation rises; whoever raises and tells is killed at a point; others go on."""
    desk, numbers, fires = open_desk(NOON, outbox=Path(folder) / "outbox"), count(), list[Situation]()

    def prepare() -> Callable[[], object]:
        now = NOON + APART * len(fires)
        fires.append(_burning(desk, next(numbers), now=now))
        return lambda: sweep(now=now)

    tally: Counter[str] = Counter()
    with override_settings(EMAIL_BACKEND=KEPT_MAIL):
        for _n in killed_at_each_point(prepare, every=every):
            began = NOON + APART * (len(fires) - 1)
            for later in SWEEPS:
                sweep(now=began + later)
            tally += _rung(fires[-1])
            _close(fires[-1], by=desk.lead, now=began + max(SWEEPS))
    names = ("not_rung", "rung_twice", "rung_for_a_case", "untold", "told_twice", "undelivered", "unsaid")
    found = {name: tally[name] for name in names}
    return found | {"deaths": len(fires), "findings": len(audit.verify()), "not_over": _not_over()}


def _burning(desk: Desk, n: int, *, now: datetime) -> Situation:
    """A situation with one watched case, and more posts in its thread than anybody is used to."""
    fire = situations.open_situation(Plan(f"Fire {n}"), by=desk.officer, now=now)
    case = desk.hear(mention(f"{n}-0", at=now, thread=f"t{n}"), now=now)[0]
    joining.join(fire, [case.pk], by=desk.officer, now=now)
    watched(desk, case, now=now)
    replies = [mention(f"{n}-{k}", at=now, thread=f"t{n}", kind=Kind.REPLY) for k in range(1, N_POSTS)]
    desk.store(replies, now=now)
    return fire


def _rung(fire: Situation) -> Counter[str]:
    """What went wrong with the alarm of a situation; all is nought when it rang once and told everybody."""
    alarms = Escalation.objects.filter(situation=fire)
    told = Notification.objects.filter(escalation__in=alarms)
    times = Counter(told.values_list("recipient", "channel", "round", "step"))
    said = AuditEvent.objects.filter(action="escalated", subject=f"situation:{fire.pk}")
    return Counter(
        not_rung=int(not alarms.exists()),
        rung_twice=max(alarms.count() - 1, 0),
        rung_for_a_case=Escalation.objects.filter(case__situation=fire).count(),
        untold=int(not told.exists()),
        told_twice=sum(n - 1 for n in times.values()),
        undelivered=told.filter(delivered_at=None).count(),
        unsaid=alarms.count() - said.count(),
    )


def _close(fire: Situation, *, by: User, now: datetime) -> None:
    """The situation is over, and so is the watch of its case: the next one stands alone."""
    for watch in Watch.objects.filter(case__situation=fire, ended_at=None):
        watching.end(watch, by=by, now=now, reason="it is out")
    ways = dict.fromkeys(CLOSABLE, Way.INBOX)
    closing.close(fire, ways, up_to=Case.objects.latest("pk").pk, reason="it is out", by=by, now=now)


def _not_over() -> int:
    return Escalation.objects.filter(situation__status="closed", resolved_at=None).count()


def inflow_dying(folder: str, every: int) -> dict[str, Any]:
    """The walk back of an inflow is killed at each so many-eth point; another one comes by."""
    desk, begun = open_desk(NOON, outbox=Path(folder) / "outbox"), list[tuple[Inflow, set[int]]]()
    inflows.AT_ONCE = N_EACH // 3

    def prepare() -> Callable[[], object]:
        first, now = len(begun) * N_EACH, NOON + APART * len(begun)
        fire = situations.open_situation(Plan("Fire"), by=desk.officer, now=now)
        cases = desk.hear(*(mention(first + n, at=now) for n in range(N_EACH)), now=now)
        PostMatch.objects.bulk_create(PostMatch(post_id=case.pk, query=desk.query) for case in cases)
        inflow = inflows.add(fire, query=desk.query, since=now, by=desk.officer, now=now)
        begun.append((inflow, {case.pk for case in cases}))
        return lambda: _walked(inflow)

    tally: Counter[str] = Counter()
    for _n in killed_at_each_point(prepare, every=every):
        inflow, cases = begun[-1]
        _walked(inflow)
        inflow.refresh_from_db()
        there = set(
            Case.objects.filter(inflow=inflow, situation=inflow.situation).values_list("pk", flat=True)
        )
        joined = AuditEvent.objects.filter(action="joined situation", facts__inflow=inflow.pk)
        tally["lost"] += len(cases - there)
        tally["miscounted"] += int({inflow.n_joined, joined.count()} != {len(there)})
        inflows.stop(inflow, by=desk.officer, now=inflow.started_at)
    counted = {name: tally[name] for name in ("lost", "miscounted")}
    return counted | {"deaths": len(begun), "findings": len(audit.verify())}


def _walked(inflow: Inflow) -> None:
    while inflows.walk(inflow.pk, now=inflow.started_at):
        pass


SCENARIOS: dict[str, Callable[..., dict[str, Any]]] = {
    "absorbed_alarm_dying": absorbed_alarm_dying,
    "inflow_dying": inflow_dying,
}
