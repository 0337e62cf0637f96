"""Who has an alarm: handed to a colleague, ended with a reason, made a crisis, or left lying too long."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cases import naming
from cases.models import (
    AuditEvent,
    CommsDecision,
    Escalation,
    KeyMessage,
    LogLine,
    Notification,
    Response,
    User,
    WatchCheck,
)
from cases.models.subject import Kind
from cases.rules.levels import Level
from cases.rules.permissions import Need, may
from cases.services import audit, escalation, notifications
from cases.services.escalation import ABOUT, Alarm, raise_escalation
from cases.services.ringing import join, ring_again, subject
from cases.services.subjects import hold

CRISIS = "crisis"
Status = Escalation.Status

UNSAID = (Response.Status.DRAFT, Response.Status.WITHDRAWN)
"""Replies that nobody has let go of: no answer to an alarm."""


class TakingRefused(Exception):
    """What is asked of an alarm cannot be done: why, and what can be done now."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


def offer(alarm: Escalation, to: User, *, by: User, now: datetime) -> None:
    """Ask a colleague by name to take an alarm over; who has it keeps it until they accept.

    Raises TakingRefused for an alarm that somebody else has, and for who may not take one.
    """
    with transaction.atomic():
        held = _held(alarm)
        if held.status != Status.ACKNOWLEDGED or held.acknowledged_by_id != by.pk:
            raise TakingRefused(_("You do not have this alarm, so you cannot hand it over. Take it first."))
        if to.pk == by.pk or not to.is_active or not may(to.role, Need.ACKNOWLEDGE):
            raise TakingRefused(
                _("%(who)s cannot take this alarm. Choose a colleague who may.") % {"who": to}
            )
        held.offered_to = to
        held.save(update_fields=["offered_to"])
        facts = {"escalation": held.pk, "to": str(to)}
        audit.append(subject(held), "alarm offered", by=by, now=now, facts=facts)
        told = {"what": "alarm", "by": str(by), "about": naming.own_name(held), **held.subject.named}
        occasion = f"{held.pk}/{held.round}/{now.isoformat()}"
        notifications.tell(
            [to], Notification.Kind.HANDED_OVER, subject(held), facts=told, now=now, occasion=occasion
        )


def accept(alarm: Escalation, *, by: User, now: datetime) -> None:
    """Take an alarm over from the colleague who offered it; it holds from now. Raises TakingRefused."""
    with transaction.atomic():
        held = _held(alarm)
        if held.status != Status.ACKNOWLEDGED or held.offered_to_id != by.pk:
            raise TakingRefused(_("Nobody offers you this alarm any more. Look on its page who has it now."))
        facts = {"escalation": held.pk, "from": str(held.acknowledged_by or "")}
        held.acknowledged_by, held.acknowledged_at, held.offered_to = by, now, None
        held.taken_until = now + timedelta(seconds=held.taken_for_s)
        held.save(update_fields=["acknowledged_by", "acknowledged_at", "offered_to", "taken_until"])
        audit.append(subject(held), "alarm taken over", by=by, now=now, facts=facts)


def finish(alarm: Escalation, *, reason: str, by: User, now: datetime) -> None:
    """End an alarm because a person says so, with the reason. Raises TakingRefused when it is over."""
    if not reason.strip():
        raise TakingRefused(_("Say why this alarm is over; who reads it later must understand it."))
    with transaction.atomic():
        held = _held(alarm)
        if not escalation.resolve(held.subject, by=by, now=now, resolution=reason.strip()):
            raise TakingRefused(_("This alarm is over already; nothing was changed."))


