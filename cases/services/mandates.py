"""Mandates: granted, handed on and ended, each on record; they are checked when something is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import Mandate, Situation, User
from cases.policy import grant_of, grants_of
from cases.rules.mandate import EVERYTHING, PRIORITIES, Grant, widens
from cases.rules.permissions import MAY, Need, may
from cases.services import audit

LONGEST_NAME = 60


class MandateRefused(Exception):
    """A mandate that may not be: every reason at once. Nothing was granted or ended."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(reasons)
        self.reasons = reasons

    def __str__(self) -> str:
        return " ".join(self.reasons)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a mandate is for; "*" stands for all of a kind. `valid_until` is excluded.

    `situation`: only for the cases of that one.
    """

    categories: Sequence[str]
    valid_from: datetime
    valid_until: datetime
    options: Sequence[str] = ("*",)
    accounts: Sequence[str] = ("*",)
    visibilities: Sequence[str] = ("*",)
    highest_priority: str = PRIORITIES[-1]
    may_delegate: bool = False
    situation: Situation | None = None

    def lists(self) -> dict[str, list[str]]:
        names = ("categories", "options", "accounts", "visibilities")
        return {name: sorted(set(getattr(self, name))) for name in names}


def grant(holder: User, terms: Terms, *, by: User, now: datetime) -> Mandate:
    """Let somebody answer in the organisation's name. Raises MandateRefused with every reason.

    A mandate takes two people: who grants one does not hold it, unless nobody else could grant it.
    """
    with transaction.atomic():
        reasons = _wrong(holder, terms, now=now)
        if is_self_granted(holder, by=by):
            reasons.append(_("You cannot give yourself a mandate; ask a colleague who may."))
        reasons += _held_already(holder, terms, None)
        if reasons:
            raise MandateRefused(reasons)
        return _record(holder, terms, None, by=by, now=now)


def delegate(mandate_id: int, holder: User, terms: Terms, *, by: User, now: datetime) -> Mandate:
    """Hand a mandate of one's own on, as a whole or a part of it. It dies with the one it came from.

    Raises MandateRefused for who does not hold it or may not hand it on, and for anything more
    or longer than it is now, with what it was itself handed on from.
    """
    with transaction.atomic():
        above = _held(mandate_id)
        reasons = _wrong(holder, terms, now=now)
        if above.holder_id != by.pk or not above.may_delegate:
            reasons.append(_("You can only hand on a mandate of your own that says you may."))
        if holder.pk == by.pk:
            reasons.append(_("This mandate is yours already; choose a colleague."))
        standing = next((grant for grant in grants_of(by) if grant.number == above.pk), None)
        if standing is None or not standing.is_valid(now):
            reasons.append(_("This mandate does not hold now, so it cannot be handed on."))
        else:
            reasons += _wider(terms, holder, standing)
        reasons += _held_already(holder, terms, above)
        if reasons:
            raise MandateRefused(reasons)
        return _record(holder, terms, above, by=by, now=now)


def end(mandate_id: int, *, by: User, now: datetime, reason: str = "") -> bool:
    """End a mandate now, and with it all that was handed on from it; False when it was over already.

    One that had not begun is taken away whole. Raises MandateRefused for who neither grants mandates,
    nor holds this one, nor handed it on.
    """
    with transaction.atomic():
        mandate = _held(mandate_id)
        if not may_end(mandate, by):
            raise MandateRefused([_("You can end your own mandates, and those that you handed on.")])
        if mandate.valid_until <= now:
            return False
        facts = {"holder": str(mandate.holder), "until": mandate.valid_until.isoformat(), "reason": reason}
        audit.append(subject_of(mandate_id), "mandate ended", by=by, now=now, facts=facts)
        if mandate.valid_from >= now:
            mandate.delete()
        else:
            Mandate.objects.filter(pk=mandate_id).update(valid_until=now)
    return True


def may_end(mandate: Mandate, by: User) -> bool:
    above = mandate.delegated_from
    return may(by.role, Need.GRANT_MANDATE) or by.pk in (mandate.holder_id, above.holder_id if above else 0)


def is_self_granted(holder: User, *, by: User) -> bool:
    """Whether somebody would give themselves a mandate while a colleague could do it."""
    able = User.objects.filter(is_active=True, role__in=MAY[Need.GRANT_MANDATE])
    return holder.pk == by.pk and able.exclude(pk=by.pk).exists()


def subject_of(mandate_id: int) -> str:
    return f"mandate:{mandate_id}"


def _held(mandate_id: int) -> Mandate:
    """The mandate with its row held. Raises MandateRefused when it was taken away meanwhile."""
    found = Mandate.objects.select_for_update(of=("self",)).select_related("holder", "delegated_from")
    mandate = found.filter(pk=mandate_id).first()
    if mandate is None:
        raise MandateRefused([_("This mandate is not there any more.")])
    return mandate


def _wrong(holder: User, terms: Terms, *, now: datetime) -> list[str]:
    reasons = []
    if not holder.is_active or not may(holder.role, Need.DRAFT):
        reasons.append(
            _("%(who)s writes no replies here, so a mandate would be of no use.") % {"who": holder}
        )
    if terms.valid_until <= terms.valid_from:
        reasons.append(_("A mandate ends after it starts; give a later end."))
    elif terms.valid_until <= now:
        reasons.append(_("This end is over already; give a later one."))
    if not all(terms.lists().values()):
        reasons.append(_("Choose at least one of each kind: posts, ways of answering, accounts, readers."))
    if any(len(name) > LONGEST_NAME for names in terms.lists().values() for name in names):
        reasons.append(_("One of the names is too long."))
    if terms.highest_priority not in PRIORITIES:
        reasons.append(_("Choose up to which priority the mandate holds."))
    return reasons


def _held_already(holder: User, terms: Terms, above: Mandate | None) -> list[str]:
    """A form that is sent twice gives one mandate: what adds nothing to one that stands is refused."""
    same = Mandate.objects.filter(
        holder=holder,
        delegated_from=above,
        valid_from__lte=terms.valid_from,
        valid_until=terms.valid_until,
        highest_priority=terms.highest_priority,
        may_delegate=terms.may_delegate,
        situation=terms.situation,
        **terms.lists(),
    )
    if not same.exists():
        return []
    return [_("%(who)s holds exactly this mandate already.") % {"who": holder}]


def _wider(terms: Terms, holder: User, than: Grant) -> list[str]:
    lists = {name: frozenset(names) for name, names in terms.lists().items()}
    asked = Grant(
        holder.pk,
        lists["categories"],
        terms.valid_from,
        terms.valid_until,
        options=lists["options"],
        accounts=lists["accounts"],
        visibilities=lists["visibilities"],
        highest_priority=terms.highest_priority,
        situations=frozenset({str(terms.situation.pk)}) if terms.situation else EVERYTHING,
    )
    names = {
        "categories": _("kinds of posts"),
        "options": _("ways of answering"),
        "accounts": _("accounts"),
        "visibilities": _("readers"),
        "situations": _("situations"),
        "highest_priority": _("priority"),
        "valid_from": _("begin"),
        "valid_until": _("end"),
    }
    found = ", ".join(names[name] for name in widens(asked, than))
    if not found:
        return []
    return [_("You cannot hand on more than you hold yourself. Too wide: %(names)s.") % {"names": found}]


def _record(holder: User, terms: Terms, above: Mandate | None, *, by: User, now: datetime) -> Mandate:
    made = Mandate.objects.create(
        holder=holder,
        delegated_from=above,
        granted_by=by,
        valid_from=terms.valid_from,
        valid_until=terms.valid_until,
        highest_priority=terms.highest_priority,
        may_delegate=terms.may_delegate,
        situation=terms.situation,
        **terms.lists(),
    )
    action = "mandate handed on" if above else "mandate granted"
    audit.append(subject_of(made.pk), action, by=by, now=now, facts=_facts(made))
    return made


def _facts(mandate: Mandate) -> dict[str, Any]:
    said = grant_of(mandate)
    return {
        "holder": str(mandate.holder),
        "categories": sorted(said.categories),
        "options": sorted(said.options),
        "accounts": sorted(said.accounts),
        "visibilities": sorted(said.visibilities),
        "highest priority": said.highest_priority,
        "from": said.valid_from.isoformat(),
        "until": said.valid_until.isoformat(),
        "may hand on": mandate.may_delegate,
        "handed on from": mandate.delegated_from_id,
        "situation": mandate.situation_id,
    }
