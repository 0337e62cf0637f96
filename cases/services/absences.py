"""Who is away: their shifts stand, and show as gaps until somebody fills them."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import Absence, User
from cases.rules.permissions import Need, may
from cases.rules.shifts import Span
from cases.services import audit
from cases.services.rota import RotaRefused, said


def subject_of(person: User) -> str:
    return f"away:{person.pk}"


def add_absence(person: User, span: Span, reason: str, *, by: User, now: datetime) -> Absence:
    """Somebody is away from a time until a time. One's own, or anybody's for who plans.

    Raises RotaRefused for a period that is over, ends before it starts, or is known already.
    """
    _check_whose(person, by)
    if span[1] <= span[0]:
        raise RotaRefused(_("An absence ends after it starts. Give a later end."))
    if span[1] <= now:
        raise RotaRefused(_("This absence is over already. Give a later end."))
    if reason not in Absence.Reason.values:
        raise RotaRefused(_("Choose a reason from the list: one word is enough, and no more is kept."))
    with transaction.atomic():
        list(User.objects.select_for_update(no_key=True).filter(pk=person.pk))
        known = Absence.objects.filter(person=person, starts_at__lt=span[1], ends_at__gt=span[0]).first()
        if known:
            raise RotaRefused(
                _("%(who)s is away already from %(from)s until %(until)s. Remove that first.")
                % {"who": person, "from": said(known.starts_at), "until": said(known.ends_at)}
            )
        away = Absence.objects.create(person=person, starts_at=span[0], ends_at=span[1], reason=reason)
        audit.append(subject_of(person), "absence added", by=by, now=now, facts=_facts(away))
    return away


def remove_absence(absence_id: int, *, by: User, now: datetime) -> None:
    """Somebody is there after all; an absence that has begun ends now. Raises RotaRefused."""
    with transaction.atomic():
        away = Absence.objects.select_for_update(of=("self",)).select_related("person").filter(pk=absence_id)
        found = away.first()
        if found is None or found.ends_at <= now:
            raise RotaRefused(_("This absence is over or was removed. Look at the page again."))
        _check_whose(found.person, by)
        list(User.objects.select_for_update(no_key=True).filter(pk=found.person_id))
        audit.append(subject_of(found.person), "absence removed", by=by, now=now, facts=_facts(found))
        if found.starts_at < now:
            Absence.objects.filter(pk=absence_id).update(ends_at=now)
        else:
            found.delete()


def _check_whose(person: User, by: User) -> None:
    if person.pk != by.pk and not may(by.role, Need.RUN_TEAM):
        raise RotaRefused(_("You can say this of yourself only. Ask the duty lead for a colleague."))


def _facts(away: Absence) -> dict[str, str]:
    """Never why: an illness is nobody's business in a trail that is kept for years."""
    moments = {"from": away.starts_at.isoformat(), "until": away.ends_at.isoformat()}
    return {"person": str(away.person), **moments}
