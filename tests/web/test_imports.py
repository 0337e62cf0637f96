"""A file of posts: looked at, read by a worker, told of row by row, and forgotten."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cases.models import AuditEvent, Case, User
from cases.reads.sources import down
from cases.services import imports, intake, warnings
from cases.services.audit import verify
from monitoring import polling
from monitoring.models import Post, Source, Upload
from tests.web.paper import Paper
from tests.world import Desk

GOOD = "platform,id,text,posted_at\n" + "".join(
    f"x,{n},Bericht {n} over de Loswal,2026-03-02 09:0{n % 10}\n" for n in range(7)
)
BAD = GOOD + 'x,8,"=HYPERLINK(""http://evil.example"")",gisteren\n'


def give(screen: Paper, content: bytes | str, name: str = "berichten.csv") -> Paper:
    given = content if isinstance(content, bytes) else content.encode()
    screen.open("/import/")
    answer = screen.client.post("/import/", {"file": SimpleUploadedFile(name, given)}, follow=True)
    return screen._show(answer, "/import/")


def read_on(*, now: datetime) -> None:
    """What workers do, until nothing is due."""
    while due := [
        pk for pk in polling.due_sources(now=now) if Source.objects.get(pk=pk).connector == "import"
    ]:
        source = polling.take_source(due[0], now=now)
        assert source is not None
        polling.poll(source, on_page=intake.open_cases, now=now)


def source_of(screen: Paper) -> Source:
    return Source.objects.get(pk=int(screen.url.strip("/").split("/")[-1]))


def test_a_file_is_shown_before_anything_is_read(screen: Paper, noon: datetime) -> None:
    before = Post.objects.count()
    give(screen, GOOD)
    assert "7 rows; these are the first." in screen.html
    assert "Bericht 4 over de Loswal" in screen.html
    assert "Bericht 5 over" not in screen.html
    read_on(now=noon)
    assert Post.objects.count() == before


def test_a_file_becomes_cases_and_is_then_forgotten(screen: Paper, desk: Desk, noon: datetime) -> None:
    give(screen, BAD).press("Read these posts")
    assert "The file is being read" in screen.html
    source = source_of(screen)
    read_on(now=noon)
    assert imports.finish(now=noon) == 1
    assert Case.objects.filter(post__source=source).count() == 7
    screen.open(screen.url)
    assert "The file was read to its end" in screen.html
    assert "8 of 8 rows." in screen.html
    assert "Row 9: “gisteren” is no date and time." in screen.html
    assert bytes(Upload.objects.get().content) == b""
    source.refresh_from_db()
    assert (source.is_enabled, source.health) == (False, "ended")
    events = list(AuditEvent.objects.filter(subject=f"source:{source.pk}").order_by("seq"))
    assert [event.action for event in events] == ["import prepared", "import started", "import finished"]
    assert events[-1].facts == {"n_new": 7, "n_rejected": 1}
    assert imports.finish(now=noon) == 0
    assert verify() == []


def test_a_file_that_was_read_is_no_source_that_is_missing(screen: Paper, desk: Desk, noon: datetime) -> None:
    give(screen, GOOD).press("Read these posts")
    source = source_of(screen)
    read_on(now=noon)
    later = noon + timedelta(days=3)
    assert source.name not in [missing.name for missing in down(now=later)]
    warnings.warn(now=later)
    assert source.name not in screen.open("/sources/").html
    assert source.name not in screen.open("/notifications/").html


def test_the_same_file_again_brings_nothing_twice(screen: Paper, noon: datetime) -> None:
    for _ in range(2):
        give(screen, GOOD).press("Read these posts")
        read_on(now=noon)
    assert Post.objects.filter(text__contains="Loswal", canonical_id__in="0123456").count() == 7
    cells = [cell.strip() for cell in screen.open(screen.url).html.split("<dd>")]
    assert any(cell.startswith("7</dd>") for cell in cells)
    assert "Known already" in screen.html


def test_a_crash_goes_on_where_it_stopped(screen: Paper, noon: datetime) -> None:
    rows = "".join(f"x,{n},Bericht {n},2026-03-02\n" for n in range(250))
    give(screen, f"platform,id,text,posted_at\n{rows}").press("Read these posts")
    source = source_of(screen)

    def fall_over(stored: Any, *, now: datetime) -> None:
        if Post.objects.filter(source=source).count() > 100:
            raise SystemExit
        intake.open_cases(stored, now=now)

    taken = polling.take_source(source.pk, now=noon)
    assert taken is not None
    with pytest.raises(SystemExit):
        polling.poll(taken, on_page=fall_over, now=noon)
    assert Post.objects.filter(source=source).count() == 100
    assert "100 of 250 rows." in screen.open(screen.url).html
    later = noon + timedelta(minutes=5)
    read_on(now=later)
    assert Case.objects.filter(post__source=source).count() == 250


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"naam,plaats\nJan,Loswal\n", "The first row does not name the columns that are needed"),
        (b"text,posted_at\n", "There is not one row with a post in the file."),
        (b"[1]", "Give one object on each line"),
        (b"\x00\xff\x01\x81", "This is no text file."),
        (b"text,posted_at\n" + b"x" * imports.MOST_BYTES, "larger than 20 MB"),
    ],
    ids=["empty", "other columns", "no rows", "a list", "no text", "too large"],
)
def test_a_file_that_cannot_be_read_is_refused_at_once_in_a_sentence(
    screen: Paper, content: bytes, sentence: str
) -> None:
    give(screen, content)
    assert (screen.status, sentence in screen.html) == (422, True)
    assert not Upload.objects.exists()


def test_an_old_windows_file_is_read_and_that_is_said(screen: Paper) -> None:
    give(screen, "tekst;datum\nCafé Zoë;1-3-2026\n".encode("cp1252"))
    assert "The file is not in UTF-8." in screen.html
    assert "Café Zoë" in screen.html


def test_columns_that_are_not_used_are_named(screen: Paper) -> None:
    give(screen, "tekst;datum;Afdeling\nBrand;1-3-2026;x\n")
    assert "These columns are not used: Afdeling." in screen.html


def test_a_file_can_be_thrown_away_before_it_is_read_and_not_after(screen: Paper, noon: datetime) -> None:
    give(screen, GOOD).press("Throw away")
    assert "The file was thrown away; nothing of it was read." in screen.html
    assert not Source.objects.filter(connector="import").exists()
    give(screen, GOOD).press("Read these posts")
    read_on(now=noon)
    screen.client.post(screen.url + "discard/")
    assert Upload.objects.count() == 1


def test_a_file_that_nobody_starts_is_forgotten_after_a_day(screen: Paper, noon: datetime) -> None:
    give(screen, GOOD)
    assert imports.finish(now=noon + timedelta(hours=23)) == 0
    assert imports.finish(now=noon + timedelta(hours=25)) == 1
    assert not Upload.objects.exists()


def test_the_report_for_a_spreadsheet_holds_no_formula(screen: Paper, noon: datetime) -> None:
    give(screen, 'text,posted_at\n"=1+1",\n"@SUM(A1)",x\n', "=evil.csv").press("Read these posts")
    read_on(now=noon)
    answer = screen.client.get(screen.url + "errors/")
    assert answer["Content-Disposition"] == 'attachment; filename="evil-errors.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 3
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_the_template_can_be_filled_in_and_read(screen: Paper) -> None:
    template = screen.client.get("/import/template/").content
    give(screen, template)
    assert "De sirene ging niet af." in screen.html


@pytest.mark.parametrize("role", ["employee", "privacy", "board"])
def test_who_may_not_import_finds_no_door(desk: Desk, sit: Callable[[User], Paper], role: str) -> None:
    screen = sit(User.objects.create_user("joost", role=role))
    assert screen.open("/import/").status == 403
    assert "/import/" not in screen.open("/more/").html
