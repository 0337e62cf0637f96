"""X: what it gives, how it refuses, and that nothing is lost between two polls."""

import json
import logging
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from functools import cache
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring.connectors.base import (
    AuthorRef,
    Budget,
    Gone,
    Kind,
    Live,
    No,
    Published,
    Quota,
    Reply,
    SourceConfig,
    Unknown,
    Yes,
)
from monitoring.connectors.errors import (
    CredentialRefused,
    NothingToRead,
    PublishFailed,
    PublishUnknown,
    RateLimited,
    Refused,
    Unavailable,
    Unreadable,
)
from monitoring.connectors.x import XConnector
from monitoring.connectors.x.posts import first_id_at, mentions_in, time_of
from monitoring.connectors.x.searching import search_query
from monitoring.connectors.x.text import weighted_length
from tests.monitoring.connectors.fake_x import FakeX, answer, posts
from tests.monitoring.networks import PAYLOADS, shared_data

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TOP = first_id_at(NOW)
KEYS = {
    "bearer_token": "reading",
    "consumer_key": "ck",
    "consumer_secret": "cs",
    "access_token": "4242-at",
    "access_token_secret": "as",
}
REPLY = Reply(
    parent_id=str(TOP - 9), text="Dank voor de melding, zie https://vr.example/brand", visibility="public"
)
RECORDED = {
    call["name"]: call
    for call in map(json.loads, (PAYLOADS / "x" / "recorded.jsonl").read_text("utf-8").splitlines())
}


def source(*terms, settings=None, secrets=None):
    keys = {"bearer_token": "reading"} if secrets is None else secrets
    return SourceConfig(id=9, name="X", settings=settings or {}, terms=terms, secrets=keys)


SEARCH = source("brand")


def pages(platform, cursor=None, config=SEARCH, budget=None, now=NOW):
    return list(XConnector(platform).poll(config, cursor or {}, budget or Budget(), now=now))


def ids(found):
    return [int(mention.canonical_id) for page in found for mention in page.mentions]


def one(**fields):
    """The mention for one post with these fields."""
    users = fields.pop("users", [])
    body = posts(TOP - 1, **fields) | {"includes": {"users": users}}
    [page] = pages(FakeX([body]))
    [mention] = page.mentions
    return mention


def recorded(name):
    call = RECORDED[name]
    return answer(
        call["body"], call["status"], **{k.replace("-", "_"): v for k, v in call["headers"].items()}
    )


# ── recorded traffic ─────────────────────────────────────────────────────────


def test_recorded_search_and_mentions_are_read_by_the_real_tweepy():
    when = datetime(2022, 10, 7, 22, 43, 19, tzinfo=UTC)
    config = source("haven", settings={"user_id": "5000012"})
    platform = FakeX([recorded("search")], [recorded("mentions")])
    found = pages(platform, config=config, budget=Budget(max_pages=2), now=when)
    assert [asked["path"] for asked in platform.asked] == [
        "/2/tweets/search/recent",
        "/2/users/5000012/mentions",
    ]
    assert [len(page.mentions) for page in found] == [10, 10]
    assert not any(page.rejected for page in found)
    assert {mention.canonical_id for mention in found[0].mentions} == {
        post["id"] for post in json.loads(RECORDED["search"]["body"])["data"]
    }
    assert all(timedelta(0) < when - mention.posted_at < timedelta(days=1) for mention in found[0].mentions)


def test_recorded_reposts_are_boosts():
    mentions, rejected = mentions_in({"includes": {}, "errors": []} | json.loads(RECORDED["quotes"]["body"]))
    assert rejected == ()
    assert {m.kind for m in mentions if m.text.startswith("RT @")} == {Kind.BOOST}


def test_a_recorded_look_up_finds_its_posts():
    asked = [post["id"] for post in json.loads(RECORDED["look_up"]["body"])["data"]]
    found = XConnector(FakeX(other=lambda request: recorded("look_up"))).refresh(SEARCH, asked, now=NOW)
    assert all(isinstance(found[post_id], Live) for post_id in asked)


def test_a_recorded_post_is_published():
    connector = XConnector(FakeX(other=lambda request: recorded("create")))
    sent = connector.publish(source(secrets=KEYS), REPLY, key="k")
    url = "https://x.com/i/status/1456012973834247842"
    assert sent == Published(url, "1456012973834247842", Decimal("0.20"))


# ── one post ─────────────────────────────────────────────────────────────────


def test_a_post_becomes_a_mention():
    mention = one(
        author_id="7",
        lang="nl",
        conversation_id=str(TOP - 1),
        created_at="2026-11-22T11:59:59.999Z",
        public_metrics={
            "retweet_count": 2,
            "quote_count": 1,
            "reply_count": 4,
            "like_count": 8,
            "impression_count": 99,
        },
        users=[
            {"id": "7", "username": "kadebewoner", "name": "Kade", "public_metrics": {"followers_count": 12}}
        ],
    )
    assert mention.canonical_id == str(TOP - 1)
    assert mention.url == f"https://x.com/kadebewoner/status/{TOP - 1}"
    assert (mention.author.external_id, mention.author.handle, mention.author.followers) == (
        "7",
        "kadebewoner",
        12,
    )
    assert mention.posted_at == NOW - timedelta(milliseconds=1)
    assert (mention.language, mention.thread_id, mention.version, mention.kind) == ("nl", "", "", Kind.POST)
    reactions = mention.reactions
    assert (reactions.shares, reactions.replies, reactions.likes, reactions.views) == (3, 4, 8, 99)


@pytest.mark.parametrize("history", ["edit_history_tweet_ids", "edit_history_post_ids"])
def test_an_edit_keeps_the_identity_of_the_first_id(history):
    first, second = str(TOP - 500), str(TOP - 1)
    mention = one(**{"edit_history_tweet_ids": None, history: [first, second]})
    assert (mention.canonical_id, mention.version) == (first, second)
    assert mention.posted_at == time_of(int(first))


