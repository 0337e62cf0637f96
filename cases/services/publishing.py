"""The head of the audit trail, mailed every day to an address outside this house (docs/audit.md)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from cases.models import AuditEvent
from cases.services import audit

SUBJECT = "audit"
EVERY = timedelta(hours=24)
AGAIN = timedelta(minutes=15)


def mail_head(*, now: datetime) -> bool:
    """Mail the head once a day, when there is an address for it; True when it left.

    That it is mailed is in the trail before it leaves, so that the head seals it too and no second
    worker mails it; a mail server that does not take it is asked again after AGAIN.
    """
    to = settings.AUDIT_HEAD_TO
    if not to or not _is_due(now=now):
        return False
    try:
        with transaction.atomic():
            audit.append(SUBJECT, "head mailed", by=None, now=now, facts={"to": to})
    except IntegrityError:  # another worker has this number, and the mail
        return False
    head = audit.head(now=now)
    try:
        _message(to, str(head)).send()
    except OSError as error:
        facts = {"to": to, "error": type(error).__name__}
        audit.append(SUBJECT, "head mailed", by=None, now=now, result="failed", facts=facts)
        return False
    return True


def _is_due(*, now: datetime) -> bool:
    last = AuditEvent.objects.filter(subject=SUBJECT).order_by("-seq").first()
    return last is None or now - last.at >= (AGAIN if last.result == "failed" else EVERY)


def _message(to: str, line: str) -> EmailMessage:
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Weerwoord: head of the audit trail")
        why = _(
            "Keep this line. Later it shows whether the audit trail up to now is still as it was:\n\n"
            "%(line)s\n\nCheck it with: python manage.py audit verify --head FILE"
        )
    return EmailMessage(subject, why % {"line": line}, settings.DEFAULT_FROM_EMAIL, [to])
