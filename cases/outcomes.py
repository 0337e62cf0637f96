"""What became of an attempt to deliver a message: a code with its fact, said in the reader's language."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from django.utils.translation import gettext as _


class Outcome(StrEnum):
    """Kept as it stands here, after ": " with the fact that belongs to it."""

    DELIVERED = "delivered"
    TAKEN = "taken before it was sent"
    LATER = "a later message says it"
    REMOVED = "address removed before it was sent"
    NOT_IN_USE = "address not in use"
    SEALED = "address cannot be opened"
    MAIL_REFUSED = "mail server did not take it"
    NO_KEY = "no key for push"
    NOT_ALLOWED = "address not allowed"
    PUSH_AWAY = "push service not reached"
    PUSH_ENDED = "subscription ended"
    PUSH_ANSWERED = "push service answered"
    CHAT_REFUSED = "chat did not take it"
    KEPT = "kept in the exercise"

    def __call__(self, fact: object) -> str:
        """What is kept."""
        return f"{self.value}: {fact}"


SENTENCES: Mapping[str, Callable[[], str]] = {
    Outcome.DELIVERED: lambda: _("delivered"),
    Outcome.TAKEN: lambda: _("somebody took the alarm before it was sent"),
    Outcome.LATER: lambda: _("a later message says it"),
    Outcome.REMOVED: lambda: _("its address was removed before it was sent"),
    Outcome.NOT_IN_USE: lambda: _("this address is not in use any more"),
    Outcome.SEALED: lambda: _("no key in CREDENTIAL_KEYS opens this address"),
    Outcome.MAIL_REFUSED: lambda: _("the mail server did not take it (%(fact)s)"),
    Outcome.NO_KEY: lambda: _("this installation has no key for push messages (VAPID_PRIVATE_KEY)"),
    Outcome.NOT_ALLOWED: lambda: _("this address is one that we do not go to"),
    Outcome.PUSH_AWAY: lambda: _("the push service could not be reached in time"),
    Outcome.PUSH_ENDED: lambda: _("this device is subscribed no more; switch push messages on there again"),
    Outcome.PUSH_ANSWERED: lambda: _("the push service answered %(fact)s"),
    Outcome.KEPT: lambda: _("kept in the exercise: it went to nobody"),
    Outcome.CHAT_REFUSED: lambda: _("%(fact)s did not take the message"),
}


def said(kept: str) -> str:
    """A kept outcome in the reader's language; one of which no sentence is known as it is."""
    code, _colon, fact = kept.partition(": ")
    sentence = SENTENCES.get(code)
    return sentence() % {"fact": fact} if sentence else kept
