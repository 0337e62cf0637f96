"""Import: reads a file of posts that somebody gave, row after row, until its end.

Settings of a source: `time_zone`, for times that name none (default: UTC). The cursor holds the last row
that was read, how many were, and where the next one starts, so that a crash goes on there.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitoring.connectors.base import Budget, Cursor, Mention, Page, Problem, Rejected, SourceConfig
from monitoring.connectors.errors import Ended, Refused, Unreadable
from monitoring.connectors.plain import clean_json
from monitoring.connectors.readonly import ReadOnlyConnector
from monitoring.connectors.rows import Reading, mention
from monitoring.connectors.sheets import NotReadable, Row, Sheet, json_row, opened

PAGE_SIZE = 100


class ImportConnector(ReadOnlyConnector):
    """A file, read once. It ends when its last row was read."""

    name = "import"
    why_not = "An imported post has no connection to its platform"

    def poll(self, source: SourceConfig, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        """The rows after the cursor. Raises Ended after the last one, Refused for what is no file of rows."""
        number = int(cursor.get("row", 0))
        if cursor.get("done"):
            raise Ended(f"the file was read to row {number}")
        try:
            sheet = opened(source.upload)
        except NotReadable as fault:
            raise Refused(str(fault)) from None
        return self._pages(source, sheet, cursor, budget, now=now)

    def _pages(
        self, source: SourceConfig, sheet: Sheet, cursor: Cursor, budget: Budget, *, now: datetime
    ) -> Iterator[Page]:
        at, number, n_read = (int(cursor.get(name, 0)) for name in ("at", "row", "n"))
        rows, n_left = sheet.rows(at, number), budget.max_items
        for _ in range(budget.max_pages):
            size = min(PAGE_SIZE, n_left)
            batch = list(islice(rows, size))
            if batch:
                at, number = batch[-1].end, batch[-1].number
            is_last, n_left, n_read = len(batch) < size, n_left - len(batch), n_read + len(batch)
            moved = {"at": at, "row": number, "n": n_read} | ({"done": True} if is_last else {})
            # Asked once more at once: then it says that it has ended.
            yield _page(batch, moved, _reading(source), is_last=is_last, now=now)
            if is_last or n_left <= 0:
                return

    def normalise(self, source: SourceConfig, raw: str, *, now: datetime) -> Mention:
        """The mention in a row that was rejected; Unreadable until what is wrong there was mended."""
        return mention(json_row(raw), _reading(source), now=now)

    def check(self, source: SourceConfig) -> list[Problem]:
        """A time zone must exist."""
        try:
            _reading(source)
        except Refused as fault:
            return [Problem(fault.reason)]
        return []


def _reading(source: SourceConfig) -> Reading:
    named = str(source.settings.get("time_zone", "UTC"))
    try:
        return Reading("import", ZoneInfo(named))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refused(f'there is no time zone "{named}"') from None


def _page(batch: Sequence[Row], cursor: Cursor, reading: Reading, *, is_last: bool, now: datetime) -> Page:
    """A page of rows. Of a post that stands in it twice the last row counts."""
    found: dict[tuple[str, str], Mention] = {}
    rejected = []
    for row in batch:
        try:
            if row.fault:
                raise Unreadable(row.fault)
            read = mention(row.cells, reading, now=now)
        except Unreadable as fault:
            raw = row.raw or json.dumps(clean_json(dict(row.cells)), ensure_ascii=False)
            rejected.append(Rejected(raw, f"row {row.number}: {fault.reason}", row.number))
        else:
            found[(read.platform, read.canonical_id)] = read
    return Page(
        tuple(found.values()), cursor, tuple(rejected), last=is_last, next_at=now if is_last else None
    )
