"""What happens to a case whose post is gone from its platform: the decision stays, the words go."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cases.models import Case, Response
from cases.rules.workflow import OPEN, State
from cases.services import audit, promises, responses
from cases.services.transitions import move

SENT = ("queued", "sending", "unknown", "sent", "elsewhere")
"""A reply of ours that stands somewhere, or may."""

REASON = "the source was removed"


def on_gone(reasons: Mapping[int, str], *, now: datetime) -> set[int]:
    """Write down that posts are gone, and close their cases where nothing of ours depends on them.

    Returns the posts whose text is kept: one that speaks of danger may have to be shown to others
    (legal hold). In the caller's transaction, which holds the posts.
    """
    held = Case.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=reasons).order_by("pk")
    cases = list(held.select_related("post"))
    keeps = {case.pk for case in cases if case.is_urgent}
    closes = [case for case in cases if case.pk not in keeps and _may_close(case)]
    closing = {case.pk for case in closes}
    noted: dict[str, dict[str, Any]] = {
        audit.subject_of(case.pk): {
            "reason": reasons[case.pk],
            "text is kept": case.pk in keeps,
            "closes": case.pk in closing,
        }
        for case in cases
    }
    audit.append_next(noted, "post gone", now=now)
    for case in closes:
        responses.withdraw(case)
        move(case, State.CLOSED, by=None, now=now, reason=REASON)
    return keeps


def on_back(post_ids: Sequence[int], *, now: datetime) -> None:
    """Write down that posts stand on their platform again; what was decided meanwhile stays."""
    held = Case.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=post_ids).order_by("pk")
    noted: dict[str, dict[str, Any]] = {audit.subject_of(case.pk): {} for case in held}
    audit.append_next(noted, "post restored", now=now)


def _may_close(case: Case) -> bool:
    """Whether nobody needs the case: nothing sent or promised, nobody watching or alarmed, no copy."""
    return (
        case.state in OPEN - {State.SENDING}
        and not Response.objects.filter(case=case, status__in=SENT).exists()
        and not case.watches.filter(ended_at=None).exists()
        and not promises.holds_open(case)
        and not case.escalations.filter(resolved_at=None).exists()
        and not case.copies.filter(state=State.MERGED, post__gone_at=None).exists()
    )
