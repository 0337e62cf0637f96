"""Files of rows as they were given: CSV from any spreadsheet, or one JSON object a line. Pure.

The first line of a CSV names its columns; it is row 1, as in the spreadsheet. A position in a file is
a number of characters, so that reading goes on where it stopped.
"""

import codecs
import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from monitoring.connectors.errors import Unreadable
from monitoring.connectors.plain import clean_json
from monitoring.connectors.rows import column

DELIMITERS = ",;\t"
MAX_COLUMNS = 200
NEEDED = "posted_at"
SAID = ("text", "url")


class NotReadable(ValueError):
    """A file in which no row can be read; `fault` names why: empty, columns, list or text."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault

    def __str__(self) -> str:
        return f"no row of the file can be read ({self.fault})"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number, what stands in it by column, and where the next one starts.

    `fault` says why it cannot be read at all; `raw` is what stood there.
    """

    number: int
    cells: Mapping[str, Any]
    end: int
    fault: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that can be read. Without a `delimiter` it is JSON lines; `unknown` columns are not used."""

    text: str
    encoding: str
    delimiter: str = ""
    columns: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    start: int = 0

    def rows(self, at: int = 0, number: int = 0) -> Iterator[Row]:
        """The rows from position `at`, after row `number` (0, 0: from the first); empty ones left out."""
        stream = io.StringIO(self.text, newline="")
        stream.seek(at or self.start)
        first = (number or (1 if self.delimiter else 0)) + 1
        return self._csv_rows(stream, first) if self.delimiter else _json_rows(stream, first)

    def _csv_rows(self, stream: io.StringIO, number: int) -> Iterator[Row]:
        reader = csv.reader(stream, delimiter=self.delimiter)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(number, {}, stream.tell(), fault=f"the row cannot be taken apart ({error})")
            else:
                if any(cell.strip() for cell in cells):
                    yield self._row(number, cells, stream.tell())
            number += 1

    def _row(self, number: int, cells: list[str], end: int) -> Row:
        named = {name: cell for name, cell in zip(self.columns, cells, strict=False) if name}
        if len(cells) > len(self.columns) and any(cell.strip() for cell in cells[len(self.columns) :]):
            fault = f"the row has {len(cells)} cells and the first row {len(self.columns)}"
            return Row(number, {}, end, fault, json.dumps(named, ensure_ascii=False))
        return Row(number, named, end)


def _json_rows(stream: io.StringIO, number: int) -> Iterator[Row]:
    while line := stream.readline():
        if line.strip():
            yield _json_row(number, line.strip(), stream.tell())
        number += 1


def _json_row(number: int, line: str, end: int) -> Row:
    try:
        return Row(number, json_row(line), end)
    except Unreadable as fault:
        return Row(number, {}, end, fault.reason, line)


def json_row(line: str) -> dict[str, Any]:
    """The columns in one JSON object. Raises Unreadable."""
    try:
        found = clean_json(json.loads(line))
    except (ValueError, RecursionError):
        raise Unreadable("this is no JSON") from None
    if not isinstance(found, dict):
        raise Unreadable("this is no JSON object")
    return {column(name) or name: value for name, value in found.items()}


def opened(content: bytes) -> Sheet:
    """The file, its encoding and delimiter found. Raises NotReadable."""
    text, encoding = _decoded(content)
    first = text.lstrip()[:1]
    if not first:
        raise NotReadable("empty")
    if first == "[":
        raise NotReadable("list")
    if first == "{":
        return Sheet(text, encoding)
    return _csv(text, encoding)


def _decoded(content: bytes) -> tuple[str, str]:
    """UTF-8 with or without its mark, UTF-16 with it, else what old Windows programs write."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace"), "utf-16"
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        if b"\0" in content:
            raise NotReadable("text") from None
        return content.decode("cp1252", "replace"), "cp1252"


def _csv(text: str, encoding: str) -> Sheet:
    found = max((_header(text, delimiter) for delimiter in DELIMITERS), key=lambda read: len(set(read[1])))
    delimiter, columns, names, start = found[0], found[1], found[2], found[3]
    if NEEDED not in columns or not set(SAID) & set(columns):
        raise NotReadable("columns")
    unknown = tuple(name for name, known in zip(names, columns, strict=True) if not known and name.strip())
    return Sheet(text, encoding, delimiter, columns, unknown, start)


def _header(text: str, delimiter: str) -> tuple[str, tuple[str, ...], list[str], int]:
    """The first row read with one delimiter: what its columns mean, are called, and where it ends."""
    stream = io.StringIO(text, newline="")
    try:
        names = next(csv.reader(stream, delimiter=delimiter), [])[:MAX_COLUMNS]
    except csv.Error:
        names = []
    seen: set[str] = set()
    columns = []
    for name in map(column, names):
        columns.append("" if name in seen else name)
        seen.add(name)
    return delimiter, tuple(columns), names, stream.tell()
