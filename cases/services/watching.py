"""Watching: somebody keeps an eye on a case, and says what they see."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import Case, DutyPost, User, Watch, WatchCheck, WatchProfile, WatchThread
from cases.rules.ladders import SAID_WORSE, Function
from cases.rules.levels import Level, LevelState, step
from cases.services import audit, series
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


class AlreadyWatched(Exception):
    """One open watch a case."""

    def __init__(self, case_id: int, watcher: str) -> None:
        super().__init__(case_id, watcher)
        self.case_id, self.watcher = case_id, watcher

    def __str__(self) -> str:
        return _("Case %(case)d is already watched by %(watcher)s.") % {
            "case": self.case_id,
            "watcher": self.watcher,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """Who watches, what would be worse, how often to look, and until when.

    Kept by a person, by whoever is on duty at a post, or by both; without either by the post that is
    an officer's. Without a profile the default one counts.
    """

    watcher: User | None = None
    rule: str = ""
    check_every: timedelta = timedelta(hours=1)
    ends_at: datetime | None = None
    post: DutyPost | None = None
    profile: WatchProfile | None = None


DAYS = 7


def start(case: Case, plan: Plan, *, by: User, now: datetime) -> Watch:
    """Start a watch on a case, in whatever state it is.

    Posts in its thread, and in those of the copies that are merged into it, count from now on.
    Raises AlreadyWatched.
    """
    with transaction.atomic():
        held = lock(case)
        running = held.watches.filter(ended_at=None).select_related("watcher", "post").first()
        if running:
            raise AlreadyWatched(case.pk, str(running.watcher or running.post))
        watcher, post = _kept_by(plan, by=by)
        ends_at = plan.ends_at or now + timedelta(days=DAYS)
        watch = Watch.objects.create(
            case=held,
            watcher=watcher,
            post=post,
            profile=plan.profile,
            rule=plan.rule,
            check_every_s=int(plan.check_every.total_seconds()),
            next_check_at=now + plan.check_every,
            remind_at=now + plan.check_every,
            ends_at=ends_at,
            started_at=now,
            evaluate_at=now,
            after_post=_newest_in(held),
        )
        _begin_threads(watch, held)
        facts = {"watch": watch.pk, "watcher": str(watcher or post), "until": ends_at.isoformat()}
        audit.append(audit.subject_of(case.pk), "watch started", by=by, now=now, facts=facts)
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


def _kept_by(plan: Plan, *, by: User) -> tuple[User | None, DutyPost | None]:
    """Who keeps the watch: as planned, or the post of the officers, or else who starts it."""
    if plan.watcher or plan.post:
        return plan.watcher, plan.post
    post = DutyPost.objects.filter(function=Function.OFFICER, is_active=True).order_by("pk").first()
    return (None, post) if post else (by, None)


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
