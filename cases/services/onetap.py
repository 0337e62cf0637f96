"""The link that takes one alarm in one person's name: signed, short, and of use for a day."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.urls import reverse

SALT = "weerwoord.one-tap"
GOOD_FOR = timedelta(hours=24)
LONGEST = 200


class LinkRefused(Exception):
    """This link takes no alarm: it was not made by us, or too long ago."""


@dataclass(frozen=True, slots=True)
class Tap:
    """Who takes what: an alarm in the round and at the level that the message told of."""

    person_id: int
    escalation_id: int
    round: int
    level: int


def link(tap: Tap) -> str:
    text = f"{tap.person_id}.{tap.escalation_id}.{tap.round}.{tap.level}"
    return settings.SITE_URL + reverse("cases:one_tap", args=[_signer().sign(text)])


def read(token: str) -> Tap:
    """What a link means. Raises LinkRefused; compares in constant time."""
    if len(token) > LONGEST or not token.isascii():
        raise LinkRefused
    try:
        numbers = [int(part) for part in _signer().unsign(token, max_age=GOOD_FOR).split(".")]
        return Tap(*numbers)
    except (BadSignature, ValueError, TypeError):
        raise LinkRefused from None


def _signer() -> TimestampSigner:
    return TimestampSigner(salt=SALT, sep="~")
