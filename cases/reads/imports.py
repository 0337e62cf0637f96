"""Files that were given to be read in: how far each is, and what could not be read of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import Http404

from cases.access import LARGEST_ID
from monitoring.connectors.rows import COLUMNS
from monitoring.connectors.sheets import opened
from monitoring.models import RejectedMention, Source, Upload

N_SHOWN = 5
N_LISTED = 50
SHOWN = ("posted_at", "platform", "author", "text", "url")


@dataclass(frozen=True, slots=True)
class Import:
    """One file. `state`: prepared, reading, stopped or finished; `n_read` of `n_rows` rows so far.

    `n_known` were in the store already, or stand in the file twice.
    """

    source: Source
    upload: Upload
    state: str
    n_rows: int
    n_read: int
    n_new: int
    n_rejected: int

    @property
    def n_known(self) -> int:
        return max(0, self.n_read - self.n_new - self.n_rejected)

    @property
    def percent(self) -> int:
        return 100 if self.state == "finished" else min(99, 100 * self.n_read // max(1, self.n_rows))


@dataclass(frozen=True, slots=True)
class FirstRows:
    """What is shown of a file before it is read: its columns as we understand them, and some rows."""

    encoding: str
    delimiter: str
    columns: Sequence[str]
    unknown: Sequence[str]
    rows: Sequence[tuple[int, Sequence[str]]]


def imports() -> list[Import]:
    """The files that were given, newest first."""
    found = Source.objects.filter(connector="import").order_by("-pk")[:N_LISTED]
    sources = {source.pk: source for source in found}
    uploads = Upload.objects.filter(source__in=sources).defer("content").select_related("by")
    rejected = dict(
        RejectedMention.objects.filter(source__in=sources).values_list("source").annotate(n=Count("pk"))
    )
    new = dict(Source.objects.filter(pk__in=sources).values_list("pk").annotate(n=Count("posts")))
    by_source = {upload.source_id: upload for upload in uploads}
    return [
        _import(source, by_source[pk], new.get(pk, 0), rejected.get(pk, 0))
        for pk, source in sources.items()
        if pk in by_source
    ]


def import_of(source_id: int) -> Import:
    """One file. Raises Http404."""
    source = Source.objects.filter(pk=min(source_id, LARGEST_ID), connector="import").first()
    upload = Upload.objects.filter(source=source).defer("content").select_related("by").first()
    if source is None or upload is None:
        raise Http404
    return _import(source, upload, source.posts.count(), source.rejected.count())


def first_rows(source_id: int) -> FirstRows:
    """The first rows of a file that is still kept."""
    content = bytes(Upload.objects.values_list("content", flat=True).get(source=source_id))
    sheet = opened(content)
    found = []
    for row in sheet.rows():
        found.append(row)
        if len(found) == N_SHOWN:
            break
    used = set(sheet.columns) if sheet.delimiter else {name for row in found for name in row.cells}
    columns = [name for name in COLUMNS if name in used]
    cells = [(row.number, [str(row.cells.get(name, ""))[:200] for name in columns]) for row in found]
    return FirstRows(sheet.encoding, sheet.delimiter, columns, sheet.unknown, cells)


def rejected_rows(source_id: int) -> Iterator[tuple[RejectedMention, str]]:
    """The rows of a file that could not be read, in their order, each with its outcome."""
    for row in RejectedMention.objects.filter(source=source_id).order_by("pk").iterator(chunk_size=500):
        yield row, row.outcome


def record(found: Import) -> dict[str, Any]:
    """A file's numbers, for programs."""
    return {
        "id": found.source.pk,
        "filename": found.upload.filename,
        "state": found.state,
        "by": found.upload.by,
        "at": found.upload.at,
        **{name: getattr(found, name) for name in ("n_rows", "n_read", "n_new", "n_known", "n_rejected")},
    }


def _import(source: Source, upload: Upload, n_new: int, n_rejected: int) -> Import:
    n_read = int(source.cursor.get("n", 0))
    return Import(source, upload, _state(source), upload.n_rows, n_read, n_new, n_rejected)


def _state(source: Source) -> str:
    if source.cursor.get("done"):
        return "finished"
    if source.is_enabled:
        return "reading"
    return "stopped" if source.cursor else "prepared"