@pytest.mark.parametrize("references", ["referenced_tweets", "referenced_posts"])
@pytest.mark.parametrize(
    ("types", "kind", "parent"),
    [
        (["replied_to"], Kind.REPLY, "101"),
        (["quoted"], Kind.QUOTE, "101"),
        (["retweeted"], Kind.BOOST, "101"),
        (["quoted", "replied_to"], Kind.REPLY, "102"),
        ([], Kind.POST, ""),
    ],
)
def test_replies_quotes_and_boosts_know_their_parent(references, types, kind, parent):
    listed = [{"type": name, "id": str(101 + n)} for n, name in enumerate(types)]
    mention = one(**{references: listed, "conversation_id": "100"})
    assert (mention.kind, mention.parent_id, mention.thread_id) == (kind, parent, "100")


@pytest.mark.parametrize("long", ["note_tweet", "note_post"])
def test_the_whole_text_is_taken_with_its_addresses(long):
    urls = [{"url": "https://t.co/x", "expanded_url": "https://vr.example/brand"}]
    mention = one(
        **{
            "text": "kort…",
            long: {"text": "lang &amp; 5 &lt; 6\0 https://t.co/x", "entities": {"urls": urls}},
        }
    )
    assert mention.text == "lang & 5 < 6 https://vr.example/brand"


@pytest.mark.parametrize(
    "stated", ["2010-06-01T10:00:00.000Z", "2010-06-01T10:00:00Z", "2010-06-01T12:00:00+02:00"]
)
def test_the_oldest_ids_hold_no_time_and_the_stated_one_counts(stated):
    [page] = pages(FakeX([posts(15_000_000_000, created_at=stated)]))
    assert page.mentions[0].posted_at == datetime(2010, 6, 1, 10, tzinfo=UTC)


def test_what_cannot_be_read_is_set_apart_and_the_page_goes_on():
    body = posts(TOP - 2, TOP - 1)
    body["data"] += [{"id": "no number", "text": "x"}, {"id": "5"}, "a text", None, {"text": "no id"}]
    body["errors"] = [{"title": "Not Found Error", "detail": "Could not find tweet 1", "resource_id": "1"}]
    [page] = pages(FakeX([body]))
    assert sorted(ids([page])) == [TOP - 2, TOP - 1]
    assert len(page.rejected) == 6
    assert page.rejected[0].reason == "Could not find tweet 1"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "id text author_id edit_history_tweet_ids referenced_posts type created_at "
                "public_metrics note_post entities urls url expanded_url users username "
                "conversation_id like_count lang".split()
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(st.lists(json_values, max_size=3), json_values, st.lists(json_values, max_size=2))
def test_no_shape_of_a_post_breaks_a_page(data, users, errors):
    mentions_in({"data": data, "includes": {"users": users}, "errors": errors, "meta": {}})


# ── polling ──────────────────────────────────────────────────────────────────


def test_the_mark_moves_only_after_the_last_page():
    platform = FakeX([posts(TOP - 2, TOP - 1), posts(TOP - 4, TOP - 3), posts(TOP - 5)])
    found = pages(platform)
    assert [page.last for page in found] == [False, False, True]
    assert [page.cursor["search"].get("since_id") for page in found] == ["", "", str(TOP - 1)]
    assert found[0].cursor["search"]["token"] == "1"
    overlap = 60_000 << 22
    pages(platform, found[-1].cursor)
    assert platform.asked[3]["since_id"] == str(TOP - 1 - overlap)


def test_a_run_that_was_interrupted_goes_on_and_then_sets_its_mark():
    platform = FakeX([posts(TOP - 1), posts(TOP - 2), posts(TOP - 3)])
    first = pages(platform, {"search": {"since_id": str(TOP - 9999)}}, budget=Budget(max_pages=1))
    assert not first[-1].last
    rest = pages(platform, first[-1].cursor)
    assert ids(first + rest) == [TOP - 1, TOP - 2, TOP - 3]
    assert rest[-1].cursor["search"] == {"since_id": str(TOP - 1)}
    assert len({asked["since_id"] for asked in platform.asked}) == 1  # one question to its end


def test_a_resume_token_that_has_expired_starts_the_run_again():
    expired = answer(
        {"errors": [{"message": "Invalid 'next_token':[b26v]"}], "title": "Invalid Request"}, 400
    )
    platform = FakeX([posts(TOP - 1), expired])
    found = pages(platform, {"search": {"token": "1", "newest": str(TOP - 1)}}, budget=Budget(max_pages=1))
    assert ids(found) == [TOP - 1]


def test_a_repeated_token_stops_the_reading_and_leaves_the_mark():
    endless = posts(TOP - 1)
    endless["meta"]["next_token"] = "1"
    reading = XConnector(FakeX([posts(TOP - 2), endless])).poll(
        SEARCH, {"search": {"since_id": str(TOP - 9999)}}, Budget(), now=NOW
    )
    found = [next(reading), next(reading)]
    assert not found[-1].last
    assert found[-1].cursor["search"] == {"since_id": str(TOP - 9999)}
    with pytest.raises(Unavailable, match="same page token twice"):
        next(reading)


def test_empty_pages_with_a_token_end_after_a_few():
    empty = {"meta": {"result_count": 0}}
    [page] = pages(FakeX([empty] * 9))
    assert (page.units, page.last, page.cursor["search"]["token"]) == (3, False, "3")


def test_a_post_from_the_future_counts_at_arrival_and_is_no_mark():
    ahead = first_id_at(NOW + timedelta(days=400))
    [page] = pages(FakeX([posts(TOP - 1, ahead)]))
    assert page.cursor["search"] == {"since_id": str(TOP - 1)}
    assert {mention.posted_at for mention in page.mentions} == {NOW, time_of(TOP - 1)}


