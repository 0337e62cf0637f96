"""One watch: how loud it must be, why in ranked sentences, and everything its page shows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Q, QuerySet

from cases import duty
from cases.models import (
    AuditEvent,
    DutyPost,
    Escalation,
    Notification,
    Situation,
    User,
    Watch,
    WatchCheck,
    WatchCount,
    WatchProfile,
)
from cases.models.subject import Kind, Subject
from cases.reads.people import who_may
from cases.reads.watch_hours import Hour, Mark, counts_of, hours_of, marks_of, start_of_chart
from cases.reasons import Reason, reasons
from cases.rules import watch_states
from cases.rules.permissions import Need
from cases.rules.worsening import BUCKET_S
from monitoring.models import Post, Query

POINTS = 12
MOST_POSTS, MOST_HISTORY = 8, 40
HOUR = timedelta(hours=1)

LOUDEST_FIRST = ("worsened", "blind", "rising", "due", "acknowledged", "active", "paused", "ended")
"""How loud a watch must be. A blind one is louder than a calm one: nobody knows what it would say."""

ACTIONS = (
    "watch started",
    "watch paused",
    "watch resumed",
    "watch ended",
    "watch handed on",
    "watch profile chosen",
    "watch level set",
    "checked",
    "escalated",
    "escalated further",
    "more evidence",
    "acknowledged",
    "looked back",
)
"""What the trail of a case tells of its watch and its alarms."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One watch as the board and its page show it.

    `points`: posts per window, oldest first, None where the source could not be seen; `usual`:
    the expected band per window, once known. `state`: one of `LOUDEST_FIRST`. `on_duty`: who is at the
    duty post that keeps it.
    """

    watch: Watch
    state: str
    reasons: Sequence[Reason]
    points: list[int | None]
    window_s: int
    usual: tuple[int, int] | None
    last_check: WatchCheck | None
    escalation: Escalation | None
    on_duty: Sequence[User] = ()

    @property
    def sentence(self) -> str:
        return self.reasons[0].sentence if self.reasons else ""

    @property
    def is_loud(self) -> bool:
        return self.state in ("worsened", "rising")


@dataclass(frozen=True, slots=True)
class WatchPage:
    """One watch with its chart, the posts behind its signs, and what people did with it."""

    row: Watched
    hours: Sequence[Hour]
    marks: Sequence[Mark]
    negative: Mapping[str, Any] | None
    posts: Sequence[Post]
    checks: Sequence[WatchCheck]
    alarms: Sequence[Escalation]
    history: Sequence[AuditEvent]
    people: Sequence[User]
    duty_posts: Sequence[DutyPost]
    profiles: Sequence[WatchProfile]
    told: Sequence[str]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is read beside the rows of some watches, for all of them at once."""

    counts: Mapping[int, Mapping[int, WatchCount]]
    checks: Mapping[int, WatchCheck]
    alarms: Mapping[Subject, Escalation]
    on_duty: Mapping[int, Sequence[User]]


def state_of(watch: Watch, alarm: Escalation | None, *, now: datetime) -> str:
    """How a watch stands, the loudest of what holds."""
    rings = alarm is not None and alarm.status == Escalation.Status.RUNNING
    found = watch_states.Facts(
        level=watch.level,
        next_check_at=watch.next_check_at,
        ended_at=watch.ended_at,
        paused_until=watch.paused_until,
        blind_since=watch.blind_since,
        rings=rings,
        is_taken=alarm is not None and not rings,
    )
    return watch_states.state_of(found, now=now).value


def facts_of(watches: Sequence[Watch], alarms: Mapping[Subject, Escalation], *, now: datetime) -> Facts:
    """What the rows of these watches need: a fixed number of queries, however many there are."""
    ids = [watch.pk for watch in watches]
    posts = {watch.post.pk: watch.post for watch in watches if watch.post is not None}
    here = duty.now_and_next_of(list(posts.values()), now=now) if posts else {}
    on_duty = {number: [turn.person for turn in found.now] for number, found in here.items()}
    return Facts(counts_of(ids, since=now - HOUR * POINTS), _last_checks(ids), alarms, on_duty)


def watched(watch: Watch, facts: Facts, *, now: datetime) -> Watched:
    """A watch with what was read for it."""
    verdict: dict[str, Any] = watch.verdict
    window_s = int(verdict.get("window_s") or 3600)
    alarm = facts.alarms.get(watch.subject)
    return Watched(
        watch=watch,
        state=state_of(watch, alarm, now=now),
        reasons=reasons(verdict),
        points=_points(facts.counts.get(watch.pk, {}), window_s=window_s, now=now),
        window_s=window_s,
        usual=(verdict["usual_low"], verdict["usual_high"]) if "usual_low" in verdict else None,
        last_check=facts.checks.get(watch.pk),
        escalation=alarm,
        on_duty=facts.on_duty.get(watch.post_id or 0, ()),
    )


def one(watch: Watch, *, now: datetime) -> Watched:
    """One watch, for the page of what it is on."""
    alarm = open_alarms().filter(**watch.subject.named).first()
    facts = facts_of([watch], {watch.subject: alarm} if alarm else {}, now=now)
    return watched(watch, facts, now=now)


