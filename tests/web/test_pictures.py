"""Environment pictures on the pages and on paper: one key, one A4 with an annex, readable by everybody."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import typst
from django.utils import translation

from cases.models import Claim, Picture, Situation, User
from cases.rules.permissions import Role
from cases.services import mailing
from cases.sheet.bars import bars
from cases.sheet.pdf import TEMPLATE, pdf_of, spelled
from cases.sheet.shapes import Row, Sheet
from cases.sheet.words import sheet
from tests.cases.pictures import fire, made, signed
from tests.web.paper import Paper
from tests.web.test_casefile import HOSTILE, inside, n_pages
from tests.world import Desk, person


@pytest.fixture
def situation(desk: Desk, noon: datetime) -> Situation:
    return fire(desk, now=noon)


def annex_page(shown: Sheet) -> int:
    """The page on which the annex begins."""
    given = spelled(json.dumps(asdict(shown) | {"bars": bars(shown.chart)}, ensure_ascii=False))
    found = typst.query(TEMPLATE.read_bytes(), "<annex>", field="value", sys_inputs={"words": given})
    return int(json.loads(found)[0])


def longest(shown: Sheet) -> Sheet:
    """As much as a picture can hold: every part full, every text at its limit, words without a space."""
    row = Row(
        "Wat mensen zeggen over de brand bij de Loswal " * 5,
        "bijzonderheden · " * 6,
        "“zo staat het er”" * 14,
    )
    word = Row("w" * 220, "", "v" * 220)
    full = {
        name: replace(part, rows=[row, word] * 20, more=[f"nog {n} in de bijlage" for n in range(41)])
        for name in (
            "facts",
            "rumours",
            "emotions",
            "topics",
            "answered",
            "alarms",
            "duties",
            "sources",
            "changes",
        )
        for part in [getattr(shown, name)]
    }
    return replace(
        shown,
        title=f"Omgevingsbeeld 12: {'Brand ' * 20}",
        coverage="Gezien: X. Niet gezien: Facebook en Instagram. " * 12,
        advice=[replace(each, text="Vertel mensen wat ze moeten doen. " * 118) for each in shown.advice],
        **full,
    )


def test_one_press_makes_a_draft_and_the_next_signs_it(
    situation: Situation, desk: Desk, sit: Callable[[User], Paper]
) -> None:
    client = sit(desk.officer).client
    answer = client.post(f"/situations/{situation.pk}/pictures/make/")
    assert answer["Location"] == f"/situations/{situation.pk}/pictures/1/"
    draft = client.get(answer["Location"]).content.decode()
    assert "nobody has signed it" in draft and 'name="then" value="sign"' in draft
    sent = {"information": "Sluit ramen.", "meaning": "", "damage": "", "revision": 1, "then": "sign"}
    client.post(f"/situations/{situation.pk}/pictures/1/advice/", sent)
    picture = Picture.objects.get()
    assert (picture.signed_by, picture.information) == (desk.officer, "Sluit ramen.")
    after = client.get(answer["Location"]).content.decode()
    assert "Signed by Sanne" in after and 'value="sign"' not in after


def test_names_ask_for_a_reason(situation: Situation, desk: Desk, sit: Callable[[User], Paper]) -> None:
    client = sit(desk.officer).client
    client.post(f"/situations/{situation.pk}/pictures/make/", {"with_names": "1"})
    assert not Picture.objects.exists()
    client.post(
        f"/situations/{situation.pk}/pictures/make/", {"with_names": "1", "reason": "getuige gezocht"}
    )
    assert Picture.objects.get().content["names"] == {"shown": True, "reason": "getuige gezocht"}


def test_a_stale_page_signs_nothing(
    situation: Situation, desk: Desk, noon: datetime, sit: Callable[[User], Paper]
) -> None:
    made(situation, desk, now=noon)
    client = sit(desk.officer).client
    place, sent = f"/situations/{situation.pk}/pictures/1/advice/", {"information": "a", "revision": 1}
    client.post(place, sent)
    assert client.post(place, sent | {"information": "b", "then": "sign"}).status_code == 409
    assert Picture.objects.get().signed_at is None


def test_the_board_reads_a_picture_and_cannot_make_one(
    situation: Situation, desk: Desk, noon: datetime, sit: Callable[[User], Paper]
) -> None:
    signed(situation, desk, now=noon)
    mayor = sit(person("ahmed", Role.BOARD))
    page = mayor.client.get(f"/situations/{situation.pk}/pictures/1/")
    assert page.status_code == 200 and "Blijf uit de rook" in page.content.decode()
    assert 'href="/cases/' not in page.content.decode().split('<main id="content"')[1].split("</main>")[0]
    assert mayor.client.post(f"/situations/{situation.pk}/pictures/make/").status_code == 403


def test_the_list_says_who_signed_how_often_and_who_gets_it(
    situation: Situation, desk: Desk, noon: datetime, sit: Callable[[User], Paper]
) -> None:
    signed(situation, desk, now=noon)
    made(situation, desk, now=noon + timedelta(minutes=1))
    client = sit(desk.officer).client
    at = f"/situations/{situation.pk}/pictures/"
    client.post(f"{at}schedule/", {"minutes": "30"})
    client.post(f"{at}readers/", {"email": "raad@stad.example", "name": "De raad"})
    html = client.get(at).content.decode()
    assert "Bram, 13:00" in html and "draft" in html and "raad@stad.example" in html
    assert "The next draft is made at 13:30" in html
    client.post(f"{at}readers/remove/", {"email": "raad@stad.example"})
    client.post(f"{at}schedule/", {"minutes": ""})
    situation.refresh_from_db()
    assert (situation.readers.count(), situation.picture_every_s) == (0, None)


def test_the_page_says_how_the_mails_went(
    situation: Situation, desk: Desk, noon: datetime, sit: Callable[[User], Paper]
) -> None:
    mailing.add_reader(situation, mailing.Address("a@b.example", "Raad"), by=desk.lead, now=noon)
    signed(situation, desk, now=noon)
    screen = sit(desk.officer).client
    at = f"/situations/{situation.pk}/pictures/1/"
    assert "waits to leave" in screen.get(at).content.decode()
    for mail_id in mailing.due_mails(now=noon):
        mailing.deliver(mail_id, now=noon)
    assert "left at 13:00" in screen.get(at).content.decode()


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_pdf_is_tagged_and_one_page_before_its_annex(
    situation: Situation, desk: Desk, noon: datetime, lang: str
) -> None:
    picture = signed(situation, desk, now=noon)
    with translation.override(lang):
        shown = sheet(picture)
        pdf = pdf_of(shown)
    whole = inside(pdf)
    assert b"/StructTreeRoot" in whole and b"/Marked true" in whole
    assert re.search(rb"/Lang\s*\(" + lang.encode(), whole)
    assert b"pdfuaid" in whole and b"pdfaid" in whole
    assert b"/Alt" in whole and b"/TH" in whole and b"/H1" in whole
    assert annex_page(shown) == 2 and n_pages(pdf) >= 2
    assert not re.search(rb"buurman_jan|huis\.example", whole)


def test_the_longest_picture_has_one_page_before_its_annex(
    situation: Situation, desk: Desk, noon: datetime
) -> None:
    shown = longest(sheet(signed(situation, desk, now=noon)))
    assert annex_page(shown) == 2
    assert b"pdfuaid" in inside(pdf_of(shown))


def test_hostile_words_are_only_words_in_the_pdf_and_on_the_page(
    situation: Situation, desk: Desk, noon: datetime, sit: Callable[[User], Paper]
) -> None:
    Claim.objects.update(statement=HOSTILE)
    Situation.objects.filter(pk=situation.pk).update(name=HOSTILE[:120])
    situation.refresh_from_db()
    picture = made(situation, desk, now=noon)
    assert annex_page(sheet(picture)) == 2
    assert pdf_of(sheet(picture))[:5] == b"%PDF-"
    html = sit(desk.officer).client.get(f"/situations/{situation.pk}/pictures/1/").content.decode()
    assert "<script>alert" not in html and "49" not in html.split('<main id="content"')[1][:2000]


def test_a_picture_is_text_and_json_too(
    situation: Situation, desk: Desk, noon: datetime, sit: Callable[[User], Paper]
) -> None:
    picture = signed(situation, desk, now=noon)
    client = sit(desk.officer).client
    at = f"/situations/{situation.pk}/pictures/1/picture"
    text: Any = client.get(f"{at}.txt")
    assert "Signed by Bram" in text.content.decode()
    stored = client.get(f"{at}.json").json()
    assert (stored["digest"], stored["content"]) == (picture.digest, picture.content)
    pdf = client.get(f"{at}.pdf")
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
