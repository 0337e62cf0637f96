"""Weighs what was read of a watch: signs, a level, and what is to be told. Reads and writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cases import profiles
from cases.models import Watch
from cases.rules import signs as eight
from cases.rules.levels import Level, LevelState, Sign, is_frozen, level_of, step
from cases.rules.profiles import Profile
from cases.rules.signs import Seen
from cases.rules.triggers import Trigger, has_standing
from cases.rules.worsening import BUCKET_S, Series, Verdict, judge, learned, recheck
from cases.services.escalation import Alarm
from cases.services.seen import HOUR, Sight, learns_from

BUCKET = timedelta(seconds=BUCKET_S)

AT_REST = timedelta(minutes=15)
"""Where nothing was said for an hour and no level is up, nothing can change before a post comes."""

REACH_KNOWN_H = 24.0
REACH_FADE = 0.5 ** (1 / (28 * 24))
REACH_CLIP = 4.0

ALWAYS_TOLD = frozenset({"S1", "S2"})
"""Signs that say something at 0 as well: how it is, and how little is known of the tone."""


@dataclass(slots=True)
class Judged:
    """What one look at a watch comes to; nothing of it is stored yet."""

    sight: Sight
    verdict: Verdict | None = None
    signs: Sequence[Sign] = ()
    alarm: Alarm | None = None

    @property
    def watch(self) -> Watch:
        return self.sight.watch


def weigh(sight: Sight, *, now: datetime) -> Judged:
    """Judge a watch from what was read of it: changes its unsaved row and says what is to be told.

    Nothing is read or written here: this is the part that must be quick.
    """
    watch = sight.watch
    was_blind = bool(watch.verdict.get("is_blind"))
    watch.blind_since = sight.out_of_sight_since
    if _is_at_rest(sight, now=now):
        watch.evaluate_at = _next(watch, now=now, is_at_rest=True)
        return Judged(sight)
    profile, state = profiles.of(watch), LevelState.from_json(watch.level_state)
    verdict, signs = _signs(sight, profile, state, now=now)
    has_trigger = _has_trigger(watch, now=now)
    wanted = level_of(signs, hard_trigger=has_trigger, floor=Level(watch.floor))
    risen, is_news = step(state, wanted, n_60=verdict.n_60, now=now)
    is_paused = _is_paused(watch, now=now)
    if not (is_news and is_paused):  # what may not ring in a pause has not risen yet: it rings after it
        state = risen
    is_blind = _is_blind(watch, profile, now=now)
    watch.level = int(max(state.level, level_of((), blind=is_blind)))
    watch.level_state, watch.late_bucket = state.to_json(), None
    watch.evaluate_at = _next(watch, now=now, is_at_rest=False)
    told = {
        sign.id: {"level": sign.level, "facts": dict(sign.facts)}
        for sign in signs
        if sign.level or sign.id in ALWAYS_TOLD
    }
    facts = {"level": verdict.level, "at": now.isoformat(), "is_blind": is_blind and not is_paused}
    watch.verdict = verdict.facts() | facts | {"signs": told}
    judged = Judged(sight, verdict, signs)
    if (is_news or (is_blind and not was_blind)) and not is_paused:
        judged.alarm = _alarm(judged, profile, is_news=is_news, has_trigger=has_trigger, now=now)
    return judged


def _signs(
    sight: Sight, profile: Profile, state: LevelState, *, now: datetime
) -> tuple[Verdict, Sequence[Sign]]:
    """The verdict on all posts, and the eight signs; what is usual is brought up to date in passing."""
    watch, counts = sight.watch, sight.counts
    frozen = is_frozen(state, now=now)
    before = watch.baseline
    volume = _series(watch, "all", counts.n, counts.unknown, frozen=frozen, now=now)
    unread = counts.unknown | counts.unreadable
    negative = _series(watch, "negative", counts.negative, unread, frozen=frozen, now=now)
    usual = _usual_reach(watch, sight, frozen=frozen, now=now)
    ringing = replace(volume, buckets=counts.rings)
    verdict = judge(ringing, now=now, thresholds=profile.volume)
    if watch.late_bucket is not None:
        # By what was usual before: what came late may not explain itself away.
        usual_before = _stored(watch, before.get("all", {}), counts.rings, counts.unknown)
        late = recheck(usual_before, late=watch.late_bucket, now=now, thresholds=profile.volume)
        verdict = late if late.late and late.level > verdict.level else verdict
    recent, last = sight.recent, int(now.timestamp()) // BUCKET_S
    seen = Seen(
        volume=verdict,
        negative=judge(negative, now=now, thresholds=profile.negative),
        coverage=recent.coverage,
        reach=recent.reach_seen(usual),
        platforms=_new_platforms(watch, profile, last=last),
        joined=sight.joined,
        n_replies=recent.n_replies,
        quiet_hours=_quiet_hours(sight, last=last),
        check_due_at=watch.next_check_at,
        posts=recent.posts,
        negative_posts=recent.negative_posts,
    )
    return verdict, eight.signs_of(seen, profile, now=now)


def _series(
    watch: Watch, name: str, buckets: Mapping[int, int], unknown: set[int], *, frozen: bool, now: datetime
) -> Series:
    """One series with what is usual of it brought up to date; stored when another hour was learned."""
    before = _stored(watch, watch.baseline.get(name, {}), buckets, unknown)
    after = learned(before, until=now, frozen=frozen)
    if name not in watch.baseline or after.baseline.until != before.baseline.until:
        watch.baseline = {**watch.baseline, name: after.state()}
    return after


def _stored(watch: Watch, state: Mapping[str, Any], buckets: Mapping[int, int], unknown: set[int]) -> Series:
    return Series(learns_from(watch), buckets, frozenset(unknown)).with_state(state)


def _usual_reach(watch: Watch, sight: Sight, *, frozen: bool, now: datetime) -> float | None:
    """Followers of the distinct authors of a usual hour: a mean that fades; None while a day is not known.

    Like the other two it learns an hour later, never an hour that was not seen, and one wild hour is clipped.
    """
    started = int(learns_from(watch).timestamp()) // 3600 + 1
    total, weight, until = watch.baseline.get("reach", (0.0, 0.0, started))
    until = max(until, started)
    end_hour = int(now.timestamp()) // 3600 - 1
    if until < end_hour:
        for hour in range(until, end_hour):
            buckets = range(hour * HOUR, (hour + 1) * HOUR)
            if frozen or not sight.counts.unknown.isdisjoint(buckets):
                continue
            reach = float(sum(sight.counts.reach.get(bucket, 0) for bucket in buckets))
            if weight >= REACH_KNOWN_H:
                reach = min(reach, REACH_CLIP * (total / weight + 1000))
            total, weight = total * REACH_FADE + reach, weight * REACH_FADE + 1
        stored = [round(total, 2), round(weight, 4), end_hour]
        watch.baseline = {**watch.baseline, "reach": stored}
    return total / weight if weight >= REACH_KNOWN_H else None


def _new_platforms(watch: Watch, profile: Profile, *, last: int) -> list[str]:
    hours = profile.platform_hours[0] * HOUR
    return sorted(name for name, (since, _) in watch.platforms.items() if last - hours < since <= last)


def _quiet_hours(sight: Sight, *, last: int) -> float | None:
    """Hours between the last post before this hour and this hour; None when nobody knows."""
    if sight.is_quiet_unknown or any(bucket <= last - HOUR for bucket in sight.counts.unknown):
        return None
    began = int(learns_from(sight.watch).timestamp()) // BUCKET_S
    since = began if sight.last_before is None else sight.last_before
    return max(0, last - HOUR - since) / HOUR


def _has_trigger(watch: Watch, *, now: datetime) -> bool:
    """Whether words of danger or a person's key stand; one that came in a pause stands after it."""
    triggers = [Trigger.from_json(stored) for stored in watch.triggers]
    paused = watch.paused_until
    if paused and paused <= now:
        triggers += [replace(trigger, at=paused) for trigger in triggers if trigger.at < paused]
    return has_standing(triggers, now=now)


