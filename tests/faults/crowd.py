"""Eight officers who do whatever comes to mind at once: four processes of two threads, each its own door.

What was done is reported by officer, case and event, so that a trail that lost one is found.
"""

import random
import traceback
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing import get_context
from threading import Barrier, Thread
from typing import Any

from django.db import connection, connections

from cases.models import User
from config.errors import REFUSALS
from tests.faults.day import Day
from tests.faults.whims import act

PROCESSES, THREADS = 4, 2
_fork = get_context("fork")


@dataclass
class Report:
    """What one process did: by officer, case and event; how often it was refused; what went wrong."""

    done: list[tuple[int, int, str]] = field(default_factory=list)
    verbs: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    n_done: int = 0
    errors: list[str] = field(default_factory=list)


def crowd(officers: list[User], case_ids: list[int], n_each: int, *, seed: str, now: datetime) -> Report:
    """Let everybody work at once, `n_each` things an officer; returns all reports as one."""
    connections.close_all()
    gate, reports = _fork.Barrier(PROCESSES * THREADS), _fork.SimpleQueue()
    processes = []
    for n in range(PROCESSES):
        days = [
            Day(officer, case_ids, random.Random(f"{seed}-{officer.username}"), now)
            for officer in officers[n::PROCESSES]
        ]
        processes.append(_fork.Process(target=_process, args=(days, n_each, gate, reports)))
    for process in processes:
        process.start()
    whole = _joined([reports.get() for _ in processes])
    for process in processes:
        process.join()
    return whole


def _process(days: list[Day], n_each: int, gate: Barrier, reports: Any) -> None:
    found = [Report() for _ in days]
    threads = [
        Thread(target=_work, args=(day, n_each, gate, report))
        for day, report in zip(days, found, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reports.put(_joined(found))


def _joined(reports: list[Report]) -> Report:
    whole = Report()
    for report in reports:
        whole.done += report.done
        whole.verbs += report.verbs
        whole.refused += report.refused
        whole.n_done += report.n_done
        whole.errors += report.errors
    return whole


def _work(day: Day, n_each: int, gate: Barrier, report: Report) -> None:
    gate.wait()
    try:
        for _ in range(n_each):
            day.now += timedelta(milliseconds=1)
            _try(day, report)
    except Exception:  # whatever it is, the test must name it
        report.errors.append(traceback.format_exc(limit=-4))
    finally:
        connection.close()


def _try(day: Day, report: Report) -> None:
    try:
        verb, events = act(day)
    except tuple(REFUSALS) as refusal:
        report.refused[type(refusal).__name__] += 1
        return
    report.n_done += 1
    report.verbs[verb] += 1
    report.done += [(day.officer.pk, case_id, event) for event, case_id in events]