def test_a_week_offline_reads_what_is_left_and_reports_the_gap():
    long_ago = first_id_at(NOW - timedelta(days=9))
    platform = FakeX([posts(TOP - 1)])
    [page] = pages(platform, {"search": {"since_id": str(long_ago)}})
    assert time_of(int(platform.asked[0]["since_id"])) > NOW - timedelta(days=7)
    [gap] = page.gaps
    assert (page.rejected, gap.reason) == ((), "X gives posts of the last 7 days only")
    assert gap.from_at == NOW - timedelta(days=9)
    assert timedelta(0) < gap.until_at - (NOW - timedelta(days=7)) < timedelta(minutes=5)
    assert page.cursor["search"] == {"since_id": str(TOP - 1)}


def test_search_and_mentions_each_have_their_own_mark():
    config = source("brand", settings={"user_id": "4242"})
    platform = FakeX([posts(TOP - 1)], [posts(TOP - 7)])
    found = pages(platform, config=config)
    assert [page.last for page in found] == [False, True]
    assert found[-1].cursor["mentions"] == {"since_id": str(TOP - 7)}
    assert found[-1].cursor["search"] == {"since_id": str(TOP - 1)}


def test_new_names_are_used_when_the_old_are_not_known_and_remembered():
    def named(request):
        old = "tweet.fields" in request.url
        told = {"errors": [{"message": "The query parameter [tweet.fields] is not known"}]}
        return answer(told, 400) if old else answer(posts(TOP - 1))

    platform = FakeX(other=named)
    platform.lists = {}
    [page] = pages(platform)
    assert page.cursor["new_names"] is True
    asked = platform.asked[1]
    assert "note_post" in asked["post.fields"]
    assert asked["expansions"] == "author_id,referenced_posts,edit_history_post_ids"
    pages(platform, page.cursor)
    assert len(platform.asked) == 3


@pytest.mark.parametrize(("version", "new_names"), [("166", False), ("167", True)])
def test_questions_use_only_names_that_the_description_of_x_has(version, new_names):
    description = description_of(version)
    platform = FakeX([posts(TOP - 1)], [posts(TOP - 2)], other=lambda request: posts(TOP - 1))
    config = source("brand", settings={"user_id": "4242", "handle": "vr_loswal"}, secrets=KEYS)
    mark = {"since_id": str(TOP - 9)}
    pages(platform, {"new_names": new_names, "search": mark, "mentions": mark}, config=config)
    if not new_names:  # these two do not know yet which names X takes, and find out by asking
        XConnector(platform).refresh(config, [str(TOP - 1)], now=NOW)
        XConnector(platform).find_reply(config, "k", REPLY)
        XConnector(platform).thread(config, one(), now=NOW)
        XConnector(platform).resolve(config, f"https://x.com/i/status/{TOP - 1}", now=NOW)
    for asked in platform.asked:
        known = described(description, asked.pop("path").replace("4242", "{id}"))
        assert set(asked) <= set(known)
        for name, value in asked.items():
            assert set(value.split(",")) <= set(known[name] or value.split(",")), name


@pytest.mark.parametrize(("version", "name"), [("166", "TweetCreateRequest"), ("167", "CreatePostsRequest")])
def test_a_reply_has_only_fields_that_the_description_of_x_has(version, name):
    schemas = description_of(version)["components"]["schemas"]
    platform = FakeX(other=lambda request: answer({"data": {"id": "77"}}, 201))
    XConnector(platform).publish(source(secrets=KEYS), REPLY, key="k")
    body = json.loads(platform.requests[0].body)
    known = schemas[name]["properties"]
    reply = known["reply"] if "properties" in known["reply"] else schemas["CreatePostsReply"]
    assert set(body) <= set(known)
    assert set(body["reply"]) <= set(reply["properties"])


def described(description, path):
    """The parameters of a call by name, each with the values it takes if they are listed."""
    found = {}
    for parameter in description["paths"][path]["get"]["parameters"]:
        name = parameter.get("$ref", "").rpartition("/")[2]
        parameter = description["components"]["parameters"][name] if name else parameter
        found[parameter["name"]] = parameter["schema"].get("items", {}).get("enum")
    return found


def test_keys_are_not_in_the_log_even_when_everything_is_logged(caplog):
    caplog.set_level(logging.DEBUG)
    config = source("brand", secrets={**KEYS, "bearer_token": "canary-7f3a", "consumer_key": "canary-2b"})
    platform = FakeX([posts(TOP - 1)], other=lambda request: answer({"data": {"id": "77"}}, 201))
    pages(platform, config=config)
    XConnector(platform).publish(config, REPLY, key="k")
    assert "canary" not in caplog.text


def test_every_request_has_a_time_limit():
    platform = FakeX([posts(TOP - 1)])
    pages(platform)
    assert platform.timeouts == [(5.0, 20.0)]


# ── posts as X describes them ────────────────────────────────────────────────


class Described:
    """Values drawn by the schemas of X's own description."""

    def __init__(self, schemas):
        self.schemas = schemas

    def value(self, schema, depth=0):
        if "$ref" in schema:
            return self.value(self.schemas[schema["$ref"].rpartition("/")[2]], depth)
        if "enum" in schema:
            return st.sampled_from(schema["enum"])
        if parts := schema.get("allOf"):
            return st.tuples(*(self.value(part, depth) for part in parts)).map(
                lambda drawn: {name: value for part in drawn for name, value in part.items()}
            )
        if choices := schema.get("oneOf") or schema.get("anyOf"):
            return st.one_of(*(self.value(choice, depth) for choice in choices))
        kind = schema.get("type", "object" if "properties" in schema else "string")
        kinds = {
            "string": self.text,
            "integer": lambda schema, depth: st.integers(),
            "number": lambda schema, depth: st.floats(),
            "boolean": lambda schema, depth: st.booleans(),
            "array": lambda schema, depth: st.lists(
                self.value(schema.get("items", {}), depth + 1), max_size=2
            ),
            "object": self.fields,
        }
        return kinds[kind](schema, depth)

    def text(self, schema, depth):
        if schema.get("format") == "date-time":
            return st.sampled_from(["2026-11-22T11:00:00.000Z", "2026-11-22T11:00:00Z"])
        pattern = schema.get("pattern", "")
        return st.from_regex(pattern, fullmatch=True) if pattern else st.text(max_size=20)

    def fields(self, schema, depth):
        if depth > 4:
            return st.just({})
        required = set(schema.get("required", ()))
        inner = {name: self.value(part, depth + 1) for name, part in schema.get("properties", {}).items()}
        return st.fixed_dictionaries(
            {name: values for name, values in inner.items() if name in required},
            optional={name: values for name, values in inner.items() if name not in required},
        )


