"""The demo incident: its format, its storyline, and that nobody in it exists."""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitoring.connectors import incident
from monitoring.connectors.base import SourceConfig
from monitoring.queries.language import parse
from monitoring.queries.matching import Document, matches

Post = dict[str, Any]

START = datetime(2026, 11, 22, 15, 10, tzinfo=UTC)
SPEED = 60
DEMO_QUERY = (
    'veiligheidsregio, brandweer, loswal, vrmiddendelta, deltahaven, "safety region", "fire brigade", '
    "kadestraat, deltaweg, meldkamer, nl-alert, rookwolk"
)
FIELDS = {"id", "at_s", "platform", "handle", "name", "followers", "lang", "kind", "text", "shares", "likes"}
CATEGORIES = ["insult", "joke", "untruth", "dissatisfied"]  # in the order of the scheme
EXTENSIONS = {"danger", "question", "neutral", "not_relevant", "later"}
LANGUAGES = {"nl", "en", "de", "tr", "pl"}

# What an officer can be asked to judge: (q1, categories, extension, suggestion).
CLASSES = {
    "thanks": ("positive", [], None, False),
    "thanks with a suggestion": ("positive", [], None, True),
    "partly positive": ("mixed", ["dissatisfied"], None, False),
    "partly positive with a suggestion": ("mixed", ["dissatisfied"], None, True),
    "partly positive with an insult": ("mixed", ["insult"], None, False),
    "insult": ("negative", ["insult"], None, False),
    "rude but justified": ("negative", ["insult", "dissatisfied"], None, False),
    "joke": ("negative", ["joke"], None, False),
    "joke that insults": ("negative", ["insult", "joke"], None, False),
    "untruth": ("negative", ["untruth"], None, False),
    "untruth with a complaint": ("negative", ["untruth", "dissatisfied"], None, False),
    "untruth with an insult": ("negative", ["insult", "untruth"], None, False),
    "complaint": ("negative", ["dissatisfied"], None, False),
    "threat to staff": ("negative", ["insult"], "danger", False),
    "danger to life": ("none", [], "danger", False),
    "question": ("none", [], "question", False),
    "information": ("none", [], "neutral", False),
    "not about us": ("none", [], "not_relevant", False),
    "later": ("none", [], "later", False),
}

# Real places, bodies, brands and platforms that would turn fiction into a statement about somebody.
REAL = {
    *("amsterdam", "rotterdam", "utrecht", "breda", "dordrecht", "zwolle", "arnhem", "nijmegen", "moerdijk"),
    *("groningen", "vlissingen", "middelburg", "antwerpen", "zeeland", "brabant", "limburg", "gelderland"),
    *("nos", "rtl", "rivm", "ggd", "knmi", "anwb", "prorail", "rijkswaterstaat", "nvwa", "vdmmp", "schiphol"),
    *("telegraaf", "volkskrant", "nrc", "trouw", "geenstijl", "speld", "twitter", "tweet", "facebook"),
    *("instagram", "tiktok", "whatsapp", "youtube", "linkedin", "mastodon", "bluesky", "google"),
    *("marktplaats", "bol.com", "ikea", "hema", "jumbo", "lidl", "ajax", "feyenoord", "psv"),
    *("rutte", "wilders", "schoof", "willem-alexander"),
}


def _posts() -> list[Post]:
    lines = (incident.INCIDENTS / "loswal.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[1:]]


POSTS = _posts()
BY_ID: dict[str, Post] = {post["id"]: post for post in POSTS}
OWN = "vrmiddendelta"


def _run() -> incident.Run:
    settings = {"incident": "loswal", "speed": SPEED, "started_at": START.isoformat()}
    return incident.load(SourceConfig(id=1, name="demo", settings=settings))


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_](?:[\w.-]*\w)?", text.casefold()))


def _judgement(post: Post) -> tuple[Any, ...]:
    expect = post["expect"]
    return expect["q1"], expect["categories"], expect["extension"], expect["suggestion"]


def _is_copy(post: Post) -> bool:
    """Whether a post repeats the asbestos message in nearly the same words."""
    original = _words(BY_ID["asbestos-rumour"]["text"])
    return post["kind"] != "boost" and len(original & _words(post["text"])) >= 0.6 * len(original)


# Format


def test_the_header_says_what_is_played_and_for_how_long() -> None:
    first = (incident.INCIDENTS / "loswal.jsonl").read_text(encoding="utf-8").splitlines()[0]
    header = json.loads(first)
    assert header["incident"] == "loswal"
    assert header["title"].keys() == {"nl", "en"}
    assert header["duration_s"] == 14_400
    assert max(post["at_s"] for post in POSTS) <= header["duration_s"]


def test_the_replay_can_read_every_line() -> None:
    run = _run()
    assert run.rejected == ()
    assert len(run.events) == len(POSTS) >= 300


def test_a_line_has_the_fields_of_the_format() -> None:
    for post in POSTS:
        assert FIELDS <= post.keys() <= FIELDS | {"parent", "thread", "expect"}, post["id"]
        assert post["platform"] in {"x", "rss", "manual"}, post["id"]
        assert post["kind"] in {"post", "reply", "quote", "boost"}, post["id"]
        assert post["lang"] in LANGUAGES, post["id"]
        assert min(post["followers"], post["shares"], post["likes"]) >= 0, post["id"]
        assert re.fullmatch(r"[a-z0-9_]{3,15}", post["handle"]), post["id"]


def test_a_text_fits_its_platform() -> None:
    for post in POSTS:
        assert post["text"] == post["text"].strip() != "", post["id"]
        assert post["kind"] == "boost" or len(post["text"]) <= 280, post["id"]


