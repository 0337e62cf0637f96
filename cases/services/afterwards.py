"""What follows when a case was answered or rests: it is only watched, or something new came to light."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import Case, User
from cases.rules.workflow import MOVES, State
from cases.services import triage, watching
from cases.services.decisions import default_plan
from cases.services.transitions import MoveRefused, lock, move
from cases.services.triage import ReasonMissing
from cases.services.watching import Plan


def only_watch(
    case: Case, *, by: User, now: datetime, plan: Plan | None = None, seen: State | None = None
) -> None:
    """Let an answered case rest while somebody keeps an eye on it; who watches already goes on.

    Raises MoveRefused for a case that was not answered: the advice or communications decides there.
    """
    with transaction.atomic():
        held = lock(case, seen=seen)
        state = State(held.state)
        if state is not State.RESPONDED:
            raise MoveRefused(case.pk, state, State.WATCHING, allowed=MOVES[state] - {State.WATCHING})
        if not held.watches.filter(ended_at=None).exists():
            watching.start(held, plan or default_plan(by, now=now), by=by, now=now)
        move(held, State.WATCHING, by=by, now=now, reason="only watch")
    case.state = held.state


def tell_new(case: Case, *, what: str, by: User, now: datetime, seen: State | None = None) -> None:
    """Judge a watched case again because something new is known; the watch goes on, the clocks restart.

    Raises ReasonMissing without a word of what is new, and MoveRefused for a case that is not watched only.
    """
    if not what.strip():
        raise ReasonMissing(_("what is new"))
    with transaction.atomic():
        held = lock(case, seen=seen)
        state = State(held.state)
        if state is not State.WATCHING:
            raise MoveRefused(case.pk, state, State.NEW, allowed=MOVES[state] - {State.NEW})
        triage.judge_again(held, by=by, now=now, reason=what, seen=state)
    case.state = held.state