@pytest.mark.parametrize(("version", "name"), [("166", "Tweet"), ("167", "Post")])
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_post_that_the_description_of_x_allows_can_be_read(version, name, data):
    """About two seconds: the schemas are large. Ids in other forms than numbers are no ids."""
    schemas = description_of(version)["components"]["schemas"]
    post = data.draw(Described(schemas).value(schemas[name]))
    post |= {"id": str(TOP - 1), "text": "brand"}
    for history in ("edit_history_tweet_ids", "edit_history_post_ids"):
        post.pop(history, None)
    found = XConnector().normalise(SEARCH, json.dumps(post), now=NOW)
    assert found.canonical_id == str(TOP - 1)


@cache
def description_of(version):
    path = shared_data() / f"x-openapi-2.{version}.json"
    if not path.is_file():
        pytest.skip(f"the description of X is not at {path}; set WEERWOORD_SHARED to the folder with it")
    return json.loads(path.read_text("utf-8"))


# ── money and limits ─────────────────────────────────────────────────────────


def test_a_page_is_as_large_as_the_budget_and_says_what_it_cost():
    platform = FakeX([posts(*range(TOP - 20, TOP))])
    limited = {
        "x_rate_limit_limit": "450",
        "x_rate_limit_remaining": "449",
        "x_rate_limit_reset": "1795348800",
    }
    platform.lists["/recent"] = [answer(posts(*range(TOP - 20, TOP)), **limited)]
    [page] = pages(platform, budget=Budget(max_pages=1, max_items=20))
    assert platform.asked[0]["max_results"] == "20"
    assert (page.cost, page.units) == (Decimal("0.100"), 1)
    assert page.quota == Quota(449, 450, datetime.fromtimestamp(1795348800, UTC))


@pytest.mark.parametrize(("dollars", "asked"), [("0.10", ["20"]), ("0.05", ["10"]), ("0.049", []), ("0", [])])
def test_no_more_money_is_spent_than_there_is(dollars, asked):
    platform = FakeX([posts(*range(TOP - 10, TOP))])
    found = pages(platform, budget=Budget(max_cost=Decimal(dollars)))
    assert [question["max_results"] for question in platform.asked] == asked
    assert sum(page.cost for page in found) <= Decimal(dollars)


def test_mentions_of_us_cost_less_and_keep_their_share_beside_a_dear_search():
    config = source("brand", settings={"user_id": "4242"})
    platform = FakeX([posts(*range(TOP - 20, TOP)), posts(TOP - 30)], [posts(*range(TOP - 50, TOP - 40))])
    found = pages(platform, config=config, budget=Budget(max_cost=Decimal("0.20")))
    assert [page.cost for page in found] == [Decimal("0.100"), Decimal("0.010")]
    assert not found[-1].last  # there was no money for the second page of the search


def test_with_one_page_at_a_time_every_stream_has_its_turn():
    config = source("brand", settings={"user_id": "4242", "handle": "vr_loswal"})
    platform, cursor = FakeX([posts(TOP - 1)], [posts(TOP - 7)]), {}
    for _ in range(3):
        cursor = pages(platform, cursor, config=config, budget=Budget(max_pages=1))[-1].cursor
    assert platform.asked[0]["query"] == "brand"
    assert platform.asked[1]["query"].startswith('is:quote (url:"x.com/vr_loswal/status"')
    assert platform.asked[2]["path"] == "/2/users/4242/mentions"


def test_queries_that_do_not_fit_in_one_search_become_several():
    terms = [",".join(f"woord{n}x{i}" for i in range(20)) for n in range(6)]
    platform = FakeX([posts(TOP - 1)])
    found = pages(platform, config=source(*terms))
    asked = [question["query"] for question in platform.asked]
    assert len(asked) == 3
    assert max(map(len, asked)) <= 512
    assert all(f"woord{n}x19" in " ".join(asked) for n in range(6))
    assert {"search", "search 2", "search 3"} <= set(found[-1].cursor)
    assert found[-1].last


def test_units_of_a_budget_are_requests():
    platform = FakeX([posts(TOP - 1), posts(TOP - 2), posts(TOP - 3)])
    assert len(pages(platform, budget=Budget(max_units=2))) == len(platform.asked) == 2


# ── quotes, conversations, addresses ─────────────────────────────────────────


def test_a_quote_of_ours_is_addressed_to_us_and_can_be_answered():
    config = source(settings={"handle": "vr_loswal"}, secrets=KEYS)
    links = {"urls": [{"url": "https://t.co/x", "expanded_url": "https://x.com/VR_Loswal/status/12"}]}
    quoting = posts(TOP - 1, referenced_tweets=[{"type": "quoted", "id": "12"}], entities=links)
    quoting["data"][0]["text"] = "onzin https://t.co/x"
    platform = FakeX([quoting])
    [page, *_] = pages(platform, config=config)
    [found] = page.mentions
    assert (found.kind, found.parent_id, found.is_addressed) == (Kind.QUOTE, "12", True)
    assert XConnector().can_reply(config, found) == Yes()
    other = replace(found, text=found.text.replace("VR_Loswal", "iemand"))
    assert isinstance(XConnector().can_reply(config, other), No)


