"""Taking an alarm by the link in a message, without signing in: that one alarm, in that person's name."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cases import naming, wording
from cases.models import Escalation, User
from cases.models.subject import Subject
from cases.rules.permissions import Need, may
from cases.services import audit, escalation, onetap
from cases.services.escalation import AlarmRose
from cases.services.onetap import LinkRefused, Tap

ORIGIN = "one-tap"


class Standing(StrEnum):
    """What an alarm is when somebody comes by a link."""

    RINGS = "rings"
    ROSE = "rose"
    TAKEN = "taken"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Tapped:
    """All that the page of a link shows."""

    standing: Standing
    person: User
    level: int
    about: Subject
    sentence: str
    taken_by: User | None

    @property
    def path(self) -> str:
        return naming.path_of(self.about)


def look(token: str) -> Tapped:
    """What a link is about. Changes nothing: mail scanners follow links. Raises LinkRefused."""
    tap = onetap.read(token)
    person, alarm = _found(tap)
    return Tapped(
        _standing(tap, alarm),
        person,
        alarm.level,
        alarm.subject,
        wording.alarm(alarm),
        alarm.acknowledged_by,
    )


def take(token: str, *, now: datetime) -> Tapped:
    """Take the alarm of a link, if it still rings as its message said. Raises LinkRefused."""
    tap = onetap.read(token)
    person, alarm = _found(tap)
    if _standing(tap, alarm) == Standing.RINGS:
        try:
            with audit.acting_through(ORIGIN):
                escalation.acknowledge(alarm, by=person, now=now, seen=tap.level)
        except AlarmRose:
            pass  # the page says that it rose
    return look(token)


def _found(tap: Tap) -> tuple[User, Escalation]:
    """Who the link was sent to, while they may take alarms, and its alarm."""
    person = User.objects.filter(pk=tap.person_id, is_active=True).first()
    alarms = Escalation.objects.select_related("acknowledged_by", "case", "situation", "query")
    alarm = alarms.filter(pk=tap.escalation_id).first()
    if person is None or alarm is None or not may(person.role, Need.ACKNOWLEDGE):
        raise LinkRefused
    return person, alarm


def _standing(tap: Tap, alarm: Escalation) -> Standing:
    if alarm.status == Escalation.Status.RESOLVED:
        return Standing.OVER
    if alarm.status == Escalation.Status.ACKNOWLEDGED:
        return Standing.TAKEN
    return Standing.ROSE if alarm.level > tap.level or alarm.round != tap.round else Standing.RINGS
