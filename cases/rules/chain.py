"""What is hashed of the audit trail, and where a trail does not hold."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

FORMAT = 1
"""Part of what is hashed: a later format can be told from this one."""

HEADS_AT_ONCE = 1000
"""How many heads of a checkpoint are looked up together: enough to be fast, few enough to hold."""

Key = tuple[str, int]


class EventRow(Protocol):
    """What is hashed of an event, in this order after the format; `hash` is over all before it."""

    subject: str
    seq: int
    action: str
    result: str
    origin: str
    actor_id: int | None
    actor_name: str
    at: datetime
    facts: dict[str, Any]
    previous_hash: str
    hash: str


class PointRow(Protocol):
    """What is read of a checkpoint: `heads` maps subject → [seq, hash]."""

    pk: Any
    last_event_id: int
    heads: dict[str, Any]
    at: datetime
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where the trail does not hold, in words."""

    subject: str
    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class Head:
    """What is published of a trail: so many events, sealed at a moment by a checkpoint with this hash."""

    n_events: int
    at: datetime
    hash: str

    def __str__(self) -> str:
        """One line, shorter than a message on any network; `heads_in` reads it back."""
        return f"weerwoord-audit/{FORMAT} events={self.n_events} at={moment(self.at)} head={self.hash}"


_HEAD = re.compile(
    rf"weerwoord-audit/{FORMAT}\s+events=(\d{{1,18}})\s+"
    r"at=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00)\s+head=([0-9a-f]{64})(?![0-9a-f])"
)


def heads_in(text: str) -> list[Head]:
    """Every published head in a text: a mail, a letter, or what `audit head` printed."""
    return [Head(int(n), datetime.fromisoformat(at), hashed) for n, at, hashed in _HEAD.findall(text)]


def event_findings(events: Iterable[EventRow]) -> Iterator[Finding]:
    """Where events were changed, removed or put in another place; `events` by subject and number."""
    subject, seq, hashed = "", 0, ""
    for event in events:
        if event.subject != subject:
            subject, seq, hashed = event.subject, 0, ""
        if event.seq != seq + 1:
            yield Finding(subject, event.seq, f"event {seq + 1} is missing")
        elif event.previous_hash != hashed:
            yield Finding(subject, event.seq, "does not follow the event before it")
        if event.hash != event_hash(event):
            yield Finding(subject, event.seq, "was changed after it was written")
        seq, hashed = event.seq, event.hash


def point_findings(
    points: Iterable[PointRow], stored: Callable[[Sequence[Key]], Mapping[Key, str]]
) -> Iterator[Finding]:
    """Where checkpoints were changed or removed, or saw what is not there now; `points` in their order.

    `stored` gives the hashes that the events with these subjects and numbers have now.
    """
    before = ""
    for point in points:
        name = f"checkpoint:{point.pk}"
        if point.previous_hash != before:
            yield Finding(name, point.pk, "does not follow the checkpoint before it")
        if point.hash == point_hash(point):
            yield from _head_findings(name, point.heads, stored)
        else:
            yield Finding(name, point.pk, "was changed after it was written")
        before = point.hash


def _head_findings(
    name: str, heads: Mapping[str, Any], stored: Callable[[Sequence[Key]], Mapping[Key, str]]
) -> Iterator[Finding]:
    try:
        wanted = [(subject, int(seq), str(hashed)) for subject, (seq, hashed) in heads.items()]
    except (AttributeError, TypeError, ValueError):  # written by somebody else, however well it is hashed
        yield Finding(name, 0, "holds something else than heads")
        return
    for start in range(0, len(wanted), HEADS_AT_ONCE):
        some = wanted[start : start + HEADS_AT_ONCE]
        there = stored([(subject, seq) for subject, seq, _ in some])
        for subject, seq, hashed in some:
            if there.get((subject, seq)) != hashed:
                what = f"is not what {name} saw: cut off, removed or rewritten"
                yield Finding(subject, seq, what)


def published_findings(head: Head, *, n_events: int | None) -> Iterator[Finding]:
    """What a published head finds; `n_events`: how many its checkpoint covers now, None without one."""
    name = f"head of {moment(head.at)}"
    if n_events is None:
        what = "was published and is not in this trail: cut off, or rewritten as a whole"
        yield Finding(name, 0, what)
    elif n_events < head.n_events:
        yield Finding(name, 0, f"was published over {head.n_events} events; {n_events} of them are left")


def event_hash(event: EventRow) -> str:
    head = [event.subject, event.seq, event.action, event.result, event.origin]
    actor = [event.actor_id, event.actor_name]
    return digest([FORMAT, *head, *actor, moment(event.at), event.facts, event.previous_hash])


def point_hash(point: PointRow) -> str:
    return digest([FORMAT, point.last_event_id, point.heads, moment(point.at), point.previous_hash])


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def digest(value: list[Any]) -> str:
    """SHA-256 over the one canonical way a value is written: sorted keys, no spaces, UTF-8."""
    return hashed(canonical(value))


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def as_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [asdict(finding) for finding in findings]
