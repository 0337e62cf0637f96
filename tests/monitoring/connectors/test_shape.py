"""What is wrong with an entry is said in words, whatever the platform and whatever our code makes of it."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from monitoring.connectors.base import SourceConfig
from monitoring.connectors.bluesky import BlueskyConnector
from monitoring.connectors.errors import Unreadable
from monitoring.connectors.mastodon import MastodonConnector
from monitoring.connectors.meta import FacebookConnector, InstagramConnector
from monitoring.connectors.plain import clean_json
from monitoring.connectors.reddit import RedditConnector
from monitoring.connectors.rss import RssConnector
from monitoring.connectors.shape import WRONG_SHAPE, Fault, reason_of
from monitoring.connectors.x import XConnector
from monitoring.connectors.youtube import YoutubeConnector

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CODE = re.compile(r"Error\b|Exception|NoneType|isoformat|object has no|\bdict\b|[{}<>]|month must")
COMMENT = "Ug" + "a" * 24
WRITTEN = {
    "textOriginal": "brand",
    "publishedAt": "2026-03-02T11:00:00Z",
    "authorChannelId": {"value": "UC" + "b" * 22},
    "authorDisplayName": "Kade",
}
DID = "did:plc:bewoneraaaaaaaaaaaaaaaaa"
WRONG: tuple[Any, ...] = (
    None,
    [],
    {},
    {"a": 1},
    ["x"],
    7,
    True,
    "",
    "yesterday",
    "2026-13-01",
    "9" * 40,
    1e308,
)


def entry_in(edge: str, entry: Any) -> Any:
    return {"edge": edge, "entry": entry, "of": "1_2"}


# Of each platform one good entry, as the platform gives it, and the parts of it that must be there.
PLATFORMS: dict[str, tuple[Any, dict[str, Any], Any]] = {
    "mastodon": (
        MastodonConnector(),
        {"server": "https://social.example"},
        {
            "id": "1",
            "uri": "https://social.example/1",
            "created_at": "2026-03-02T11:00:00Z",
            "content": "brand",
            "account": {"acct": "kade", "url": "https://social.example/@kade"},
        },
    ),
    "x": (
        XConnector(),
        {},
        {"id": "29", "created_at": "2026-03-02T11:00:00.000Z", "text": "brand", "author_id": "7"},
    ),
    "bluesky": (
        BlueskyConnector(),
        {},
        {
            "uri": f"at://{DID}/app.bsky.feed.post/3n2w2jr000001",
            "cid": "bafy",
            "author": {"did": DID, "handle": "kade.test"},
            "indexedAt": "2026-03-02T11:00:00Z",
            "record": {"text": "brand", "createdAt": "2026-03-02T11:00:00Z"},
        },
    ),
    "facebook": (
        FacebookConnector(),
        {"page_id": "1"},
        entry_in("tagged", {"id": "2_3", "message": "brand", "created_time": "2026-03-02T11:00:00+0000"}),
    ),
    "instagram": (
        InstagramConnector(),
        {"ig_user_id": "1"},
        entry_in("tags", {"id": "3", "caption": "brand", "timestamp": "2026-03-02T11:00:00+0000"}),
    ),
    "reddit": (
        RedditConnector(),
        {"subreddits": ["loswal"]},
        entry_in(
            "r/loswal",
            {"data": {"name": "t3_a", "title": "brand", "created_utc": 1772449200, "selftext": ""}},
        ),
    ),
    "youtube": (
        YoutubeConnector(),
        {"channel_id": "UC" + "a" * 22},
        entry_in(
            "channel", {"id": COMMENT, "snippet": {"topLevelComment": {"id": COMMENT, "snippet": WRITTEN}}}
        ),
    ),
    "rss": (
        RssConnector(),
        {"url": "https://news.example/feed"},
        {
            "feed": {"url": "https://news.example/feed"},
            "entry": {"title_detail": {"value": "brand"}, "link": "https://news.example/1"},
        },
    ),
}


def spoilt(entry: Any) -> list[Any]:
    """The entry with each of its parts, at any depth, in turn taken out or made into something else."""
    if not isinstance(entry, dict):
        return []
    found: list[Any] = []
    for name, part in entry.items():
        found.append({k: v for k, v in entry.items() if k != name})
        found += [entry | {name: wrong} for wrong in WRONG]
        found += [entry | {name: inner} for inner in spoilt(part)]
    return found


@pytest.mark.parametrize("name", PLATFORMS)
def test_no_reason_shows_code_whatever_part_of_an_entry_is_wrong(name: str) -> None:
    connector, settings, good = PLATFORMS[name]
    source = SourceConfig(id=1, name=name, settings=settings, secrets={}, terms=())
    assert connector.normalise(source, json.dumps(good), now=NOW).text == "brand"
    told = set()
    for entry in [*spoilt(good), *WRONG, {"entry": None}, {"edge": "tags", "entry": 5}]:
        try:
            text = connector.normalise(source, json.dumps(entry), now=NOW).text
            assert not CODE.search(text) and text not in ("[]", "['x']", "True", "7"), entry
        except Unreadable as unreadable:
            told.add(unreadable.reason)
    for raw in ("", "{", "[" * 100_000, "\x00"):
        with pytest.raises(Unreadable) as unreadable:
            connector.normalise(source, raw, now=NOW)
        told.add(unreadable.value.reason)
    assert len(told) > 2
    assert [reason for reason in told if CODE.search(reason)] == []


@pytest.mark.parametrize("kind", WRONG_SHAPE)
def test_every_kind_of_mistake_has_words(kind: type[Exception]) -> None:
    words = reason_of(kind("a 'NoneType' object"))
    assert words and not CODE.search(words)
    assert reason_of(kind()) and not CODE.search(reason_of(kind()))


def test_a_fault_says_itself_and_holds_nothing_that_no_database_takes() -> None:
    assert reason_of(Fault("it has no\x00 author")) == "it has no author"
    assert reason_of(KeyError("created_at")) == 'it has no "created_at"'
    assert reason_of(KeyError("x" * 999)) == reason_of(KeyError()) == "a part of it is missing"


def test_what_is_nested_deeper_than_any_post_is_left_out() -> None:
    deep: Any = "end"
    for _ in range(5_000):
        deep = {"in": [deep]}
    kept = json.dumps(clean_json({"id": "1", "deep": deep, "text": "brand"}))
    assert '"text": "brand"' in kept and "end" not in kept
