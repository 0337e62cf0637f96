"""A thousand rows of a real trail changed, removed, reordered or cut off, one at a time: each is found."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import datetime, timedelta

import pytest
from django.db import connection

from cases.models import AuditCheckpoint, AuditEvent
from cases.rules.chain import Finding, Head, Key, event_hash, heads_in, point_hash
from cases.services import audit
from tests.trail import open_trail
from tests.web.states import every_event
from tests.world import Desk

pytestmark = pytest.mark.django_db

N_DAMAGES = 1000


class Copied:
    """A copy of the trail in memory, read in the order in which a database would give it."""

    def __init__(self, events: Sequence[AuditEvent], points: Sequence[AuditCheckpoint]) -> None:
        self.rows, self.seals = list(events), list(points)

    def events(self) -> Iterable[AuditEvent]:
        return sorted(self.rows, key=lambda event: (event.subject, event.seq))

    def points(self) -> Iterable[AuditCheckpoint]:
        return sorted(self.seals, key=lambda point: point.pk)

    def stored(self, keys: Sequence[Key]) -> Mapping[Key, str]:
        wanted = set(keys)
        return {(e.subject, e.seq): e.hash for e in self.rows if (e.subject, e.seq) in wanted}

    def covered(self, hashed: str) -> int | None:
        last = next((point.last_event_id for point in self.seals if point.hash == hashed), None)
        return None if last is None else sum(event.pk <= last for event in self.rows)


@pytest.fixture
def copied(desk: Desk, noon: datetime) -> Callable[[], Copied]:
    """What nearly everything that can happen to cases leaves, sealed by several checkpoints."""
    every_event(desk, noon)
    audit.checkpoint(now=noon)
    for n, subject in enumerate(AuditEvent.objects.order_by("subject").values_list("subject").distinct()):
        audit.append(*subject, "looked at", by=desk.officer, now=noon, facts={"n": n})
        audit.checkpoint(now=noon + timedelta(minutes=n))
    events, points = list(AuditEvent.objects.order_by("pk")), list(AuditCheckpoint.objects.order_by("pk"))
    assert (len(events) > 50, len(points) > 3) == (True, True)
    return lambda: Copied([copy(event) for event in events], [copy(point) for point in points])


@pytest.fixture
def published(copied: Callable[[], Copied]) -> Head:
    head = audit.newest_head()
    assert head is not None
    return head


def another(value: object) -> object:
    """A value of the same kind that is not this one."""
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    if isinstance(value, dict):
        return {**value, "forged": True}
    if isinstance(value, int):
        return value + 1
    return f"{value[:-1]}{'0' if value[-1] != '0' else '1'}" if isinstance(value, str) and value else "x"


EVENT_FIELDS = (
    *("subject", "seq", "action", "result", "origin", "actor_id", "actor_name"),
    *("at", "facts", "previous_hash", "hash"),
)
POINT_FIELDS = ("last_event_id", "heads", "at", "previous_hash", "hash")


def change_an_event(trail: Copied, chance: random.Random) -> str:
    event, field = chance.choice(trail.rows), chance.choice(EVENT_FIELDS)
    setattr(event, field, another(getattr(event, field)))
    return f"{field} of {event}"


def change_an_event_and_its_hash(trail: Copied, chance: random.Random) -> str:
    event, field = chance.choice(trail.rows), chance.choice(EVENT_FIELDS[:-1])
    setattr(event, field, another(getattr(event, field)))
    event.hash = event_hash(event)
    return f"{field} of {event}, hashed again"


def remove_an_event(trail: Copied, chance: random.Random) -> str:
    return f"{trail.rows.pop(chance.randrange(len(trail.rows)))} removed"


def cut_off_a_subject(trail: Copied, chance: random.Random) -> str:
    last = chance.choice(trail.rows)
    trail.rows = [e for e in trail.rows if e.subject != last.subject or e.seq < last.seq]
    return f"{last} and all after it cut off"


def swap_two_events(trail: Copied, chance: random.Random) -> str:
    one, other = chance.sample(trail.rows, 2)
    (one.subject, one.seq), (other.subject, other.seq) = (other.subject, other.seq), (one.subject, one.seq)
    return f"{one} and {other} swapped"


def rebuild_a_subject(trail: Copied, chance: random.Random) -> str:
    """Change an event and chain all after it again, as somebody would who knows how it is done."""
    changed = chance.choice(trail.rows)
    changed.facts = {"forged": True}
    rehash(trail, changed.subject, changed.seq)
    return f"{changed} and the chain after it rebuilt"


def change_a_checkpoint(trail: Copied, chance: random.Random) -> str:
    point, field = chance.choice(trail.seals), chance.choice(POINT_FIELDS)
    setattr(point, field, another(getattr(point, field)))
    return f"{field} of {point}"


def change_a_checkpoint_and_its_hash(trail: Copied, chance: random.Random) -> str:
    point, field = chance.choice(trail.seals), chance.choice(POINT_FIELDS[:-1])
    setattr(point, field, another(getattr(point, field)))
    point.hash = point_hash(point)
    return f"{field} of {point}, hashed again"


def remove_a_checkpoint(trail: Copied, chance: random.Random) -> str:
    return f"{trail.seals.pop(chance.randrange(len(trail.seals)))} removed"


def swap_two_checkpoints(trail: Copied, chance: random.Random) -> str:
    one, other = chance.sample(trail.seals, 2)
    one.pk, other.pk = other.pk, one.pk
    return f"{one} and {other} swapped"


def cut_off_the_end(trail: Copied, chance: random.Random) -> str:
    """The newest events and their checkpoints gone together, so that nothing inside shows it."""
    keep = chance.randrange(len(trail.seals))
    trail.seals = trail.seals[:keep]
    last = trail.seals[-1].last_event_id if trail.seals else 0
    trail.rows = [event for event in trail.rows if event.pk <= last]
    return f"all after checkpoint {keep} cut off"


def rebuild_everything(trail: Copied, chance: random.Random) -> str:
    """Change an event and rebuild its chain and every checkpoint: whole in itself, and another trail."""
    changed = chance.choice(trail.rows)
    changed.facts = {"forged": chance.random()}
    rehash(trail, changed.subject, changed.seq)
    before = ""
    hashes = trail.stored([(event.subject, event.seq) for event in trail.rows])
    for point in trail.points():
        point.heads = {subject: [seq, hashes[subject, seq]] for subject, (seq, _) in point.heads.items()}
        point.previous_hash, before = before, ""
        point.hash = before = point_hash(point)
    return f"everything rebuilt around {changed}"


def rehash(trail: Copied, subject: str, seq: int) -> None:
    before = None
    for event in trail.events():
        if event.subject == subject and event.seq >= seq:
            event.previous_hash = event.previous_hash if before is None else before
            event.hash = before = event_hash(event)


DAMAGES = (
    *(change_an_event, change_an_event, change_an_event, change_an_event_and_its_hash, remove_an_event),
    *(cut_off_a_subject, swap_two_events, rebuild_a_subject, change_a_checkpoint),
    *(change_a_checkpoint_and_its_hash, remove_a_checkpoint, swap_two_checkpoints),
    *(cut_off_the_end, rebuild_everything),
)


def first_finding(trail: audit.Trail, published: Head) -> Finding | None:
    return next(audit.findings(trail, published=[published]), None)


# Over 0.5 s: a thousand trails are verified, the point of it.
def test_each_of_a_thousand_damages_is_found_and_a_whole_trail_raises_no_alarm(
    copied: Callable[[], Copied], published: Head
) -> None:
    chance = random.Random(20260302)
    missed = []
    for n in range(N_DAMAGES):
        trail = copied()
        done = DAMAGES[n % len(DAMAGES)](trail, chance)
        if first_finding(trail, published) is None:
            missed.append(done)
    assert missed == []
    assert first_finding(copied(), published) is None
    assert first_finding(audit.StoredTrail(), published) is None


@pytest.mark.parametrize("damage", [cut_off_the_end, rebuild_everything])
def test_only_a_published_head_finds_a_trail_that_is_whole_in_itself(
    damage: Callable[[Copied, random.Random], str], copied: Callable[[], Copied], published: Head
) -> None:
    trail = copied()
    damage(trail, random.Random(1))
    assert list(audit.findings(trail)) == []
    assert [finding.what for finding in audit.findings(trail, published=[published])] == [
        "was published and is not in this trail: cut off, or rewritten as a whole"
    ]


@pytest.fixture
def lifted() -> Iterator[None]:
    with open_trail():
        yield


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE cases_auditevent SET actor_name = 'Niemand' WHERE seq = 2",
        "UPDATE cases_auditevent SET facts = '{}' WHERE action = 'answered'",
        "DELETE FROM cases_auditevent WHERE seq = 1 AND subject LIKE 'case:%'",
        "DELETE FROM cases_auditevent WHERE action = 'looked at'",
        "UPDATE cases_auditcheckpoint SET heads = '{}'",
        "UPDATE cases_auditcheckpoint SET heads = '[]'",
        "DELETE FROM cases_auditcheckpoint WHERE previous_hash = ''",
    ],
)
def test_a_damage_in_the_database_itself_is_found(
    damage: str, copied: Callable[[], Copied], published: Head, lifted: None
) -> None:
    connection.cursor().execute(damage)
    assert first_finding(audit.StoredTrail(), published) is not None


def test_a_head_is_read_back_from_a_mail_that_broke_its_line(published: Head) -> None:
    from_mail = f"> Beste archivaris,\n> {str(published).replace(' ', chr(10))}\nGroet"
    assert heads_in(from_mail) == [published]
    assert len(str(published)) < 280