def test_a_conversation_is_found_by_its_root():
    platform = FakeX([posts(TOP - 3, TOP - 2, TOP - 1, conversation_id=str(TOP - 3))])
    asked = one(conversation_id=str(TOP - 3))
    found = XConnector(platform).thread(SEARCH, asked, now=NOW)
    assert [m.canonical_id for m in found] == [str(TOP - 2), str(TOP - 3)]
    assert found[0].thread_id == str(TOP - 3)
    assert platform.asked[0]["query"] == f"conversation_id:{TOP - 3}"
    assert XConnector(platform).thread(SEARCH, replace(asked, thread_id="manual:1"), now=NOW) == ()


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://x.com/kade/status/123", True),
        ("https://twitter.com/kade/status/123?s=20", True),
        ("https://mobile.twitter.com/kade/status/123/photo/1", True),
        ("https://x.com/i/web/status/123", True),
        ("https://x.com/kade", False),
        ("https://x.com/kade/status/abc", False),
        ("https://nietx.com/kade/status/123", False),
        ("https://x.com.example/kade/status/123", False),
        ("ftp://x.com/kade/status/123", False),
        ("https://[x", False),
    ],
)
def test_an_address_of_a_post_is_recognised(url, is_one):
    assert XConnector().claims(url) is is_one


def test_a_pasted_address_gives_the_newest_version_or_nothing():
    old, new = TOP - 500, TOP - 1
    history = [str(old), str(new)]

    def versions(request):
        wanted = str(new) if str(new) in request.url else str(old)
        return {"data": [{"id": wanted, "text": f"versie {wanted}", "edit_history_tweet_ids": history}]}

    found = XConnector(FakeX(other=versions)).resolve(SEARCH, f"https://x.com/kade/status/{old}", now=NOW)
    assert (found.text, found.canonical_id) == (f"versie {new}", str(old))
    gone = FakeX(other=lambda request: {"errors": [{"title": "Not Found Error"}]})
    assert XConnector(gone).resolve(SEARCH, "https://x.com/kade/status/1", now=NOW) is None


def test_a_post_that_was_set_apart_can_be_read_again_with_its_author():
    users = [{"id": "7", "username": "kadebewoner"}]
    body = posts(TOP - 1, author_id="7", public_metrics="mended later") | {"includes": {"users": users}}
    [page] = pages(FakeX([body]))
    [rejected] = page.rejected
    found = XConnector().normalise(SEARCH, rejected.raw.replace('"mended later"', "{}"), now=NOW)
    assert (found.canonical_id, found.author.handle) == (str(TOP - 1), "kadebewoner")
    with pytest.raises(Unreadable):
        XConnector().normalise(SEARCH, rejected.raw, now=NOW)


@given(st.text() | json_values.map(json.dumps))
def test_what_is_no_post_is_unreadable_and_nothing_else(raw):
    with suppress(Unreadable):
        XConnector().normalise(SEARCH, raw, now=NOW)


# ── refusals and failures ────────────────────────────────────────────────────


def epoch(moment):
    return str(int(moment.timestamp()))


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"x_rate_limit_reset": epoch(NOW + timedelta(minutes=7))}, timedelta(minutes=7)),
        ({"Retry_After": "120"}, timedelta(minutes=2)),
        ({}, timedelta(minutes=15)),
        ({"x_rate_limit_reset": "soon"}, timedelta(minutes=15)),
        ({"x_rate_limit_reset": epoch(NOW - timedelta(hours=1))}, timedelta(minutes=1)),
        ({"x_rate_limit_reset": epoch(NOW + timedelta(days=3))}, timedelta(days=1)),
        (
            {"x_rate_limit_reset": epoch(NOW + timedelta(minutes=3)), "Retry_After": "600"},
            timedelta(minutes=10),
        ),
    ],
)
@pytest.mark.parametrize("body", [{"title": "Too Many Requests"}, "<html>", [1], ""], ids=type)
def test_asked_too_often_says_when_to_come_back_and_waits_for_nothing(headers, wait, body):
    with pytest.raises(RateLimited) as limited:
        pages(FakeX([answer(body, 429, **headers)]))
    assert limited.value.until == NOW + wait


@pytest.mark.parametrize(
    "reply",
    [
        answer("<html>Something went wrong</html>"),
        answer(""),
        answer('{"data": [{"id"'),
        answer([1, 2]),
        answer("null"),
        answer({"data": None}),
        answer({"data": {"id": "1"}}),
        answer({"data": [], "includes": [1]}),
        answer({"errors": [{"title": "Authorization Error"}]}),
        answer({}, 500),
        answer("<html>", 503),
        answer([1], 502),
        answer({}, 404),
        requests.exceptions.ReadTimeout(),
        requests.exceptions.ConnectTimeout(),
        requests.exceptions.ConnectionError("refused"),
        requests.exceptions.ChunkedEncodingError(),
    ],
    ids=repr,
)
def test_no_usable_answer_leaves_the_stream_for_another_time(reply):
    with pytest.raises(Unavailable):
        pages(FakeX([reply]))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"title": "Unauthorized", "detail": "Unauthorized"}),
        (402, {"title": "CreditsDepleted", "detail": "No credits left"}),
        (403, {"title": "Forbidden", "detail": "Not under your plan"}),
        (403, [1]),
        (429, {"title": "UsageCapExceeded", "type": "https://api.twitter.com/2/problems/usage-capped"}),
    ],
)
def test_a_credential_that_is_not_accepted_or_used_up_stops(status, body):
    with pytest.raises(CredentialRefused, match=f"X answers {status}"):
        pages(FakeX([answer(body, status)]))


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (source("brand", secrets={}), "bearer token"),
        (source('"open'), "terms cannot be used"),
        (source(",".join(f"woord{n}" for n in range(99))), "X takes 512"),
    ],
)
def test_a_source_that_cannot_work_is_refused_before_anything_is_asked(config, reason):
    platform = FakeX()
    with pytest.raises(Refused, match=reason):
        pages(platform, config=config)
    assert platform.asked == []


