"""When what is known of a claim changes, every open case that carries it is told, and who is at one.

The case pages know at once, by reference (`cases.carried`); here it is written on the trail of each case.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from cases import carried
from cases.models import Batch, Case, Claim, Notification, Response, User
from cases.rules.workflow import State
from cases.services import audit, batches, notifications
from cases.services.batches import Act
from cases.services.transitions import hold

AT_ONCE = 500
"""So many cases are told in the transaction that decides; more of them by a worker, bit by bit."""

TOLD = "claim told"
"""What the event on the trail of a case is called."""


def tell(claim: Claim, what: str, *, by: User, now: datetime, of: int | None = None) -> int:
    """Tell the open cases and the people at them, in the caller's transaction; returns how many cases.

    `what` changed: "status", "statement", "sources", "answer", "merged". Called before the caller holds the
    claim, since cases come first (docs/architecture.md, "Who waits for whom"); `claim` is as it will be.
    `of`: the claim whose cases these are, where it is another one.
    """
    cases = carried.open_carriers(of or claim.pk)
    seen = {pk: State(state) for pk, state in cases.values_list("pk", "state")}
    facts = facts_of(claim, what, by=by)
    if len(seen) <= AT_ONCE:
        on_trail(sorted(seen), facts, now=now)
    else:  # bit by bit by a worker; how the claim stands is on the pages of all of them at once
        act = Act(Batch.Kind.TELL, claim=Claim(pk=claim.pk), facts=facts)
        batches.begin(act, seen, by=by, now=now)
    tell_people(cases, facts, by=by, now=now)
    return len(seen)


def carry_out(batch: Batch, held: Sequence[Case], now: datetime) -> Mapping[int, str]:
    """Write it on the trails of some cases of a batch, whose rows the worker holds."""
    audit.append_next({audit.subject_of(case.pk): batch.facts for case in held}, TOLD, now=now)
    return {}


def facts_of(claim: Claim, what: str, *, by: User) -> dict[str, Any]:
    return {
        "claim": claim.pk,
        "statement": claim.statement,
        "status": claim.status,
        "revision": claim.revision,
        "what": what,
        "who": str(by),
    }


def on_trail(case_ids: list[int], facts: Mapping[str, Any], *, now: datetime) -> None:
    """Write it on the trails of these cases, in the caller's transaction."""
    held = hold(case_ids, only=("post_id",))
    audit.append_next({audit.subject_of(pk): facts for pk in held}, TOLD, now=now)


def tell_people(cases: QuerySet[Case], facts: Mapping[str, Any], *, by: User, now: datetime) -> int:
    """One message in the app for everybody who has such cases, however many; not for who decided."""
    n_cases = _at_work(cases, now=now)
    n_cases.pop(by.pk, None)
    told = 0
    for person in User.objects.filter(pk__in=n_cases, is_active=True).order_by("pk"):
        told += notifications.tell(
            [person],
            Notification.Kind.CLAIM_DECIDED,
            f"claim:{facts['claim']}",
            facts={**facts, "n": n_cases[person.pk]},
            now=now,
            occasion=f"{facts['what']}/{facts['revision']}/{now.isoformat()}",
            channels=(Notification.Channel.IN_APP,),
        )
    return told


def _at_work(cases: QuerySet[Case], *, now: datetime) -> Counter[int]:
    """Who has how many of the open cases: asked to do it, at it now, or writing its reply."""
    theirs: dict[int, set[int]] = {}
    has = Q(assignee__isnull=False) | Q(taken_until__gt=now)
    for case in cases.filter(has).only("pk", "assignee_id", "taken_by_id", "taken_until"):
        is_at_it = case.taken_until is not None and case.taken_until > now
        for person in (case.assignee_id, case.taken_by_id if is_at_it else None):
            theirs.setdefault(person or 0, set()).add(case.pk)
    writing = Response.objects.filter(case__in=cases, status__in=Response.PENDING)
    for response in writing.only("case_id", "author_id", "written_by_id", "submitted_by_id", "wrote"):
        for person in response.writers | {response.author_id}:
            theirs.setdefault(person, set()).add(response.case_id)
    return Counter({person: len(found) for person, found in theirs.items() if person})
