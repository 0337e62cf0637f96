"""Judge a series of counts row by row: `python manage.py detect --csv FILE`."""

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError

from cases.rules.stream import ALARM_SCORE, OutOfOrder, Stream

STDIN = "-"
HEADER = "timestamp,score,alarm"


class BadRow(Exception):
    """A line that cannot be read as a time and a count."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(line, why)
        self.line, self.why = line, why

    def __str__(self) -> str:
        return (
            f"Line {self.line}: {self.why}. Expected is a time and a count, such as "
            "2026-03-10T10:40:00Z,14 or 1773139200,14. What stands above it was judged."
        )


class Command(BaseCommand):
    """Writes one row for every row it reads, and writes it before it reads the next."""

    help = (
        "Read rows of timestamp,count in order of time and write timestamp,score,alarm for each. "
        f"An alarm has a score of {ALARM_SCORE} or more. Time without rows counts as zero."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Which file, and whose hours of the day."""
        parser.add_argument("--csv", required=True, help="a file of timestamp,count; - is stdin")
        parser.add_argument("--zone", default="UTC", help="whose hours of the day are learned (default UTC)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Stream the file; stop at the first line that cannot be read."""
        try:
            zone = str(ZoneInfo(options["zone"]))
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise CommandError(f"There is no time zone {options['zone']!r}; an example: UTC.") from error
        try:
            if options["csv"] == STDIN:
                self._stream(sys.stdin, zone)
                return
            with Path(options["csv"]).open(encoding="utf-8-sig") as file:
                self._stream(file, zone)
        except BrokenPipeError:  # whoever reads has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:
            raise CommandError(f"Cannot read {options['csv']}: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{options['csv']} is not text in UTF-8.") from error

    def _stream(self, file: TextIO, zone: str) -> None:
        stream = Stream(zone=zone)
        self._write(HEADER)
        try:
            for line, text, at, count in rows(file):
                try:
                    judged = stream.take(at, count)
                except OutOfOrder as error:
                    raise CommandError(f"Line {line}: {error}") from error
                self._write(f"{text},{judged.score:.6f},{int(judged.is_alarm)}")
        except BadRow as error:
            raise CommandError(str(error)) from error

    def _write(self, row: str) -> None:
        self.stdout.write(row)
        self.stdout.flush()


def rows(file: TextIO) -> Iterator[tuple[int, str, datetime, int]]:
    """Line number, time as written, time and count of each row; a first line of words is a header."""
    for line, raw in enumerate(iter(file.readline, ""), start=1):
        text = raw.strip().lstrip("\ufeff")
        if not text:
            continue
        first, _comma, second = (part.strip().strip('"') for part in text.partition(","))
        at = time_of(first)
        if at is None and line == 1 and not any(letter.isdigit() for letter in first):
            continue
        if at is None:
            raise BadRow(line, f"{first[:40]!r} is not a time")
        count = count_of(second)
        if count is None:
            raise BadRow(line, f"{second[:40]!r} is not a count of zero or more")
        yield line, first, at, count


def time_of(text: str) -> datetime | None:
    """ISO 8601, taken as UTC when it names no zone, or seconds since 1970; None: neither."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return _epoch(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _epoch(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def count_of(text: str) -> int | None:
    """A whole number of posts, also when written as 14.0; None: it is none."""
    try:
        count = float(text)
    except ValueError:
        return None
    return int(count) if count >= 0 and count.is_integer() else None
