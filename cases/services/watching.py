"""Watching: somebody keeps an eye on a case, and the counts are judged when they change."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import Case, User, Watch, WatchCheck, WatchCount
from cases.rules.ladders import SAID_WORSE
from cases.rules.levels import Level, LevelState, Sign, is_frozen, level_of, reply_sign, step
from cases.rules.workflow import State
from cases.rules.worsening import BUCKET_S, Baseline, Series, Verdict, is_worse, learn
from cases.services import audit, promises
from cases.services.escalation import Alarm, raise_escalation
from cases.services.transitions import lock, move
from monitoring.connectors.passive import NEVER_POLLED

WINDOWS = timedelta(hours=2)
"""Counts are read from the first hour that is not learned yet, and at least the windows under test."""

BUCKET = timedelta(seconds=BUCKET_S)
OUT_OF_SIGHT = timedelta(minutes=15)
"""A source that has not answered for this long, or for three of its own rounds, is out of sight."""

TOO_LONG_BLIND = timedelta(minutes=30)
"""A watch that sees nothing for longer than this is an alarm by itself."""

BUCKETS_MARKED = 24
EVALUATED = ("level", "level_state", "baseline", "verdict", "evaluate_at", "blind_since")


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
    """Who watches, what would be worse, how often to look, and until when."""

    watcher: User
    rule: str
    check_every: timedelta
    ends_at: datetime


def start(case: Case, plan: Plan, *, by: User, now: datetime) -> Watch:
    """Start a watch on a case, in whatever state it is; posts in its thread count from now on.

    Raises AlreadyWatched.
    """
    with transaction.atomic():
        held = lock(case)
        running = held.watches.filter(ended_at=None).select_related("watcher").first()
        if running:
            raise AlreadyWatched(case.pk, str(running.watcher))
        watch = Watch.objects.create(
            case=held,
            watcher=plan.watcher,
            rule=plan.rule,
            platform=held.post.platform,
            thread_id=held.post.thread_id,
            check_every_s=int(plan.check_every.total_seconds()),
            next_check_at=now + plan.check_every,
            ends_at=plan.ends_at,
            started_at=now,
            evaluate_at=now,
        )
        facts = {"watch": watch.pk, "watcher": str(plan.watcher), "until": plan.ends_at.isoformat()}
        audit.append(audit.subject_of(case.pk), "watch started", by=by, now=now, facts=facts)
    return watch


def log_check(watch: Watch, *, by: User, now: datetime, note: str = "") -> WatchCheck:
    """Somebody looked: the next check is due one interval from now."""
    with transaction.atomic():
        lock(watch.case)
        check = WatchCheck.objects.create(watch=watch, by=by, at=now, note=note)
        watch.next_check_at = now + timedelta(seconds=watch.check_every_s)
        watch.save(update_fields=["next_check_at"])
        facts = {"watch": watch.pk, "note": note}
        audit.append(audit.subject_of(watch.case_id), "checked", by=by, now=now, facts=facts)
    return check


def say_worse(watch: Watch, *, by: User, now: datetime, note: str = "") -> bool:
    """A person says it got worse: communications is alarmed at once, and the level cannot fall by itself.

    False when communications is being called already: the word is added to that alarm.
    """
    with transaction.atomic():
        lock(watch.case)
        watch.refresh_from_db()
        WatchCheck.objects.create(watch=watch, by=by, at=now, is_worse=True, note=note)
        watch.floor = max(watch.floor, Level.WORSENING)
        state = LevelState.from_json(watch.level_state)
        # Told now: the next evaluation must not bring the same word as news of its own.
        wanted, n_60 = Level(max(state.level, watch.floor)), watch.verdict.get("n_60", 0)
        state, _is_news = step(state, wanted, n_60=n_60, now=now)
        watch.level, watch.level_state = int(state.level), state.to_json()
        watch.save(update_fields=["floor", "level", "level_state"])
        alarm = Alarm(watch.level, SAID_WORSE, {"note": note, "who": str(by)}, watch)
        raised = raise_escalation(watch.case, alarm, by=by, now=now)
    return raised.raised_at == now


def pause(watch: Watch, *, until: datetime, by: User, now: datetime) -> None:
    """No alarms from this watch until a time; it is never silent without an end."""
    with transaction.atomic():
        lock(watch.case)
        watch.paused_until = until
        watch.save(update_fields=["paused_until"])
        facts = {"watch": watch.pk, "until": until.isoformat()}
        audit.append(audit.subject_of(watch.case_id), "watch paused", by=by, now=now, facts=facts)


def end(watch: Watch, *, by: User | None, now: datetime, reason: str) -> bool:
    """End a watch; a case that rested in it closes. False when it had ended already."""
    with transaction.atomic():
        case = lock(watch.case)
        if not Watch.objects.filter(pk=watch.pk, ended_at=None).update(
            ended_at=now, end_reason=reason[:500], evaluate_at=None
        ):
            return False
        facts = {"watch": watch.pk, "reason": reason}
        audit.append(audit.subject_of(case.pk), "watch ended", by=by, now=now, facts=facts)
        if case.state == State.WATCHING:
            move(case, State.CLOSED, by=by, now=now, reason=reason)
    watch.ended_at = now
    return True


def due_watches(*, now: datetime) -> list[int]:
    """Watches with new counts, a closed bucket, or an end that has come."""
    open_watches = Watch.objects.filter(ended_at=None, evaluate_at__lte=now)
    return list(open_watches.order_by("evaluate_at").values_list("pk", flat=True)[:500])


def evaluate(watch_id: int, *, now: datetime) -> Verdict | None:
    """Judge one watch by its counts, store the verdict with its numbers, and alarm if it rose.

    Runs under the lock of the case, so that two workers cannot both see it rise. None when the
    watch has ended meanwhile.
    """
    case_id = Watch.objects.values_list("case_id", flat=True).get(pk=watch_id)
    with transaction.atomic():
        case = lock(Case(pk=case_id), with_lead=False)
        # Held as well: a post counted meanwhile makes the watch due again after this, never before.
        watch = Watch.objects.select_for_update().get(pk=watch_id)
        if watch.ended_at:
            return None
        # While something is promised its case stays open, and so does the eye on it.
        if watch.ends_at <= now and not (case.state == State.WATCHING and promises.holds_open(case)):
            end(watch, by=None, now=now, reason="its time was over")
            return None
        state = LevelState.from_json(watch.level_state)
        watch.blind_since = _out_of_sight_since(case, watch, now=now)
        if watch.blind_since:
            _mark_unknown(watch, now=now)
        series = _series(watch, state, now=now)
        verdict = is_worse(series, now=now)
        signs = _signs(verdict)
        wanted = level_of(signs, floor=Level(watch.floor))
        risen, is_news = step(state, wanted, n_60=verdict.n_60, now=now)
        is_paused = watch.paused_until is not None and watch.paused_until > now
        if not (is_news and is_paused):  # what may not ring in a pause has not risen yet: it rings after it
            state = risen
        is_blind, was_blind = _is_blind(watch, now=now), watch.verdict.get("is_blind", False)
        watch.level, watch.level_state = max(state.level, level_of((), blind=is_blind)), state.to_json()
        watch.baseline, watch.evaluate_at = series.baseline.to_json(), now + BUCKET
        facts = {"level": verdict.level, "at": now.isoformat(), "is_blind": is_blind and not is_paused}
        watch.verdict = verdict.facts() | facts
        watch.save(update_fields=EVALUATED)
        if (is_news or (is_blind and not was_blind)) and not is_paused:
            evidence = watch.verdict | {"signs": {sign.id: sign.level for sign in signs}}
            alarm = Alarm(watch.level, "worsened" if is_news else "blind", evidence, watch)
            raise_escalation(case, alarm, by=None, now=now)
    return verdict


def _series(watch: Watch, state: LevelState, *, now: datetime) -> Series:
    """The counts of a watch with its baseline brought up to date; learning stops while a level is up."""
    baseline = Baseline.from_json(watch.baseline)
    learned_until = datetime.fromtimestamp(baseline.until * 3600, UTC)
    since = int(min(now - WINDOWS, max(learned_until, watch.started_at - WINDOWS)).timestamp()) // BUCKET_S
    rows = WatchCount.objects.filter(watch=watch, bucket__gte=since)
    counts = {row.bucket: row.n for row in rows if not row.is_unknown}
    unknown = frozenset(row.bucket for row in rows if row.is_unknown)
    series = Series(watch.started_at, counts, unknown, baseline)
    baseline = learn(baseline, series, until=now, frozen=is_frozen(state, now=now))
    return Series(watch.started_at, counts, unknown, baseline)


def _out_of_sight_since(case: Case, watch: Watch, *, now: datetime) -> datetime | None:
    """Since when the watch's source has shown nothing; None while it answers in its own rhythm.

    A captured post has no source, and one that was brought has none that looks for more: nobody promised
    to see its conversation.
    """
    source = case.post.source
    if source is None or source.connector in NEVER_POLLED | {"import"}:
        return None
    patience = max(OUT_OF_SIGHT, 3 * timedelta(seconds=source.interval_s))
    if source.is_enabled and source.last_success_at and now - source.last_success_at <= patience:
        return None
    return source.last_success_at or watch.started_at


def _is_blind(watch: Watch, *, now: datetime) -> bool:
    """Whether the watch has seen nothing for too long.

    That is an alarm beside the level and never a step of it: what comes to light when the source
    is back must ring, whatever rang while nothing was seen.
    """
    return watch.blind_since is not None and now - watch.blind_since > TOO_LONG_BLIND


def _mark_unknown(watch: Watch, *, now: datetime) -> None:
    """Buckets in which the source could not be seen are unknown, never zero, until posts come after all."""
    since = watch.blind_since or now
    first, last = int(since.timestamp()) // BUCKET_S + 1, int(now.timestamp()) // BUCKET_S
    unseen = range(max(first, last - BUCKETS_MARKED), last + 1)
    WatchCount.objects.bulk_create(
        [WatchCount(watch=watch, bucket=bucket, is_unknown=True) for bucket in unseen], ignore_conflicts=True
    )


def _signs(verdict: Verdict) -> list[Sign]:
    """Volume and replies (every post of a case's watch stands in its thread)."""
    return [Sign("S1", verdict.level, verdict.facts()), reply_sign(verdict.n_60)]
