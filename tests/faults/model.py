"""A desk played again from its trail, one event after the other, to compare with what the database holds.

The model knows nothing of services and locks: only what an event says, and which moves the flow has. An
event that was lost, doubled or written without its change leaves the two unequal.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from cases.models import AuditEvent, Case, Escalation, Response, Task, Watch
from cases.rules.workflow import MOVES, State
from cases.services.transitions import ENDED, open_promises

ALARMS = frozenset({"escalated", "escalated further", "more evidence"})
ONE_EACH = frozenset(
    {"answer taken back", "checked", "acknowledged", "promised", "promise dropped", "release reviewed"}
)
"""Events that one verb writes, once: as many of them as were reported, and no more."""

ON_ITS_WAY = frozenset({"queued", "sending", "unknown"})
PENDING_IN = {State.DRAFTING: {"draft"}, State.APPROVAL: {"submitted"}, State.SENDING: ON_ITS_WAY}


@dataclass(slots=True)
class Played:
    """One case as its events tell it."""

    state: str = "new"
    lead: int | None = None
    taken_by: int | None = None
    watches: set[int] = field(default_factory=set)
    alarm: str = ""
    promised: set[int] = field(default_factory=set)
    seq: int = 0


class Model:
    """Plays events in the order of their numbers; `faults` says what cannot have happened."""

    def __init__(self, case_ids: Iterable[int]) -> None:
        self.cases = {case_id: Played() for case_id in case_ids}
        self.faults: list[str] = []

    def play(self, event: AuditEvent) -> None:
        case_id = int(event.subject.removeprefix("case:"))
        played = self.cases.setdefault(case_id, Played())
        if event.seq != played.seq + 1:
            self.faults.append(f"{event}: an event is missing before it")
        played.seq = event.seq
        act = self._acts(event.action)
        if act:
            act(case_id, played, event)

    def _acts(self, action: str) -> Callable[[int, Played, AuditEvent], None] | None:
        """What an event of this name changes; None: nothing that is compared."""
        if action in ALARMS | {"acknowledged", "escalation resolved"}:
            return self._alarm
        if action.startswith("watch "):
            return self._watch
        if action.startswith("promise"):
            return self._promise
        named = {
            "opened": self._open,
            "moved": self._move,
            "taken": self._take,
            "released": self._release,
            "undone": self._undo,
        }
        return named.get(action)

    def _open(self, case_id: int, played: Played, event: AuditEvent) -> None:
        """A near-copy opens as a copy."""
        if lead := event.facts.get("lead"):
            played.state, played.lead = State.MERGED, lead

    def _promise(self, case_id: int, played: Played, event: AuditEvent) -> None:
        task = event.facts["task"]
        if (event.action == "promised") == (task in played.promised):
            self.faults.append(f"{event}: promised before, or not")
        if event.action == "promised":
            played.promised.add(task)
        elif event.action in ("promise kept", "promise dropped"):
            played.promised.discard(task)

    def _release(self, case_id: int, played: Played, event: AuditEvent) -> None:
        played.taken_by = None

    def _undo(self, case_id: int, played: Played, event: AuditEvent) -> None:
        """A merged case that came back has the copies again that it brought along."""
        for copy_id in event.facts.get("copies", []):
            self.cases[copy_id].lead = case_id

    def _move(self, case_id: int, played: Played, event: AuditEvent) -> None:
        before, after = event.facts["before"], event.facts["after"]
        if before != played.state or after not in MOVES[State(before)]:
            self.faults.append(f"{event}: {before} to {after}, and it was {played.state}")
        if before == State.MERGED:
            played.lead = None
        if after == State.MERGED:
            played.lead = event.facts.get("lead", played.lead)
            for copy in self.cases.values():
                if copy.lead == case_id:
                    copy.lead = played.lead
        played.state = after

    def _take(self, case_id: int, played: Played, event: AuditEvent) -> None:
        if played.taken_by and "from" not in event.facts:
            self.faults.append(f"{event}: somebody had it")
        played.taken_by = event.actor_id

    def _watch(self, case_id: int, played: Played, event: AuditEvent) -> None:
        if event.action == "watch started":
            if played.watches:
                self.faults.append(f"{event}: somebody watched already")
            played.watches.add(event.facts["watch"])
        elif event.action == "watch ended":
            played.watches.discard(event.facts["watch"])

    def _alarm(self, case_id: int, played: Played, event: AuditEvent) -> None:
        was = played.alarm
        if event.action in ("escalated", "escalated further"):
            played.alarm = "running"
        elif event.action == "acknowledged" and event.result == "done":
            played.alarm = "acknowledged"
        elif event.action == "escalation resolved":
            played.alarm = ""
        if (event.action == "escalated") == bool(was) and event.result == "done":
            self.faults.append(f"{event}: the alarm was '{was}'")

    def facts(self) -> dict[int, tuple[object, ...]]:
        """What can be compared, by case."""
        copies: dict[int, int] = dict.fromkeys(self.cases, 0)
        for played in self.cases.values():
            if played.lead:
                copies[played.lead] += 1
        return {
            case_id: (
                *(p.state, p.lead, copies[case_id], p.taken_by, sorted(p.watches), p.alarm),
                *(sorted(p.promised), p.seq),
            )
            for case_id, p in self.cases.items()
        }


def stored(case_ids: Iterable[int]) -> dict[int, tuple[object, ...]]:
    """The same, as the database holds it."""
    found = {}
    for case in Case.objects.filter(pk__in=case_ids):
        watches = sorted(Watch.objects.filter(case=case, ended_at=None).values_list("pk", flat=True))
        alarm = Escalation.objects.filter(case=case, resolved_at=None).values_list("status", flat=True)
        n_events = AuditEvent.objects.filter(subject=f"case:{case.pk}").count()
        promised = sorted(Task.objects.filter(case=case, done_at=None).values_list("pk", flat=True))
        lead = case.lead_id if case.state == State.MERGED else None
        found[case.pk] = (
            *(case.state, lead, case.n_copies, case.taken_by_id, watches),
            *(next(iter(alarm), ""), promised, n_events),
        )
    return found


def misfits(case_ids: Iterable[int]) -> list[str]:
    """What the state of a case does not allow: replies that are not there, doubles, moments."""
    found = []
    for case in Case.objects.filter(pk__in=case_ids):
        state = State(case.state)
        pending = list(
            Response.objects.filter(case=case, status__in=Response.PENDING).values_list("status", flat=True)
        )
        wanted = PENDING_IN.get(state)
        if wanted and not (len(pending) == 1 and pending[0] in wanted):
            found.append(f"case {case.pk} is {state} with {pending}")
        if set(pending) & ON_ITS_WAY and state is not State.SENDING:
            found.append(f"case {case.pk} is {state} with a reply on its way")
        if (case.closed_at is not None) != (state in (State.CLOSED, State.DISMISSED)):
            found.append(f"case {case.pk} is {state}, closed at {case.closed_at}")
        if state in ENDED and open_promises(case).exists():
            found.append(f"case {case.pk} is {state}, and something is promised there")
        if state is State.WATCHING and not Watch.objects.filter(case=case, ended_at=None).exists():
            found.append(f"case {case.pk} is watched by nobody")
    return found


def words(event: AuditEvent) -> tuple[int | None, int, str]:
    """An event as who made it reports it: officer, case and what happened."""
    word = "alarm" if event.action in ALARMS else event.action
    if event.action == "moved":
        word = f"moved to {event.facts['after']}"
    return event.actor_id, int(event.subject.removeprefix("case:")), word
