"""Cue words: phrases that a lead adds or switches off, shipped ones too, always in the trail."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cases import cuelist
from cases.models import CuePhrase, User
from cases.rules import cues as rules
from cases.rules.cues import CueKind, CuesInvalid, Unfit, shipped_phrases, written
from cases.services import audit

MOST_ADDED = 2_000


class CueRefused(Exception):
    """A phrase that cannot be used: what is wrong, why, and what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class CueChanged(Exception):
    """Somebody switched the phrase after the page was opened."""

    def __str__(self) -> str:
        return _("This phrase was changed after you opened the page. Nothing was saved; look again.")


@dataclass(frozen=True, slots=True)
class CuePlan:
    """A phrase as it is typed; `language` "" when it is of no language, such as an emoji or a name."""

    kind: CueKind
    words: str
    language: str = ""


def check(plan: CuePlan) -> str:
    """The phrase as it would be kept. Raises CueRefused."""
    words = written(plan.words)
    try:
        rules.check(plan.kind, words)
    except CuesInvalid as invalid:
        raise CueRefused(_sentence(invalid.unfit, plan.words)) from invalid
    return words


def add(plan: CuePlan, *, by: User, now: datetime) -> CuePhrase:
    """Another phrase, found in every post from now on. Raises CueRefused."""
    words = check(plan)
    if (plan.kind, words) in _shipped():
        raise CueRefused(_("“%(words)s” is in the list already; switch it on there.") % {"words": words})
    if CuePhrase.objects.count() >= MOST_ADDED:
        raise CueRefused(_("The list is full. Switch the phrases off that never find anything."))
    try:
        with transaction.atomic():
            made = CuePhrase.objects.create(
                kind=plan.kind, phrase=words, language=plan.language[:10], changed_by=by, changed_at=now
            )
            facts = {"kind": plan.kind.value, "phrase": words, "language": plan.language}
            audit.append(subject_of(made), "cue added", by=by, now=now, facts=facts)
    except IntegrityError:
        raise CueRefused(
            _("“%(words)s” is in the list already; switch it on there.") % {"words": words}
        ) from None
    cuelist.forget()
    return made


def switch(
    kind: CueKind, phrase: str, *, on: bool, by: User, now: datetime, seen: int | None = None
) -> CuePhrase:
    """Use a phrase or leave it out, one of ours or one that was added, for posts from now on.

    `seen`: its version on the page, 0 for a shipped phrase that nobody touched. Raises CueRefused for a
    phrase that is not in the list, and CueChanged when others were first.
    """
    words = written(phrase)
    with transaction.atomic():
        row = CuePhrase.objects.select_for_update().filter(kind=kind, phrase=words).first()
        if row is None and (kind, words) not in _shipped():
            raise CueRefused(_("“%(words)s” is not in the list. Look at the page again.") % {"words": words})
        if seen is not None and seen != (row.version if row else 0):
            raise CueChanged
        if row is None:
            row = _touched(kind, words)
        row.is_active, row.version = on, row.version + 1
        row.changed_by, row.changed_at = by, now
        _keep(row)
        action = "cue switched on" if on else "cue switched off"
        facts = {"kind": kind.value, "phrase": words}
        audit.append(subject_of(row), action, by=by, now=now, facts=facts)
    cuelist.forget()
    return row


def subject_of(row: CuePhrase) -> str:
    return f"cue:{row.pk}"


def _touched(kind: CueKind, words: str) -> CuePhrase:
    """A row for a shipped phrase, which from now on says whether it counts."""
    return CuePhrase(kind=kind, phrase=words, language=_shipped()[kind, words], version=0)


def _keep(row: CuePhrase) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise CueChanged from error


def _shipped() -> dict[tuple[CueKind, str], str]:
    """The language of every shipped phrase."""
    return {(each.kind, written(each.words)): each.language for each in shipped_phrases()}


def _sentence(unfit: Unfit | None, words: str) -> str:
    if unfit is Unfit.STAR:
        return _("A star stands for the end of a word, as in “prutser*”. Put it at the end of a word.")
    if unfit is Unfit.STEM:
        return _(
            "Before a star there must be three letters, or it finds far too much. Write more of the word."
        )
    if unfit is Unfit.LONG:
        return _("The phrase is too long; use at most %(n)d signs.") % {"n": rules.LONGEST}
    if unfit is Unfit.SHORT:
        return _(
            "“%(words)s” alone would raise the alarm far too often. Write a phrase of two words or more."
        ) % {"words": words[:50]}
    return _("There is no word in this phrase. Write a word, or a few as people write them.")
