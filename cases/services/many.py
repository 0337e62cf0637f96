"""One act on many cases: who is in it and who is left out is known first; then each is done by itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from secrets import token_hex

from django.db import transaction
from django.utils.translation import gettext as _

from cases import policy
from cases.models import Case, SchemeVersion, User
from cases.rules.alike import MOST, Route, silent_routes
from cases.rules.scheme import UnknownAnswer
from cases.rules.workflow import OPEN, State
from cases.services import actions, assignment, audit, decisions, triage
from cases.services.batches import hurdles
from cases.services.decisions import Chosen, NotOffered
from cases.services.transitions import CaseChanged, MoveRefused, hold
from cases.services.triage import ReasonMissing
from monitoring.models import Post


class Verb(StrEnum):
    DISMISS = "dismiss"
    JUDGE = "judge"
    ASSIGN = "assign"
    SNOOZE = "snooze"


CHUNKS = {Verb.DISMISS: 20, Verb.JUDGE: 5, Verb.ASSIGN: 20, Verb.SNOOZE: 20}
"""Cases in one transaction: nobody waits longer than 200 ms for a row that we hold."""

ONLY_NEW = frozenset({Verb.DISMISS, Verb.JUDGE})

_routes: dict[str, dict[str, Route]] = {}
"""By the checksum of a scheme: to walk through all of it for every case takes as long as five statements."""

LEFT_BY = (CaseChanged, MoveRefused, NotOffered, ReasonMissing, UnknownAnswer, policy.UnknownSchemeVersion)
"""Refusals of one case that leave it as it is and let the others go on."""


class TooMany(Exception):
    """More cases than one act may hold."""

    def __init__(self, n: int) -> None:
        super().__init__(n)
        self.n = n

    def __str__(self) -> str:
        return _("These are %(n)d cases, and at most %(most)d can be done at once; choose fewer.") % {
            "n": self.n,
            "most": MOST,
        }


@dataclass(frozen=True, slots=True)
class Act:
    """What is done to each. `route` is the id of a judgement that ends in silence (`rules.alike`)."""

    verb: Verb
    reason: str = ""
    route: str = ""
    assignee: User | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """A case that is left as it is, and why, in one sentence."""

    case_id: int
    why: str


@dataclass(slots=True)
class Proposal:
    """Before anything happens: the cases that would be done with the state each has now, and the others."""

    seen: dict[int, State] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """What really happened: `batch` is the word in the trail of every case that was done."""

    batch: str
    done: list[int] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def propose(case_ids: Sequence[int], verb: Verb, *, by: User, now: datetime) -> Proposal:
    """Who would be done and who is left out, without doing anything. Raises TooMany."""
    ids = _numbers(case_ids)
    found = Case.objects.filter(pk__in=ids).select_related("taken_by", "scheme").in_bulk()
    barred = hurdles(ids)
    proposal = Proposal()
    for pk in ids:
        why = _why_not(pk, found.get(pk), verb, by=by, now=now) or barred.get(pk, "")
        if why:
            proposal.left.append(Left(pk, why))
        else:
            proposal.seen[pk] = State(found[pk].state)
    return proposal


def carry_out(seen: Mapping[int, State], act: Act, *, by: User, now: datetime) -> Outcome:
    """Do it to every case that still is as it was `seen`, a few in a transaction; the others are named.

    One key takes all of it back (`undo`). Raises TooMany, ReasonMissing or NotOffered, with nothing done.
    """
    ids = _numbers(list(seen))
    _check(act, now=now)
    outcome = Outcome(token_hex(8))
    with audit.acting_on_many(outcome.batch):
        for chunk in _chunks(ids, CHUNKS[act.verb]):
            _do_chunk(chunk, seen, act, outcome, by=by, now=now)
    return outcome


def routes_offered() -> list[Route]:
    """The judgements that many cases can be given at once, by the scheme of new cases."""
    return silent_routes(policy.scheme_from(policy.current_version()))


def _numbers(case_ids: Sequence[int]) -> list[int]:
    ids = list(dict.fromkeys(case_ids))
    if len(ids) > MOST:
        raise TooMany(len(ids))
    return ids


def _chunks(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """In the order of their numbers, as all who hold several rows do."""
    ordered = sorted(ids)
    yield from (ordered[n : n + size] for n in range(0, len(ordered), size))


def _check(act: Act, *, now: datetime) -> None:
    if act.verb is Verb.DISMISS and not act.reason.strip():
        raise ReasonMissing(_("why these posts are not for us"))
    if act.verb is Verb.SNOOZE and (act.until is None or act.until <= now):
        raise ReasonMissing(_("until when these cases can wait; choose a time to come"))
    if act.verb is Verb.JUDGE:
        offered = {route.id: route for route in routes_offered()}
        if act.route not in offered:
            raise NotOffered(act.route, list(offered))
        if offered[act.route].needs_reason and not act.reason.strip():
            raise ReasonMissing(_("why nothing is said about these posts"))


def _do_chunk(
    ids: Sequence[int], seen: Mapping[int, State], act: Act, outcome: Outcome, *, by: User, now: datetime
) -> None:
    with transaction.atomic():
        held, barred = hold(ids), hurdles(ids)
        _read_together(held)
        for pk in ids:
            case = held.get(pk)
            why = _changed(case, seen[pk]) or _why_not(pk, case, act.verb, by=by, now=now)
            why = (
                why or barred.get(pk, "") or (_done(case, act, outcome.batch, by=by, now=now) if case else "")
            )
            if why:
                outcome.left.append(Left(pk, why))
            else:
                outcome.done.append(pk)


def _read_together(held: Mapping[int, Case]) -> None:
    """Read the schemes and posts of these cases at once: `transitions.lock` hands them on for each."""
    versions = SchemeVersion.objects.in_bulk({case.scheme_id for case in held.values()})
    posts = Post.objects.select_related("author", "source").in_bulk(held.keys())
    for pk, case in held.items():
        case.scheme, case.post = versions[case.scheme_id], posts[pk]


def _done(case: Case, act: Act, batch: str, *, by: User, now: datetime) -> str:
    """Do it to one case, all or nothing; why not, when it refuses."""
    try:
        with transaction.atomic():
            before = actions.snapshot(case, batch=batch)
            DO[act.verb](case, act, by, now)
            actions.remember(by, case, f"{act.verb} many", before, now=now, batch=batch)
    except LEFT_BY as refusal:
        return str(refusal)
    return ""


def _dismiss(case: Case, act: Act, by: User, now: datetime) -> None:
    triage.dismiss(case, reason=act.reason, by=by, now=now, seen=State(case.state))


def _judge(case: Case, act: Act, by: User, now: datetime) -> None:
    scheme = policy.scheme_of(case)
    if scheme.checksum not in _routes:
        _routes[scheme.checksum] = {route.id: route for route in silent_routes(scheme)}
    route = _routes[scheme.checksum].get(act.route)
    if route is None:
        raise NotOffered(act.route, [*_routes[scheme.checksum]])
    if route.exit:
        decisions.take_exit(case, route.exit, by=by, now=now, reason=act.reason, seen=State.NEW)
        return
    for question, choice in route.answers:
        triage.answer(case, question, choice, by=by, now=now)
    case.state = decisions.choose(case, Chosen(route.option, reason=act.reason), by=by, now=now).state


def _assign(case: Case, act: Act, by: User, now: datetime) -> None:
    assignment.assign(case, act.assignee, by=by, now=now)


def _snooze(case: Case, act: Act, by: User, now: datetime) -> None:
    triage.snooze(case, until=act.until or now, by=by, now=now, seen=State(case.state))


DO = {Verb.DISMISS: _dismiss, Verb.JUDGE: _judge, Verb.ASSIGN: _assign, Verb.SNOOZE: _snooze}


def _changed(case: Case | None, seen: State) -> str:
    return str(CaseChanged(case.pk, seen, case.state)) if case and case.state != seen else ""


def _why_not(pk: int, case: Case | None, verb: Verb, *, by: User, now: datetime) -> str:
    """Why a case is not done together with others; "" = it can be."""
    if case is None:
        return _("There is no case %(case)d.") % {"case": pk}
    if case.is_urgent or case.category == "danger":
        return _("Case %(case)d is urgent; look at it by itself.") % {"case": pk}
    if case.taken_until and case.taken_until > now and case.taken_by_id != by.pk:
        return _("Case %(case)d is with %(who)s now.") % {"case": pk, "who": case.taken_by}
    if verb in ONLY_NEW and case.state != State.NEW:
        return _("Case %(case)d was judged already.") % {"case": pk}
    if case.state not in OPEN:
        return _("There is nothing left to do on case %(case)d.") % {"case": pk}
    if verb is Verb.JUDGE and case.scheme_node != policy.scheme_of(case).start:
        return _("Somebody has begun to judge case %(case)d; finish it by itself.") % {"case": pk}
    return ""
