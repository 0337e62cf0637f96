"""Somebody's shifts for the calendar of their phone, by an address that is signed."""

from datetime import datetime, timedelta

from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _

from cases.models import DutyFeed, Shift, User
from cases.rules.icalendar import Entry, calendar

BEHIND, AHEAD = timedelta(days=31), timedelta(days=7 * 16)
_signer = Signer(salt="weerwoord.duty-feed", sep=".")


def token_of(user: User, version: int) -> str:
    """What stands in the address: whose it is and which one, signed."""
    return _signer.sign(f"{user.pk}-{version}")


def whose(token: str) -> User | None:
    """Whose shifts an address shows; None for one that is forged, was ended, or is of who left."""
    try:
        number, _dash, version = _signer.unsign(token).partition("-")
    except BadSignature:
        return None
    feeds = DutyFeed.objects.filter(person=int(number), version=int(version), person__is_active=True)
    found = feeds.select_related("person").first()
    return found.person if found else None


def duties(user: User, *, now: datetime) -> str:
    """The shifts of the last month and the coming ones, with where, and whether on call; nothing else."""
    shifts = Shift.objects.filter(person=user, ends_at__gt=now - BEHIND, starts_at__lt=now + AHEAD)
    entries = [
        Entry(
            f"shift-{shift.pk}@weerwoord",
            shift.starts_at,
            shift.ends_at,
            _("%(who)s (on call)") % {"who": shift.post.name} if shift.is_on_call else shift.post.name,
        )
        for shift in shifts.select_related("post").order_by("starts_at", "pk")
    ]
    return calendar(_("My duty"), entries, now=now)
