"""What officers do with replies: write, hand in, approve, let go alone, look at afterwards, take back."""

from cases.models import Case, Response
from cases.services import approvals, escalation, outbox, responses
from cases.services.responses import Draft
from tests.faults.day import LATER, Day

REPLY = Draft(
    "Dank je wel", claim="not so", fact_source="https://fact.example", inquiry="asked", what_we_do="done"
)


def _reply(case: Case) -> Response | None:
    return Response.objects.filter(case=case).select_related("case__post__source").order_by("-pk").first()


def sends(day: Day, case: Case) -> str:
    if (reply := _reply(case)) is None:
        return ""
    responses.queue(reply, REPLY, by=day.officer, now=day.now)
    return "moved to sending"


def submits(day: Day, case: Case) -> str:
    if (reply := _reply(case)) is None:
        return ""
    approvals.submit(reply, REPLY, by=day.officer, now=day.now)
    return "moved to approval"


def approves(day: Day, case: Case) -> str:
    if (reply := _reply(case)) is None:
        return ""
    approvals.approve(reply, by=day.officer, now=day.now)
    return "moved to sending"


def gives_back(day: Day, case: Case) -> str:
    if (reply := _reply(case)) is None:
        return ""
    approvals.give_back(reply, comment="warmer", by=day.officer, now=day.now)
    return "moved to drafting"


def takes_back(day: Day, case: Case) -> str:
    if (reply := _reply(case)) is None:
        return ""
    return "moved to drafting" if responses.take_back(reply, by=day.officer, now=day.now) else ""


def changes_option(day: Day, case: Case) -> str:
    if (reply := _reply(case)) is None:
        return ""
    responses.change_option(reply, REPLY, by=day.officer, now=day.now)
    return "moved to assessed"


def delivers(day: Day, case: Case) -> str:
    """The machine comes by: what is due is sent, and alarms climb."""
    if reply := _reply(case):
        outbox.deliver(reply.pk, now=day.now + LATER)
    escalation.take_due_steps(now=day.now)
    return ""


def releases_alone(day: Day, case: Case) -> list[tuple[str, int]]:
    """Own words that wait somewhere; only one of the officers has a shift, and is alone by it."""
    waiting = Response.objects.filter(status=Response.Status.SUBMITTED, submitted_by=day.officer)
    if (reply := waiting.select_related("case__post__source").order_by("-pk").first()) is None:
        return []
    approvals.release_alone(reply, reason="nobody is here", by=day.officer, now=day.now)
    return [("moved to sending", reply.case_id)]


def reviews(day: Day, case: Case) -> list[tuple[str, int]]:
    """What somebody let go alone, wherever that was."""
    sent = Response.objects.filter(sent_at__isnull=False, reviewed_at=None).exclude(solo_reason="")
    if (reply := sent.select_related("case__post__source").order_by("pk").first()) is None:
        return []
    approvals.review(reply, note="fine", by=day.officer, now=day.now)
    return [("release reviewed", reply.case_id)]