def _alarm(judged: Judged, profile: Profile, *, is_news: bool, has_trigger: bool, now: datetime) -> Alarm:
    """Everything that a sentence about this alarm will ever need, as it was at this moment."""
    watch, verdict = judged.watch, judged.verdict
    assert verdict is not None
    onset_at = _onset(judged, has_trigger=has_trigger, now=now)
    evidence: dict[str, Any] = watch.verdict | {
        "profile": {"id": watch.profile_id, "thresholds": profile.to_json()},
        "posts": judged.sight.recent.posts[: eight.POSTS_KEPT * 2],
        "triggers": watch.triggers if has_trigger else [],
        "onset_at": onset_at.isoformat(),
    }
    return Alarm(watch.level, "worsened" if is_news else "blind", evidence, watch, onset_at)


def _onset(judged: Judged, *, has_trigger: bool, now: datetime) -> datetime:
    """When what it rings for began: the begin of the window, or the moment since which nothing is seen."""
    watch, verdict = judged.watch, judged.verdict
    if verdict is None or (not verdict.level and not has_trigger and watch.blind_since):
        return watch.blind_since or now
    closes = (int(now.timestamp()) // BUCKET_S + 1) * BUCKET_S
    return datetime.fromtimestamp(closes - verdict.window_s, UTC)


def _is_paused(watch: Watch, *, now: datetime) -> bool:
    return watch.paused_until is not None and watch.paused_until > now


def _is_blind(watch: Watch, profile: Profile, *, now: datetime) -> bool:
    """Whether the watch has seen nothing for too long.

    That is an alarm beside the level and never a step of it: what comes to light when the source
    is back must ring, whatever rang while nothing was seen.
    """
    too_long = timedelta(minutes=profile.blind_minutes[0])
    return watch.blind_since is not None and now - watch.blind_since > too_long


def _is_at_rest(sight: Sight, *, now: datetime) -> bool:
    """Whether nothing can have changed: calm at the last look, silent and seen since, nothing to learn."""
    watch, last = sight.watch, int(now.timestamp()) // BUCKET_S
    return (
        watch.verdict.get("n_60") == 0
        and not (watch.level or watch.floor or watch.triggers or watch.blind_since)
        and watch.late_bucket is None
        and not watch.level_state.get("level")
        and not sight.counts.recent(last)
        and not sight.counts.unknown
        and watch.baseline.get("reach", (0, 0, 0))[2] >= int(now.timestamp()) // 3600 - 1
    )


def _next(watch: Watch, *, now: datetime, is_at_rest: bool) -> datetime:
    """When to look again: at the next bucket; at rest later, and whenever a pause or the watch ends."""
    due = now + (AT_REST if is_at_rest else BUCKET)
    moments = (watch.paused_until, watch.ends_at)
    return min([due, *(at for at in moments if at and at > now)])
