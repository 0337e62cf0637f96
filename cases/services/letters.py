"""What a message says, composed when it is sent: from the evidence of then, in the reader's language."""

from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from cases import wording
from cases.models import Contact, Escalation, Notification, User
from cases.services import onetap
from cases.services.channels import Letter


def letter_of(message: Notification, waiting: Sequence[Notification]) -> Letter:
    """One message, or all that waited for the end of somebody's quiet hours as one."""
    with override(message.recipient.language):
        return _digest(message, waiting) if len(waiting) > 1 or message.digest else _single(message)


def is_over(message: Notification) -> bool:
    """Whether an alarm needs nobody any more, or rings again by a later message."""
    alarm = message.escalation
    return alarm is not None and (alarm.status != Escalation.Status.RUNNING or alarm.round != message.round)


def _single(message: Notification) -> Letter:
    told, alarm = wording.notice(message), message.escalation
    text = [told.sentence]
    if alarm is not None and (names := _also_called(message)):
        text.append(_("Also called: %(names)s.") % {"names": ", ".join(names)})
    return Letter(
        told.title,
        "\n\n".join(text),
        settings.SITE_URL + told.path,
        message.key,
        level=alarm.level if alarm else 0,
        tap=_tap(message),
    )


def _digest(message: Notification, waiting: Sequence[Notification]) -> Letter:
    """All that waited; what is over meanwhile stands last."""
    lines, over = [], []
    for each in waiting:
        told = wording.notice(each)
        if is_over(each):
            over.append(f"– {told.title}: {_fate(each)}")
        else:
            lines.append(f"– {told.title}: {told.sentence}\n  {settings.SITE_URL}{told.path}")
    title = ngettext("%(n)d message waited", "%(n)d messages waited", len(waiting)) % {"n": len(waiting)}
    text = [_("This came during your quiet hours."), *lines]
    text += [_("Over meanwhile:"), *over] if over else []
    return Letter(title, "\n\n".join(text), f"{settings.SITE_URL}/notifications/", message.key)


def _fate(message: Notification) -> str:
    alarm = message.escalation
    if alarm is not None and alarm.acknowledged_by:
        return _("%(who)s took it.") % {"who": alarm.acknowledged_by}
    return _("It is over.")


def _tap(message: Notification) -> str:
    """The link that takes this alarm; a channel of a whole team gets none: anybody there could press it."""
    alarm = message.escalation
    if alarm is None or _is_of_team(message.contact):
        return ""
    return onetap.link(onetap.Tap(message.recipient_id, alarm.pk, alarm.round, alarm.level))


def _is_of_team(contact: Contact | None) -> bool:
    return contact is not None and contact.post_id is not None


def _also_called(message: Notification) -> list[str]:
    others = User.objects.filter(
        notifications__escalation=message.escalation_id, notifications__round=message.round
    )
    return [str(person) for person in others.exclude(pk=message.recipient_id).distinct().order_by("pk")[:10]]
