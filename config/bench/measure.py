"""Measuring on a noisy machine: ratios to a bare limit, page by page in turn, the median of the repeats."""

import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from django.db import connection

LOAD_LIMIT = 1.5
Page = TypeVar("Page")


class CannotMeasure(Exception):
    """A figure from this run would mean nothing, or there is nothing to measure with."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What a figure is held against."""

    name: str
    value: float
    op: str
    bar: float

    def as_json(self) -> dict[str, Any]:
        met = self.value >= self.bar if self.op == ">=" else self.value <= self.bar
        return {**asdict(self), "met": met}


@dataclass(frozen=True, slots=True)
class Report:
    """What one bench found on one database."""

    figures: dict[str, Any]
    bars: tuple[Bar, ...]


@dataclass(slots=True)
class Spent:
    """Seconds that one contestant used in one repeat; `server_cpu_s` is PostgreSQL's own."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    server_cpu_s: float = 0.0


@dataclass(slots=True)
class Race:
    """The repeats of all contestants, by name; `n_items` were handled in each."""

    n_items: int
    spent: dict[str, list[Spent]] = field(default_factory=dict)

    def ratio(self, name: str, to: str) -> float:
        """How fast `name` is compared with `to` (1.0 = as fast): the median of each repeat's own ratio."""
        pairs = zip(self.spent[to], self.spent[name], strict=True)
        return round(median(limit.wall_s / ours.wall_s for limit, ours in pairs), 3)

    def figures(self) -> dict[str, dict[str, Any]]:
        """Per contestant: items a second (median), the repeats, and CPU seconds (median)."""
        return {
            name: {
                "posts_per_s": round(median(self.n_items / one.wall_s for one in repeats)),
                "repeats_s": [round(one.wall_s, 3) for one in repeats],
                "cpu_s": round(median(one.cpu_s for one in repeats), 3),
                "server_cpu_s": round(median(one.server_cpu_s for one in repeats), 3),
            }
            for name, repeats in self.spent.items()
        }


def race(
    repeats: Sequence[Sequence[Page]],
    contestants: Mapping[str, Callable[[Page], object]],
    *,
    n_items: int,
    after_warm_up: Callable[[], object],
) -> Race:
    """Give every page to every contestant in turn, so that noise meets them alike.

    The first repeat warms up and is not counted. Who goes first changes with every page.
    """
    result = Race(n_items)
    for n, pages in enumerate(repeats):
        spent = {name: Spent() for name in contestants}
        order = list(contestants.items())
        for page in pages:
            order.append(order.pop(0))
            for name, handle in order:
                _time(handle, page, spent[name])
        if n:
            for name, one in spent.items():
                result.spent.setdefault(name, []).append(one)
        else:
            after_warm_up()
    return result


def _time(handle: Callable[[Page], object], page: Page, spent: Spent) -> None:
    server_cpu, cpu, wall = server_cpu_s(), time.process_time(), time.perf_counter()
    handle(page)
    spent.wall_s += time.perf_counter() - wall
    spent.cpu_s += time.process_time() - cpu
    spent.server_cpu_s += server_cpu_s() - server_cpu


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value that so large a share of an ordered sequence stays below."""
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def quantiles(ordered: Sequence[float]) -> dict[str, float]:
    """The usual ones of an ordered sequence."""
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {name: round(quantile(ordered, share), 3) for name, share in shares.items()}


def server_cpu_s() -> float:
    """CPU seconds of the PostgreSQL process behind our connection; 0 where that cannot be seen."""
    if connection.vendor != "postgresql" or connection.connection is None:
        return 0.0
    stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
    try:
        user, system = stat.read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
    except (OSError, ValueError):
        return 0.0
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def refuse_busy_machine() -> float:
    """The load now. Raises CannotMeasure when others use the machine as well."""
    load = os.getloadavg()[0]
    if load > LOAD_LIMIT:
        raise CannotMeasure(
            f"The load is {load:.2f}, above {LOAD_LIMIT}: figures would mean little. Try later, or --force."
        )
    return load


def environment() -> dict[str, Any]:
    """Versions and machine, in words that name nobody's machine."""
    with connection.cursor() as cursor:
        sql = "SHOW server_version" if connection.vendor == "postgresql" else "SELECT sqlite_version()"
        cursor.execute(sql)
        row = cursor.fetchone()
    return {
        "python": platform.python_version(),
        "django": version("django"),
        "database": f"{connection.vendor} {row[0] if row else ''}".strip(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
    }
