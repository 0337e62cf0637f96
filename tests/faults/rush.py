"""Eight officers who all want the same cases at once: four processes of two threads, each its own door."""

import random
from collections import Counter
from datetime import datetime
from multiprocessing import get_context
from threading import Barrier, Thread
from typing import Any

from django.db import connection, connections

from cases.models import Case, User
from cases.rules.workflow import State
from cases.services.assignment import TakenByOther, take
from cases.services.transitions import CaseChanged, move

PROCESSES, THREADS = 4, 2
_fork = get_context("fork")


class Report:
    """What one process saw: who won what, who was refused, and what went wrong."""

    def __init__(self) -> None:
        self.won: list[tuple[str, int]] = []
        self.n_refused = 0
        self.errors: list[str] = []


def rush(officers: list[User], case_ids: list[int], *, now: datetime) -> dict[str, Any]:
    """Everybody takes and moves every case; counts what was won, refused and went wrong."""
    connections.close_all()
    everybody = _fork.Barrier(PROCESSES * THREADS)
    reports: Any = _fork.SimpleQueue()
    parts = [officers[n::PROCESSES] for n in range(PROCESSES)]
    processes = [
        _fork.Process(target=_process, args=(part, case_ids, everybody, reports), kwargs={"now": now})
        for part in parts
    ]
    for process in processes:
        process.start()
    found: list[Report] = [reports.get() for _ in processes]
    for process in processes:
        process.join()
    wins = Counter(win for report in found for win in report.won)
    return {
        "taken": sum(what == "taken" for what, _ in wins),
        "moved": sum(what == "moved" for what, _ in wins),
        "won_twice": sum(n > 1 for n in wins.values()),
        "refused": sum(report.n_refused for report in found),
        "errors": [error for report in found for error in report.errors],
    }


def _process(
    officers: list[User], case_ids: list[int], gate: Barrier, reports: Any, *, now: datetime
) -> None:
    report = Report()
    threads = [
        Thread(target=_work, args=(officer, case_ids, gate, report), kwargs={"now": now})
        for officer in officers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reports.put(report)


def _work(officer: User, case_ids: list[int], gate: Barrier, report: Report, *, now: datetime) -> None:
    """Take and move every case, in an order of one's own."""
    order = random.Random(officer.pk).sample(case_ids, k=len(case_ids))
    gate.wait()
    try:
        for case_id in order:
            _want(officer, case_id, report, now=now)
    except Exception as error:  # whatever it is, the test must name it
        report.errors.append(f"{type(error).__name__}: {error}")
    finally:
        connection.close()


def _want(officer: User, case_id: int, report: Report, *, now: datetime) -> None:
    case = Case.objects.get(pk=case_id)
    try:
        take(case, by=officer, now=now)
        report.won.append(("taken", case_id))
    except TakenByOther:
        report.n_refused += 1
    try:
        move(case, State.ASSESSED, by=officer, now=now, seen=State.NEW)
        report.won.append(("moved", case_id))
    except CaseChanged:
        report.n_refused += 1
