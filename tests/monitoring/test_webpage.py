"""What a page says of itself: read within limits, from the public internet only."""

import time

import pytest

from monitoring.webpage import Described, describe
from tests.monitoring.hostile import response
from tests.monitoring.networks import Wire

URL = "https://forum.example/t/9"


def read(html: str | bytes, content_type: str = "text/html; charset=utf-8") -> Described | None:
    body = html.encode() if isinstance(html, str) else html
    return describe(URL, network=Wire(response(body, headers={"Content-Type": content_type})).network)


def test_title_and_description_are_read_from_what_a_page_gives_to_others() -> None:
    page = """<html><head><title>Forum — Rook in de loods | Dorpsplein</title>
      <meta name="description" content="Een forum.">
      <meta content="Rook in de loods" property="og:title">
      <META PROPERTY='og:description' CONTENT='Ik zie &amp; ruik rook.&#10;Wie nog meer?'></head>"""
    assert read(page) == Described("Rook in de loods", "Ik zie & ruik rook. Wie nog meer?")


def test_the_title_alone_will_do_and_other_letters_are_read() -> None:
    assert read("<title>Café</title>".encode("latin-1"), "text/html; charset=iso-8859-1") == Described(
        "Café", ""
    )
    assert read("<title>Café</title>", "text/html; charset=nonsense") == Described("Café", "")


@pytest.mark.parametrize(
    ("html", "content_type"),
    [
        ("<p>Niets</p>", "text/html"),
        ("<title>x</title>", "application/pdf"),
        ("<title></title>", "text/html"),
    ],
)
def test_a_page_that_says_nothing_gives_no_proposal(html: str, content_type: str) -> None:
    assert read(html, content_type) is None


def test_a_page_that_is_not_there_or_not_for_us_gives_no_proposal() -> None:
    missing = Wire(
        response(b"<title>404</title>", status="404 Not Found", headers={"Content-Type": "text/html"})
    )
    assert describe(URL, network=missing.network) is None
    assert describe("http://127.0.0.1/admin") is None
    assert describe("file:///etc/passwd") is None


@pytest.mark.parametrize("piece", ["<meta ", "<title ", "<meta a='", '<meta name="x" content="', "<title>"])
def test_a_hostile_page_costs_no_more_than_a_long_one(piece: str) -> None:
    started = time.perf_counter()
    read(piece * (1_000_000 // len(piece)))
    assert time.perf_counter() - started < 1.0