def watch_page(watch: Watch, *, now: datetime) -> WatchPage:
    """Everything about one watch."""
    row = one(watch, now=now)
    since = start_of_chart(watch, now=now)
    checks = list(watch.checks.select_related("by")[:MOST_HISTORY])
    alarms = list(watch.escalations.select_related("acknowledged_by").order_by("-raised_at")[:MOST_HISTORY])
    events = AuditEvent.objects.filter(subject=watch.subject.trail, action__in=ACTIONS)
    history = list(events.order_by("-seq")[:MOST_HISTORY])
    in_use = WatchProfile.objects.filter(is_active=True).order_by("name")
    return WatchPage(
        row=row,
        hours=hours_of(watch, since=since, now=now),
        marks=marks_of(checks, alarms, history, since=since),
        negative=_negative(watch),
        posts=_posts_behind(row.reasons),
        checks=checks,
        alarms=alarms,
        history=history,
        people=who_may(Need.WATCH),
        duty_posts=list(DutyPost.objects.filter(is_active=True).order_by("name")),
        profiles=list(in_use),
        told=_told(row.escalation),
    )


def with_states(found: Sequence[Watch], *, now: datetime) -> Sequence[Watch]:
    """These watches, each with how it stands (`stands`); one query for all."""
    alarms = alarms_of([watch.subject for watch in found])
    for watch in found:
        watch.stands = state_of(watch, alarms.get(watch.subject), now=now)  # type: ignore[attr-defined]
    return found


def of_situation(situation: Situation, *, now: datetime) -> Watched | None:
    """The open watch of a situation; None where nobody keeps one."""
    return _open_on(situation=situation.pk, now=now)


def of_query(query: Query, *, now: datetime) -> Watched | None:
    """The open watch of a query; None where nobody keeps one."""
    return _open_on(query=query.pk, now=now)


def _open_on(*, now: datetime, **about: int) -> Watched | None:
    rows = Watch.objects.select_related("situation", "query", "watcher", "post", "profile")
    found = rows.filter(ended_at=None, **about).first()
    return one(found, now=now) if found else None


def alarms_of(subjects: Collection[Subject]) -> dict[Subject, Escalation]:
    """The open alarms of these; one query."""
    wanted = Q(pk__in=[])
    for kind in Kind:
        wanted |= Q(**{f"{kind.value}__in": [each.number for each in subjects if each.kind is kind]})
    return {alarm.subject: alarm for alarm in open_alarms().filter(wanted)}


def profile_of(number: int | None) -> WatchProfile | None:
    """The profile with this number; None for the default one."""
    return WatchProfile.objects.filter(pk=number).first() if number else None


def duty_post_of(number: int | None) -> DutyPost | None:
    """The duty post in use with this number."""
    return DutyPost.objects.filter(pk=number, is_active=True).first() if number else None


def open_alarms() -> QuerySet[Escalation]:
    found = Escalation.objects.filter(resolved_at=None)
    about = ("case__post__author", "situation", "query")
    rows = found.select_related(*about, "watch__watcher", "acknowledged_by")
    return rows.order_by("-level", "raised_at")


def _told(alarm: Escalation | None) -> list[str]:
    """Who heard of the alarm that is open, in this round."""
    if alarm is None:
        return []
    sent = Notification.objects.filter(escalation=alarm, round=alarm.round).select_related("recipient")
    return list(dict.fromkeys(str(message.recipient) for message in sent.order_by("step", "pk")))


def _last_checks(watch_ids: Collection[int]) -> dict[int, WatchCheck]:
    last = WatchCheck.objects.filter(watch_id__in=watch_ids).order_by().values("watch").annotate(n=Max("pk"))
    rows = WatchCheck.objects.filter(pk__in=last.values("n")).select_related("by")
    return {check.watch_id: check for check in rows}


def _points(counts: Mapping[int, WatchCount], *, window_s: int, now: datetime) -> list[int | None]:
    """Posts per window up to now; a window with an unknown bucket is unknown."""
    width, last = window_s // BUCKET_S, int(now.timestamp()) // BUCKET_S
    points: list[int | None] = []
    for i in range(POINTS - 1, -1, -1):
        end = last - i * width
        inside = [counts[bucket] for bucket in range(end - width + 1, end + 1) if bucket in counts]
        points.append(None if any(count.is_unknown for count in inside) else sum(c.n for c in inside))
    return points


def _negative(watch: Watch) -> Mapping[str, Any] | None:
    """How much is known of the tone, as the last verdict kept it."""
    kept = watch.verdict.get("signs", {})
    found = next((e for e in kept if e.get("id") == "S2"), {}) if isinstance(kept, list) else kept.get("S2")
    facts = found.get("facts", found) if isinstance(found, Mapping) else {}
    return facts if facts.get("n_posts") else None


def _posts_behind(told: Sequence[Reason]) -> list[Post]:
    """The posts that the signs name, in the order in which the signs are told."""
    numbers = list(dict.fromkeys(number for reason in told if reason.level for number in reason.posts))
    found = Post.objects.select_related("author", "case").in_bulk(numbers[:MOST_POSTS])
    return [found[number] for number in numbers[:MOST_POSTS] if number in found]
