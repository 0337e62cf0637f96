"""Environment pictures: made by the machine, advised on and signed by a person, never changed afterwards."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cases import duty
from cases.models import Notification, Picture, Situation, User
from cases.services import audit, mailing
from cases.services.notifications import tell
from cases.sheet.seal import digest_of

Collect = Callable[..., dict[str, Any]]
"""Counts and chooses what a picture holds: `(situation, before, *, reason_for_names, now)`."""

LONGEST = 4000
EVERY_S = 1800
SHORTEST_S, LONGEST_S = 300, 86_400
ATTEMPTS = 3
ADVICE = ("information", "meaning", "damage")


class PictureRefused(Exception):
    """This cannot be done with the picture as it is; the sentence says why."""


class PictureChanged(Exception):
    """Somebody wrote advice or signed after the page was opened."""

    def __init__(self, n: int, *, by: str = "") -> None:
        super().__init__(n, by)
        self.n, self.by = n, by

    def __str__(self) -> str:
        if self.by:
            return _(
                "%(who)s signed picture %(n)d after you opened it. Nothing was saved: for a correction, "
                "make a new picture."
            ) % {"who": self.by, "n": self.n}
        return _(
            "Somebody changed the advice of picture %(n)d after you opened it. Nothing was saved; look again."
        ) % {"n": self.n}


class _Overtaken(Exception):
    """Another picture was made while this one was counted."""


def make(
    situation: Situation, *, collect: Collect, by: User | None, now: datetime, reason_for_names: str = ""
) -> Picture:
    """Make the next picture of a situation: counted first, then numbered and frozen in one transaction.

    `by` is None when the clock of the situation asked for it: its owner, or else the officers, are told that
    a draft waits. The advice of the picture before is carried over. Names of the public are in it only with
    a reason. Raises PictureRefused for a situation that is not open.
    """
    for attempt in range(ATTEMPTS):
        before = _newest(situation)
        content = collect(situation, before, reason_for_names=reason_for_names.strip(), now=now)
        try:
            return _number(situation, before, content, by=by, now=now)
        except _Overtaken:
            if attempt == ATTEMPTS - 1:
                raise PictureRefused(
                    _("Others made pictures of this situation at the same moment. Look at theirs first.")
                ) from None
    raise AssertionError("the last attempt returns or raises")


def write_advice(
    picture: Picture, information: str, meaning: str, damage: str, *, by: User, revision: int, now: datetime
) -> None:
    """Write what the crisis team is advised to do. Raises PictureChanged, and PictureRefused once signed."""
    texts = dict(zip(ADVICE, (information.strip(), meaning.strip(), damage.strip()), strict=True))
    if any(len(text) > LONGEST for text in texts.values()):
        raise PictureRefused(_("Keep each advice under %(n)d characters.") % {"n": LONGEST})
    with transaction.atomic():
        situation = _hold(picture.situation_id)
        held = _unsigned(picture, revision)
        changed = [name for name, text in texts.items() if getattr(held, name) != text]
        if changed:
            Picture.objects.filter(pk=held.pk).update(**texts, revision=F("revision") + 1)
            facts = {"picture": held.n, "changed": changed}
            _note(situation, "advice written", by=by, now=now, **facts)
    picture.refresh_from_db()


def sign(picture: Picture, *, by: User, revision: int, now: datetime) -> None:
    """Sign a picture: from now on neither content nor advice changes, and its readers get it.

    Raises PictureChanged when somebody wrote advice or signed meanwhile.
    """
    with transaction.atomic():
        situation = _hold(picture.situation_id)
        held = _unsigned(picture, revision)
        held.signed_by, held.signed_at = by, now
        held.digest = digest_of(held)
        held.save(update_fields=["signed_by", "signed_at", "digest"])
        n_mails = mailing.queue(held, now=now)
        _note(situation, "picture signed", by=by, now=now, picture=held.n, digest=held.digest, mails=n_mails)
    picture.refresh_from_db()


def schedule(situation: Situation, *, every_s: int | None, by: User, now: datetime) -> None:
    """Let a draft be made every so many seconds, from one interval from now; None: only by hand.

    Raises PictureRefused for an interval that helps nobody, or a situation that is not open.
    """
    if every_s is not None and not SHORTEST_S <= every_s <= LONGEST_S:
        raise PictureRefused(_("Choose an interval of 5 minutes to 24 hours."))
    with transaction.atomic():
        held = _hold(situation.pk)
        _check_open(held)
        if held.picture_every_s == every_s:
            return
        held.picture_every_s = every_s
        held.picture_due_at = now + timedelta(seconds=every_s) if every_s else None
        held.save(update_fields=["picture_every_s", "picture_due_at"])
        _note(held, "pictures scheduled", by=by, now=now, every_s=every_s)
    situation.picture_every_s, situation.picture_due_at = held.picture_every_s, held.picture_due_at


def due_situations(*, now: datetime) -> list[int]:
    """Open situations whose next picture is due, the longest waiting first."""
    due = Situation.objects.filter(status=Situation.Status.OPEN, picture_due_at__lte=now)
    return list(due.order_by("picture_due_at").values_list("pk", flat=True)[:50])


def make_due(situation_id: int, *, collect: Collect, now: datetime) -> bool:
    """Make the picture that is due; False when another worker has it.

    Due time and lease are one: the next one is due an interval from now, also when this one fails.
    """
    due = Situation.objects.filter(
        pk=situation_id, status=Situation.Status.OPEN, picture_due_at__lte=now, picture_every_s__gt=0
    )
    situation = due.first()
    if situation is None or situation.picture_every_s is None:
        return False
    next_at = now + timedelta(seconds=situation.picture_every_s)
    if not due.filter(picture_due_at=situation.picture_due_at).update(picture_due_at=next_at):
        return False
    make(situation, collect=collect, by=None, now=now)
    return True


def _number(
    situation: Situation, before: Picture | None, content: dict[str, Any], *, by: User | None, now: datetime
) -> Picture:
    with transaction.atomic():
        held = _hold(situation.pk)
        _check_open(held)
        if _newest(held) != before:
            raise _Overtaken
        picture = Picture.objects.create(
            situation=held,
            n=before.n + 1 if before else 1,
            cutoff_at=now,
            made_at=now,
            made_by=by,
            content=content,
            **{name: getattr(before, name) if before else "" for name in ADVICE},
        )
        names = {"names": content["names"]["reason"]} if content["names"]["shown"] else {}
        _note(
            held,
            "picture made",
            by=by,
            now=now,
            picture=picture.n,
            posts=content["figures"]["posts"],
            **names,
        )
        if by is None:
            _tell(held, picture, now=now)
    return picture


def _tell(situation: Situation, picture: Picture, *, now: datetime) -> None:
    owner = situation.owner
    people = [owner] if owner and owner.is_active else duty.leads_or_officers()
    facts = {"n": picture.n, "name": situation.name, "situation": situation.pk}
    in_app = [Notification.Channel.IN_APP]
    about, kind = f"pictures:{situation.pk}", Notification.Kind.PICTURE_WAITS
    tell(people, kind, about, facts=facts, now=now, occasion=str(picture.pk), channels=in_app)


def _newest(situation: Situation) -> Picture | None:
    return Picture.objects.filter(situation=situation).order_by("-n").first()


def _hold(situation_id: int) -> Situation:
    return Situation.objects.select_for_update(of=("self",), no_key=True).get(pk=situation_id)


def _check_open(situation: Situation) -> None:
    if situation.status != Situation.Status.OPEN:
        raise PictureRefused(_("Pictures are made of situations that are open; this one is not."))


def _unsigned(picture: Picture, revision: int) -> Picture:
    """The picture as it is now. Raises PictureChanged when it is not as it was on the page."""
    held = Picture.objects.select_related("signed_by").get(pk=picture.pk)
    if held.signed_at is not None:
        raise PictureChanged(held.n, by=str(held.signed_by))
    if held.revision != revision:
        raise PictureChanged(held.n)
    return held


def _note(situation: Situation, action: str, *, by: User | None, now: datetime, **facts: Any) -> None:
    audit.append(f"situation:{situation.pk}", action, by=by, now=now, facts=facts)
