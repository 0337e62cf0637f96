"""What is said to be so in a situation, what we said to it, what rings, and what is still to be done."""

from typing import Any

from django.db.models import Case as When_
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from cases.models import Batch, Case, CaseClaim, Claim, Escalation, PublicMessage, Response, Situation, Task
from cases.reads.picture_topics import Looked, example, shown
from cases.rules.masking import masked, plain, shortened

MOST_CLAIMS = 40
MOST_ALARMS, MOST_DUTIES, MOST_MESSAGES = 12, 12, 6
LONGEST = 300
SAID = (Response.Status.SENT, Response.Status.ELSEWHERE)


def claims(situation: Situation, span: Looked) -> list[dict[str, Any]]:
    """Claims of this situation with how far they spread, copies counted; the widest first."""
    stands = Claim.objects.filter(situation=situation, merged_into=None, opened_at__lte=span.until)
    spread = _spread(situation, span)
    likeliest = CaseClaim.objects.filter(claim=OuterRef("pk"), case__post__gone_at=None)
    rows = list(
        stands.select_related("decided_by")
        .annotate(case=Subquery(likeliest.order_by("-case__n_copies", "case").values("case")[:1]))
        .order_by("pk")
    )
    rows.sort(key=lambda each: (-spread.get(each.pk, (0, 0, 0))[0], each.pk))
    rows = rows[:MOST_CLAIMS]
    examples = {each["pk"]: each for each in shown(row.case for row in rows if row.case)}
    return [_claim(row, spread.get(row.pk, (0, 0, 0)), examples, span) for row in rows]


def _claim(
    claim: Any, spread: tuple[int, int, int], examples: dict[int, dict[str, Any]], span: Looked
) -> dict[str, Any]:
    said = claim.statement
    found = examples.get(claim.case)
    return {
        "id": claim.pk,
        "statement": plain(said) if span.with_names else masked(said),
        "status": claim.status,
        "n": spread[0],
        "n_cases": spread[1],
        "n_fresh": spread[2],
        "decided_by": str(claim.decided_by or ""),
        "decided_at": claim.decided_at.isoformat() if claim.decided_at else None,
        "example": example(found, with_names=span.with_names) if found else None,
    }


def _spread(situation: Situation, span: Looked) -> dict[int, tuple[int, int, int]]:
    """Per claim: posts with copies, cases, and posts of cases that came after `since`."""
    whole = F("case__n_copies") + 1
    is_fresh = When(case__opened_at__gt=span.since, then=whole)
    rows = (
        CaseClaim.objects.filter(case__situation=situation, case__opened_at__lte=span.until)
        .order_by()
        .values_list(Coalesce("claim__merged_into_id", "claim_id"))
        .annotate(
            n=Sum(whole), n_cases=Count("case", distinct=True), n_fresh=Sum(When_(is_fresh, default=Value(0)))
        )
    )
    return {pk: (n, n_cases, n_fresh) for pk, n, n_cases, n_fresh in rows}


def answered(situation: Situation, cases: QuerySet[Case], span: Looked) -> dict[str, Any]:
    """Our replies, our messages to many, and the posts that had an answer (copies of a lead with it)."""
    sent = Response.objects.filter(case__situation=situation, status__in=SAID, sent_at__lte=span.until)
    replies = sent.aggregate(n=Count("pk"), n_fresh=Count("pk", filter=Q(sent_at__gt=span.since)))
    leads = cases.filter(lead=None).exclude(first_responded_at=None)
    posts = leads.aggregate(n=Sum(F("n_copies") + 1), n_cases=Count("pk"))
    messages = PublicMessage.objects.filter(
        situation=situation, status=PublicMessage.Status.PUBLISHED, published_at__lte=span.until
    )
    reached = dict(
        Batch.objects.filter(situation=situation, kind=Batch.Kind.ANSWER, message__isnull=False)
        .order_by()
        .values_list("message")
        .annotate(n=Sum("n_done"))
    )
    return {
        "n_replies": replies["n"],
        "n_fresh": replies["n_fresh"],
        "n_posts": posts["n"] or 0,
        "n_cases": posts["n_cases"],
        "messages": [
            {
                "text": shortened(plain(each.text), LONGEST),
                "at": each.published_at.isoformat() if each.published_at else None,
                "n_cases": reached.get(each.pk, 0),
            }
            for each in messages.order_by("-published_at")[:MOST_MESSAGES]
        ],
    }


def alarms(situation: Situation, span: Looked) -> dict[str, Any]:
    """Open alarms, the highest first, and who has each."""
    rings = Escalation.objects.filter(_of(situation), resolved_at=None, raised_at__lte=span.until)
    rows = rings.select_related("acknowledged_by").order_by("-level", "raised_at", "pk")
    return {
        "n": rings.count(),
        "rows": [
            {
                "id": each.pk,
                "case": each.case_id,
                "level": each.level,
                "cause": each.cause,
                "raised_at": each.raised_at.isoformat(),
                "who": str(each.acknowledged_by or ""),
            }
            for each in rows[:MOST_ALARMS]
        ],
    }


def _of(situation: Situation) -> Q:
    """Alarms of its cases, and of the situation itself."""
    return Q(case__situation=situation) | Q(situation=situation)


def duties(situation: Situation, span: Looked) -> dict[str, Any]:
    """What was promised to people and is not done yet, due first."""
    due = Task.objects.filter(case__situation=situation, done_at=None, created_at__lte=span.until)
    counted = due.aggregate(n=Count("pk"), n_late=Count("pk", filter=Q(due_at__lte=span.until)))
    rows = due.select_related("assignee").order_by("due_at", "pk")[:MOST_DUTIES]
    return {
        **counted,
        "rows": [
            {
                "case": each.case_id,
                "what": shortened(plain(each.what) if span.with_names else masked(each.what), LONGEST),
                "due_at": each.due_at.isoformat(),
                "who": str(each.assignee or ""),
            }
            for each in rows
        ],
    }
