"""A form that is sent twice, by a double click or a page gone back to, happens once."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.models import AuditEvent, Case, HandOver, Mandate, Response, Task, User
from cases.rules.shifts import Pattern
from cases.services import approvals, mandates, outbox, promises, rota, shifts
from cases.services.mandates import Terms
from cases.services.responses import Draft
from cases.services.rota import PostPlan
from cases.services.shifts import Leaving
from tests.cases.steps import drafting, fresh, queued
from tests.web.paper import Paper
from tests.world import Desk, mention

Sit = Callable[[User], Paper]
DAY = timedelta(days=1)


@dataclass
class Act:
    """A button on a page, and the event that it writes."""

    who: User
    page: str
    words: str
    at: str
    event: str
    also: dict[str, str | list[str]] = field(default_factory=dict)


def _answered(desk: Desk, case: Case, now: datetime) -> Case:
    reply = queued(case, by=desk.officer, now=now - DAY)
    outbox.deliver(reply.pk, now=now - DAY + timedelta(minutes=1))
    return fresh(case)


def _task(desk: Desk, case: Case, now: datetime) -> Task:
    return promises.promise(case, "Bel terug", due_at=now + DAY, by=desk.officer, now=now)


def promising(desk: Desk, case: Case, now: datetime) -> Act:
    said: dict[str, str | list[str]] = {"what": "Bel terug", "due_at": "2026-03-02T17:00"}
    return Act(desk.officer, f"/cases/{case.pk}/", "Write down", "/promise/", "promised", said)


def keeping(desk: Desk, case: Case, now: datetime) -> Act:
    at = f"/promises/{_task(desk, case, now).pk}/"
    return Act(desk.officer, "/promises/", "keep", at, "promise kept")


def dropping(desk: Desk, case: Case, now: datetime) -> Act:
    at = f"/promises/{_task(desk, case, now).pk}/"
    return Act(desk.officer, "/promises/", "drop", at, "promise dropped", {"note": "niet nodig"})


def moving(desk: Desk, case: Case, now: datetime) -> Act:
    at = f"/promises/{_task(desk, case, now).pk}/"
    return Act(desk.officer, "/promises/", "move", at, "promise moved", {"due_at": "2026-03-05T09:00"})


def accepting(desk: Desk, case: Case, now: datetime) -> Act:
    shifts.hand_over(Leaving("Rustig", {}, to=desk.colleague, case_ids=[case.pk]), by=desk.officer, now=now)
    at = f"/shift/{HandOver.objects.get().pk}/accept/"
    return Act(desk.colleague, "/shift/", "", at, "hand-over accepted")


def leaving(desk: Desk, case: Case, now: datetime) -> Act:
    said: dict[str, str | list[str]] = {"note": "Rustig"}
    return Act(desk.officer, "/shift/", "", "/shift/hand-over/", "handed over", said)


def approving(desk: Desk, case: Case, now: datetime) -> Act:
    _submitted(desk, case, desk.employee, now)
    return Act(desk.officer, f"/cases/{case.pk}/", "approve", "/approve/", "moved")


def letting_go_alone(desk: Desk, case: Case, now: datetime) -> Act:
    _submitted(desk, case, desk.officer, now)
    _alone(desk, now)
    said: dict[str, str | list[str]] = {"note": "Het is nacht"}
    return Act(desk.officer, f"/cases/{case.pk}/", "", "/alone/", "moved", said)


def reviewing(desk: Desk, case: Case, now: datetime) -> Act:
    reply = _submitted(desk, case, desk.officer, now)
    _alone(desk, now)
    approvals.release_alone(reply, reason="Het is nacht", by=desk.officer, now=now)
    outbox.deliver(reply.pk, now=now + timedelta(minutes=1))
    said: dict[str, str | list[str]] = {"note": "Goed gedaan"}
    return Act(desk.colleague, "/approvals/", "", "/review/", "release reviewed", said)


def handing_on(desk: Desk, case: Case, now: datetime) -> Act:
    Mandate.objects.filter(holder=desk.officer).update(may_delegate=True)
    said: dict[str, str | list[str]] = {"holder": str(desk.colleague.pk), "categories": "joke"}
    said["valid_until"] = f"{now + 9 * DAY:%Y-%m-%d}"
    return Act(desk.officer, "/mandates/", "", "/hand-on/", "mandate handed on", said)


def ending(desk: Desk, case: Case, now: datetime) -> Act:
    held = mandates.grant(desk.employee, Terms(["joke"], now - DAY, now + DAY), by=desk.lead, now=now)
    return Act(desk.lead, "/mandates/", "", f"/mandates/{held.pk}/end/", "mandate ended")


def doing_many(desk: Desk, case: Case, now: datetime) -> Act:
    other = desk.hear(mention("other", at=now))[0]
    page = f"/cases/many/?case={case.pk}&case={other.pk}"
    return Act(desk.officer, page, "do", "", "moved", {"reason": "reclame"})


def closing(desk: Desk, case: Case, now: datetime) -> Act:
    _answered(desk, case, now)
    return Act(desk.officer, f"/cases/{case.pk}/", "", "/close/", "moved")


ACTS = [
    promising,
    keeping,
    dropping,
    moving,
    leaving,
    accepting,
    approving,
    letting_go_alone,
    reviewing,
    handing_on,
    ending,
    doing_many,
    closing,
]


@pytest.mark.parametrize("prepare", ACTS, ids=lambda prepare: prepare.__name__.replace("_", " "))
def test_what_is_sent_twice_happens_once(
    prepare: Callable[[Desk, Case, datetime], Act],
    sit: Sit,
    desk: Desk,
    case: Case,
    noon: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    act = prepare(desk, case, noon)
    screen = sit(act.who).open(act.page)
    post, events = screen.client.post, [_events()]

    def send_twice(*args: Any, **options: Any) -> Any:
        for _time in range(2):
            answer = post(*args, **options)
            events.append(_events())
        return answer

    monkeypatch.setattr(screen.client, "post", send_twice)
    screen.press(act.words, at=act.at, also=act.also)
    assert events[1][act.event] > events[0][act.event], screen.html
    assert events[2] == events[1]
    assert screen.status < 500


def test_who_asks_twice_for_the_next_case_has_each_of_them_once(
    sit: Sit, desk: Desk, case: Case, noon: datetime
) -> None:
    desk.hear(mention("other", at=noon))
    client = sit(desk.officer).client
    for _time in range(3):  # the third finds nothing that waits
        client.post("/next/", follow=True)
    assert list(Case.objects.values_list("taken_by", flat=True)) == [desk.officer.pk] * 2
    assert _events()["taken"] == 2


def _events() -> Counter[str]:
    return Counter(AuditEvent.objects.values_list("action", flat=True))


def _submitted(desk: Desk, case: Case, by: User, now: datetime) -> Response:
    reply = drafting(case, by=by, now=now)
    approvals.submit(reply, Draft("Dank u wel."), by=by, now=now)
    return Response.objects.select_related("case__post__source").get(pk=reply.pk)


def _alone(desk: Desk, now: datetime) -> None:
    post = rota.add_post(PostPlan("piket", is_approver=True), by=desk.lead, now=now)
    tonight = Pattern(
        now.date(), now.time().replace(tzinfo=None), (now + DAY / 2).time().replace(tzinfo=None)
    )
    rota.plan_shifts(post.pk, desk.officer, tonight, by=desk.lead, now=now)
