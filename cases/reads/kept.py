"""The watches that a shift keeps: of duty posts, and in somebody's own name."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from cases.models import Escalation, User, Watch
from cases.reads.inbox import MANY
from cases.rules.watch_states import ORDER, Facts, WatchState, state_of


@dataclass(frozen=True, slots=True)
class KeptWatch:
    """An open watch as a shift reads it: its state, and whose it is by name."""

    watch: Watch
    state: WatchState
    text: str

    @property
    def case_id(self) -> int:
        return int(self.watch.case_id)


def kept_watches(user: User, *, now: datetime) -> list[KeptWatch]:
    """The open watches of this person and of duty posts, those that ask for eyes first; two queries."""
    mine = Watch.objects.filter(Q(watcher=user) | Q(post__isnull=False), ended_at=None)
    rows = list(
        mine.select_related("case__post", "watcher", "post").order_by("-level", "next_check_at")[:MANY]
    )
    cases = [watch.case_id for watch in rows]
    alarms = Escalation.objects.filter(case__in=cases, resolved_at=None).values_list("case", "status")
    status = dict(alarms)
    found = [_kept(watch, status.get(watch.case_id, ""), now=now) for watch in rows]
    return sorted(found, key=lambda one: ORDER.index(one.state))


def _kept(watch: Watch, alarm: str, *, now: datetime) -> KeptWatch:
    facts = Facts(
        level=watch.level,
        next_check_at=watch.next_check_at,
        ended_at=watch.ended_at,
        paused_until=watch.paused_until,
        blind_since=watch.blind_since,
        rings=alarm == Escalation.Status.RUNNING,
        is_taken=alarm == Escalation.Status.ACKNOWLEDGED,
    )
    return KeptWatch(watch, state_of(facts, now=now), watch.case.post.text)
