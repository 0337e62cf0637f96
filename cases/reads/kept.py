"""The watches that a shift keeps: of duty posts, and in somebody's own name."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from cases.models import Escalation, User, Watch
from cases.naming import Named, named
from cases.reads.inbox import MANY
from cases.reads.watches import alarms_of
from cases.rules.watch_states import ORDER, Facts, WatchState, state_of


@dataclass(frozen=True, slots=True)
class KeptWatch:
    """An open watch as a shift reads it: its state, and whose it is by name."""

    watch: Watch
    state: WatchState
    text: str

    @property
    def about(self) -> Named:
        return named(self.watch)


def kept_watches(user: User, *, now: datetime) -> list[KeptWatch]:
    """The open watches of this person and of duty posts, those that ask for eyes first; two queries."""
    mine = Watch.objects.filter(Q(watcher=user) | Q(post__isnull=False), ended_at=None)
    rows = list(
        mine.select_related("case__post", "situation", "query", "watcher", "post").order_by(
            "-level", "next_check_at"
        )[:MANY]
    )
    alarms = alarms_of([watch.subject for watch in rows])
    found = [_kept(watch, alarms.get(watch.subject), now=now) for watch in rows]
    return sorted(found, key=lambda one: ORDER.index(one.state))


def _kept(watch: Watch, alarm: Escalation | None, *, now: datetime) -> KeptWatch:
    status = alarm.status if alarm else ""
    facts = Facts(
        level=watch.level,
        next_check_at=watch.next_check_at,
        ended_at=watch.ended_at,
        paused_until=watch.paused_until,
        blind_since=watch.blind_since,
        rings=status == Escalation.Status.RUNNING,
        is_taken=status == Escalation.Status.ACKNOWLEDGED,
    )
    return KeptWatch(watch, state_of(facts, now=now), text_of(watch))


def text_of(watch: Watch) -> str:
    """What a watch is on, in the words of the post or in its name."""
    return watch.case.post.text if watch.case else named(watch).title
