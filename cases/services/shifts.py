"""From one shift to the next: what is left behind is written down, and accepted by name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from cases import duty
from cases.models import DutyPost, HandOver, Notification, Shift, User, Watch
from cases.rules.levels import Level
from cases.rules.permissions import Need, may
from cases.services import assignment, audit, notifications

UNACCEPTED_AFTER = timedelta(minutes=30)
SOON = timedelta(hours=12)
"""Whose shift begins later than this comes too late to take anything over."""

AGAIN = timedelta(minutes=1)
"""So long the same note by the same person is a form that was sent twice."""

FORGOTTEN = timedelta(days=2)
MOST_HANDED = 500
LONGEST = 2000


class HandOverRefused(Exception):
    """A hand-over that is not this person's to accept or change, or no longer: in one sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is left: a note, to whom or at which post, with which cases, and the counts of that moment."""

    note: str
    counts: Mapping[str, int]
    post: DutyPost | None = None
    to: User | None = None
    case_ids: Sequence[int] = ()


def subject_of(hand_over_id: int) -> str:
    return f"hand-over:{hand_over_id}"


def hand_over(leaving: Leaving, *, by: User, now: datetime) -> HandOver:
    """Write down what the next one must know, and tell them. Cases go along when it is accepted.

    Raises HandOverRefused without a note, and for a hand-over to oneself.
    """
    if not leaving.note.strip():
        raise HandOverRefused(_("Write down what the next one must know, then hand over."))
    if leaving.to and leaving.to.pk == by.pk:
        raise HandOverRefused(_("You cannot hand over to yourself. Choose a colleague, or a duty post."))
    facts: dict[str, Any] = {
        "counts": dict(leaving.counts),
        "cases": sorted(set(leaving.case_ids))[:MOST_HANDED],
        "watches": watch_counts(leaving.post, now=now),
    }
    with transaction.atomic():
        if same := _left_just_now(leaving, facts["cases"], by=by, now=now):
            return same
        left = HandOver.objects.create(
            post=leaving.post, by=by, to=leaving.to, note=leaving.note.strip(), facts=facts, at=now
        )
        said = {"to": str(left.to or left.post or ""), "n cases": len(facts["cases"])} | facts
        audit.append(subject_of(left.pk), "handed over", by=by, now=now, facts=said)
        _tell(_receivers(left, now=now), left, "left", by=by, now=now)
    return left


def _left_just_now(leaving: Leaving, case_ids: object, *, by: User, now: datetime) -> HandOver | None:
    """The same note that was left a moment ago and nobody has accepted: a form that is sent twice is one."""
    list(User.objects.select_for_update(no_key=True).filter(pk=by.pk))  # one at a time for one person
    same = HandOver.objects.filter(by=by, post=leaving.post, to=leaving.to, note=leaving.note.strip())
    fresh = same.filter(accepted_by=None, at__gt=now - AGAIN).order_by("-pk")
    return next((left for left in fresh if left.facts.get("cases") == case_ids), None)


def watch_counts(post: DutyPost | None, *, now: datetime) -> dict[str, int]:
    """How the watches of a post stand: all, worsened, blind, and with a check that is due. No post: none."""
    if post is None:
        return {}
    due, blind = Q(next_check_at__lte=now), Q(blind_since__isnull=False)
    return Watch.objects.filter(post=post, ended_at=None).aggregate(
        n=Count("pk"),
        worsened=Count("pk", filter=Q(level__gte=Level.WORSENING)),
        blind=Count("pk", filter=blind),
        due=Count("pk", filter=due),
    )


def accept(hand_over_id: int, *, by: User, now: datetime) -> list[int]:
    """Take over by name: once, by one person. Returns the cases that came along.

    Raises HandOverRefused when somebody was first, or when it is for somebody else.
    """
    with transaction.atomic():
        left = _open(hand_over_id)
        _check_receiver(left, by)
        if not HandOver.objects.filter(pk=left.pk, accepted_by=None).update(accepted_by=by, accepted_at=now):
            raise _accepted(left)
        given = assignment.hand_on(left.facts.get("cases", []), of=left.by, to=by, hand_over=left.pk, now=now)
        facts = {"cases": given}
        audit.append(subject_of(left.pk), "hand-over accepted", by=by, now=now, facts=facts)
        _tell([left.by], left, "accepted", by=by, now=now)
    return given


def ask(hand_over_id: int, question: str, *, by: User, now: datetime) -> None:
    """Ask who left to add something before accepting. Raises as `accept`, and without a text."""
    if not question.strip():
        raise HandOverRefused(_("Write down what must be added, then send it."))
    with transaction.atomic():
        left = _open(hand_over_id)
        _check_receiver(left, by)
        if _said_just_now(left, "asked", question, by=by, now=now):
            return
        _keep(left, "asked", question, by=by, now=now)
        audit.append(subject_of(left.pk), "asked to add", by=by, now=now, facts={"question": question})
        _tell([left.by], left, "asked", by=by, now=now)


