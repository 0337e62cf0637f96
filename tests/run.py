"""bin/test: the whole suite on SQLite and PostgreSQL with a real Valkey, counted."""

import argparse
import contextlib
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import django
import psycopg

from tests.engines import EngineMissing, broker_version, running_postgres, running_valkey

ROOT = Path(__file__).resolve().parent.parent
NOTHING_COLLECTED = 5
MAIN = "not browser and not faults and not faults_slow and not bluesky_network"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass
class Counts:
    """What one run, or all of them, came to."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, other: "Counts") -> None:
        """Add another run's counts."""
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


@dataclass(frozen=True)
class Leg:
    """One call of pytest: which tests, on which database, with how many processes."""

    name: str
    marks: str
    database: str
    n_processes: int


LEGS = {
    "sqlite": Leg("SQLite", MAIN, "sqlite", 2),
    "postgres": Leg("PostgreSQL", MAIN, "postgres", 2),
    "browser": Leg("browser (SQLite)", "browser", "sqlite", 1),
    "faults": Leg("faults (SQLite)", "faults and not faults_slow", "sqlite", 0),
    "faults_slow": Leg("faults, long form (SQLite)", "faults or faults_slow", "sqlite", 0),
    "bluesky_network": Leg("a real Bluesky network", "bluesky_network", "sqlite", 0),
}


def options_from(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """The runner's own words, and those that go to pytest."""
    parser = argparse.ArgumentParser(prog="bin/test", description=__doc__, epilog="Other words go to pytest.")
    parser.add_argument("--sqlite", action="store_true", help="only the suite on SQLite")
    parser.add_argument("--postgres", action="store_true", help="only the suite on PostgreSQL")
    parser.add_argument("--browser", action="store_true", help="only the tests in a browser")
    parser.add_argument("--faults", action="store_true", help="only the fault tests, in their long form")
    parser.add_argument(
        "--bluesky-network",
        action="store_true",
        help="only the tests against a real Bluesky network (after bin/bluesky-network)",
    )
    return parser.parse_known_args(arguments)


def legs_from(options: argparse.Namespace) -> list[Leg]:
    """The legs asked for by name, or all of them."""
    asked = [
        *(["sqlite"] if options.sqlite else []),
        *(["postgres"] if options.postgres else []),
        *(["browser"] if options.browser else []),
        *(["faults_slow"] if options.faults else []),
        *(["bluesky_network"] if options.bluesky_network else []),
    ]
    return [LEGS[name] for name in asked or ("sqlite", "postgres", "browser", "faults")]


@contextlib.contextmanager
def database_for(leg: Leg) -> Iterator[dict[str, str]]:
    """The environment that names the leg's database; PostgreSQL is the given one or started here."""
    if leg.database == "sqlite":
        say(f"database: SQLite {sqlite3.sqlite_version}")
        yield {}
        return
    given = os.environ.get("DATABASE_URL", "")
    with contextlib.ExitStack() as stack:
        url = given if given.startswith("postgres") else stack.enter_context(running_postgres())
        with psycopg.connect(url) as connection:
            row = connection.execute("SHOW server_version").fetchone()
        say(f"database: PostgreSQL {row[0] if row else '?'}")
        yield {"DATABASE_URL": url}


def run_leg(leg: Leg, broker_url: str, rest: list[str]) -> tuple[Counts, int]:
    """Run pytest once; the answer is its counts and its exit code."""
    say(f"── {leg.name} ──")
    with tempfile.TemporaryDirectory(prefix="weerwoord-run-") as place, database_for(leg) as database:
        report = Path(place) / "report.xml"
        environment = {
            name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DATA_DIR"}
        }
        environment |= {"APP_ENV": "test", "REDIS_URL": broker_url, **database}
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-m", leg.marks),
                *("-n", str(leg.n_processes), "--junit-xml", str(report), *rest),
            ],
            cwd=ROOT,
            env=environment,
            check=False,
        )
        return counted(report), done.returncode


def counted(report: Path) -> Counts:
    """The counts in pytest's report; no report means one failure."""
    if not report.is_file():
        return Counts(failed=1)
    counts = Counts()
    for suite in ElementTree.parse(report).iter("testsuite"):
        n_failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        n_skipped = int(suite.get("skipped", 0))
        counts.add(Counts(int(suite.get("tests", 0)) - n_failed - n_skipped, n_failed, n_skipped))
    return counts


def say(sentence: str) -> None:
    """Print a line of the runner's own."""
    print(sentence, flush=True)


def main(arguments: list[str]) -> int:
    """Run the legs; 0 only when every needed engine ran and nothing failed."""
    options, rest = options_from(arguments)
    total, is_ok = Counts(), True
    say(f"python {platform.python_version()}, django {django.get_version()}")
    try:
        with running_valkey() as broker_url:
            say(f"broker: {broker_version(broker_url)}")
            for leg in legs_from(options):
                if leg is LEGS["browser"] and not any(map(shutil.which, CHROMIUMS)):
                    say("!! NO CHROMIUM: the browser tests did NOT run. Install it; then: bin/test --browser")
                    is_ok = is_ok and not options.browser
                    continue
                counts, code = run_leg(leg, broker_url, rest)
                total.add(counts)
                is_ok = is_ok and (
                    code == 0 or (code == NOTHING_COLLECTED and (bool(rest) or leg.marks != MAIN))
                )
                say(f"{leg.name}: {counts}")
    except EngineMissing as missing:
        say(f"!! {missing}")
        is_ok = False
        total.failed += 1
    say(str(total))
    return 0 if is_ok and total.passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
