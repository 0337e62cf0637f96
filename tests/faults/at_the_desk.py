"""What people do at the desk, at once or interrupted at any point; each scenario returns plain numbers."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cases.models import AuditEvent, Case, DutyPost, Response, Shift, User
from cases.rules.permissions import Role
from cases.rules.workflow import State
from cases.services import approvals, audit, decisions, outbox, responses
from cases.services.decisions import Chosen
from cases.services.responses import Draft
from monitoring.connectors import registry
from tests.cases.steps import judge
from tests.faults import crowd, model, rush
from tests.faults.arrivals import Platform
from tests.faults.killing import killed_at_each_point
from tests.world import Desk, grant, mention, open_desk, person

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
WORDS = Draft("Dank je wel, dat geven we door aan de ploeg.")
PATIENCE = 20
"""So many times somebody looks again; each time a minute later than the last."""


def officers_rush(folder: str, n_cases: int) -> dict[str, Any]:
    """Eight officers at the same cases; the trail must tell of one take and one move for each."""
    desk = open_desk(NOON, outbox=Path(folder) / "outbox")
    officers = [person(f"officer{n}", Role.OFFICER) for n in range(rush.PROCESSES * rush.THREADS)]
    cases = desk.hear(*(mention(n, at=NOON) for n in range(n_cases)))
    found = rush.rush(officers, [case.pk for case in cases], now=NOON)
    events = Counter(AuditEvent.objects.values_list("action", flat=True))
    return found | {
        "taken_events": events["taken"],
        "moved_events": events["moved"],
        "findings": len(audit.verify()),
    }


def officers_crowd(folder: str, n_cases: int, n_each: int, seed: str) -> dict[str, Any]:
    """Eight officers do whatever comes to mind; the trail is played again and must come to the same desk."""
    desk = open_desk(NOON, outbox=Path(folder) / "outbox")
    officers = [person(f"officer{n}", Role.OFFICER) for n in range(crowd.PROCESSES * crowd.THREADS)]
    for officer in officers:
        grant(officer, ["*"], now=NOON)
    _alone(officers[0])
    cases = [case.pk for case in desk.hear(*(mention(n, at=NOON) for n in range(n_cases)))]
    report = crowd.crowd(officers, cases, n_each, seed=seed, now=NOON)
    played = model.Model(cases)
    trail = list(AuditEvent.objects.filter(subject__startswith="case:").order_by("pk"))
    for event in trail:
        played.play(event)
    audit.checkpoint(now=NOON)
    everything = sorted(played.cases)
    told, wanted, held = played.facts(), Counter(report.done), model.stored(everything)
    events = Counter(model.words(event) for event in trail if event.actor_id)
    return {
        "operations": report.n_done + sum(report.refused.values()),
        "done": report.n_done,
        "verbs": dict(report.verbs),
        "refused": dict(report.refused),
        "errors": report.errors,
        "events": len(trail),
        "faults": played.faults[:20],
        "unequal": [
            f"{pk}: {told[pk]} in the trail, {held[pk]} stored" for pk in everything if told[pk] != held[pk]
        ],
        "lost": [str(which) for which, n in wanted.items() if events[which] < n][:20],
        "unasked": [str(w) for w, n in events.items() if w[2] in model.ONE_EACH and wanted[w] != n][:20],
        "misfits": model.misfits(everything),
        "findings": len(audit.verify()),
        "states": dict(Counter(Case.objects.values_list("state", flat=True))),
    }


def _alone(officer: User) -> None:
    """The only one with a shift, who may let own words go alone."""
    post = DutyPost.objects.create(name="webcare", is_approver=True)
    day = timedelta(days=1)
    Shift.objects.create(post=post, person=officer, starts_at=NOON - day, ends_at=NOON + day)


def reply_dying(folder: str, way: str, is_mute: bool, every: int) -> dict[str, Any]:
    """A reply from the choice to its arrival, killed at every point on the way; then people go on.

    `way`: "direct", or "approved" by a colleague. `is_mute`: the platform takes what it gets and does not
    say so. `every`: only each so many-eth point, for the short form.
    """
    platform = Platform(Path(folder) / "arrived", is_mute=is_mute)
    registry.CONNECTORS = {**registry.CONNECTORS, "replay": platform}
    desk = open_desk(NOON, outbox=Path(folder) / "outbox")
    numbers = iter(range(10_000))
    cases: list[Case] = []

    def prepare() -> Callable[[], object]:
        case = judge(desk.hear(mention(next(numbers), at=NOON))[0], "thanks", by=desk.employee, now=NOON)
        cases.append(case)
        return lambda: _go_on(desk, case.pk, way=way, now=NOON)

    n_points = n_tries = 0
    for n_points in killed_at_each_point(prepare, every=every):  # noqa: B007
        n_tries += 1
        _go_on(desk, cases[-1].pk, way=way, now=NOON + timedelta(hours=1))
    arrived, sent = Counter(platform.keys()), Response.objects.filter(status=Response.Status.SENT)
    return {
        "points": n_points,
        "tries": n_tries,
        "answered": sent.filter(case__state=State.RESPONDED, text=WORDS.text).count(),
        "lost": n_tries - len(arrived),
        "doubled": sum(n - 1 for n in arrived.values()),
        "strangers": len(set(arrived) - set(sent.values_list("key", flat=True))),
        "findings": len(audit.verify()),
    }


def _go_on(desk: Desk, case_id: int, *, way: str, now: datetime) -> None:
    """Do what comes next for a case until it is answered: what a page shows, whoever opens it."""
    for minute in range(PATIENCE):
        at = now + timedelta(minutes=minute)
        case = Case.objects.select_related("post__source").get(pk=case_id)
        if case.state == State.RESPONDED:
            return
        if case.state == State.ASSESSED:
            decisions.choose(case, Chosen("P3"), by=desk.employee, now=at)
            continue
        reply = Response.objects.select_related("case__post__source").get(
            case=case, status__in=Response.PENDING
        )
        if case.state == State.DRAFTING and way == "approved":
            approvals.submit(reply, WORDS, by=desk.employee, now=at)
        elif case.state == State.DRAFTING:
            responses.queue(reply, WORDS, by=desk.officer, now=at)
        elif case.state == State.APPROVAL:
            approvals.approve(reply, by=desk.colleague, now=at)
        else:
            outbox.deliver(reply.pk, now=at)
    raise AssertionError(f"case {case_id} was not answered after {PATIENCE} times looking")