def test_a_source_without_terms_or_account_has_nothing_to_read_and_is_not_refused():
    platform = FakeX()
    with pytest.raises(NothingToRead, match="neither terms nor an account"):
        pages(platform, config=source())
    assert platform.asked == []


def test_a_secret_is_never_in_an_error_or_a_representation():
    config = source("brand", secrets={"bearer_token": "canary-7f3a"})
    with pytest.raises(Refused) as refused:
        pages(FakeX([answer({"detail": "Unauthorized"}, 401)]), config=config)
    assert "canary" not in str(refused.value) + repr(refused.value) + repr(config)


# ── looking up again ─────────────────────────────────────────────────────────


def test_looking_up_tells_live_gone_and_unknown_apart():
    problems = "https://api.twitter.com/2/problems/"
    body = {
        "data": posts(TOP - 1)["data"],
        "errors": [
            {"resource_id": str(TOP - 2), "type": f"{problems}resource-not-found", "detail": "Not there"},
            {
                "resource_id": str(TOP - 3),
                "type": f"{problems}not-authorized-for-resource",
                "detail": "Protected",
            },
            {"resource_id": str(TOP - 4), "type": f"{problems}resource-unavailable", "detail": "Later"},
            "nonsense",
        ],
    }
    asked = [str(TOP - n) for n in range(1, 6)] + ["manual:1"]
    found = XConnector(FakeX(other=lambda request: body)).refresh(SEARCH, asked, now=NOW)
    assert isinstance(found[asked[0]], Live)
    assert found[asked[1]] == Gone("Not there")
    assert found[asked[2]] == Gone("Protected")
    assert all(isinstance(found[post_id], Unknown) for post_id in asked[3:])


def test_an_edited_post_is_looked_up_in_its_newest_version():
    old, new = TOP - 500, TOP - 1

    def versions(request):
        wanted = str(new) if str(new) in urlsplit(request.url).query else str(old)
        history = [str(old), str(new)]
        return {"data": [{"id": wanted, "text": f"versie {wanted}", "edit_history_tweet_ids": history}]}

    found = XConnector(FakeX(other=versions)).refresh(SEARCH, [str(old)], now=NOW)
    live = found[str(old)]
    assert (live.mention.text, live.mention.version) == (f"versie {new}", str(new))


def test_look_ups_go_by_the_hundred():
    platform = FakeX(other=lambda request: {"errors": [{"title": "x"}]})
    XConnector(platform).refresh(SEARCH, [str(TOP - n) for n in range(250)], now=NOW)
    assert [len(asked["ids"].split(",")) for asked in platform.asked] == [100, 100, 50]


@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_a_look_up_that_is_refused_says_nothing_of_the_posts(status):
    with pytest.raises((Refused, RateLimited, Unavailable)):
        XConnector(FakeX(other=lambda request: answer({}, status))).refresh(SEARCH, ["1"], now=NOW)


# ── replies ──────────────────────────────────────────────────────────────────


def test_only_who_mentioned_us_can_be_answered():
    ours = {"handle": "vr_loswal"}
    connector = XConnector()
    to_us, about_us = one(text="@VR_Loswal wat is er?"), one(text="@vr_loswalfan wat een brand")
    assert connector.can_reply(source(settings=ours, secrets=KEYS), to_us) == Yes()
    refused = connector.can_reply(source(settings=ours, secrets=KEYS), about_us)
    assert refused == No(
        "X lets us answer only who mentioned or quoted us", f"https://x.com/intent/post?in_reply_to={TOP - 1}"
    )
    assert connector.can_reply(source(settings=ours | {"enterprise": True}, secrets=KEYS), about_us) == Yes()
    assert isinstance(connector.can_reply(source(settings=ours), to_us), No)
    boost = one(text="@vr_loswal x", referenced_tweets=[{"type": "retweeted", "id": "1"}])
    assert isinstance(connector.can_reply(source(settings=ours, secrets=KEYS), boost), No)


def test_a_reply_is_sent_under_its_parent_and_signed():
    platform = FakeX(other=lambda request: answer({"data": {"id": "77", "text": "x"}}, 201))
    sent = XConnector(platform).publish(source(secrets=KEYS), REPLY, key="k")
    assert sent == Published("https://x.com/i/status/77", "77", Decimal("0.20"))
    body = json.loads(platform.requests[0].body)
    assert body == {"reply": {"in_reply_to_tweet_id": REPLY.parent_id}, "text": REPLY.text}
    assert platform.requests[0].headers["Authorization"].startswith(("OAuth", b"OAuth"))


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (requests.exceptions.ReadTimeout(), PublishUnknown),
        (requests.exceptions.ConnectionError("reset"), PublishUnknown),
        (requests.exceptions.ConnectTimeout(), Unavailable),
        (answer("<html>", 503), PublishUnknown),
        (answer("<html>", 201), PublishUnknown),
        (answer({"data": {}}, 201), PublishUnknown),
        (answer([1], 201), PublishUnknown),
        (answer({"detail": "You are not permitted to reply"}, 403), PublishFailed),
        (answer({"errors": [{"message": "too long"}]}, 400), PublishFailed),
        (answer({"title": "Unauthorized"}, 401), Refused),
        (answer({}, 429, x_rate_limit_reset=epoch(NOW)), RateLimited),
    ],
    ids=repr,
)
def test_every_outcome_of_sending_says_whether_it_may_have_arrived(outcome, error):
    with pytest.raises(error):
        XConnector(FakeX(other=lambda request: outcome)).publish(source(secrets=KEYS), REPLY, key="k")