def test_a_line_says_how_an_officer_would_judge_it() -> None:
    for post in POSTS:
        q1, categories, extension, suggestion = _judgement(post)
        assert q1 in {"positive", "negative", "mixed", "none"}, post["id"]
        assert categories == [c for c in CATEGORIES if c in categories], post["id"]
        assert bool(categories) is (q1 in {"negative", "mixed"}), post["id"]
        assert extension is None or extension in EXTENSIONS, post["id"]
        assert q1 != "none" or extension or post["kind"] == "boost", post["id"]
        assert not suggestion or q1 in {"positive", "mixed"}, post["id"]


def test_ids_are_unique_and_times_are_sorted() -> None:
    assert len(BY_ID) == len(POSTS)
    times = [post["at_s"] for post in POSTS]
    assert times == sorted(times)


def test_a_parent_exists_precedes_and_shares_its_thread() -> None:
    for post in POSTS:
        assert (post["kind"] == "post") is ("parent" not in post), post["id"]
        if "parent" in post:
            parent = BY_ID[post["parent"]]
            assert parent["at_s"] < post["at_s"], post["id"]
            assert post["thread"] == parent.get("thread", parent["id"]), post["id"]


def test_an_author_has_one_name_and_one_number_of_followers() -> None:
    authors = {(post["handle"], post["name"], post["followers"]) for post in POSTS}
    assert len(authors) == len({handle for handle, _, _ in authors})


# What a demo needs


def test_the_demo_query_finds_every_post() -> None:
    terms = parse(DEMO_QUERY)
    assert [post["id"] for post in POSTS if not matches(terms, Document(post["text"]))] == []


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", CLASSES)
def test_every_kind_of_judgement_occurs_in_both_languages(name: str, language: str) -> None:
    found = [p for p in POSTS if p["lang"] == language and _judgement(p) == CLASSES[name]]
    assert any(post["handle"] != OWN for post in found)


def test_the_posts_are_mostly_dutch_with_some_english_and_a_few_others() -> None:
    languages = Counter(post["lang"] for post in POSTS)
    assert 0.12 <= languages["en"] / len(POSTS) <= 0.18
    assert {"de", "tr", "pl"} <= languages.keys()


def test_there_are_conversations_boosts_quotes_repeats_and_phone_tips() -> None:
    kinds = Counter(post["kind"] for post in POSTS)
    assert kinds["reply"] >= 80
    assert kinds["boost"] >= 10
    assert kinds["quote"] >= 10
    assert sum(_is_copy(post) for post in POSTS) >= 30
    tips = [post for post in POSTS if post["platform"] == "manual"]
    assert 6 <= len(tips) <= 8
    assert all(post["text"].startswith("Telefonische tip: ") for post in tips)


def test_a_few_posts_match_and_are_not_about_us() -> None:
    noise = [p for p in POSTS if p["expect"]["extension"] == "not_relevant" and p["handle"] != OWN]
    assert len(noise) == 5


def test_a_calm_day_comes_before_the_fire() -> None:
    history = [post for post in POSTS if post["at_s"] < 0]
    assert 12 <= len(history) <= 20
    assert history[0]["at_s"] >= -86_400
    assert sum(post.get("thread") == "insult-watch" for post in history) in {1, 2}
    assert _judgement(BY_ID["insult-watch"]) == CLASSES["insult"]


def test_the_watched_insult_surges_within_25_seconds_of_the_demo() -> None:
    due = _run().due(START + timedelta(seconds=25))
    thread = [e for e in due if e.fields.get("thread") == "insult-watch" and e.at_s >= 420]
    assert len(thread) >= 25


def test_the_storyline_keeps_its_timetable() -> None:
    times = {
        name: BY_ID[name]["at_s"]
        for name in ("cry-for-help", "asbestos-rumour", "hospital-rumour", "under-control")
    }
    assert times == {
        "cry-for-help": pytest.approx(1000, abs=60),
        "asbestos-rumour": 1200,
        "hospital-rumour": 5400,
        "under-control": 7200,
    }
    assert min(post["at_s"] for post in POSTS if _is_copy(post)) == 1200


def test_most_is_said_while_the_rumour_spreads() -> None:
    peak = [post for post in POSTS if 1800 <= post["at_s"] < 4800]
    later = [post for post in POSTS if 4800 <= post["at_s"] < 7800]
    assert len(peak) > 2 * len(later)
    assert sum(_is_copy(post) for post in peak) >= 20


def test_thanks_come_after_the_fire() -> None:
    during = [post for post in POSTS if 0 <= post["at_s"] < 7200]
    after = [post for post in POSTS if post["at_s"] >= 7200]
    assert _share_positive(after) > 2 * _share_positive(during)


def _share_positive(posts: list[Post]) -> float:
    return [post["expect"]["q1"] for post in posts].count("positive") / len(posts)


def test_the_page_about_the_incident_names_posts_that_exist() -> None:
    page = (Path(__file__).parents[2] / "docs" / "demo-incident.md").read_text(encoding="utf-8")
    named = re.findall(r"`(p\d{3}|[a-z]+-[a-z]+(?:-[a-z]+)?)`", page)
    assert {"insult-watch", "under-control"} <= set(named) <= BY_ID.keys()
    assert f"{len(POSTS)} posts" in page


# Fiction


def test_only_people_of_the_incident_are_called_by_name() -> None:
    cast = {post["handle"] for post in POSTS}
    called = {handle for post in POSTS for handle in re.findall(r"@(\w+)", post["text"])}
    assert called <= cast


def test_nobody_and_nothing_in_a_text_is_real() -> None:
    for post in POSTS:
        assert not _words(f"{post['text']} {post['name']}") & REAL, post["id"]
        assert not re.search(r"https?:|www\.|\.nl\b|\.com\b|\d{6,}", post["text"]), post["id"]
