"""Manual capture: one page is one mention, however its address was copied."""

from datetime import UTC, datetime, timedelta

import pytest

from monitoring.connectors.base import No, SourceConfig
from monitoring.connectors.manual import Capture, ManualConnector, NothingCaptured, Via, normalise
from monitoring.connectors.plain import BadUrl

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SOURCE = SourceConfig(id=1, name="Gemeld", settings={})


def captured(**fields):
    return normalise(Capture(**({"key": "0192-uuid", "via": Via.URL} | fields)), now=NOW)


@pytest.mark.parametrize(
    "url",
    [
        "https://forum.example/t/12",
        " HTTPS://Forum.Example/t/12 ",
        "https://forum.example:443/t/12/",
        "https://forum.example./t/12#reply-3",
        "https://forum.example/t/12?utm_source=app&fbclid=x",
        "https://jan:geheim@forum.example/t/12",
    ],
)
def test_one_page_is_one_mention_however_its_address_was_copied(url):
    mention = captured(url=url, text="Wat een rook")
    assert mention.canonical_id == mention.url == "https://forum.example/t/12"
    assert (mention.platform, mention.text) == ("manual", "Wat een rook")


@pytest.mark.parametrize(
    ("url", "normalised"),
    [
        ("https://forum.example/t?id=12&page=2", "https://forum.example/t?id=12&page=2"),
        ("http://forum.example:8080/", "http://forum.example:8080/"),
        ("http://forum.example", "http://forum.example/"),
        ("https://café.example/a", "https://xn--caf-dma.example/a"),
        ("https://[2606:4700::1]/a", "https://[2606:4700::1]/a"),
    ],
)
def test_what_makes_another_page_is_kept(url, normalised):
    assert captured(url=url).url == normalised


def test_a_telephone_tip_is_known_by_the_key_of_its_form():
    tip = captured(via=Via.PHONE, text="Meneer belt: \x00gaslucht in de straat", author="Bewoner")
    assert tip.canonical_id == "0192-uuid"
    assert (tip.text, tip.url, tip.author.handle) == ("Meneer belt: gaslucht in de straat", "", "Bewoner")
    assert tip.raw["via"] == "phone"


def test_an_address_alone_is_enough_and_nothing_is_not():
    assert captured(url="https://forum.example/t/12").text == "https://forum.example/t/12"
    with pytest.raises(NothingCaptured, match="Give the text"):
        captured(text=" \n ", url=" ")


@pytest.mark.parametrize(
    "url", ["forum", "ftp://a.example/", "javascript:alert(1)", "http://", "https://[x", "http://a:b/"]
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(BadUrl, match="is not a web address"):
        captured(url=url)


def test_a_long_address_keeps_a_short_identity():
    mention = captured(url=f"https://forum.example/{'x' * 3000}", text="lang")
    assert mention.canonical_id.startswith("sha256:")
    assert mention.url == ""


@pytest.mark.parametrize(
    ("said", "counts"),
    [(None, NOW), (NOW + timedelta(days=1), NOW), (NOW - timedelta(days=1), NOW - timedelta(days=1))],
)
def test_a_capture_counts_at_the_time_given_but_not_in_the_future(said, counts):
    assert captured(text="x", posted_at=said).posted_at == counts


def test_the_answer_is_given_where_the_post_stands():
    mention = captured(url="https://forum.example/t/12")
    answer = ManualConnector().can_reply(SOURCE, mention)
    assert isinstance(answer, No)
    assert answer.intent_url == "https://forum.example/t/12"
