"""Who may say what in the organisation's name, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cases.models import Mandate, Situation, User
from cases.policy import grant_of
from cases.rules.mandate import Grant, resolved
from cases.rules.permissions import MAY, Need
from monitoring.models import Credential

ENDS_SOON = timedelta(days=14)
MOST_ENDED = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One mandate as it holds now. `grant`: as far as those hold that it was handed on from.

    `state` is "valid", "not yet" or "ended"; `ends_soon`: within two weeks.
    """

    mandate: Mandate
    grant: Grant
    state: str
    ends_soon: bool


@dataclass(frozen=True, slots=True)
class Account:
    """Something that speaks for us: "credential:7"; a platform is named by itself."""

    name: str
    label: str


def mandates(*, now: datetime) -> list[Line]:
    """Every mandate that holds or will, and those that ended last, by holder; one query."""
    rows = list(Mandate.objects.select_related("holder", "granted_by", "delegated_from__holder", "situation"))
    known = {row.pk: grant_of(row) for row in rows}
    narrowed = {grant.number: grant for grant in resolved(known.values(), known)}
    lines = [_line(row, narrowed.get(row.pk), known[row.pk], now=now) for row in rows]
    standing = [line for line in lines if line.state != "ended"]
    ended = sorted((line for line in lines if line.state == "ended"), key=_until, reverse=True)
    return sorted(standing, key=lambda line: (str(line.mandate.holder), _until(line))) + ended[:MOST_ENDED]


def able_to_hold() -> Sequence[User]:
    """Who can be given a mandate: who writes replies."""
    able = User.objects.filter(is_active=True, role__in=MAY[Need.DRAFT])
    return list(able.order_by("first_name", "last_name", "username"))


def accounts() -> list[Account]:
    """The keys with which replies are placed."""
    found = Credential.objects.order_by("name").values_list("pk", "name")
    return [Account(f"credential:{pk}", name) for pk, name in found]


def situations() -> list[Situation]:
    """Those that run: a mandate can be for the cases of one of them alone."""
    return list(Situation.objects.filter(status=Situation.Status.OPEN).order_by("name", "pk"))


def _line(mandate: Mandate, grant: Grant | None, stored: Grant, *, now: datetime) -> Line:
    held = grant or stored
    if grant is None or held.valid_until <= now or held.valid_until <= held.valid_from:
        state = "ended"
    else:
        state = "not yet" if held.valid_from > now else "valid"
    return Line(mandate, held, state, state == "valid" and held.valid_until - now <= ENDS_SOON)


def _until(line: Line) -> datetime:
    return line.grant.valid_until