def add(hand_over_id: int, text: str, *, by: User, now: datetime) -> None:
    """Add to one's own note while nobody has accepted it. Raises as `ask`."""
    if not text.strip():
        raise HandOverRefused(_("Write down what must be added, then send it."))
    with transaction.atomic():
        left = _open(hand_over_id)
        if left.by_id != by.pk:
            raise HandOverRefused(
                _("Only %(who)s can add to this note. Ask them, or write a note of your own.")
                % {"who": left.by}
            )
        if _said_just_now(left, "added", text, by=by, now=now):
            return
        askers = {said["id"] for said in left.facts.get("asked", [])}
        _keep(left, "added", text, by=by, now=now)
        audit.append(subject_of(left.pk), "added to the note", by=by, now=now, facts={"text": text})
        people = {person.pk: person for person in _receivers(left, now=now)}
        people |= {person.pk: person for person in User.objects.filter(pk__in=askers, is_active=True)}
        _tell(people.values(), left, "added", by=by, now=now)


def remind(*, now: datetime) -> int:
    """Tell who is there, and the duty lead, that nobody accepts a hand-over; each once. How many are new."""
    waiting = HandOver.objects.filter(
        accepted_at=None, at__lte=now - UNACCEPTED_AFTER, at__gt=now - FORGOTTEN
    )
    found = waiting.select_related("by", "to", "post").order_by("pk")[:100]
    leads = duty.leads()
    return sum(
        _tell([*_receivers(left, now=now), *leads], left, "waits", by=left.by, now=now) for left in found
    )


def _receivers(left: HandOver, *, now: datetime) -> list[User]:
    """Who is to accept it: the person named, or whoever is there at the post, or comes there soon."""
    if left.to:
        return [left.to] if left.to.is_active else []
    there = duty.on_duty(left.post, now=now)
    here = [person for person in there if person.pk != left.by_id and may(person.role, Need.HAND_OVER)]
    if here or left.post is None:
        return here
    soon = Shift.objects.filter(post=left.post, starts_at__gt=now, starts_at__lte=now + SOON)
    coming = soon.exclude(person=left.by_id).filter(person__is_active=True).select_related("person")
    first = coming.order_by("starts_at", "pk").first()
    return [first.person] if first else []


def _check_receiver(left: HandOver, by: User) -> None:
    if left.by_id == by.pk:
        raise HandOverRefused(_("You wrote this note yourself. The colleague who comes next accepts it."))
    if left.to_id not in (None, by.pk) and not may(by.role, Need.RUN_TEAM):
        raise HandOverRefused(
            _("This is handed over to %(who)s. Only they or the duty lead can accept it.") % {"who": left.to}
        )


def _held(hand_over_id: int) -> HandOver:
    rows = HandOver.objects.select_for_update(of=("self",)).select_related("by", "to", "accepted_by", "post")
    return rows.get(pk=hand_over_id)


def _open(hand_over_id: int) -> HandOver:
    left = _held(hand_over_id)
    if left.accepted_by_id:
        raise _accepted(left)
    return left


def _accepted(left: HandOver) -> HandOverRefused:
    left.refresh_from_db(fields=["accepted_by"])
    return HandOverRefused(
        _("%(who)s has accepted this hand-over already. Look at the page again.") % {"who": left.accepted_by}
    )


def _keep(left: HandOver, kind: str, text: str, *, by: User, now: datetime) -> None:
    said = {"id": by.pk, "who": str(by), "text": text.strip()[:LONGEST], "at": now.isoformat()}
    left.facts = left.facts | {kind: [*left.facts.get(kind, []), said]}
    left.save(update_fields=["facts"])


def _said_just_now(left: HandOver, kind: str, text: str, *, by: User, now: datetime) -> bool:
    """Whether this person said the same a moment ago: a form that is sent twice is one. The row is held."""
    return any(
        said["id"] == by.pk
        and said["text"] == text.strip()[:LONGEST]
        and datetime.fromisoformat(said["at"]) > now - AGAIN
        for said in left.facts.get(kind, [])
    )


def _tell(people: Iterable[User], left: HandOver, what: str, *, by: User, now: datetime) -> int:
    """Tell each of them once of what was done; of being left waiting once in all."""
    others = {person.pk: person for person in people if person.pk != by.pk}
    occasion = what if what == "waits" else f"{what} {now.isoformat()}"
    return notifications.tell(
        others.values(),
        Notification.Kind.HANDED_OVER,
        subject_of(left.pk),
        facts={"by": str(by), "what": what, "post": left.post.name if left.post else ""},
        now=now,
        occasion=occasion,
    )
