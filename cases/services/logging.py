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
    action = "decided" if is_decision else "noted"
    return _write(situation, action, text, by=by, now=now, is_decision=is_decision)


def take_over(situation: Situation, text: str, *, by: User, now: datetime) -> LogLine:
    """Take a situation over from the shift before, by name, with what may be said about it."""
    line = _("Taken over by %(who)s.") % {"who": by}
    words = f"{line} {text}".strip()
    return _write(situation, "taken over", words, by=by, now=now, is_decision=True)


def _write(
    situation: Situation, action: str, text: str, *, by: User, now: datetime, is_decision: bool
) -> LogLine:
    with transaction.atomic():
        Situation.objects.select_for_update(no_key=True).get(pk=situation.pk)
        line = LogLine.objects.create(
            situation=situation, text=text.strip()[:LONGEST], is_decision=is_decision, by=by, at=now
        )
        facts = {"line": line.pk, "text": line.text}
        audit.append(subject_of(situation.pk), action, by=by, now=now, facts=facts)
    return line
