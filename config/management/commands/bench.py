"""Measure our own paths against a bare limit: `python manage.py bench store --json`."""

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone

from config.bench import (
    alert,
    flood,
    ingest,
    match,
    memory,
    message,
    picture,
    repoll,
    search,
    store,
    stories,
    sweep,
    worsening,
)
from config.bench import open as opening
from config.bench.engines import DURABLE, EngineMissing, running_postgres
from config.bench.measure import CannotMeasure, Report, environment, refuse_busy_machine
from config.bench.scratch import scratch_database

BENCHES: dict[str, Callable[..., Report]] = {
    "alert": alert.run,
    "flood": flood.run,
    "store": store.run,
    "open": opening.run,
    "ingest": ingest.run,
    "picture": picture.run,
    "repoll": repoll.run,
    "memory": memory.run,
    "stories": stories.run,
    "match": match.run,
    "message": message.run,
    "search": search.run,
    "sweep": sweep.run,
    "worsening": worsening.run,
}
OWN_OPTIONS = {"stories": ("data",), "worsening": ("data",), "memory": ("n_posts",), "flood": ("minutes",)}
PURE = {"match", "stories", "worsening"}
"""Benches that use no database of ours: measured here, once."""

ENGINES = ("sqlite", "postgresql")
HERE = "configured"
COULD_NOT_MEASURE = 2


class Command(BaseCommand):
    """Prints one JSON object; 0 whether the bars are met or not, 2 when it could not measure."""

    help = "Measure one path against a bare limit, in a scratch database on SQLite and PostgreSQL."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Which bench, on which databases."""
        parser.add_argument("name", choices=sorted(BENCHES))
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
        parser.add_argument("--database", choices=["both", *ENGINES, HERE], default="both")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--pages", type=int, default=store.N_PAGES, help="pages in each repeat")
        parser.add_argument("--data", default="", help="stories: a CSV file; worsening: a folder")
        parser.add_argument(
            "--posts", dest="n_posts", type=int, default=memory.N_POSTS, help="memory: how many posts"
        )
        parser.add_argument("--minutes", type=float, default=flood.MINUTES, help="flood: how long it lasts")
        parser.add_argument("--force", action="store_true", help="measure on a busy machine as well")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure here, or in one child process for each database."""
        is_here = options["database"] == HERE or options["name"] in PURE
        try:
            load = os.getloadavg()[0] if options["force"] else refuse_busy_machine()
            found = self._here(options) if is_here else self._in_children(options)
        except (CannotMeasure, EngineMissing) as error:
            self.stderr.write(str(error))
            sys.exit(COULD_NOT_MEASURE)
        found["environment"] |= {
            "pages_per_repeat": options["pages"],
            "load_at_start": round(load, 2),
            "seed": options["seed"],
            "repeats": store.N_REPEATS,
        }
        self.stdout.write(json.dumps(found, indent=2) if options["json"] else _lines(found))

    def _here(self, options: dict[str, Any]) -> dict[str, Any]:
        is_pure = options["name"] in PURE
        gc.collect()
        gc.freeze()  # as the web and the workers do at their start
        with nullcontext() if is_pure else scratch_database():
            report = BENCHES[options["name"]](
                seed=options["seed"],
                n_pages=options["pages"],
                now=timezone.now(),
                **{name: options[name] for name in OWN_OPTIONS.get(options["name"], ())},
            )
            return {
                "bench": options["name"],
                "figures": {"memory" if is_pure else connection.vendor: report.figures},
                "bars": [bar.as_json() for bar in report.bars],
                "environment": environment(),
            }

    def _in_children(self, options: dict[str, Any]) -> dict[str, Any]:
        engines = ENGINES if options["database"] == "both" else (options["database"],)
        parts = [self._child(engine, options) for engine in engines]
        databases = [part["environment"].pop("database") for part in parts]
        return {
            "bench": options["name"],
            "figures": {name: found for part in parts for name, found in part["figures"].items()},
            "bars": [bar for part in parts for bar in part["bars"]],
            "environment": {**parts[0]["environment"], "databases": databases},
        }

    def _child(self, engine: str, options: dict[str, Any]) -> dict[str, Any]:
        """Measure on one engine: the configured database server, else one started for the purpose."""
        command = [
            *(sys.executable, "manage.py", "bench", options["name"], "--json", "--force"),
            *("--seed", str(options["seed"]), "--pages", str(options["pages"])),
            *("--data", options["data"], "--posts", str(options["n_posts"])),
            *("--minutes", str(options["minutes"])),
        ]
        environment = dict(os.environ)
        with ExitStack() as stack:
            if engine != connection.vendor and engine == "postgresql":
                environment["DATABASE_URL"] = stack.enter_context(running_postgres(settings=DURABLE))
            elif engine != connection.vendor:
                place = stack.enter_context(tempfile.TemporaryDirectory(prefix="weerwoord-bench-"))
                environment["DATABASE_URL"] = f"sqlite:///{Path(place) / 'bench.sqlite3'}"
            done = subprocess.run(
                [*command, "--database", HERE],
                cwd=settings.BASE_DIR,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode:
            raise CannotMeasure(f"{engine}: {done.stderr.strip()[-2000:]}")
        return dict(json.loads(done.stdout))


def _lines(found: dict[str, Any]) -> str:
    """The bars, one a line."""
    lines = []
    for bar in found["bars"]:
        met = "met" if bar["met"] else "NOT met"
        lines.append(f"{bar['name']}: {bar['value']:.2f} (bar: {bar['op']} {bar['bar']:.2f}, {met})")
    return "\n".join(lines)
