"""Signed pictures to the addresses that get them: one row per picture and address, tried until it leaves."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import formataddr

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from cases.models import Picture, PictureMail, PictureReader, Situation, User
from cases.services import audit
from cases.sheet.pdf import pdf_of
from cases.sheet.plain import plain_text
from cases.sheet.words import sheet

RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(minutes=30)
MOST_ATTEMPTS = 30
MOST_READERS = 100
_SIGNS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069<>\"]")


class ReaderRefused(Exception):
    """This address cannot be put on the list like this."""


@dataclass(frozen=True, slots=True)
class Address:
    """Who gets pictures."""

    email: str
    name: str = ""


def add_reader(situation: Situation, to: Address, *, by: User, now: datetime) -> PictureReader:
    """Put an address on the list of a situation; one that is on it gets a new name.

    Raises ReaderRefused.
    """
    email = to.email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise ReaderRefused(_("“%(email)s” is no e-mail address.") % {"email": email[:100]}) from None
    name = " ".join(_SIGNS.sub(" ", to.name).split())[:100]
    with transaction.atomic():
        held = _hold(situation.pk)
        others = PictureReader.objects.filter(situation=held)
        if others.exclude(email=email).count() >= MOST_READERS:
            raise ReaderRefused(_("No more than %(n)d addresses fit on the list.") % {"n": MOST_READERS})
        reader, is_new = PictureReader.objects.update_or_create(
            situation=held,
            email=email,
            defaults={"name": name},
            create_defaults={"name": name, "added_by": by},
        )
        if is_new:
            _note(held.pk, "reader added", by=by, now=now, email=email)
    return reader


def remove_reader(situation: Situation, email: str, *, by: User, now: datetime) -> bool:
    """Take an address off the list; what is on its way to it still comes. False when it was off."""
    with transaction.atomic():
        held = _hold(situation.pk)
        gone, _kinds = PictureReader.objects.filter(situation=held, email=email.strip().lower()).delete()
        if gone:
            _note(held.pk, "reader removed", by=by, now=now, email=email)
    return bool(gone)


def queue(picture: Picture, *, now: datetime) -> int:
    """Write a row for every address on the list, in the caller's transaction; how many there are."""
    readers = PictureReader.objects.filter(situation=picture.situation_id)
    rows = [
        PictureMail(
            picture=picture,
            name=reader.name,
            email=reader.email,
            key=hashlib.sha256(f"picture/{picture.pk}/{reader.email}".encode()).hexdigest(),
            created_at=now,
            next_at=now,
        )
        for reader in readers
    ]
    PictureMail.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def due_mails(*, now: datetime) -> list[int]:
    """Mails that are due, the longest waiting first."""
    return list(
        PictureMail.objects.filter(next_at__lte=now).order_by("next_at").values_list("pk", flat=True)[:100]
    )


def deliver(mail_id: int, *, now: datetime) -> bool:
    """Hand one due mail to the mail server; False when another worker has it or it did not leave.

    The lease is taken first, so that two workers do not send one mail; a crash right after it left repeats it
    under the same Message-ID. The server is asked outside any transaction.
    """
    due = PictureMail.objects.filter(pk=mail_id, next_at__lte=now)
    if not due.update(next_at=now + RETRY, n_attempts=F("n_attempts") + 1):
        return False
    mail = PictureMail.objects.select_related("picture__situation", "picture__signed_by").get(pk=mail_id)
    try:
        _message(mail).send()
    except (OSError, ValueError) as error:
        # Not its words: a mail server may repeat what it was sent.
        _note_trouble(mail, type(error).__name__, now=now)
        return False
    _note_sent(mail, now=now)
    return True


def _message(mail: PictureMail) -> EmailMessage:
    """The text in the body and the PDF beside it, in the language of the organisation."""
    picture = mail.picture
    with translation.override(settings.LANGUAGE_CODE):
        shown = sheet(picture)
        text = plain_text(shown)
        subject = _("Environment picture %(n)d: %(name)s") % {"n": picture.n, "name": picture.situation.name}
        pdf = pdf_of(shown)
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    message = EmailMessage(
        " ".join(_SIGNS.sub(" ", subject).split())[:150],
        text,
        settings.DEFAULT_FROM_EMAIL,
        [formataddr((mail.name, mail.email)) if mail.name else mail.email],
        headers={"Message-ID": f"<{mail.key[:32]}@{domain or 'weerwoord'}>"},
    )
    message.attach(f"picture-{picture.situation_id}-{picture.n}.pdf", pdf, "application/pdf")
    return message


def _note_sent(mail: PictureMail, *, now: datetime) -> None:
    """That it left; when it was the last one, the picture has been mailed."""
    with transaction.atomic():
        held = _hold(mail.picture.situation_id)
        PictureMail.objects.filter(pk=mail.pk).update(next_at=None, sent_at=now, error="")
        waiting = PictureMail.objects.filter(picture=mail.picture_id, next_at__isnull=False)
        if not waiting.exists() and Picture.objects.filter(pk=mail.picture_id, mailed_at=None).update(
            mailed_at=now
        ):
            n_sent = PictureMail.objects.filter(picture=mail.picture_id, sent_at__isnull=False).count()
            _note(held.pk, "picture mailed", by=None, now=now, picture=mail.picture.n, mails=n_sent)


def _note_trouble(mail: PictureMail, why: str, *, now: datetime) -> None:
    """Tried again ever less often, for about half a day; the page of the picture says what did not leave."""
    is_over = mail.n_attempts >= MOST_ATTEMPTS
    wait = min(RETRY * 2 ** min(mail.n_attempts, 10), LONGEST_RETRY)
    with transaction.atomic():
        held = _hold(mail.picture.situation_id)
        PictureMail.objects.filter(pk=mail.pk).update(
            next_at=None if is_over else now + wait, error=why[:500]
        )
        if is_over:
            _note(
                held.pk,
                "picture not mailed",
                by=None,
                now=now,
                picture=mail.picture.n,
                email=mail.email,
                why=why,
            )


def _hold(situation_id: int) -> Situation:
    return Situation.objects.select_for_update(of=("self",), no_key=True).get(pk=situation_id)


def _note(situation_id: int, action: str, *, by: User | None, now: datetime, **facts: object) -> None:
    audit.append(f"situation:{situation_id}", action, by=by, now=now, facts=facts)