def test_a_limit_in_sending_says_when_to_come_back_by_the_clock_of_x():
    limited = answer({}, 429, Date=format_datetime(NOW, usegmt=True), Retry_After="600")
    with pytest.raises(RateLimited) as told:
        XConnector(FakeX(other=lambda request: limited)).publish(source(secrets=KEYS), REPLY, key="k")
    assert told.value.until == NOW + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply("1", "x" * 281, "public"), "281 of 280"),
        (Reply("1", "x", "direct"), "not known"),
        (Reply("1", "x", "direct", author=AuthorRef("kade", "kade")), "not known"),
        (Reply("1", "x" * 10_001, "direct", author=AuthorRef("77", "kade")), "10001 of 10000"),
    ],
)
def test_a_reply_that_x_cannot_take_is_not_sent(reply, reason):
    platform = FakeX()
    with pytest.raises(PublishFailed, match=reason):
        XConnector(platform).publish(source(secrets=KEYS), reply, key="k")
    assert platform.asked == []


def ours(text, parent):
    body = posts(TOP - 1, referenced_tweets=[{"type": "replied_to", "id": parent}])
    body["data"][0]["text"] = text
    return body


@pytest.mark.parametrize(
    ("text", "parent", "is_found"),
    [
        ("@kadebewoner Dank voor de melding, zie https://t.co/abc", REPLY.parent_id, True),
        ("Dank voor de melding, zie https://t.co/abc", "1", False),
        ("Iets anders", REPLY.parent_id, False),
    ],
)
def test_our_reply_is_found_by_its_parent_and_its_text(text, parent, is_found):
    platform = FakeX(other=lambda request: ours(text, parent))
    found = XConnector(platform).find_reply(source(secrets=KEYS), "k", REPLY)
    standing = Published(f"https://x.com/i/status/{TOP - 1}", str(TOP - 1), Decimal("0.20"))
    assert (found == standing) is is_found
    assert platform.asked[0]["path"] == "/2/users/4242/tweets"
    assert platform.asked[0]["since_id"] == REPLY.parent_id


def test_a_duplicate_that_is_refused_is_the_reply_that_stands():
    def platform(request):
        if request.method == "POST":
            return answer({"detail": "You are not allowed to create a Tweet with duplicate content."}, 403)
        return ours(REPLY.text, REPLY.parent_id)

    sent = XConnector(FakeX(other=platform)).publish(source(secrets=KEYS), REPLY, key="k")
    assert sent.external_id == str(TOP - 1)


# ── direct messages ──────────────────────────────────────────────────────────

DIRECT = replace(REPLY, visibility="direct", author=AuthorRef("77", "kade"))
SENDING = source(secrets=KEYS)
IN_THE_DARK = "/2/dm_conversations/with/77/dm_events"


def event(text=REPLY.text, by="4242", minutes=1):
    sent_at = time_of(int(REPLY.parent_id)) + timedelta(minutes=minutes)
    return {"id": "88", "event_type": "MessageCreate", "text": text, "sender_id": by} | {
        "created_at": sent_at.isoformat()
    }


def test_a_direct_message_goes_to_the_author_and_is_signed():
    platform = FakeX(
        other=lambda request: answer({"data": {"dm_conversation_id": "77-4242", "dm_event_id": "88"}}, 201)
    )
    sent = XConnector(platform).publish(SENDING, DIRECT, key="k")
    assert sent == Published("https://x.com/messages/77-4242", "88", Decimal("0.015"))
    assert platform.asked[0]["path"] == "/2/dm_conversations/with/77/messages"
    assert json.loads(platform.requests[0].body) == {"text": REPLY.text}
    assert platform.requests[0].headers["Authorization"].startswith(("OAuth", b"OAuth"))


@pytest.mark.parametrize(
    ("events", "is_found"),
    [
        ([event("Iets anders"), event("Dank voor de melding, zie https://t.co/abc")], True),
        ([event(by="77")], False),
        ([event(minutes=-1)], False),
        ([{"id": "1", "text": REPLY.text}, 3], False),
        ([], False),
    ],
)
def test_a_direct_message_in_the_dark_is_found_by_its_text_after_the_post(events, is_found):
    told = {"data": events, "meta": {"result_count": len(events)}}
    platform = FakeX(other=lambda request: told)
    found = XConnector(platform).find_reply(SENDING, "k", DIRECT)
    assert (found is not None and found.external_id == "88") is is_found
    assert platform.asked[0]["path"] == IN_THE_DARK
    assert platform.asked[0]["max_results"] == "20"


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, PublishUnknown), (401, CredentialRefused), (429, RateLimited), (500, Unavailable)],
)
def test_messages_that_cannot_be_read_leave_it_unknown_and_stop_no_reading_of_posts(status, error):
    with pytest.raises(error):
        XConnector(FakeX(other=lambda request: answer({}, status))).find_reply(SENDING, "k", DIRECT)


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (requests.exceptions.ReadTimeout(), PublishUnknown),
        (requests.exceptions.ConnectTimeout(), Unavailable),
        (answer("<html>", 503), PublishUnknown),
        (answer({"data": {}}, 201), PublishUnknown),
        (
            answer({"detail": "You do not have permission to DM them."}, 403),
            PublishFailed,
        ),
        (answer({"title": "Unauthorized"}, 401), CredentialRefused),
        (answer({}, 429, x_rate_limit_reset=epoch(NOW)), RateLimited),
    ],
    ids=repr,
)
def test_every_outcome_of_a_direct_message_says_whether_it_may_have_arrived(outcome, error):
    with pytest.raises(error):
        XConnector(FakeX(other=lambda request: outcome)).publish(SENDING, DIRECT, key="k")


