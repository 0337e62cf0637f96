"""Judging watches: counts become signs, signs a level, and a level that rises an alarm."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from cases.models import Case, User, Watch
from cases.rules.workflow import State
from cases.rules.worsening import BUCKET_S, Verdict
from cases.services import audit, promises, series
from cases.services.escalation import raise_escalation
from cases.services.seen import HOUR
from cases.services.sight import held_for, look
from cases.services.subjects import hold
from cases.services.transitions import move
from cases.services.weighing import Judged, weigh
from monitoring import bulk

AT_ONCE = 200
"""Watches in one transaction: nobody waits longer for a row than these take."""

MOST_DUE = 5000
PAST_DAYS = 56
"""So far back an import changes what is usual: what is older has faded to a quarter."""


ABOUT = ("case_id", "situation_id", "query_id")
EVALUATED = (
    "level",
    "level_state",
    "baseline",
    "verdict",
    "evaluate_at",
    "blind_since",
    "late_bucket",
    "relearn_from",
    "platforms",
)


def due_watches(*, now: datetime) -> list[int]:
    """Watches with new counts, a closed bucket, or an end that has come; those of new posts first."""
    open_watches = Watch.objects.filter(ended_at=None, evaluate_at__lte=now)
    return list(open_watches.order_by("evaluate_at").values_list("pk", flat=True)[:MOST_DUE])


def evaluate(watch_id: int, *, now: datetime) -> Verdict | None:
    """Judge one watch by its counts, store the verdict with its numbers, and alarm if it rose.

    Runs under the lock of what it watches, so that two workers cannot both see it rise. None when the
    watch has ended meanwhile.
    """
    about = Watch.objects.only(*ABOUT).get(pk=watch_id).subject
    with transaction.atomic():
        case = hold(about)
        # Held as well: a post counted meanwhile makes the watch due again after this, never before.
        found = held_for([watch_id])
        if not found:
            return None
        watch = found[0]
        if _is_over(watch, now=now) and not _is_held_open(case):
            end(watch, by=None, now=now, reason="its time was over")
            return None
        if watch.relearn_from is not None:
            _relearn(watch)
        judged = weigh(look([watch], now=now)[0], now=now)
        _write([judged])
        if judged.alarm:
            raise_escalation(case or about, judged.alarm, by=None, now=now)
    return judged.verdict


def evaluate_many(watch_ids: Sequence[int], *, now: datetime) -> int:
    """Judge many watches, some hundred in a transaction; returns how many.

    Those that stay where they are need their own rows only. One that may ring, that ends, or whose past
    changed is left for `evaluate`, which holds its case first. A watch that somebody else holds is theirs.
    """
    alone: list[int] = []
    n_done = 0
    for start in range(0, len(watch_ids), AT_ONCE):
        with transaction.atomic():
            watches = held_for(watch_ids[start : start + AT_ONCE], skip_locked=True)
            due = [watch for watch in watches if watch.evaluate_at and watch.evaluate_at <= now]
            calm = [w for w in due if not _is_over(w, now=now) and w.relearn_from is None]
            judged = [weigh(sight, now=now) for sight in look(calm, now=now)]
            quiet = [each for each in judged if each.alarm is None]
            _write(quiet)
        n_done += len(quiet)
        stored = {each.watch.pk for each in quiet}
        alone += [watch.pk for watch in due if watch.pk not in stored]
    for watch_id in alone:
        evaluate(watch_id, now=now)
    return n_done + len(alone)


def end(watch: Watch, *, by: User | None, now: datetime, reason: str) -> bool:
    """End a watch; a case that rested in it closes. False when it had ended already."""
    with transaction.atomic():
        case = hold(watch.subject, watch.case)
        if not Watch.objects.filter(pk=watch.pk, ended_at=None).update(
            ended_at=now, end_reason=reason[:500], evaluate_at=None
        ):
            return False
        facts = {"watch": watch.pk, "reason": reason}
        audit.append(watch.subject.trail, "watch ended", by=by, now=now, facts=facts)
        if case and case.state == State.WATCHING:
            move(case, State.CLOSED, by=by, now=now, reason=reason)
    watch.ended_at = now
    return True


def _is_held_open(case: Case | None) -> bool:
    """Whether a case that rests in its watch cannot end: something is promised on it."""
    return case is not None and case.state == State.WATCHING and promises.holds_open(case)


def _is_over(watch: Watch, *, now: datetime) -> bool:
    return watch.ends_at <= now


def _relearn(watch: Watch) -> None:
    """An import changed the past of a watch: count it again, and learn it again in the order of events."""
    series.recount(watch)
    began = int(watch.started_at.timestamp()) // BUCKET_S
    first = max(min(watch.relearn_from or began, began), began - PAST_DAYS * 24 * HOUR)
    earlier = watch.baseline.get("from", began)
    watch.baseline = {"from": min(first, earlier)} if min(first, earlier) < began else {}
    watch.relearn_from = None


def _write(judged: Sequence[Judged]) -> None:
    rows = []
    for each in judged:
        watch = each.watch
        states = (bulk.encoded(watch.level_state), bulk.encoded(watch.baseline), bulk.encoded(watch.verdict))
        marks = (watch.evaluate_at, watch.blind_since, watch.late_bucket, watch.relearn_from)
        rows.append((watch.level, *states, *marks, bulk.encoded(watch.platforms), watch.pk))
    if rows:
        bulk.update(Watch, EVALUATED, rows)
