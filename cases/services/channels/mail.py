"""Letters as e-mail: plain text that can be read on a lock screen."""

from email.utils import make_msgid

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from cases.outcomes import Outcome
from cases.services.channels import Letter, NotSent


def send(letter: Letter, address: str) -> None:
    """Hand a letter to the mail server. Raises NotSent."""
    try:
        _message(letter, address).send()
    except (OSError, ValueError) as error:
        # Not its words: a mail server may repeat what it was sent.
        raise NotSent(Outcome.MAIL_REFUSED(type(error).__name__)) from None


def _message(letter: Letter, address: str) -> EmailMessage:
    ways = [_("Take it with one tap: %(link)s") % {"link": letter.tap}] if letter.tap else []
    see = _("Take it, or see what is going on: %(link)s") if letter.level else _("See: %(link)s")
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    # Short enough for one line: not every mail server reads a Message-ID that was folded.
    headers = {"Message-ID": f"<{letter.key[:32]}@{domain}>" if domain else make_msgid()}
    # A name that somebody gave may hold a line end, which no header may.
    return EmailMessage(
        " ".join((_("Weerwoord: %(title)s") % {"title": letter.title}).split()),
        "\n\n".join([letter.text, *ways, see % {"link": letter.page}]),
        settings.DEFAULT_FROM_EMAIL,
        [address],
        headers=headers,
    )
