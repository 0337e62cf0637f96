"""The file of a case: why we did or did not reply, on a page and on paper, in both languages."""

import re
import time
import zlib
from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.utils import translation

from cases.models import AuditEvent, Case, User
from cases.reads.casefile import case_file
from cases.services import approvals
from cases.services.drafts import Draft
from cases.web.casefile import paper
from cases.web.pdf import pdf_of
from tests.cases.steps import drafting, trail
from tests.trail import open_trail
from tests.web.paper import Paper
from tests.world import Desk, mention

HOSTILE = (
    '#panic("x") #read("/etc/passwd") $ sum $ *b* _i_ `c` @ref <label> \\ // /* #{ ] [ "]" '
    "<script>alert(1)</script> </dd> {{ 7*7 }} \u202eomgekeerd \x01 🔥 العربية"
)


@pytest.fixture
def replied(desk: Desk, noon: datetime) -> Case:
    """An untruth, corrected: written by one person, changed and approved by another."""
    text = "Volgens @buurman_jan is de brandweer bij de Loswal te laat. @gemeente klopt dat?"
    case = desk.hear(mention(1, text, at=noon))[0]
    response = drafting(case, by=desk.employee, now=noon, kind="untruth", option="reply_public")
    sources = "https://www.brandweer.example/verslag"
    draft = Draft(
        "We waren er om 12.04 uur, binnen acht minuten.",
        claim="De brandweer was te laat.",
        fact_source=sources,
    )
    approvals.submit(response, draft, by=desk.employee, now=noon)
    response.refresh_from_db()
    approvals.approve(response, by=desk.officer, now=noon, text="We waren er binnen acht minuten.")
    return Case.objects.get(pk=case.pk)


def pdf(case: Case, desk: Desk, noon: datetime, lang: str = "nl") -> bytes:
    with translation.override(lang):
        return pdf_of(paper(case_file(case, by=desk.officer, now=noon)))


def inside(made: bytes) -> bytes:
    """What a PDF holds, with its compressed streams opened."""
    opened = []
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", made, re.S):
        try:
            opened.append(zlib.decompress(found[1]))
        except zlib.error:
            continue
    return made + b"\n".join(opened)


def n_pages(made: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", inside(made)))


def test_the_page_tells_why_by_whom_and_what_can_be_proved(
    replied: Case, desk: Desk, sit: Callable[[User], Paper]
) -> None:
    html = sit(desk.officer).open(f"/cases/{replied.pk}/file/").html
    for words in (
        "klopt dat?",
        "We waren er binnen acht minuten.",
        "We waren er om 12.04 uur, binnen acht minuten.",
        "https://www.brandweer.example/verslag",
        "written by Anouk",
        "approved by Sanne",
        "The chain of this case holds",
        AuditEvent.objects.filter(subject=f"case:{replied.pk}").latest("seq").hash,
        replied.scheme.checksum[:16],
    ):
        assert words in html


def test_names_of_others_are_left_out_unless_somebody_asks(
    replied: Case, desk: Desk, sit: Callable[[User], Paper]
) -> None:
    screen = sit(desk.officer)
    assert "buurman_jan" not in screen.open(f"/cases/{replied.pk}/file/").html
    assert "buurman_jan" in screen.open(f"/cases/{replied.pk}/file/?names=1").html


def test_who_makes_a_file_is_in_the_trail_and_on_the_paper(
    replied: Case, desk: Desk, sit: Callable[[User], Paper]
) -> None:
    screen = sit(desk.lead).open(f"/cases/{replied.pk}/file/")
    assert "Made by Bram" in screen.html
    answer = screen.client.get(f"/cases/{replied.pk}/file.pdf")
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert trail(replied)[-2:] == ["file made", "file made"]
    last = AuditEvent.objects.filter(subject=f"case:{replied.pk}").latest("seq")
    assert (last.actor_name, last.facts) == ("Bram", {"form": "PDF", "names of others": False})


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_pdf_is_tagged_for_readers_and_archives_and_one_page_with_its_annex(
    replied: Case, desk: Desk, noon: datetime, lang: str
) -> None:
    began = time.process_time()
    made = pdf(replied, desk, noon, lang)
    took_s = time.process_time() - began
    whole = inside(made)
    assert b"/StructTreeRoot" in whole
    assert b"/Marked true" in whole
    assert re.search(rb"/Lang\s*\(" + lang.encode(), whole)
    assert b"pdfuaid" in whole and b"pdfaid" in whole
    assert n_pages(made) == 2  # one page, and the annex with what happened
    assert took_s < 5  # far above what it takes; a hang is what this finds


def test_hostile_words_are_shown_and_never_run(
    desk: Desk, noon: datetime, sit: Callable[[User], Paper]
) -> None:
    case = desk.hear(mention(1, HOSTILE, at=noon))[0]
    drafting(case, by=desk.officer, now=noon)
    case.refresh_from_db()
    made = pdf(case, desk, noon)
    assert made.startswith(b"%PDF-")
    assert b"root:" not in inside(made)
    html = sit(desk.officer).open(f"/cases/{case.pk}/file/").html
    assert "<script>alert(1)</script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_long_post_goes_on_in_an_annex(desk: Desk, noon: datetime) -> None:
    case = desk.hear(mention(1, "Brandweer bij de Loswal. " * 100, at=noon))[0]
    with translation.override("en"):
        made = paper(case_file(case, by=desk.officer, now=noon))
    assert made.parts[0].lines[0].text.endswith("[the rest is in the annex]")
    assert made.annexes[0].title == "The whole post"
    assert len(made.annexes[0].lines[0].text) == len("Brandweer bij de Loswal. " * 100) - 1


def test_a_chain_that_does_not_hold_is_said_on_the_paper(replied: Case, desk: Desk, noon: datetime) -> None:
    with open_trail():
        AuditEvent.objects.filter(subject=f"case:{replied.pk}", seq=2).update(actor_name="Niemand")
    with translation.override("en"):
        made = paper(case_file(replied, by=desk.officer, now=noon))
    said = [line.text for part in made.parts for line in part.lines if line.label == "Verified"]
    assert said == ["The chain of this case does NOT hold: 2 was changed after it was written"]


def test_the_link_stands_on_the_page_of_the_case(
    replied: Case, desk: Desk, sit: Callable[[User], Paper]
) -> None:
    screen = sit(desk.officer).open(f"/cases/{replied.pk}/")
    assert ("a", f"/cases/{replied.pk}/file/") in [(tag, has.get("href")) for tag, has in screen.tags()]


def test_nobody_takes_a_file_without_signing_in(replied: Case) -> None:
    assert Client().get(f"/cases/{replied.pk}/file.pdf").status_code == 302
    assert "file made" not in trail(replied)
