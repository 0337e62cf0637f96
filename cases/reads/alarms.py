"""Alarms that are open: the highest and oldest first, who has them, who was told and who comes next."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases import duty, wording
from cases.models import Escalation, Notification, User
from cases.reads.ladders import names_of, who_label
from cases.reads.people import who_may
from cases.rules.ladders import EVERYBODY, PROPOSE
from cases.rules.levels import crisis_is_proposed
from cases.rules.permissions import Need

MOST = 200
WITH = ("watch", "situation", "query", "acknowledged_by", "offered_to")


@dataclass(frozen=True, slots=True)
class Open:
    """An open alarm. `is_unanswered`: its ladder came to its end and nobody took it.

    `missed`: what must be said of steps that reached nobody; `parts`: the alarms that ring with it.
    """

    escalation: Escalation
    sentence: str
    told: Sequence[str]
    next_people: Sequence[str]
    parts: Sequence[tuple[Escalation, str]]
    missed: Sequence[str]
    is_unanswered: bool
    is_crisis_proposed: bool

    @property
    def is_running(self) -> bool:
        return self.escalation.status == Escalation.Status.RUNNING


def open_alarms(*, now: datetime) -> list[Open]:
    """Every open alarm that rings by itself, what nobody has taken before what somebody has."""
    found = _open_rows().filter(part_of=None)[:MOST]
    return _shown(found, now=now)


def alarm(escalation: Escalation, *, now: datetime) -> Open:
    """One alarm, open or over."""
    rows = Escalation.objects.select_related(*WITH, "part_of")
    return _shown([rows.get(pk=escalation.pk)], now=now)[0]


def missed_steps() -> list[tuple[Escalation, str]]:
    """Steps of alarms that nobody has taken and that reached nobody: what leads must know at once."""
    running = _open_rows().filter(status=Escalation.Status.RUNNING).exclude(unreached=[])
    names = names_of(running)
    return [(row, _missed(step, names)) for row in running for step in row.unreached[-1:]]


def colleagues(officer: User) -> list[User]:
    """Who else may take an alarm over."""
    return [one for one in who_may(Need.ACKNOWLEDGE) if one.pk != officer.pk]


def _open_rows() -> QuerySet[Escalation]:
    rows = Escalation.objects.filter(resolved_at=None)
    rows = rows.select_related(*WITH)
    # "running" comes after "acknowledged" in the alphabet
    return rows.order_by("-status", "-level", "raised_at", "pk")


def _shown(rows: Sequence[Escalation] | QuerySet[Escalation], *, now: datetime) -> list[Open]:
    listed = list(rows)
    told = _told(listed)
    parts = _parts(listed)
    names = names_of(listed)
    known: dict[tuple[str, int | None], list[str]] = {}
    return [
        Open(
            row,
            wording.alarm(row),
            list(dict.fromkeys(told[row.pk, row.round])),
            _next(row, known, now=now),
            parts[row.pk],
            [_missed(step, names) for step in row.unreached],
            is_unanswered=row.status == Escalation.Status.RUNNING
            and row.next_step_at is None
            and row.part_of_id is None,
            is_crisis_proposed=crisis_is_proposed(
                row.level,
                rang_at=row.raised_at,
                is_taken=row.status != Escalation.Status.RUNNING,
                now=now,
            ),
        )
        for row in listed
    ]


def _told(rows: Sequence[Escalation]) -> dict[tuple[int, int], list[str]]:
    told: dict[tuple[int, int], list[str]] = defaultdict(list)
    messages = Notification.objects.filter(escalation__in=rows).select_related("recipient")
    for message in messages.order_by("step", "pk"):
        told[message.escalation_id or 0, message.round].append(str(message.recipient))
    return told


def _parts(rows: Sequence[Escalation]) -> dict[int, list[tuple[Escalation, str]]]:
    parts: dict[int, list[tuple[Escalation, str]]] = defaultdict(list)
    for part in Escalation.objects.filter(part_of__in=rows, resolved_at=None).order_by("case_id"):
        parts[part.part_of_id or 0].append((part, wording.alarm(part)))
    return parts


def _next(row: Escalation, known: dict[tuple[str, int | None], list[str]], *, now: datetime) -> Sequence[str]:
    """Who is called next, as the rota will have it then as far as it is known now."""
    rest = row.ladder[row.step :]
    if row.next_step_at is None or row.part_of_id or not rest:
        return []
    who = rest[0]["who"]
    group = (who, row.watch_id if who == "watcher" else None)
    if group not in known:
        at = max(now, row.raised_at + timedelta(seconds=rest[0]["after_s"]))
        known[group] = [str(person) for person in duty.people_for(row, who, now=at)]
    return known[group]


def _missed(step: dict[str, object], names: dict[str, str]) -> str:
    facts = {"n": step["step"], "who": who_label(str(step["who"]), names)}
    people = step.get("people")
    if isinstance(people, list) and people:
        said = _("Step %(n)d (%(who)s) reached nobody: %(people)s cannot be reached. The next was called.")
        return said % {**facts, "people": ", ".join(str(one) for one in people)}
    if step["who"] in (PROPOSE, EVERYBODY):
        return _("Step %(n)d (%(who)s) reached nobody: nobody is there.") % facts
    return _("Step %(n)d (%(who)s) reached nobody: nobody is there. The next was called.") % facts
