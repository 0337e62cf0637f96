"""Watching: somebody keeps an eye on a case, and says what they see."""

from datetime import datetime

from django.db import transaction

from cases.models import (
    Case,
    User,
    Watch,
    WatchCheck,
    WatchThread,
    subject,
)
from cases.rules.ladders import SAID_WORSE
from cases.rules.levels import Level, LevelState, step
from cases.services import audit, series
from cases.services.beginning import AlreadyWatched as AlreadyWatched
from cases.services.beginning import Plan as Plan
from cases.services.beginning import begin
from cases.services.beginning import end_on_situation as end_on_situation
from cases.services.beginning import start_on_query as start_on_query
from cases.services.beginning import start_on_situation as start_on_situation
from cases.services.escalation import Alarm, raise_escalation
from cases.services.evaluation import due_watches as due_watches
from cases.services.evaluation import end as end
from cases.services.evaluation import evaluate as evaluate
from cases.services.evaluation import evaluate_many as evaluate_many
from cases.services.keeping import LONGEST_PAUSE as LONGEST_PAUSE
from cases.services.keeping import WatchRefused as WatchRefused
from cases.services.keeping import choose_profile as choose_profile
from cases.services.keeping import hand as hand
from cases.services.keeping import held_now, show
from cases.services.keeping import log_check as log_check
from cases.services.keeping import pause as pause
from cases.services.keeping import resume as resume
from cases.services.subjects import hold
from cases.services.transitions import lock


def start(case: Case, plan: Plan, *, by: User, now: datetime) -> Watch:
    """Start a watch on a case, in whatever state it is.

    Posts in its thread, and in those of the copies that are merged into it, count from now on.
    Raises AlreadyWatched.
    """
    with transaction.atomic():
        held = lock(case)
        watch = begin(subject.case(held.pk), plan, after_post=_newest_in(held), by=by, now=now)
        _begin_threads(watch, held)
    return watch


def say_worse(watch: Watch, *, by: User, now: datetime, note: str = "") -> bool:
    """A person says it got worse: communications is alarmed at once, and the level cannot fall by itself.

    False when communications is being called already: the word is added to that alarm.
    """
    with transaction.atomic():
        hold(watch.subject, watch.case)
        held = held_now(watch)
        WatchCheck.objects.create(watch=held, by=by, at=now, is_worse=True, note=note)
        _raise_floor(held, max(held.floor, Level.WORSENING), by=by, now=now)
        alarm = Alarm(held.level, SAID_WORSE, {"note": note, "who": str(by)}, held, now)
        raised = raise_escalation(watch.case or watch.subject, alarm, by=by, now=now)
    show(held, watch)
    return raised.raised_at == now


def set_floor(watch: Watch, level: int, *, by: User, now: datetime, reason: str) -> bool:
    """A person sets the level below which a watch does not fall by itself, up or down; with a reason.

    Up to worsening or higher it is an alarm, as when the numbers say so. Down, the numbers decide again.
    False when it was set so already.
    """
    if level not in set(Level):
        raise WatchRefused("level")
    if not reason.strip():
        raise WatchRefused("reason")
    with transaction.atomic():
        hold(watch.subject, watch.case)
        held = held_now(watch)
        before = held.floor
        if before == level:
            return False
        if level > before:
            _raise_floor(held, level, by=by, now=now)
        else:
            held.floor, held.floor_by, held.evaluate_at = level, by if level else None, now
            held.save(update_fields=["floor", "floor_by", "evaluate_at"])
        facts = {"watch": held.pk, "before": before, "after": level, "reason": reason}
        audit.append(held.subject.trail, "watch level set", by=by, now=now, facts=facts)
        if level > before and level >= Level.WORSENING:
            alarm = Alarm(held.level, SAID_WORSE, {"note": reason, "who": str(by)}, held, now)
            raise_escalation(watch.case or watch.subject, alarm, by=by, now=now)
    show(held, watch)
    return True


def _newest_in(case: Case) -> int:
    """The highest number of a post in the thread of a case: what stands there already does not count."""
    post = case.post
    found = type(post).objects.filter(platform=post.platform, thread_id=post.thread_id).order_by("-pk")
    return found.values_list("pk", flat=True).first() or case.pk


def _begin_threads(watch: Watch, case: Case) -> None:
    """The thread of the case and those of its copies; their platforms are not new."""
    WatchThread.objects.create(
        watch=watch, case=case, platform=case.post.platform, thread_id=case.post.thread_id
    )
    copies = Case.objects.filter(lead=case, state="merged") if case.n_copies else Case.objects.none()
    WatchThread.objects.bulk_create(
        WatchThread(watch=watch, case_id=pk, platform=platform, thread_id=thread_id)
        for pk, platform, thread_id in copies.values_list("pk", "post__platform", "post__thread_id")
    )
    names = WatchThread.objects.filter(watch=watch).values_list("platform", flat=True).distinct()
    watch.platforms = {name: list(series.ALWAYS) for name in names}
    watch.save(update_fields=["platforms"])


def _raise_floor(watch: Watch, level: int, *, by: User, now: datetime) -> None:
    """A person's level counts at once, and who is told now is not told again by the next evaluation."""
    if level > watch.floor:
        watch.floor, watch.floor_by = level, by
    state = LevelState.from_json(watch.level_state)
    wanted, n_60 = Level(max(state.level, watch.floor)), watch.verdict.get("n_60", 0)
    state, _is_news = step(state, wanted, n_60=n_60, now=now)
    watch.level, watch.level_state = int(state.level), state.to_json()
    watch.save(update_fields=["floor", "floor_by", "level", "level_state"])
