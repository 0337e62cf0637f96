"""bin/setup and bin/test: quick when done, and honest in counting."""

import subprocess
from pathlib import Path

import pytest

from config.bench.engines import postgres_folder
from tests.run import LEGS, Counts, counted, legs_from, options_from

ROOT = Path(__file__).resolve().parents[2]
REPORT = """<testsuites><testsuite tests="7" failures="1" errors="1" skipped="2"/></testsuites>"""


def test_counts_are_read_from_the_report_and_a_missing_report_is_a_failure(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    assert counted(report) == Counts(failed=1)
    report.write_text(REPORT, encoding="utf-8")
    assert str(counted(report)) == "3 passed, 2 failed, 2 skipped"


def test_without_words_every_leg_runs_on_both_databases() -> None:
    options, rest = options_from([])
    assert legs_from(options) == [LEGS[name] for name in ("sqlite", "postgres", "browser", "faults")]
    assert {leg.database for leg in legs_from(options)} == {"sqlite", "postgres"}
    assert rest == []


def test_a_part_is_asked_for_by_name_and_other_words_go_to_pytest() -> None:
    options, rest = options_from(["--postgres", "tests/config", "-k", "counts"])
    assert legs_from(options) == [LEGS["postgres"]]
    assert rest == ["tests/config", "-k", "counts"]
    assert legs_from(options_from(["--faults"])[0]) == [LEGS["faults_slow"]]


def test_the_postgresql_that_is_found_has_what_a_run_needs() -> None:
    folder = postgres_folder()
    assert (folder / "initdb").is_file()
    assert (folder / "postgres").is_file()


@pytest.mark.sqlite
def test_a_second_set_up_does_nothing() -> None:
    stamps = ROOT / ".venv"
    subprocess.run([ROOT / "bin" / "setup", "--dev"], check=True, capture_output=True)
    before = {path: path.stat().st_mtime_ns for path in stamps.glob("weerwoord-*.stamp")}
    done = subprocess.run([ROOT / "bin" / "setup", "--dev"], check=True, capture_output=True, text=True)
    assert done.stdout + done.stderr == ""
    assert before
    assert before == {path: path.stat().st_mtime_ns for path in stamps.glob("weerwoord-*.stamp")}


@pytest.mark.sqlite
def test_an_unknown_word_to_set_up_is_refused() -> None:
    done = subprocess.run([ROOT / "bin" / "setup", "--fast"], check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "usage: bin/setup [--dev]" in done.stderr
