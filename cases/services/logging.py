"""The log of a situation: one line, said by somebody at a moment, never changed."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import LogLine, Situation, User
from cases.services import audit
from cases.services.joining import subject_of

LONGEST = 1000


class NothingSaid(Exception):
    """A line of the log without words."""

    def __str__(self) -> str:
        return _("Write what was seen, asked or decided, and try again.")


def note(situation: Situation, text: str, *, by: User, now: datetime, is_decision: bool = False) -> LogLine:
    """Write a line in the log, also of a situation that is closed. Raises NothingSaid."""
    if not text.strip():
        raise NothingSaid
    with transaction.atomic():
        Situation.objects.select_for_update().get(pk=situation.pk)
        line = LogLine.objects.create(
            situation=situation, text=text.strip()[:LONGEST], is_decision=is_decision, by=by, at=now
        )
        facts = {"line": line.pk, "text": line.text}
        action = "decided" if is_decision else "noted"
        audit.append(subject_of(situation.pk), action, by=by, now=now, facts=facts)
    return line
