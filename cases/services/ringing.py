"""What an alarm does when a step of its ladder is due: who is called, who was reached, what is next."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from cases import duty
from cases.models import Case, Escalation, Ladder, Notification, User
from cases.outcomes import Outcome
from cases.rules import ladders
from cases.rules.ladders import EVERYBODY, PROPOSE, SAID_WORSE, SHIPPED, Step
from cases.services import audit, notifications

WORSENED = "worsened"

TOGETHER = timedelta(minutes=10)
"""Watches of one topic that rise within this time ring as one."""

FOLLOWS_EVERY = timedelta(seconds=60)
"""How often an alarm that rings with another one looks whether that one still does."""


def ladder_of(level: int) -> ladders.Ladder:
    """The ladder of a level as it is now; the shipped one where nobody keeps one."""
    row = Ladder.objects.filter(level=level).first()
    if row is None:
        return SHIPPED[level]
    steps = tuple(Step.from_json(stored) for stored in row.steps)
    return ladders.Ladder(level, steps, row.repeats, row.taken_for_s, row.version)


def start_ladder(escalation: Escalation, *, cause: str, now: datetime, first: str = "") -> None:
    """Copy the ladder of its level in and make the first step due; the caller saves.

    Whoever keeps watch is passed by when they said it themselves, and where nobody keeps watch.
    """
    ladder = ladder_of(escalation.level)
    has_watcher = escalation.watch is not None and cause != SAID_WORSE
    escalation.ladder = ladders.climb(ladder, has_watcher=has_watcher, first=first)
    escalation.ladder_version, escalation.taken_for_s = ladder.version, ladder.taken_for_s
    escalation.step, escalation.next_step_at, escalation.unreached = 0, now, []
    escalation.raised_at = now


def ring_again(escalation: Escalation, *, cause: str, now: datetime, first: str = "") -> None:
    """Start the ladder as a new round that nobody has taken; what was not sent yet is said by this one."""
    Notification.objects.filter(escalation=escalation, delivered_at=None, due_at__isnull=False).update(
        due_at=None, error=Outcome.LATER
    )
    escalation.status, escalation.part_of = Escalation.Status.RUNNING, None
    escalation.round += 1
    escalation.acknowledged_by = escalation.acknowledged_at = escalation.taken_until = None
    escalation.offered_to = None
    start_ladder(escalation, cause=cause, now=now, first=first)


def whole_of(case: Case, *, level: int, now: datetime) -> Escalation | None:
    """The alarm of the same topic that rings since a moment ago: its copies, or its conversation."""
    lead_id = case.lead_id or case.pk
    topic = Q(case=lead_id) | Q(case__lead=lead_id)
    if case.conversation:
        topic |= Q(case__conversation=case.conversation)
    running = Escalation.objects.filter(status=Escalation.Status.RUNNING, cause=WORSENED, part_of=None)
    beside = running.filter(topic, level__gte=level, opened_at__gt=now - TOGETHER).exclude(case=case)
    return beside.order_by("opened_at", "pk").first()


def join(escalation: Escalation, whole: Escalation, *, now: datetime) -> None:
    """Ring with another alarm of the topic, and look in a moment whether that one still rings."""
    escalation.part_of, escalation.next_step_at = whole, now + FOLLOWS_EVERY


def follow(escalation: Escalation, *, now: datetime) -> None:
    """A part goes with its whole: it waits while that rings, is taken with it, or rings by itself.

    Who took the whole before this one rose has not seen it.
    """
    whole = escalation.part_of
    if whole and whole.status == Escalation.Status.RUNNING:
        escalation.next_step_at = now + FOLLOWS_EVERY
        escalation.save(update_fields=["next_step_at"])
        return
    if whole and _was_taken_since(whole, escalation.raised_at):
        escalation.status, escalation.next_step_at = Escalation.Status.ACKNOWLEDGED, None
        escalation.acknowledged_by, escalation.acknowledged_at = whole.acknowledged_by, now
        escalation.taken_until = now + timedelta(seconds=escalation.taken_for_s)
        escalation.save()
        facts = {"escalation": escalation.pk, "level": escalation.level, "with": whole.case_id}
        audit.append(subject(escalation), "acknowledged", by=whole.acknowledged_by, now=now, facts=facts)
        return
    escalation.part_of = None
    start_ladder(escalation, cause=escalation.cause, now=now)
    escalation.opened_at = now
    case = escalation.case
    beside = whole_of(case, level=escalation.level, now=now) if case else None
    if beside:
        join(escalation, beside, now=now)
    escalation.save()


def take_step(escalation: Escalation, *, now: datetime) -> None:
    """Call whom the next step means; one that reaches nobody hands on to the next of this climb at once.

    Who sleeps is reached when they wake, so nothing is hurried for them; meanwhile who is at work hears it.
    """
    _note_failed(escalation, now=now)
    n, step = escalation.step, escalation.ladder[escalation.step]
    people = _people(escalation, step["who"], now=now)
    told = notifications.notify(escalation, people, step["channels"], step=n, now=now)
    instead = _at_work(escalation, people, now=now) if told.asleep and not told.reached else []
    also = notifications.notify(escalation, instead, step["channels"], step=n, now=now)
    facts = {
        "step": n + 1,
        "who": step["who"],
        "people": _names(people),
        "unreached": _names(told.unreached),
        "asleep": _names(told.asleep),
        "instead": _names(also.reached),
        "messages": told.n_new + also.n_new,
    }
    is_missed = not (told.reached or told.asleep or also.reached)
    if is_missed:
        missed = {"step": n + 1, "who": step["who"], "at": now.isoformat(), "people": facts["people"]}
        escalation.unreached = [*escalation.unreached, missed]
    action = {PROPOSE: "crisis proposed", EVERYBODY: "nobody has taken it"}.get(step["who"], "step taken")
    result = "nobody could be reached" if is_missed else "done"
    audit.append(subject(escalation), action, by=None, now=now, result=result, facts=facts)
    escalation.step += 1
    escalation.next_step_at = _next_step_at(escalation, was_missed=is_missed, now=now)
    escalation.save(update_fields=["step", "next_step_at", "unreached"])


def subject(escalation: Escalation) -> str:
    return escalation.subject.trail


def _next_step_at(escalation: Escalation, *, was_missed: bool, now: datetime) -> datetime | None:
    """When the next step is due; at once after one that reached nobody, but no climb begins early."""
    if escalation.step >= len(escalation.ladder):
        return None
    if was_missed and ladders.may_come_early(escalation.ladder, escalation.step):
        return now
    return _planned_at(escalation)


def _planned_at(escalation: Escalation) -> datetime:
    return escalation.raised_at + timedelta(seconds=escalation.ladder[escalation.step]["after_s"])


def _note_failed(escalation: Escalation, *, now: datetime) -> None:
    """A step before its time follows on one whose messages all failed (`giving_up.hurry`), or on a miss."""
    n = escalation.step
    is_noted = bool(escalation.unreached) and escalation.unreached[-1]["step"] == n
    if not n or is_noted or now >= _planned_at(escalation):
        return
    sent = Notification.objects.filter(escalation=escalation, round=escalation.round, step=n - 1)
    people = list(User.objects.filter(notifications__in=sent).distinct().order_by("pk"))
    missed = {"step": n, "who": escalation.ladder[n - 1]["who"], "at": now.isoformat()}
    missed["people"] = _names(people)
    escalation.unreached = [*escalation.unreached, missed]
    audit.append(subject(escalation), "step failed", by=None, now=now, facts=missed)


def _at_work(escalation: Escalation, asleep: Sequence[User], *, now: datetime) -> list[User]:
    """Who works now and has not heard of this round; who said that it got worse knows."""
    heard = Notification.objects.filter(escalation=escalation, round=escalation.round)
    known = {*heard.values_list("recipient", flat=True), *(person.pk for person in asleep)}
    if escalation.cause == SAID_WORSE:
        known.add(escalation.raised_by_id or 0)
    return [person for person in duty.at_work(now=now) if person.pk not in known]


def _names(people: Sequence[User]) -> list[str]:
    return [str(person) for person in people]


def _people(escalation: Escalation, who: str, *, now: datetime) -> list[User]:
    """Who a step calls; whoever said that it got worse knows, and somebody else must."""
    people = duty.people_for(escalation, who, now=now)
    if escalation.cause != SAID_WORSE or who.startswith("person:"):
        return people
    return [person for person in people if person.pk != escalation.raised_by_id]


def _was_taken_since(whole: Escalation, at: datetime) -> bool:
    is_taken = whole.status == Escalation.Status.ACKNOWLEDGED and whole.acknowledged_at is not None
    return is_taken and whole.acknowledged_at is not None and whole.acknowledged_at >= at
