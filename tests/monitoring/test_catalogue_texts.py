"""Row 14 of the failure catalogue: texts that break programs, through connector, store and queries."""

import json
import unicodedata
from datetime import datetime
from html import escape
from typing import Any

import pytest

from monitoring.connectors.plain import clean
from monitoring.models import Author, Post, Query, RejectedMention
from monitoring.queries.documents import Document
from monitoring.queries.language import BadQuery, parse
from monitoring.queries.matching import matches
from monitoring.search import posts_with
from tests.monitoring.networks import PAYLOADS
from tests.monitoring.polls import quiet
from tests.monitoring.stage import Stage

NAUGHTY: list[str] = json.loads((PAYLOADS / "naughty" / "strings.json").read_text("utf-8"))
AT_LEAST = 515


def letters(text: str) -> str:
    """The text without its spaces, as any database keeps it."""
    return "".join(clean(text).split())


def read_all(stage: Stage, *, now: datetime) -> None:
    """Poll until the server has no more."""
    for _ in range(5):
        stage.poll(now=now, on_page=quiet)
        if stage.now.health != "behind":
            break
    assert (stage.now.health, stage.now.error) == ("working", "")


@pytest.mark.django_db
def test_every_naughty_string_comes_through_connector_and_store_as_it_was(
    stage: Stage, noon: datetime
) -> None:
    assert len(set(NAUGHTY)) >= AT_LEAST
    for text in NAUGHTY:
        stage.write(1, at=noon, text=f"<p>#loswal {escape(text)} #loswal</p>")
    read_all(stage, now=noon)
    assert not RejectedMention.objects.exists()
    stored = dict(Post.objects.values_list("canonical_id", "text"))
    assert len(stored) == len(NAUGHTY)
    for text, post in zip(NAUGHTY, stage.posts, strict=True):
        assert letters(stored[post["uri"]]) == letters(f"#loswal {text} #loswal")


@pytest.mark.django_db
def test_naughty_strings_in_every_other_field_cost_no_post(stage: Stage, noon: datetime) -> None:
    """As HTML, names, addresses, languages, warnings, tags, ids of parents: whatever a server lets by."""
    for text in NAUGHTY:
        post = stage.write(1, at=noon, text=f"#loswal {text}")
        post["account"] |= {"display_name": text, "acct": text or "x", "note": text, "fields": [text]}
        post |= dict.fromkeys(("spoiler_text", "language", "url", "edited_at", "in_reply_to_id"), text)
        post |= {"tags": [{"name": text}], "quote": {"quoted_status": None, "state": text}, text: text}
    read_all(stage, now=noon)
    assert Post.objects.count() + RejectedMention.objects.count() == len(NAUGHTY)
    assert not RejectedMention.objects.exists()


def test_every_naughty_string_is_a_query_or_refused_and_finds_without_breaking() -> None:
    readable = []
    for text in NAUGHTY:
        try:
            readable.append(parse(text))
        except BadQuery as error:
            assert str(error)
    assert len(readable) > AT_LEAST // 3
    documents = [Document(text) for text in NAUGHTY]
    hits = [sum(matches(query, document) for document in documents) for query in readable]
    assert sum(hits) > 0


@pytest.mark.django_db
def test_the_search_of_the_database_takes_every_naughty_string(stage: Stage, noon: datetime) -> None:
    stage.write(1, at=noon)
    stage.poll(now=noon, on_page=quiet)
    for text in NAUGHTY:
        list(posts_with(clean(text))[:1])
    assert posts_with("loswal").count() == 1


ODD: dict[str, tuple[str, str]] = {
    "NUL": ("a\x00b", "ab"),
    "controls": ("a\x07b\x1b[31m", "ab[31m"),
    "lone surrogates": ("a\ud800b\udfff", "ab"),
    "noncharacters": ("a\uffffb\ufffe", "ab"),
    "emoji": ("🔥👩🏽‍🚒🇳🇱", "🔥👩🏽‍🚒🇳🇱"),
    "right to left": ("حريق \u202eresrever\u202c", "حريق \u202eresrever\u202c"),
    "composed": (unicodedata.normalize("NFC", "café"), unicodedata.normalize("NFC", "café")),
    "taken apart": (unicodedata.normalize("NFD", "café"), unicodedata.normalize("NFD", "café")),
    "HTML": ("<script>alert(1)</script><b>vet</b> &amp;lt;", "vet &lt;"),
    "combining without end": ("e" + "\u0301" * 5_000, "e" + "\u0301" * 5_000),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ODD)
def test_odd_characters_are_stored_as_far_as_a_database_takes_them(
    name: str, stage: Stage, noon: datetime
) -> None:
    sent, kept = ODD[name]
    post = stage.write(1, at=noon, text=f"#loswal {sent}")
    post["account"] |= {"display_name": sent[:50]}
    post["card"] = {sent[:50]: [sent]}
    stage.poll(now=noon)
    stored = Post.objects.get()
    assert stored.text == f"#loswal {kept}"
    assert "\x00" not in json.dumps(stored.raw, ensure_ascii=False)
    assert Author.objects.count() == 1
    stage.posts[0] |= {"content": f"{post['content']} {sent}", "edited_at": f"later {sent[:20]}"}
    stage.weather.answer = lambda path: None
    stage.poll(now=noon)
    assert stage.now.health == "working"


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["café", "cafe"])
def test_both_spellings_of_one_letter_are_found_by_either(query: str, stage: Stage, noon: datetime) -> None:
    Query.objects.filter(pk=stage.desk.query.pk).update(terms=f"#loswal {query}")
    for form in ("NFC", "NFD"):
        stage.write(1, at=noon, text=unicodedata.normalize(form, "#loswal café"))
    assert stage.poll(now=noon) == 2


HUGE: dict[str, Any] = {
    "text": "#loswal " + "brand " * 100_000,
    "tags": "<p>#loswal" + "<b>" * 50_000,
    "one word": "#loswal " + "x" * 500_000,
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", HUGE)
def test_a_huge_text_is_cut_and_holds_nothing_up(what: str, stage: Stage, noon: datetime) -> None:
    stage.write(1, at=noon, text=HUGE[what])
    stage.write(2, at=noon)
    assert stage.poll(now=noon) == 3
    assert max(map(len, Post.objects.values_list("text", flat=True))) <= 20_000
    assert posts_with("loswal").count() == 3
