"""Import: a file is looked at, read by a worker, and told of row by row."""

import csv
import io
from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cases.access import require
from cases.reads import imports as imports_read
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import imports as service
from cases.services.imports import MOST_BYTES, FileRefused
from cases.web import source_words
from cases.web.views.base import page, posted
from monitoring.connectors.rows import COLUMNS

REFUSED = 422
CSV_TYPE = "text/csv; charset=utf-8"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that starts with one of these for a formula."""

EXAMPLE = (
    *("facebook", "123456", "https://www.facebook.com/example/posts/123456", "De sirene ging niet af."),
    *("2026-03-02T13:05:00+01:00", "J. Jansen", "jjansen", "post", "", "", "nl", "3", "1", "0"),
)


@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """What was imported, and a form for the next file."""
    officer = officer_of(request.user)
    require(officer, Need.IMPORT)
    fault = ""
    if request.method == "POST":
        try:
            source_id = _prepared(request)
        except FileRefused as refusal:
            fault = str(refusal)
        else:
            return redirect("cases:import", source_id)
    context = {"imports": imports_read.imports(), "fault": fault, "columns": COLUMNS}
    return page(request, "cases/imports.html", context, here="imports", status=REFUSED if fault else 200)


def _prepared(request: HttpRequest) -> int:
    given = request.FILES.get("file")
    if given is None or not given.size:
        raise FileRefused("empty")
    if given.size > MOST_BYTES:
        raise FileRefused("large")
    officer = officer_of(request.user)
    return service.prepare(given.name or "import", given.read(), by=officer, now=timezone.now())


@require_GET
def import_file(request: HttpRequest, source_id: int) -> HttpResponse:
    """One file: its first rows before it is read, its progress while it is, and what came of it."""
    require(officer_of(request.user), Need.IMPORT)
    found = imports_read.import_of(source_id)
    is_prepared = found.state == "prepared" and bool(found.upload.n_rows)
    context = {
        "found": found,
        "first": imports_read.first_rows(found.source.pk) if is_prepared else None,
        "rejected": [row for row, _outcome in imports_read.rejected_rows(found.source.pk)][:200],
    }
    return page(request, "cases/import.html", context, here="imports")


@posted
def start_import(request: HttpRequest, source_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.IMPORT)
    found = imports_read.import_of(source_id)
    service.start(found.source.pk, by=officer, now=timezone.now())
    return redirect("cases:import", source_id)


@posted
def discard_import(request: HttpRequest, source_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    require(officer, Need.IMPORT)
    found = imports_read.import_of(source_id)
    if service.discard(found.source.pk, by=officer, now=timezone.now()):
        messages.success(request, _("The file was thrown away; nothing of it was read."))
        return redirect("cases:imports")
    messages.error(request, _("This file is being read or was read, so it cannot be thrown away."))
    return redirect("cases:import", source_id)


@require_GET
def import_errors(request: HttpRequest, source_id: int) -> HttpResponse:
    """The rows that could not be read, for a spreadsheet: no cell of it is a formula."""
    require(officer_of(request.user), Need.IMPORT)
    found = imports_read.import_of(source_id)
    rows = [
        (source_words.reason(row.reason), row.outcome, row.raw)
        for row, _outcome in imports_read.rejected_rows(found.source.pk)
    ]
    name = slugify(found.upload.filename.rpartition(".")[0]) or "import"
    return _csv(f"{name}-errors.csv", (_("reason"), _("what became of it"), _("row")), rows)


@require_GET
def import_template(request: HttpRequest) -> HttpResponse:
    """A file with the columns and one example."""
    require(officer_of(request.user), Need.IMPORT)
    return _csv("weerwoord-import.csv", COLUMNS, [EXAMPLE])


def _csv(filename: str, header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> HttpResponse:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([defused(cell) for cell in row] for row in rows)
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type=CSV_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer


def defused(cell: str) -> str:
    """A cell that no spreadsheet calculates."""
    return f"'{cell}" if cell.lstrip(" \n").startswith(DANGEROUS) else cell
