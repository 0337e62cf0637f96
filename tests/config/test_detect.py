"""`manage.py detect`: a row out for every row in, at once, and a clear word about a line that is wrong."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from config.management.commands.detect import HEADER, count_of, time_of

ROOT = Path(__file__).parents[2]


def detect(tmp_path, text, **options):
    file = tmp_path / "counts.csv"
    file.write_text(text)
    out = io.StringIO()
    call_command("detect", csv=str(file), stdout=out, **options)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("header", ["timestamp,count\n", "", "\ufefftimestamp,value\n"])
def test_there_is_one_row_out_for_each_row_in(tmp_path, header):
    found = detect(tmp_path, header + "2026-03-10 10:00:00,1\n2026-03-10T10:05:00+00:00,2\n1773137400,3.0\n")
    assert found[0] == HEADER
    assert [row.split(",")[0] for row in found[1:]] == [
        "2026-03-10 10:00:00",
        "2026-03-10T10:05:00+00:00",
        "1773137400",
    ]
    assert all(row.endswith(",0") for row in found[1:])


def test_a_burst_of_single_posts_rings_once(tmp_path):
    found = detect(tmp_path, "".join(f"{1773137400 + 10 * n},1\n" for n in range(60)))
    assert sum(row.endswith(",1") for row in found[1:]) == 1


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("yesterday,3", "Line 2: 'yesterday' is not a time"),
        ("2026-03-10T10:05:00,many", "Line 2: 'many' is not a count"),
        ("2026-03-10T10:05:00,-1", "Line 2: '-1' is not a count"),
        ("2026-03-10T10:05:00,1.5", "Line 2: '1.5' is not a count"),
        ("2026-03-10T10:05:00", "Line 2: '' is not a count"),
        ("2026-03-10T09:05:00,1", "Line 2: The row of 2026-03-10T09:05:00.*must be in order"),
    ],
)
def test_a_line_that_is_wrong_is_named_with_its_number(tmp_path, line, why):
    with pytest.raises(CommandError, match=why):
        detect(tmp_path, f"2026-03-10T10:00:00,1\n{line}\n")


def test_a_file_that_is_not_there_and_a_zone_that_is_not_one_are_said(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("detect", csv=str(tmp_path / "none.csv"))
    with pytest.raises(CommandError, match="no time zone 'Mars'"):
        detect(tmp_path, "", zone="Mars")


def test_times_without_a_zone_are_utc_and_numbers_are_seconds():
    assert time_of("2026-03-10 10:00:00") == time_of("1773136800") == time_of("2026-03-10T11:00:00+01:00")
    assert (time_of("x"), count_of("nan"), count_of("inf"), count_of("14.0")) == (None, None, None, 14)


def test_a_row_is_answered_before_the_next_is_read():  # a process of its own: two seconds
    command = [sys.executable, "manage.py", "detect", "--csv", "-"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        running.stdin.write("1773136800,1\n")
        running.stdin.flush()
        assert running.stdout.readline().strip() == HEADER
        assert running.stdout.readline().startswith("1773136800,")  # while the second row is still to come
        running.stdin.write("1773136801,1\n")
        running.stdin.flush()
        assert running.stdout.readline().startswith("1773136801,")
        running.stdout.close()  # as `| head -3` does: no complaint follows
        running.stdin.write("1773136802,1\n1773136803,1\n")
        running.stdin.close()
        assert running.wait(timeout=30) == 0
