"""`bench message`: one message over ten thousand cases: time, rows held, progress, and a hard kill."""

import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection, connections, transaction

from cases.models import AuditEvent, Batch, Case, Mandate, Response, User
from cases.rules.workflow import State
from cases.services import answering, batches, intake, messages
from cases.services.messages import Words
from config.bench.generate import pages
from config.bench.measure import Bar, Report, quantiles
from config.bench.scratch import listening_source
from monitoring.store import upsert_posts

N_CASES = 10_000
DIES_AT = 30
"""The bit in which the worker is killed: after its work, before its commit."""

TIME_S, HELD_S = 30.0, 0.2


def run(*, seed: int, n_pages: int, now: datetime, n_cases: int = N_CASES) -> Report:
    """Measure on the configured (scratch) database: half is done, a worker is killed, the rest is done."""
    _open(seed=seed, n=n_cases, now=now)
    batch = _begin(now=now)
    waits: list[float] = []
    held: list[float] = []
    how: Mapping[str, batches.CarryOut] = {Batch.Kind.ANSWER: _timed(held)}
    killed_at = _killed_midway(batch, now=now)
    is_true = _is_true(batch)
    began, later = time.monotonic(), now + timedelta(hours=1)
    with _another_waits(waits):
        while Batch.objects.get(pk=batch.pk).status == Batch.Status.RUNNING:
            batches.carry_on(batch.pk, how, now=later)
            is_true = is_true and _is_true(batch)
    took = (time.monotonic() - began) * n_cases / max(1, n_cases - killed_at)
    counted = _counted(batch)
    figures = {
        "n_cases": n_cases,
        "done_when_killed": killed_at,
        "took_s": round(took, 2),
        "held_s": quantiles(sorted(held)),
        "n_times_held": len(held),
        "wait_s": quantiles(sorted(waits)),
        "n_waits": len(waits),
        **counted,
    }
    wrong = abs(counted["answered"] - counted["done"]) + abs(counted["recorded"] - counted["done"])
    return Report(
        figures,
        (
            Bar(f"time for {n_cases} cases on {connection.vendor}", took, "<=", TIME_S),
            Bar(f"longest that rows were held on {connection.vendor}", max(held), "<=", HELD_S),
            Bar(f"longest wait for a row on {connection.vendor}", max(waits, default=0.0), "<=", HELD_S),
            Bar("progress that was not as recounted", int(not is_true), "<=", 0),
            Bar("lost or doubled after a hard kill", wrong + counted["twice"], "<=", 0),
        ),
    )


def _open(*, seed: int, n: int, now: datetime) -> None:
    """Cases that nobody looked at yet, opened the way a poll opens them."""
    source = listening_source(now=now)
    officer = User.objects.get()
    Mandate.objects.create(
        holder=officer,
        categories=["*"],
        valid_from=now - timedelta(days=1),
        valid_until=now + timedelta(days=1),
    )
    for page in pages(n, seed=seed):
        with transaction.atomic():
            intake.open_cases(upsert_posts(list(page), now=now, source_id=source.pk), now=now)
        if Case.objects.filter(state=State.NEW).count() >= n:
            return


def _begin(*, now: datetime) -> Batch:
    officer = User.objects.get()
    written = messages.write(Words("Het water is veilig.", "untruth"), by=officer, now=now)
    message = messages.register(written, "https://vr.example/water", by=officer, now=now, seen=1)
    new = Case.objects.filter(state=State.NEW, is_urgent=False).values_list("pk", flat=True)
    seen = answering.propose(new, now=now).seen
    return answering.answer(message, seen, by=officer, now=now, chosen={})


def _killed_midway(batch: Batch, *, now: datetime) -> int:
    """A worker process is killed the hard way in the middle of a bit; how many were done by then."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        n_bits = 0

        def dies(held: Batch, cases: Sequence[Case], at: datetime) -> Mapping[int, str]:
            nonlocal n_bits
            n_bits += 1
            whys = answering.carry_out(held, cases, at)
            if n_bits == DIES_AT:
                os.kill(os.getpid(), signal.SIGKILL)
            return whys

        batches.carry_on(batch.pk, {Batch.Kind.ANSWER: dies}, now=now, for_s=TIME_S)
        os._exit(1)
    os.waitpid(child, 0)
    return Batch.objects.get(pk=batch.pk).n_done


def _timed(held: list[float]) -> batches.CarryOut:
    """As the worker does it, noting how many seconds the rows of each bit were held."""

    def carry_out(batch: Batch, cases: Sequence[Case], at: datetime) -> Mapping[int, str]:
        began = time.monotonic()
        whys = answering.carry_out(batch, cases, at)
        transaction.on_commit(lambda: held.append(time.monotonic() - began))
        return whys

    return carry_out


def _is_true(batch: Batch) -> bool:
    """Whether the progress that is shown is what the rows say, in one look."""
    with transaction.atomic():
        shown = Batch.objects.select_for_update().get(pk=batch.pk)
        return (shown.n_done, shown.n_left) == batches.recount(shown)


@contextmanager
def _another_waits(waits: list[float]) -> Iterator[None]:
    """Somebody else asks for a case all the time, as an officer does who opens one."""
    is_over = threading.Event()
    ids = list(Case.objects.order_by("pk").values_list("pk", flat=True))

    def asks() -> None:
        n = 0
        while not is_over.wait(0.01):
            began = time.monotonic()
            with transaction.atomic():
                Case.objects.select_for_update().get(pk=ids[n % len(ids)])
                waits.append(time.monotonic() - began)
            n += 7
        connection.close()

    thread = threading.Thread(target=asks)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _counted(batch: Batch) -> dict[str, int]:
    """What there is at the end: each of these must be the number of cases done."""
    done = batch.cases.filter(outcome="done").count()
    recorded = Response.objects.filter(message=batch.message_id)
    moved = AuditEvent.objects.filter(action="moved", facts__after=State.RESPONDED)
    return {
        "done": done,
        "left": batch.cases.filter(outcome="left").count(),
        "answered": Case.objects.filter(state=State.RESPONDED).count(),
        "recorded": recorded.count(),
        "twice": moved.count() - moved.values("subject").distinct().count(),
    }