def declare_crisis(alarm: Escalation, *, reason: str, by: User, now: datetime) -> None:
    """A person says that this is a crisis: everybody whom the fourth level means is called.

    Raises TakingRefused without a reason, and for an alarm that is over or of that level already.
    """
    if not reason.strip():
        raise TakingRefused(_("Say why this is a crisis; everybody who is called reads it."))
    with transaction.atomic():
        held = _held(alarm)
        if held.resolved_at:
            raise TakingRefused(_("This alarm is over. Raise a new one from the case."))
        if held.level >= Level.CRISIS:
            raise TakingRefused(_("This is a crisis already; nothing was changed."))
        evidence = {"note": reason.strip()[:500], "who": str(by)}
        raise_escalation(
            held.case or held.subject, Alarm(Level.CRISIS, CRISIS, evidence, held.watch), by=by, now=now
        )


def due_lapses(*, now: datetime) -> list[int]:
    """Alarms whose acknowledgement has run its time."""
    due = Escalation.objects.filter(status=Status.ACKNOWLEDGED, taken_until__lte=now)
    return list(due.order_by("taken_until").values_list("pk", flat=True)[:200])


def lapse(escalation_id: int, *, now: datetime) -> bool:
    """Let an acknowledgement end: for good when something was done about it, else the alarm rings again.

    Whoever took it hears it first, and the ladder is climbed anew. False when it did not ring.
    """
    about = Escalation.objects.only(*ABOUT).get(pk=escalation_id).subject
    with transaction.atomic():
        hold(about)
        alarm = Escalation.objects.select_related("watch", "part_of", "case").get(pk=escalation_id)
        if alarm.status != Status.ACKNOWLEDGED or alarm.taken_until is None or alarm.taken_until > now:
            return False
        if is_dealt_with(alarm):
            alarm.taken_until = None
            alarm.save(update_fields=["taken_until"])
            return False
        taker, whole = alarm.acknowledged_by, alarm.part_of
        facts = {"escalation": alarm.pk, "level": alarm.level, "taken by": str(taker or "")}
        ring_again(alarm, cause=alarm.cause, now=now, first=f"person:{taker.pk}" if taker else "")
        if whole and whole.resolved_at is None and whole.level >= alarm.level:
            join(alarm, whole, now=now)
        alarm.save()
        audit.append(subject(alarm), "acknowledgement ran out", by=None, now=now, facts=facts)
    return True


def is_dealt_with(alarm: Escalation) -> bool:
    """Whether a reply, a decision or a check was written down since somebody took the alarm."""
    since = alarm.acknowledged_at
    if alarm.situation_id and _was_word_given(alarm.situation_id, since):
        return True
    of_case, of_watch = _about(alarm)
    said = Response.objects.filter(**of_case).exclude(status__in=UNSAID)
    let_go = Q(submitted_at__gte=since) | Q(send_at__gte=since) | Q(sent_at__gte=since)
    told_others = AuditEvent.objects.filter(subject=subject(alarm), action="handed over", at__gte=since)
    return (
        WatchCheck.objects.filter(**of_watch, at__gte=since).exists()
        or CommsDecision.objects.filter(**of_case, at__gte=since).exists()
        or said.filter(let_go).exists()
        or told_others.exists()
    )


def _about(alarm: Escalation) -> tuple[dict[str, int], dict[str, int]]:
    """Whose replies and decisions answer it, and whose checks: of a situation those of any of its cases."""
    about = alarm.subject
    if about.kind is Kind.SITUATION:
        return {"case__situation": about.number}, {"watch__situation": about.number}
    if about.kind is Kind.QUERY:
        return {"case__post__matches__query": about.number}, {"watch__query": about.number}
    return {"case": about.number}, {"watch__case": about.number}


def _was_word_given(situation_id: int, since: datetime | None) -> bool:
    """Whether something was decided in the log of a situation, or or a key message given."""
    return (
        LogLine.objects.filter(situation=situation_id, is_decision=True, at__gte=since).exists()
        or KeyMessage.objects.filter(situation=situation_id, at__gte=since).exists()
    )


def _held(alarm: Escalation) -> Escalation:
    """The alarm as it is now, with what it rings for held."""
    hold(alarm.subject, alarm.case)
    return Escalation.objects.select_related("case", "watch", "acknowledged_by").get(pk=alarm.pk)
