"""What governs a case: the scheme it is pinned to, and whose words may answer it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.db import transaction

from cases.models import Assessment, Case, Mandate, SchemeVersion, User
from cases.rules.mandate import (
    ALL,
    ANYTHING,
    EVERYTHING,
    NO_SITUATION,
    Ask,
    Covered,
    Grant,
    NotCovered,
    covers_all,
    resolved,
)
from cases.rules.scheme import Action, Advice, Question, Scheme, SchemeInvalid, load, next_step
from cases.rules.workflow import State

SHIPPED_SCHEME = Path(__file__).parent / "rules" / "schemes" / "vdmmp-1.toml"

VISIBILITIES: dict[str, str] = {Action.REPLY_PUBLIC: "public", Action.REPLY_DIRECT: "direct"}
"""Who can read what is said, by how it is said."""


class NoScheme(Exception):
    """Nothing can be judged before a scheme is published."""

    def __str__(self) -> str:
        return "No decision scheme has been published yet; run `python manage.py scheme publish`."


class UnknownSchemeVersion(Exception):
    """A case asks for a version that cannot be read as the one that was published."""

    def __init__(self, scheme_id: str, version: str) -> None:
        super().__init__(scheme_id, version)
        self.scheme_id, self.version = scheme_id, version

    def __str__(self) -> str:
        return (
            f"Scheme {self.scheme_id} version {self.version} is not the text that was published; "
            "cases that were judged by it cannot be judged on. Restore it from a backup."
        )


def publish(toml: str, *, now: datetime) -> SchemeVersion:
    """Make a scheme current for new cases; cases that are open stay with their own version.

    Publishing the same content again only makes it current. Raises SchemeInvalid for text
    that is no scheme, and IntegrityError when a version number is used for other content.
    """
    scheme = load(toml)
    with transaction.atomic():
        SchemeVersion.objects.filter(is_current=True).update(is_current=False)
        version, _ = SchemeVersion.objects.get_or_create(
            checksum=scheme.checksum,
            defaults={
                "scheme_id": scheme.id,
                "version": scheme.version,
                "toml": toml,
                "published_at": now,
            },
        )
        SchemeVersion.objects.filter(pk=version.pk).update(is_current=True)
    version.is_current = True
    return version


def current_version() -> SchemeVersion:
    version = SchemeVersion.objects.filter(is_current=True).first()
    if version is None:
        raise NoScheme
    return version


def scheme_of(case: Case) -> Scheme:
    """The scheme a case is pinned to. Raises UnknownSchemeVersion when its text was tampered with."""
    version = case.scheme
    try:
        scheme = _load(version.toml)
    except SchemeInvalid as error:
        raise UnknownSchemeVersion(version.scheme_id, version.version) from error
    if scheme.checksum != version.checksum:
        raise UnknownSchemeVersion(version.scheme_id, version.version)
    return scheme


def scheme_from(version: SchemeVersion) -> Scheme:
    return _load(version.toml)


@lru_cache(maxsize=16)
def _load(toml: str) -> Scheme:
    return load(toml)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Where the judgement of a case stands: what was answered and what comes next."""

    assessment: Assessment | None
    step: Question | Advice


def judgement(case: Case) -> Judgement:
    """The newest assessment and the next step. A case that was judged shows its advice."""
    return judgement_by(case.assessments.order_by("-n").first(), case)


def judgement_by(newest: Assessment | None, case: Case) -> Judgement:
    """The same, for who has read the newest assessment of the case already."""
    if newest and newest.completed_at and case.state == State.NEW:
        newest = None  # judged before, and to be judged again
    return Judgement(newest, next_step(scheme_of(case), newest.answers if newest else {}))


def answered_categories(assessment: Assessment | None) -> list[str]:
    """What a reply answers: the categories of the newest judgement, or everything when it is not finished.

    Nobody knows yet what kind of post that is, so only a mandate for all categories covers it.
    """
    return list(assessment.categories) if assessment and assessment.completed_at else [ALL]


def mandate_of(
    user: User, categories: list[str], *, now: datetime, ask: Ask = ANYTHING
) -> Covered | NotCovered:
    """Whether a person may answer posts of these categories, in the way asked, in the organisation's name."""
    return covers_all(grants_of(user), categories=categories, on=now, ask=ask)


def grants_of(user: User) -> list[Grant]:
    """The mandates of a person, each as far as those hold that it was handed on from."""
    return grants_by_holder([user])[user.pk]


def still_holds(mandate_id: int | None, *, now: datetime) -> bool:
    """Whether a mandate holds now, with those that it was handed on from: looked at when words leave."""
    if mandate_id is None:
        return False
    mandate = Mandate.objects.select_related("holder").filter(pk=mandate_id).first()
    if mandate is None:
        return False
    return any(grant.number == mandate.pk and grant.is_valid(now) for grant in grants_of(mandate.holder))


def who_may_answer(
    people: Iterable[User], categories: list[str], *, now: datetime, ask: Ask = ANYTHING
) -> list[User]:
    """Those of these people who hold a mandate for it now, in the same order."""
    asked = list(people)
    held = grants_by_holder(asked)
    return [
        person
        for person in asked
        if isinstance(covers_all(held[person.pk], categories=categories, on=now, ask=ask), Covered)
    ]


def grants_by_holder(people: Iterable[User]) -> dict[int, list[Grant]]:
    """Per person the mandates, as `grants_of`; one query, and one more for every step of handing on."""
    holders = [person.pk for person in people]
    mine = [grant_of(held) for held in Mandate.objects.filter(holder__in=holders).order_by("pk")]
    known = {grant.number: grant for grant in mine if grant.number}
    wanted = {grant.delegated_from for grant in mine if grant.delegated_from}
    while missing := wanted - known.keys():
        above = [grant_of(held) for held in Mandate.objects.filter(pk__in=missing)]
        known |= {grant.number: grant for grant in above if grant.number}
        wanted = {grant.delegated_from for grant in above if grant.delegated_from}
    held: dict[int, list[Grant]] = {holder: [] for holder in holders}
    for grant in resolved(mine, known):
        held[grant.holder_id].append(grant)
    return held


def grant_of(mandate: Mandate) -> Grant:
    """A mandate as it is stored, whatever it was handed on from."""
    return Grant(
        mandate.holder_id,
        frozenset(mandate.categories),
        mandate.valid_from,
        mandate.valid_until,
        mandate.pk,
        options=frozenset(mandate.options),
        accounts=frozenset(mandate.accounts),
        visibilities=frozenset(mandate.visibilities),
        highest_priority=mandate.highest_priority,
        delegated_from=mandate.delegated_from_id,
        situations=frozenset({str(mandate.situation_id)}) if mandate.situation_id else EVERYTHING,
    )


def ask_about(case: Case, action: str = "") -> Ask:
    """What answering a case asks of a mandate: its account and priority, and how it would be answered."""
    source = case.post.source
    keys = [f"credential:{source.credential_id}"] if source and source.credential_id else []
    return Ask(
        option=action,
        account=(case.post.platform, *keys),
        visibility=VISIBILITIES.get(action, ""),
        priority="urgent" if case.is_urgent else "normal",
        situation=str(case.situation_id or NO_SITUATION),
    )
