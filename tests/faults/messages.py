"""One message for many cases, its worker killed; and replies that go with it, killed on their way out."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from cases.models import AuditEvent, Batch, Case, PublicMessage, Response
from cases.services import answering, audit, batches, messages, outbox
from cases.services.messages import Words
from monitoring.connectors import registry
from tests.faults.arrivals import Platform
from tests.faults.killing import killed_at_each_point
from tests.world import Desk, mention, open_desk

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LEASED = timedelta(seconds=settings.LEASE_S + 1)
HOW = {Batch.Kind.ANSWER: answering.carry_out}
N_EACH = batches.FIRST_SIZE + 5
"""Two bits."""


def _standing(desk: Desk, *, replies_to: str) -> PublicMessage:
    words = Words("Het water is veilig.", "untruth", replies_to=replies_to, reply_text="Lees dit:")
    written = messages.write(words, by=desk.officer, now=NOON)
    return messages.register(written, "https://vr.example/water", by=desk.officer, now=NOON, seen=1)


def _begun(desk: Desk, message: PublicMessage, cases: list[Case]) -> Batch:
    seen = answering.propose([case.pk for case in cases], now=NOON).seen
    return answering.answer(message, seen, by=desk.officer, now=NOON, chosen={})


def message_dying(folder: str, every: int) -> dict[str, Any]:
    """The worker that answers is killed at each so many-eth statement or commit; another one comes by."""
    desk = open_desk(NOON, outbox=Path(folder) / "outbox")
    message = _standing(desk, replies_to="nobody")
    begun: list[Batch] = []

    def prepare() -> Callable[[], object]:
        first = len(begun) * N_EACH
        cases = desk.hear(*(mention(first + n, at=NOON) for n in range(N_EACH)))
        begun.append(_begun(desk, message, cases))
        return lambda: batches.carry_on(begun[-1].pk, HOW, now=NOON)

    n_deaths = n_wrong = 0
    for _n in killed_at_each_point(prepare, every=every):
        n_deaths += 1
        n_wrong += not _is_true(begun[-1])
        batches.carry_on(begun[-1].pk, HOW, now=NOON + LEASED)
        n_wrong += not _is_true(begun[-1])
    n_cases = len(begun) * N_EACH
    recorded = Counter(Response.objects.filter(message=message).values_list("case", flat=True))
    moves = AuditEvent.objects.filter(action="moved", facts__after="responded")
    moved = Counter(moves.values_list("subject", flat=True))
    return {
        "deaths": n_deaths,
        "wrong_counts": n_wrong,
        "unfinished": Batch.objects.exclude(status="done", n_done=N_EACH, n_left=0).count(),
        "lost": 2 * n_cases - len(recorded) - len(moved),
        "doubled": sum(recorded.values()) + sum(moved.values()) - len(recorded) - len(moved),
        "findings": len(audit.verify()),
    }


def _is_true(batch: Batch) -> bool:
    batch.refresh_from_db()
    return (batch.n_done, batch.n_left) == batches.recount(batch)


def personal_reply_dying(folder: str, every: int) -> dict[str, Any]:
    """A reply that goes with a message, killed on its way out; the sweep comes by twice afterwards."""
    platform = Platform(Path(folder) / "arrived")
    registry.CONNECTORS = {**registry.CONNECTORS, "replay": platform}
    desk = open_desk(NOON, outbox=Path(folder) / "outbox")
    message = _standing(desk, replies_to="all")
    due: list[datetime] = []

    def prepare() -> Callable[[], object]:
        batch = _begun(desk, message, desk.hear(mention(len(due), at=NOON)))
        batches.carry_on(batch.pk, HOW, now=NOON)
        reply = Response.objects.get(message=message, status=Response.Status.QUEUED)
        assert reply.send_at is not None
        due.append(reply.send_at)
        return lambda: outbox.deliver(reply.pk, now=due[-1])

    for _n in killed_at_each_point(prepare, every=every):
        for wait in (LEASED, 10 * LEASED):
            now = due[-1] + wait
            for response_id in outbox.due_responses(now=now):
                outbox.deliver(response_id, now=now)
    arrived = Counter(platform.keys())
    return {
        "deaths": len(due),
        "sent": Response.objects.filter(message=message, status=Response.Status.SENT).count(),
        "lost": len(due) - len(arrived),
        "doubled": sum(n - 1 for n in arrived.values()),
        "findings": len(audit.verify()),
    }


SCENARIOS: dict[str, Callable[..., dict[str, Any]]] = {
    "message_dying": message_dying,
    "personal_reply_dying": personal_reply_dying,
}
