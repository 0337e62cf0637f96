"""Steps an officer takes, for tests that begin further on: always by the services themselves."""

from datetime import datetime, timedelta

from cases.models import AuditEvent, Case, Response, User, Watch
from cases.services import audit, decisions, responses, triage, watching
from cases.services.decisions import Chosen
from cases.services.responses import Draft
from cases.services.watching import Plan
from tests.world import Desk

ROUTES = {
    "thanks": {"Q1": "positive"},
    "insult": {"Q1": "negative", "Q2": "insult"},
    "joke": {"Q1": "negative", "Q2": "joke", "Q2b_liked": "no"},
    "good joke": {"Q1": "negative", "Q2": "joke", "Q2b_liked": "yes"},
    "untruth": {"Q1": "negative", "Q2": "untruth"},
    "complaint": {"Q1": "negative", "Q2": "dissatisfied"},
    "rude complaint": {"Q1": "negative", "Q2": "insult+dissatisfied"},
}
THANKS = Draft("Dank je wel, dat geven we door aan de ploeg.")


def fresh(case: Case) -> Case:
    """The case as it is stored now."""
    return Case.objects.get(pk=case.pk)


def judge(case: Case, kind: str, *, by: User, now: datetime) -> Case:
    for question, answer in ROUTES[kind].items():
        triage.answer(case, question, answer, by=by, now=now)
    return fresh(case)


def choose(case: Case, option: str, *, by: User, now: datetime, reason: str = "") -> Case:
    return decisions.choose(case, Chosen(option, reason=reason), by=by, now=now)


def drafting(case: Case, *, by: User, now: datetime, kind: str = "thanks", option: str = "P3") -> Response:
    """A case judged and a reply begun; thanks in public unless said otherwise."""
    choose(judge(case, kind, by=by, now=now), option, by=by, now=now)
    return Response.objects.select_related("case__post__source").get(case=case, status="draft")


def queued(case: Case, *, by: User, now: datetime, draft: Draft = THANKS) -> Response:
    response = drafting(case, by=by, now=now)
    responses.queue(response, draft, by=by, now=now)
    return response


def plan(desk: Desk, *, now: datetime, days: float = 7) -> Plan:
    return Plan(desk.officer, "more posts than now", timedelta(hours=1), now + timedelta(days=days))


def watched(desk: Desk, case: Case, *, now: datetime) -> Watch:
    """A watch by the officer, on a case in whatever state it is."""
    return watching.start(case, plan(desk, now=now), by=desk.officer, now=now)


def trail(case: Case) -> list[str]:
    """What happened to a case, in order, by the names of its events."""
    events = AuditEvent.objects.filter(subject=audit.subject_of(case.pk)).order_by("seq")
    return list(events.values_list("action", flat=True))


def last_event(case: Case) -> AuditEvent:
    return AuditEvent.objects.filter(subject=audit.subject_of(case.pk)).latest("seq")
