"""Situations: an incident is opened, named, graded, locked to one voice, and spoken about."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import Case, KeyMessage, Situation, SituationLevel, User, Watch, WatchProfile
from cases.services import audit, beginning, inflows, joining, speaking
from cases.services.joining import subject_of

EVERY = timedelta(minutes=30)
"""People hear from us this often, unless it is set otherwise."""

NAME, REASON = 120, 500


class SituationRefused(Exception):
    """Something that cannot be done with a situation: why, and what to do."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault

    def __str__(self) -> str:
        return {
            "name": _("A situation needs a name. Write what happens where, in a few words."),
            "reason": _("This needs a reason. Write one and try again."),
            "text": _("A key message says something. Write it and try again."),
            "closed": _("This situation is closed. Open it again, or open a new one."),
            "decided": _("Somebody has decided about this proposal already; look at the page again."),
            "level": _("This level is not in use. Choose another one."),
            "words": _("People must hear from us at least once a day and at most once a minute."),
        }[self.fault]


class SituationChanged(Exception):
    """Somebody changed it after the page was opened."""

    def __init__(self, situation_id: int) -> None:
        super().__init__(situation_id)
        self.situation_id = situation_id

    def __str__(self) -> str:
        return _(
            "This situation was changed after you opened the page. Nothing was saved; look at what stands "
            "there now and try again."
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody wants to open: a name is enough. Without an owner it is whoever opens it."""

    name: str
    about: str = ""
    began_at: datetime | None = None
    level: SituationLevel | None = None
    owner: User | None = None
    profile: WatchProfile | None = None
    word_every: timedelta = EVERY
    key_message: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """The fields of a situation that its page writes together."""

    name: str
    about: str
    owner: User
    profile: WatchProfile | None
    word_every: timedelta
    began_at: datetime


def open_situation(plan: Plan, *, by: User, now: datetime) -> Situation:
    """Open a situation by hand; from here on it has one clock. Raises SituationRefused."""
    _check(plan.name, plan.word_every)
    with transaction.atomic():
        situation = Situation.objects.create(created_at=now, **_opened(plan, by=by, now=now))
        _begin(situation, plan, by=by, now=now)
    return situation


def open_from_case(case: Case, plan: Plan, *, by: User, now: datetime) -> Situation:
    """Open a situation around a case: its story and its conversation come along."""
    with transaction.atomic():
        situation = open_situation(plan, by=by, now=now)
        _bring(situation, case, by=by, now=now)
    return situation


def open_proposed(situation: Situation, plan: Plan, *, by: User, now: datetime) -> Situation:
    """Open what a rule proposed, with the story that grew. Raises SituationRefused when it was decided."""
    _check(plan.name, plan.word_every)
    with transaction.atomic():
        opened = _held(situation, status=Situation.Status.PROPOSED)
        for name, value in _opened(plan, by=by, now=now).items():
            setattr(opened, name, value)
        opened.revision += 1
        opened.save()
        _begin(opened, plan, by=by, now=now)
        if opened.story is not None:
            _bring(opened, opened.story, by=by, now=now)
    return opened


def decline(situation: Situation, *, reason: str, by: User, now: datetime) -> None:
    """A proposal is no situation; it is proposed again only when its story has grown to twice as much."""
    with transaction.atomic():
        held = _held(situation, status=Situation.Status.PROPOSED)
        held.status, held.close_reason = Situation.Status.DECLINED, reason.strip()[:REASON]
        held.closed_by, held.closed_at = by, now
        _saved(held, "situation declined", {"reason": held.close_reason}, by=by, now=now)


def change(situation: Situation, changes: Changes, *, by: User, now: datetime, revision: int) -> None:
    """Write name, text, owner, profile and how often people hear from us. Raises SituationChanged."""
    _check(changes.name, changes.word_every)
    with transaction.atomic():
        held = _held(situation, revision=revision)
        before = {"name": held.name, "owner": str(held.owner), "profile": str(held.profile or "")}
        held.name, held.about = changes.name.strip()[:NAME], changes.about
        if held.profile != changes.profile:  # its watch is judged by it from now on
            Watch.objects.filter(situation=held, ended_at=None).update(
                profile=changes.profile, evaluate_at=now
            )
        held.owner, held.profile, held.began_at = changes.owner, changes.profile, changes.began_at
        every_s = int(changes.word_every.total_seconds())
        if held.word_due_at and every_s != held.word_every_s:
            last = held.word_due_at - timedelta(seconds=held.word_every_s)
            held.word_due_at = last + changes.word_every
        held.word_every_s = every_s
        after = {"name": held.name, "owner": str(held.owner), "profile": str(held.profile or "")}
        _saved(held, "situation changed", {"before": before, "after": after}, by=by, now=now)


def set_level(
    situation: Situation, level: SituationLevel | None, *, reason: str, by: User, now: datetime, revision: int
) -> None:
    """Grade the situation, up or down, with a reason. Raises SituationChanged or SituationRefused."""
    if not reason.strip():
        raise SituationRefused("reason")
    if level is not None and not level.is_active:
        raise SituationRefused("level")
    with transaction.atomic():
        held = _held(situation, revision=revision)
        facts = {"before": str(held.level or ""), "after": str(level or ""), "reason": reason.strip()}
        held.level = level
        _saved(held, "level set", facts, by=by, now=now)


def lock_voice(situation: Situation, *, by: User, now: datetime) -> bool:
    """From now on only unaltered vetted answers leave without a lead. False when it was so already."""
    with transaction.atomic():
        held = _held(situation)
        if held.is_locked:
            return False
        held.is_locked, held.locked_by, held.locked_at = True, by, now
        _saved(held, "locked to one voice", {}, by=by, now=now)
    return True


def unlock_voice(situation: Situation, *, reason: str, by: User, now: datetime) -> bool:
    """Everybody speaks within their own mandate again. False when it was so already."""
    if not reason.strip():
        raise SituationRefused("reason")
    with transaction.atomic():
        held = _held(situation)
        if not held.is_locked:
            return False
        held.is_locked, held.locked_by, held.locked_at = False, None, None
        _saved(held, "one voice ended", {"reason": reason.strip()}, by=by, now=now)
    return True


def say_key_message(situation: Situation, text: str, *, after: int, by: User, now: datetime) -> KeyMessage:
    """Write the next version of what we want people to know; `after` is the version that was read (0 = none).

    Raises SituationChanged when somebody else wrote one meanwhile.
    """
    if not text.strip():
        raise SituationRefused("text")
    with transaction.atomic():
        held = _held(situation)
        newest = held.key_messages.order_by("-n").first()
        n = newest.n if newest else 0
        if n != after:
            raise SituationChanged(held.pk)
        message = KeyMessage.objects.create(situation=held, n=n + 1, text=text.strip(), by=by, at=now)
        audit.append(
            subject_of(held.pk), "key message", by=by, now=now, facts={"n": n + 1, "text": message.text}
        )
    return message


def heard(situation: Situation, *, by: User, now: datetime) -> None:
    """People heard it from us by another way: the one clock starts again. Raises SituationRefused."""
    with transaction.atomic():
        held = _held(situation)
        speaking.spoke(held.pk, now=now)
        audit.append(subject_of(held.pk), "people heard", by=by, now=now)


def end(situation: Situation, *, reason: str, by: User, now: datetime) -> None:
    """Close the situation, in the caller's transaction; its cases were asked about first (`closing`)."""
    if not reason.strip():
        raise SituationRefused("reason")
    held = _held(situation)
    for inflow in held.inflows.filter(ended_at=None):
        inflows.stop(inflow, by=by, now=now)
    held.status, held.closed_by, held.closed_at = Situation.Status.CLOSED, by, now
    held.close_reason = reason.strip()[:REASON]
    held.word_due_at = held.picture_due_at = None
    beginning.end_on_situation(held, by=by, now=now, reason=held.close_reason)
    _saved(held, "situation closed", {"reason": held.close_reason}, by=by, now=now)
    situation.status = held.status


def _check(name: str, word_every: timedelta) -> None:
    if not name.strip():
        raise SituationRefused("name")
    if not timedelta(minutes=1) <= word_every <= timedelta(days=1):
        raise SituationRefused("words")


def _opened(plan: Plan, *, by: User, now: datetime) -> dict[str, Any]:
    return {
        "name": plan.name.strip()[:NAME],
        "about": plan.about,
        "status": Situation.Status.OPEN,
        "level": plan.level,
        "owner": plan.owner or by,
        "profile": plan.profile,
        "word_every_s": int(plan.word_every.total_seconds()),
        "word_due_at": now + plan.word_every,
        "began_at": min(plan.began_at or now, now),
        "opened_by": by,
        "opened_at": now,
    }


def _begin(situation: Situation, plan: Plan, *, by: User, now: datetime) -> None:
    facts = {"name": situation.name, "level": str(situation.level or ""), "owner": str(situation.owner)}
    audit.append(subject_of(situation.pk), "situation opened", by=by, now=now, facts=facts)
    beginning.start_on_situation(situation, by=by, now=now)
    if plan.key_message.strip():
        say_key_message(situation, plan.key_message, after=0, by=by, now=now)


def _bring(situation: Situation, case: Case, *, by: User, now: datetime) -> None:
    """A case with its story from now on, and whoever talks in its conversation already."""
    lead = case.lead or case
    together = [lead.pk]
    if lead.conversation:
        talking = Case.objects.filter(conversation=lead.conversation, situation=None)
        together += talking.values_list("pk", flat=True)
    joining.join(situation, together, by=by, now=now)
    inflows.add(situation, story=lead, since=situation.began_at, by=by, now=now)


def _held(
    situation: Situation, *, revision: int | None = None, status: str = Situation.Status.OPEN
) -> Situation:
    held = Situation.objects.select_for_update(no_key=True).get(pk=situation.pk)
    if held.status != status:
        raise SituationRefused("closed" if status == Situation.Status.OPEN else "decided")
    if revision is not None and revision != held.revision:
        raise SituationChanged(held.pk)
    return held


def _saved(situation: Situation, action: str, facts: dict[str, Any], *, by: User, now: datetime) -> None:
    situation.revision += 1
    situation.save()
    audit.append(subject_of(situation.pk), action, by=by, now=now, facts=facts)