def test_whoever_we_know_by_number_can_be_written_to():
    """Also who did not name us: X decides on sending whether they take messages."""
    post = replace(one(text="wat een brand"), author=AuthorRef("77", "kade"))
    connector = XConnector()
    assert connector.can_reply(SENDING, post, "direct") == Yes()
    assert isinstance(connector.can_reply(SENDING, post), No)
    assert isinstance(connector.can_reply(source(), post, "direct"), No)
    unknown = connector.can_reply(SENDING, replace(post, author=None), "direct")
    assert isinstance(unknown, No) and "not known" in unknown.reason
    assert (connector.reply_length("火事"), connector.reply_length("火事", "direct")) == (4, 2)


@pytest.mark.parametrize("version", ["166", "167"])
def test_direct_messages_are_asked_for_by_names_that_the_description_of_x_has(version):
    def refusing_old_names(request):
        told = {"errors": [{"message": "The query parameter value [sender_id] is not one of the fields"}]}
        is_old = "text" in request.url and "sender_id%2Ctext" in request.url
        return answer(told, 400) if is_old and version == "167" else {"data": [event()], "meta": {"x": 1}}

    description, platform = description_of(version), FakeX(other=refusing_old_names)
    assert XConnector(platform).find_reply(SENDING, "k", DIRECT) is not None
    asked = platform.asked[-1]
    known = described(description, asked.pop("path").replace("/77/", "/{participant_id}/"))
    assert set(asked) <= set(known)
    for name, value in asked.items():
        assert set(value.split(",")) <= set(known[name] or value.split(",")), name


# ── texts and settings ───────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0),
        ("Dank u wel", 10),
        ("één", 3),
        ("e\u0301e\u0301n", 3),
        ("https://vr.example/een/heel/lang/adres?met=alles", 23),
        ("zie https://a.nl nu", 4 + 23 + 3),
        ("zie vr.nl.", 4 + 23 + 1),
        ("火事", 4),
        ("🔥", 2),
        ("👩‍🚒", 2),
        ("👍🏽", 2),
        ("🇳🇱", 2),
        ("1️⃣", 2),
        ("“ja” – nee…", 12),
        ("x" * 280, 280),
    ],
)
def test_length_is_by_weight(text, weight):
    assert weighted_length(text) == weight


@pytest.mark.parametrize(
    ("texts", "query"),
    [
        (["brand"], "brand"),
        (["brand, #loswal, @vr_loswal"], "brand OR #loswal OR @vr_loswal"),
        (["grote brand, -oefening"], "grote brand -oefening"),
        (['brand, rook, -oefening, -"groot alarm"'], '(brand OR rook) -oefening -"groot alarm"'),
        (["brand -oefening", "rook"], "(brand -oefening) OR (rook)"),
        (['"or", from:iemand, a-b'], '"or" OR from:iemand OR "a-b"'),
        (["brand EN (rook OF #vuur) taal:nl-BE"], "brand (rook OR #vuur) lang:nl"),
        (["brand -(rook OR haven)"], "brand -rook -haven"),
        (["brand -(rook haven)"], "brand"),
        (["brand -roo* -=één -lang:nl-be -lang:de"], "brand -lang:de"),
        (["brand NEAR/5 rook"], "brand rook"),
        (["(brand NEAR/5 rook) OR haven"], "brand rook OR haven"),
        (["brand hav*"], "brand"),
        (["(rook OR vuur) hav*"], "rook OR vuur"),
        (["brand (hav* OR rook)"], "brand"),
        (["=café"], "café"),
        (["brand (lang:nl OR lang:en)"], "brand (lang:nl OR lang:en)"),
        (["platform:x brand"], "brand"),
        (["brand platform:mastodon", "rook"], "rook"),
        (["brand platform:mastodon"], ""),
        (["@jan@server.example"], '"jan@server.example"'),
    ],
)
def test_terms_become_one_query_that_finds_at_least_as_much(texts, query):
    assert search_query(texts) == query


@pytest.mark.parametrize("text", ["hav*", "taal:nl", "brand OR hav*", "brand OR lang:nl", "platform:x"])
def test_what_x_cannot_search_by_is_refused(text):
    with pytest.raises(Refused, match="add a whole word"):
        search_query([text])


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "Say whether this is a government body"),
        ({"organisation": "government"}, "only under an Enterprise plan"),
        ({"organisation": "government", "enterprise": True}, "sensitive events"),
    ],
)
def test_the_rules_of_x_for_governments_are_told(settings, told):
    messages = XConnector().check(source("brand", settings=settings, secrets=KEYS))
    assert [problem.blocking for problem in messages] == [False]
    assert told in messages[0].message


def test_missing_keys_and_bad_terms_are_problems():
    other = {"organisation": "other"}
    assert XConnector().check(source("brand", settings=other, secrets=KEYS)) == []
    found = XConnector().check(source('"open', settings=other, secrets={}))
    assert [problem.blocking for problem in found] == [True, True, False]


def test_a_share_too_small_for_the_smallest_page_takes_that_from_the_others():
    """Seven cents for three lists is four posts each, and X gives no less than ten: the first is read."""
    config = source("brand", settings={"user_id": "7", "handle": "loswal"})
    platform = FakeX(search=[posts(TOP - 1)], mentions=[posts(TOP - 2)])
    found = pages(platform, config=config, budget=Budget(max_cost=Decimal("0.07")))
    assert TOP - 1 in ids(found)
    assert sum(page.cost for page in found) <= Decimal("0.07")


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"data": {"id": 1e400}}'], ids=["deep", "infinite"])
def test_an_answer_to_a_reply_that_cannot_be_read_leaves_it_unknown(body):
    secrets = dict.fromkeys(XConnector.secret_names, "7-abc")
    connector = XConnector(FakeX(other=lambda request: answer(body)))
    with pytest.raises(PublishUnknown):
        connector.publish(source(secrets=secrets), Reply("123", "Dank", "public"), key="k")
