"""All of one case for its file: why we did or did not reply, and what of it can be proved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from cases import policy
from cases.models import (
    Assessment,
    AuditEvent,
    Case,
    CommsDecision,
    Escalation,
    Response,
    Task,
    User,
    Watch,
    WatchCheck,
    case_subject,
)
from cases.reads.watches import with_states
from cases.rules.chain import Finding, event_findings
from cases.rules.scheme import Advice, Scheme, next_step
from monitoring.models import PostVersion

MOST = 100
"""Of what can repeat itself without end: earlier texts, checks and the like."""

MOST_EVENTS = 500


@dataclass(frozen=True, slots=True)
class Judged:
    """One pass through the scheme; `advice` is what the answers led to."""

    assessment: Assessment
    advice: Advice | None


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case with all that was decided about it.

    `history`: oldest first, the last MOST_EVENTS of `n_events`; `head` is the newest event, whose hash
    seals all before it; `findings`: where the chain of this case does not hold (empty: it does).
    """

    case: Case
    scheme: Scheme
    printed_by: User
    printed_at: datetime
    earlier_texts: Sequence[PostVersion]
    judged: Sequence[Judged]
    responses: Sequence[Response]
    watches: Sequence[Watch]
    escalations: Sequence[Escalation]
    decisions: Sequence[CommsDecision]
    tasks: Sequence[Task]
    history: Sequence[AuditEvent]
    n_events: int
    head: AuditEvent | None
    findings: Sequence[Finding]


def case_file(case: Case, *, by: User, now: datetime) -> CaseFile:
    """The whole file, in a bounded number of queries. `case` comes from `access.case_for`."""
    scheme = policy.scheme_of(case)
    events = list(AuditEvent.objects.filter(subject=case_subject(case.pk)).order_by("seq"))
    checks = WatchCheck.objects.select_related("by").order_by("at")
    watches = case.watches.select_related("watcher", "post", "profile").order_by("pk")
    people = (
        "author",
        "submitted_by",
        "approved_by",
        "reviewed_by",
        "mandate__holder",
        "mandate__granted_by",
    )
    return CaseFile(
        case=case,
        scheme=scheme,
        printed_by=by,
        printed_at=now,
        earlier_texts=list(PostVersion.objects.filter(post_id=case.pk).order_by("-replaced_at")[:MOST]),
        judged=[_judged(scheme, each) for each in case.assessments.select_related("by").order_by("n")],
        responses=list(case.responses.select_related(*people).order_by("pk")[:MOST]),
        watches=with_states(list(watches.prefetch_related(Prefetch("checks", checks))), now=now),
        escalations=list(case.escalations.select_related("raised_by", "acknowledged_by").order_by("pk")),
        decisions=list(case.decisions.select_related("by").order_by("at")),
        tasks=list(case.tasks.select_related("assignee", "done_by").order_by("due_at")),
        history=events[-MOST_EVENTS:],
        n_events=len(events),
        head=events[-1] if events else None,
        findings=list(event_findings(events)),
    )


def _judged(scheme: Scheme, assessment: Assessment) -> Judged:
    step = next_step(scheme, assessment.answers)
    return Judged(assessment, step if isinstance(step, Advice) else None)
