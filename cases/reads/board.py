"""The watch board: what is watched, loudest first, and which alarms ring."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cases import duty, wording
from cases.models import DutyPost, Escalation, Notification, User, Watch
from cases.models.subject import Kind, Subject
from cases.reads import watches
from cases.reads.watches import LOUDEST_FIRST, Watched, open_alarms

LOGGED = timedelta(days=7)
PAGE = 50

LIGHT = (
    "case_id",
    "situation_id",
    "query_id",
    "ended_at",
    "watcher_id",
    "post_id",
    "level",
    "blind_since",
    "paused_until",
    "next_check_at",
)
"""What says how loud a watch must be: read of every open watch; the rest only of those on the page."""


KINDS = {kind.value: kind for kind in Kind}
"""What can be watched, by its name in an address."""


@dataclass(frozen=True, slots=True)
class Sieve:
    """Which watches to show. `mine`: kept by this person or by a post where they are on duty now."""

    mine: User | None = None
    post: int | None = None
    level: int = 0
    only_worse: bool = False
    kind: Kind | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class Ringing:
    """An alarm that nobody has taken: why, who was told, and who is next and when."""

    escalation: Escalation
    sentence: str
    told: list[str]
    next_people: list[str]


@dataclass(frozen=True, slots=True)
class Board:
    """`n_by_state`: all open watches; `n_found`: those that the filters let through.

    `overdue_since`: when the check was due that waits longest.
    """

    ringing: list[Ringing]
    taken: list[Escalation]
    watches: list[Watched]
    log: list[tuple[Escalation, str]]
    n_by_state: Mapping[str, int]
    n_found: int
    overdue_since: datetime | None
    duty_posts: Sequence[DutyPost]
    page: int
    has_more: bool

    @property
    def n(self) -> int:
        return sum(self.n_by_state.values())

    @property
    def n_worse(self) -> int:
        return sum(self.n_by_state.get(state, 0) for state in ("worsened", "rising", "acknowledged"))


def board(*, now: datetime, sieve: Sieve | None = None) -> Board:
    """The whole board: alarms first, then watches, loudest first. As many queries for one as for all."""
    sieve = sieve or Sieve()
    alarms = list(open_alarms())
    by_subject = {alarm.subject: alarm for alarm in alarms}
    every = list(Watch.objects.filter(ended_at=None).only(*LIGHT))
    states = {watch.pk: watches.state_of(watch, by_subject.get(watch.subject), now=now) for watch in every}
    found = _sifted(every, states, sieve, now=now)
    found.sort(key=lambda watch: (LOUDEST_FIRST.index(states[watch.pk]), -watch.level, watch.next_check_at))
    first = (sieve.page - 1) * PAGE
    numbers = [watch.pk for watch in found[first : first + PAGE]]
    due = [w.next_check_at for w in every if w.next_check_at <= now and states[w.pk] != "paused"]
    return Board(
        ringing=_ringing([a for a in alarms if a.status == Escalation.Status.RUNNING], now=now),
        taken=[alarm for alarm in alarms if alarm.status == Escalation.Status.ACKNOWLEDGED],
        watches=_rows(numbers, by_subject, now=now),
        log=[(alarm, wording.alarm(alarm)) for alarm in _log(now=now)],
        n_by_state=Counter(states.values()),
        n_found=len(found),
        overdue_since=min(due, default=None),
        duty_posts=list(DutyPost.objects.filter(is_active=True).order_by("name")),
        page=sieve.page,
        has_more=len(found) > first + PAGE,
    )


def watched(watch: Watch, *, now: datetime) -> Watched:
    """One watch, for the page of its case."""
    return watches.one(watch, now=now)


def alarm_sentence(escalation_id: int) -> str:
    """Why this alarm rings, or nothing when it is no more."""
    escalation = Escalation.objects.select_related("situation", "query").filter(pk=escalation_id).first()
    return wording.alarm(escalation) if escalation else ""


def notices(user: User) -> list[tuple[Notification, wording.Notice]]:
    """Somebody's own messages in the app, newest first, each as it is read."""
    mine = Notification.objects.filter(recipient=user, channel=Notification.Channel.IN_APP)
    newest = mine.select_related(
        "escalation__situation", "escalation__query", "escalation__acknowledged_by"
    ).order_by("-pk")[:50]
    return [(message, wording.notice(message)) for message in newest]


def _sifted(every: Sequence[Watch], states: Mapping[int, str], sieve: Sieve, *, now: datetime) -> list[Watch]:
    mine: set[int] = set()
    if sieve.mine is not None:
        shifts = duty.shifts_now(now=now).filter(person=sieve.mine)
        mine = set(shifts.values_list("post_id", flat=True))
    person = sieve.mine.pk if sieve.mine else None
    worse = ("worsened", "acknowledged", "rising")
    return [
        watch
        for watch in every
        if watch.level >= sieve.level
        and (not sieve.only_worse or states[watch.pk] in worse)
        and (sieve.kind is None or watch.subject.kind is sieve.kind)
        and (sieve.post is None or watch.post_id == sieve.post)
        and (person is None or watch.watcher_id == person or watch.post_id in mine)
    ]


def _rows(numbers: Sequence[int], alarms: Mapping[Subject, Escalation], *, now: datetime) -> list[Watched]:
    about = ("case__post__author", "situation", "query")
    rows = Watch.objects.select_related(*about, "watcher", "post", "profile").in_bulk(numbers)
    shown = [rows[number] for number in numbers]
    facts = watches.facts_of(shown, alarms, now=now)
    return [watches.watched(watch, facts, now=now) for watch in shown]


def _log(*, now: datetime) -> list[Escalation]:
    recent = Escalation.objects.filter(raised_at__gte=now - LOGGED)
    return list(
        recent.select_related("acknowledged_by", "case", "situation", "query").order_by("-raised_at")[:20]
    )


def _ringing(escalations: list[Escalation], *, now: datetime) -> list[Ringing]:
    """Who was told in this round of each alarm, and who is next; people are looked up once for all."""
    told: dict[tuple[int, int], list[str]] = defaultdict(list)
    messages = Notification.objects.filter(escalation__in=escalations).select_related("recipient")
    for message in messages.order_by("step", "pk"):
        told[message.escalation_id or 0, message.round].append(str(message.recipient))
    known: dict[tuple[str, int | None], list[str]] = {}
    return [
        Ringing(
            escalation,
            wording.alarm(escalation),
            list(dict.fromkeys(told[escalation.pk, escalation.round])),
            _next_people(escalation, known, now=now),
        )
        for escalation in escalations
    ]


def _next_people(
    escalation: Escalation, known: dict[tuple[str, int | None], list[str]], *, now: datetime
) -> list[str]:
    rest = escalation.ladder[escalation.step :]
    if not rest:
        return []
    who = rest[0]["who"]
    group = (who, escalation.watch_id if who == "watcher" else None)
    if group not in known:
        known[group] = [str(person) for person in duty.people_for(escalation, who, now=now)]
    return known[group]
