"""Own pages on Meta: what they give, how Meta refuses, and that nothing is lost between two polls."""

import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring import intake, polling
from monitoring.connectors import registry
from monitoring.connectors.base import (
    AuthorRef,
    Budget,
    Gone,
    Kind,
    Live,
    No,
    Published,
    Reply,
    SourceConfig,
    Unknown,
    Yes,
)
from monitoring.connectors.errors import (
    CredentialRefused,
    Forged,
    PublishFailed,
    PublishUnknown,
    RateLimited,
    Refused,
    Unavailable,
    Unreadable,
)
from monitoring.connectors.meta import FacebookConnector, InstagramConnector
from monitoring.models import Post, Source
from tests.monitoring.connectors.fake_graph import ABSENT, FakeGraph, fault
from tests.monitoring.connectors.fake_x import answer

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEYS = {"page_token": "secret-page-token", "app_secret": "secret-app", "verify_token": "our-word"}
PAGE = SourceConfig(7, "Pagina", {"page_id": "1000"}, secrets=KEYS)
ACCOUNT = SourceConfig(8, "Foto's", {"ig_user_id": "2000", "username": "vr", "page_id": "1000"}, secrets=KEYS)


def at(minutes_ago, now=NOW):
    return (now - timedelta(minutes=minutes_ago)).strftime("%Y-%m-%dT%H:%M:%S+0000")


def post(number, minutes_ago=10, *, by="7", n_comments=0, **fields):
    """A post on the feed of page 1000."""
    return {
        "id": f"1000_{number}",
        "message": f"Er is brand {number}",
        "created_time": at(minutes_ago),
        "updated_time": at(minutes_ago),
        "from": {"id": by, "name": "Anna Bos"},
        "permalink_url": f"https://www.facebook.com/1000/posts/{number}",
        "comments": {"data": [], "summary": {"total_count": n_comments}},
        **fields,
    }


def comment(number, minutes_ago=5, *, by="8", under="1", **fields):
    return {
        "id": f"{under}_{number}",
        "message": f"Wat een rook {number}",
        "created_time": at(minutes_ago),
        "from": {"id": by, "name": "Bram Vos"},
        **fields,
    }


def poll(graph, cursor=None, config=PAGE, budget=None, now=NOW):
    connector = FacebookConnector(graph) if config is PAGE else InstagramConnector(graph)
    stored = json.loads(json.dumps(cursor or {}))  # as the database gives it back
    return list(connector.poll(config, stored, budget or Budget(), now=now))


def ids(pages):
    return [mention.canonical_id for page in pages for mention in page.mentions]


def only(pages):
    [mention] = [mention for page in pages for mention in page.mentions]
    return mention


def signed(body, secret="secret-app"):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return {
        "x-hub-signature-256": f"sha256={hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()}"
    }, raw


def delivered(value, *, field="feed", kind="page", account="1000", config=PAGE, graph=None):
    entry = {"id": account, "time": 1795348800, "changes": [{"field": field, "value": value}]}
    headers, raw = signed({"object": kind, "entry": [entry]})
    connector = FacebookConnector(graph) if config is PAGE else InstagramConnector(graph)
    return connector.receive(config, headers, raw, now=NOW)


# ── reading a page ───────────────────────────────────────────────────────────


def test_posts_tags_recommendations_and_comments_are_all_read_as_addressed_to_us():
    review = {
        "created_time": at(30),
        "recommendation_type": "negative",
        "review_text": "Nooit bereikbaar",
        "reviewer": {"id": "3", "name": "Kees"},
        "open_graph_story": {"id": "33"},
    }
    graph = FakeGraph(
        {
            "1000/feed": [post(1, n_comments=2), post(2, by="1000")],
            "1000/tagged": [{**post(3), "id": "7_3"}],
            "1000/ratings": [review],
            "1000_1/comments": [comment(12, parent={"id": "1_11"}), comment(11), comment(10, by="1000")],
        }
    )
    found = poll(graph)
    assert ids(found) == ["7_3", "33", "1000_1", "1_12", "1_11"]  # what the page itself wrote is not there
    mentions = {m.canonical_id: m for page in found for m in page.mentions}
    assert all(m.is_addressed and m.platform == "facebook" for m in mentions.values())
    assert mentions["33"].text == "Nooit bereikbaar"
    assert (mentions["1_12"].kind, mentions["1_12"].parent_id, mentions["1_12"].thread_id) == (
        Kind.REPLY,
        "1_11",
        "1000_1",
    )
    assert (mentions["1_11"].parent_id, mentions["1_11"].author.name) == ("1000_1", "Bram Vos")
    assert found[-1].last


def test_comments_are_read_again_only_where_something_changed():
    graph = FakeGraph({"1000/feed": [post(1, n_comments=1)], "1000_1/comments": [comment(10)]})
    cursor = poll(graph)[-1].cursor
    graph.asked.clear()
    assert ids(poll(graph, cursor)) == []
    assert "1000_1/comments" not in graph.paths()
    graph.lists["1000/feed"] = [post(1, n_comments=2)]
    graph.lists["1000_1/comments"] = [comment(11, 1), comment(10)]
    assert "1_11" in ids(poll(graph, cursor))


def test_a_comment_in_the_place_of_a_deleted_one_is_seen_by_the_time_of_its_post():
    graph = FakeGraph({"1000/feed": [post(1, n_comments=1)], "1000_1/comments": [comment(10)]})
    cursor = poll(graph)[-1].cursor
    graph.lists["1000/feed"] = [post(1, n_comments=1, updated_time=at(0))]
    graph.lists["1000_1/comments"] = [comment(11, 0)]
    assert "1_11" in ids(poll(graph, cursor))


def test_comments_under_a_post_made_while_we_were_away_are_all_read():
    graph = FakeGraph({"1000/feed": []})
    cursor = poll(graph)[-1].cursor
    later = NOW + timedelta(days=9)
    graph.lists["1000/feed"] = [post(5, 0, n_comments=1)]
    graph.lists["1000_5/comments"] = [comment(50, 0, under="5")]
    assert ids(poll(graph, cursor, now=later)) == ["1000_5", "5_50"]


def test_the_first_poll_goes_back_a_week_and_no_further():
    old = 60 * 24 * 8
    graph = FakeGraph(
        {
            "1000/feed": [post(1, old, n_comments=2)],
            "1000/tagged": [post(9, old)],
            "1000_1/comments": [comment(11), comment(10, old)],
        }
    )
    assert ids(poll(graph)) == ["1_11"]


def test_a_run_that_is_cut_short_goes_on_where_it_stopped_whatever_page_that_was():
    lists = {
        "1000/feed": [post(n, n, n_comments=3 if n == 2 else 0) for n in range(1, 8)],
        "1000_2/comments": [comment(n, under="2") for n in range(3)],
    }
    whole = ids(poll(FakeGraph(lists, page_size=2)))
    graph, cursor, found = FakeGraph(lists, page_size=2), {}, []
    for _ in range(20):
        [page] = poll(graph, cursor, budget=Budget(max_pages=1))
        cursor = page.cursor
        found += ids([page])
        if page.last:
            break
    assert found == whole
    assert len(whole) == 10
    assert "secret-page-token" not in json.dumps(cursor)


def test_a_page_token_that_meta_no_longer_takes_starts_the_list_again():
    lists = {"1000/feed": [post(n, n) for n in range(1, 6)]}
    graph = FakeGraph(lists, page_size=2)
    cursor = poll(graph, budget=Budget(max_pages=3))[-1].cursor
    graph.instead = lambda path, params: (
        fault(100, message="(#100) Invalid cursor") if "after" in params else None
    )
    graph.page_size = 100
    assert ids(poll(graph, cursor)) == ["1000_3", "1000_4", "1000_5"]  # the others were stored


def test_the_same_page_twice_stops_there_says_so_and_leaves_the_mark():
    def again(path, params):
        if path != "1000/tagged":
            return None
        paging = {"next": "https://graph.facebook.com/v25.0/x?after=same"}
        return {"data": [post(1, 1)], "paging": paging}

    found = poll(FakeGraph(instead=again))
    assert [r.reason for page in found for r in page.rejected] == [
        "the platform gave the same page twice; reading stopped there"
    ]
    assert "tagged" not in found[-1].cursor["marks"]


def test_empty_pages_with_a_next_one_are_not_followed_for_ever():
    counter = iter(range(1000))

    def empty(path, params):
        return {"data": [], "paging": {"next": f"https://x.example/?after={next(counter)}"}}

    found = poll(FakeGraph(instead=empty), budget=Budget(max_pages=100))
    assert [page.units for page in found] == [9]  # three pages of each of three lists, told as one
    assert found[-1].last


def test_a_time_from_the_future_is_no_mark_and_counts_at_arrival():
    graph = FakeGraph({"1000/tagged": [post(1, -600)]})
    found = poll(graph)
    assert only(found).posted_at == NOW
    assert found[-1].cursor["marks"]["tagged"] < NOW.timestamp()


def test_a_post_that_goes_between_list_and_comments_is_left():
    graph = FakeGraph(
        {"1000/feed": [post(1, n_comments=4)]},
        instead=lambda path, params: answer({"error": ABSENT}, 400) if path == "1000_1/comments" else None,
    )
    found = poll(graph)
    assert ids(found) == ["1000_1"]
    assert found[-1].last


def test_one_bad_entry_is_put_aside_with_what_it_takes_to_read_it_again():
    bad = comment(11)
    del bad["created_time"]
    graph = FakeGraph({"1000/feed": [post(1, n_comments=2)], "1000_1/comments": [bad, None, comment(10)]})
    found = poll(graph)
    assert ids(found) == ["1000_1", "1_10"]
    first, second = found[-1].rejected
    assert "created_time" in first.reason
    assert second.raw
    mended = json.loads(first.raw)
    mended["entry"]["created_time"] = at(5)
    mention = FacebookConnector().normalise(PAGE, json.dumps(mended), now=NOW)
    assert (mention.canonical_id, mention.thread_id) == ("1_11", "1000_1")
    for raw in ("", "[]", "null", '{"edge": "nothing"}', first.raw):
        with pytest.raises(Unreadable):
            FacebookConnector().normalise(PAGE, raw, now=NOW)


def test_an_edit_changes_the_version_and_not_the_identity():
    before = only(poll(FakeGraph({"1000/feed": [post(1)]})))
    after = only(poll(FakeGraph({"1000/feed": [post(1, message="Toch geen brand")]})))
    assert before.canonical_id == after.canonical_id
    assert before.version != after.version


def test_a_post_without_words_or_writer_is_kept_with_what_there_is():
    bare = {
        "id": "1000_1",
        "created_time": at(1),
        "attachments": {"data": [{"title": "Foto van de rook"}, None]},
    }
    mention = only(poll(FakeGraph({"1000/feed": [bare]})))
    assert (mention.text, mention.author) == ("Foto van de rook", None)
    assert mention.url == "https://www.facebook.com/1000_1"


@pytest.mark.parametrize(
    "text",
    ["nul \0 hier", "half \ud83d paar", "\u202eomgekeerd", "👨‍👩‍👧‍👦" * 2000, "<script>alert(1)</script>"],
)
def test_odd_texts_are_storable(text):
    mention = only(poll(FakeGraph({"1000/feed": [post(1, message=text)]})))
    assert "\0" not in mention.text
    mention.text.encode()


@settings(deadline=None, max_examples=40)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["id", "message", "from", "created_time", "parent"]), inner)
        ),
        max_leaves=8,
    )
)
def test_nothing_in_a_list_stops_the_page(entry):
    config = replace(PAGE)
    for path in ("1000/feed", "1000/ratings"):
        pages = list(FacebookConnector(FakeGraph({path: [entry]})).poll(config, {}, Budget(), now=NOW))
        assert pages[-1].last


def test_nothing_found_again_and_again_is_progress_and_is_kept_when_meta_refuses():
    lists = {"1000/feed": [post(n, n, by="1000", n_comments=2) for n in range(1, 30)]}
    graph = FakeGraph(lists)
    [page] = poll(graph, budget=Budget(max_pages=20))
    assert (page.mentions, page.units, page.last) == ((), 20, False)
    graph.asked.clear()
    graph.instead = lambda path, params: fault(32) if len(graph.asked) == 4 else None
    pages = FacebookConnector(graph).poll(PAGE, page.cursor, Budget(), now=NOW)
    kept = next(pages)
    assert kept.units == 3
    with pytest.raises(RateLimited):
        next(pages)
    assert len(kept.cursor["queue"]) == len(page.cursor["queue"]) - 3


def test_a_small_trial_asks_once_and_settles_nothing_that_it_does_not_show():
    graph = FakeGraph({"1000/tagged": [post(n) for n in range(60)]})
    [page] = poll(graph, budget=Budget(max_pages=1, max_items=20))
    assert len(page.mentions) == 20
    assert len(set(ids(poll(graph, page.cursor)))) == 60


def test_many_answers_at_once_are_all_stored_by_a_real_poll(source, noon, monkeypatch):
    """Through the poll itself, which stops a platform that gives one place or nothing again and again."""
    comments = [ig_comment(n, 5, now=noon) for n in range(3000, 3025)]
    for number, told in enumerate(comments):
        told["replies"] = {"data": [ig_comment(4000 + 30 * number + n, 1, now=noon) for n in range(30)]}
    posted = {**media(775), "timestamp": at(60, noon)}
    quiet = [{**posted, "id": str(n), "comments_count": 1} for n in range(510, 530)]
    graph = FakeGraph({"2000/media": [*quiet, posted], "500/comments": comments})
    monkeypatch.setitem(registry.CONNECTORS, "instagram", InstagramConnector(graph))
    monkeypatch.setattr(Source, "config", lambda self, terms=(): replace(ACCOUNT, terms=terms))
    source.connector = "instagram"
    for _ in range(6):
        source.refresh_from_db(fields=["cursor", "cursor_key", "next_poll_at"])
        polling.poll(source, on_page=lambda stored, now: None, now=noon)
        source.refresh_from_db(fields=["health", "error"])
        assert source.error == ""
    assert source.health == Source.Health.WORKING
    assert Post.objects.filter(platform="instagram").count() == 775


# ── how Meta refuses ─────────────────────────────────────────────────────────


def refusing(response, config=PAGE):
    return poll(FakeGraph(instead=lambda path, params: response), config=config)


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80001, 368])
def test_a_limit_is_waited_for(code):
    with pytest.raises(RateLimited) as limited:
        refusing(fault(code, 403))
    assert limited.value.until == NOW + timedelta(minutes=15)


def test_a_limit_ends_when_meta_says_so():
    usage = {"1000": [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 42}]}
    with pytest.raises(RateLimited) as limited:
        refusing(fault(80001, 400, X_Business_Use_Case_Usage=json.dumps(usage)))
    assert limited.value.until == NOW + timedelta(minutes=42)


@pytest.mark.parametrize("header", ["", "nonsense", "[]", "null", '{"1": null}', '{"1": [null, 3]}'])
def test_a_429_with_nonsense_for_headers_waits_a_quarter_of_an_hour(header):
    with pytest.raises(RateLimited) as limited:
        refusing(answer("slow down", 429, X_Business_Use_Case_Usage=header, X_App_Usage=header))
    assert limited.value.until == NOW + timedelta(minutes=15)


def test_a_token_that_no_longer_works_is_the_credentials_trouble_and_is_not_repeated():
    message = "Malformed access token secret-page-token"
    with pytest.raises(CredentialRefused) as refused:
        refusing(fault(190, 401, message=message))
    assert "Malformed" in str(refused.value)
    assert "secret-page-token" not in str(refused.value)


@pytest.mark.parametrize("code", [10, 200, 230, 299])
def test_a_missing_permission_is_said_in_words(code):
    with pytest.raises(Refused, match="lacks a permission") as refused:
        refusing(fault(code, 403, message="(#10) needs pages_read_user_content"))
    assert type(refused.value) is Refused
    assert "pages_read_user_content" in str(refused.value)


def test_a_page_that_is_not_there_is_refused():
    with pytest.raises(Refused, match="it is not there for these keys"):
        refusing(answer({"error": ABSENT}, 400))


@pytest.mark.parametrize(
    "response",
    [
        fault(1, 500),
        fault(2, 503),
        answer("<html>Bad gateway</html>", 502),
        answer("<html>Log in</html>", 200),
        answer("", 200),
        answer('{"data": [{"id"', 200),
        answer([], 200),
        answer(None, 200),
        answer({"data": None}, 200),
        answer({"paging": {}}, 200),
        answer({"error": "odd"}, 200),
        answer("forbidden", 403),
        answer("", 302, Location="https://elsewhere.example/"),
        answer("[" * 100_000, 200),
        requests.ConnectionError("refused"),
        requests.Timeout("silence"),
        requests.exceptions.ChunkedEncodingError("cut"),
    ],
)
def test_an_answer_that_is_none_is_tried_again_later(response):
    with pytest.raises(Unavailable):
        refusing(response)


def test_a_page_that_is_too_much_for_meta_is_asked_for_in_smaller_ones():
    too_much = "Please reduce the amount of data you're asking for, then retry your request"
    graph = FakeGraph({"1000/feed": [post(n, n) for n in range(1, 13)]})
    graph.instead = lambda path, params: fault(1, 500, message=too_much) if params["limit"] == "100" else None
    assert len(ids(poll(graph))) == 12


def test_a_delivery_through_the_door_is_stored_once(source, noon, monkeypatch):
    monkeypatch.setattr(Source, "config", lambda self, terms=(): replace(PAGE, id=self.pk, terms=terms))
    Source.objects.filter(pk=source.pk).update(connector="facebook")
    entry = {"id": "1000", "time": 1795348800, "changes": [{"field": "feed", "value": REPORTED}]}
    headers, raw = signed({"object": "page", "entry": [entry]})

    def deliver(given):
        return intake.receive(source.pk, given, raw, on_page=lambda stored, now: None, now=noon)

    with pytest.raises(Forged):
        deliver({"x-hub-signature-256": "sha256=00"})
    assert [deliver(headers).n_new for _ in range(2)] == [1, 0]
    assert [post.canonical_id for post in Post.objects.all()] == ["1_10"]
    asked = {"hub.mode": "subscribe", "hub.verify_token": "our-word", "hub.challenge": "42"}
    assert intake.handshake(source.pk, asked) == "42"


def test_a_limit_on_the_second_page_leaves_the_cursor_of_the_first():
    lists = {"1000/tagged": [post(n) for n in range(4)]}
    graph = FakeGraph(lists, page_size=2)
    graph.instead = lambda path, params: fault(32) if "after" in params else None
    pages = FacebookConnector(graph).poll(PAGE, {}, Budget(), now=NOW)
    cursor = next(pages).cursor
    with pytest.raises(RateLimited):
        next(pages)
    graph.instead = None
    assert set(ids(poll(graph, cursor))) == {"1000_2", "1000_3"}


def test_what_is_left_is_told_with_each_page():
    graph = FakeGraph()
    graph.headers = {"X_App_Usage": '{"call_count":28,"total_time":61,"total_cputime":"25"}'}
    quota = poll(graph)[0].quota
    assert (quota.remaining, quota.limit) == (39, 100)


def test_every_request_is_bounded_proves_its_app_and_hides_its_token():
    graph = FakeGraph({"1000/feed": [post(1)]})
    poll(graph)
    proof = hmac.new(b"secret-app", b"secret-page-token", hashlib.sha256).hexdigest()
    assert all(params["appsecret_proof"] == proof for _, params in graph.asked)
    assert all(timeout == (5.0, 20.0) for timeout in graph.timeouts)
    assert all("secret-page-token" not in request.url for request in graph.requests)
    assert {request.headers["Authorization"] for request in graph.requests} == {"Bearer secret-page-token"}


@pytest.mark.parametrize("version", ["25", "v25.0/../../me", "v9999.0"])
def test_an_odd_version_is_refused_before_anything_is_asked(version):
    graph = FakeGraph()
    with pytest.raises(Refused, match=r"v25\.0"):
        poll_with = replace(PAGE, settings={"page_id": "1000", "graph_version": version})
        list(FacebookConnector(graph).poll(poll_with, {}, Budget(), now=NOW))
    assert graph.asked == []


# ── looking up again ─────────────────────────────────────────────────────────


def test_a_look_up_tells_live_from_gone_one_by_one():
    nodes = {"1000": {"id": "1000"}, "1000_1": post(1, message="Nieuw"), "1_10": comment(10)}
    graph = FakeGraph(nodes=nodes)
    found = FacebookConnector(graph).refresh(PAGE, ["1000_1", "1_10", "1_99", "rating:abc"], now=NOW)
    assert isinstance(found["1000_1"], Live)
    assert found["1000_1"].mention.text == "Nieuw"
    assert isinstance(found["1_10"], Live)
    assert isinstance(found["1_99"], Gone)
    assert isinstance(found["rating:abc"], Unknown)
    assert len(graph.asked) == 1


def test_a_post_elsewhere_is_asked_again_by_the_fields_of_a_post():
    def fields(path, params):
        if path == "7_3" and "parent" in params["fields"]:
            return fault(100, message="(#100) Tried accessing nonexisting field (parent) on node type (Post)")
        return None

    graph = FakeGraph(nodes={"1000": {"id": "1000"}, "7_3": {**post(3), "id": "7_3"}}, instead=fields)
    assert isinstance(FacebookConnector(graph).refresh(PAGE, ["7_3"], now=NOW)["7_3"], Live)


def test_nothing_is_gone_while_meta_does_not_show_our_own_page():
    found = FacebookConnector(FakeGraph()).refresh(PAGE, ["1000_1", "1_10"], now=NOW)
    assert all(isinstance(answer, Unknown) for answer in found.values())


def test_a_hundred_ids_take_three_requests_and_an_expired_token_stops_them():
    graph = FakeGraph(nodes={"1000": {"id": "1000"}})
    found = FacebookConnector(graph).refresh(PAGE, [f"1_{n}" for n in range(100)], now=NOW)
    assert len(graph.asked) == 3
    assert len(found) == 100
    graph.instead = lambda path, params: fault(190, 401) if path == "1_5" else None
    with pytest.raises(CredentialRefused):
        FacebookConnector(graph).refresh(PAGE, ["1_5"], now=NOW)


@pytest.mark.parametrize("body", [{}, None, "<html>", [None, None], [{"code": 200, "body": "{"}], []])
def test_a_broken_batch_says_nothing_of_any_post(body):
    graph = FakeGraph(instead=lambda path, params: answer(body) if path == "" else None)
    try:
        found = FacebookConnector(graph).refresh(PAGE, ["1000_1"], now=NOW)
    except Unavailable:
        return
    assert isinstance(found["1000_1"], Unknown)


def test_the_thread_of_a_comment_is_what_stands_under_its_post():
    graph = FakeGraph({"1000/feed": [post(1, n_comments=2)], "1000_1/comments": [comment(11), comment(10)]})
    mention = poll(graph)[-1].mentions[0]
    thread = FacebookConnector(graph).thread(PAGE, mention, now=NOW)
    assert [m.canonical_id for m in thread] == ["1_11", "1_10"]


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://www.facebook.com/vr/posts/1", "1000_1"),
        ("https://m.facebook.com/vr/posts/wat-een-rook/1/", "1000_1"),
        ("https://www.facebook.com/permalink.php?story_fbid=1&id=1000", "1000_1"),
        ("https://www.facebook.com/1000_1", "1000_1"),
        ("https://www.facebook.com/photo/?fbid=1", "1000_1"),
        ("https://www.facebook.com/vr/posts/1?comment_id=10", "1_10"),
        ("https://www.facebook.com/vr/posts/1?comment_id=9&reply_comment_id=10", "1_10"),
        ("https://www.facebook.com/vr/posts/1?comment_id=Y29tbWVudDoxXzEw", "1_10"),
    ],
)
def test_an_address_on_our_page_is_found(url, asked):
    graph = FakeGraph(nodes={"1000_1": post(1), "1_10": comment(10)})
    assert FacebookConnector().claims(url)
    assert FacebookConnector(graph).resolve(PAGE, url, now=NOW).canonical_id == asked


def test_addresses_that_hide_their_number_or_are_elsewhere_are_not():
    hidden = "https://www.facebook.com/vr/posts/pfbid02abc"
    assert FacebookConnector().claims(hidden)
    assert FacebookConnector(FakeGraph()).resolve(PAGE, hidden, now=NOW) is None
    assert FacebookConnector(FakeGraph()).resolve(PAGE, "https://facebook.com/x/posts/5", now=NOW) is None
    for url in (
        "https://facebook.com/vr",
        "https://facebook.com.evil.example/vr/posts/1",
        "ftp://x",
        "https://[",
    ):
        assert not FacebookConnector().claims(url)


# ── answering ────────────────────────────────────────────────────────────────

ANSWER = Reply("1_10", "Dank voor uw melding", "public", thread_id="1000_1")


def test_a_reply_is_a_comment_of_the_page():
    graph = FakeGraph()
    assert FacebookConnector(graph).publish(PAGE, ANSWER, key="k").external_id == "900_1"
    assert graph.sent == [("1_10/comments", {"message": "Dank voor uw melding"})]


def test_a_direct_answer_is_one_private_message_to_who_commented():
    graph = FakeGraph()
    FacebookConnector(graph).publish(PAGE, replace(ANSWER, visibility="direct"), key="k")
    [(path, form)] = graph.sent
    assert path == "1000/messages"
    assert json.loads(form["recipient"]) == {"comment_id": "1_10"}
    graph.instead = lambda path, params: fault(10900, message="(#10900) Activity already replied to")
    with pytest.raises(PublishFailed, match="inbox"):
        FacebookConnector(graph).publish(PAGE, replace(ANSWER, visibility="direct"), key="k")


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (fault(200, 403), PublishFailed),
        (answer({"error": ABSENT}, 400), PublishFailed),
        (fault(100), PublishFailed),
        (fault(190, 401), CredentialRefused),
        (fault(368, 400), RateLimited),
        (fault(2, 500), PublishUnknown),
        (answer("<html>", 502), PublishUnknown),
        (answer("<html>", 200), PublishUnknown),
        (requests.ReadTimeout("silence"), PublishUnknown),
        (requests.ConnectionError("cut"), PublishUnknown),
        (requests.ConnectTimeout("nobody"), Unavailable),
    ],
)
def test_a_reply_that_fails_says_whether_it_may_have_arrived(response, error):
    graph = FakeGraph(instead=lambda path, params: response)
    with pytest.raises(error):
        FacebookConnector(graph).publish(PAGE, ANSWER, key="k")


def test_a_reply_in_the_dark_is_found_by_its_writer_and_text_also_beside_a_nested_comment():
    nested = {**comment(10), "parent": {"id": "1_9"}}
    beside = [
        comment(14, message="Dank voor uw melding", by="8"),
        comment(13, message="Iets anders", by="1000"),
        comment(12, message="Dank voor  uw melding", by="1000"),
    ]
    graph = FakeGraph({"1_9/comments": beside}, nodes={"1_10": nested})
    assert FacebookConnector(graph).find_reply(PAGE, "k", ANSWER) == Published(
        "https://www.facebook.com/1_12", "1_12"
    )
    graph.lists = {}
    assert FacebookConnector(graph).find_reply(PAGE, "k", ANSWER) is None


BRAM = AuthorRef("7", "Bram")


def message(message_id, text, by):
    return {"id": message_id, "message": text, "from": {"id": by, "name": "x"}}


def inbox(*messages):
    """A page whose one conversation with Bram holds these messages."""
    return FakeGraph(nodes={"1000/conversations": {"data": [{"messages": {"data": list(messages)}}]}})


@pytest.mark.parametrize(
    ("connector", "config", "platform"),
    [(FacebookConnector, PAGE, "messenger"), (InstagramConnector, ACCOUNT, "instagram")],
)
def test_a_private_message_in_the_dark_is_found_in_the_conversation_with_who_wrote(
    connector, config, platform
):
    direct = replace(ANSWER, visibility="direct", author=BRAM)
    theirs, ours = message("m_1", ANSWER.text, "7"), message("m_2", "Dank voor  uw melding", "1000")
    graph = inbox(theirs, ours)
    assert connector(graph).find_reply(config, "k", direct) == Published("", "m_2")
    assert graph.asked[0][1].items() >= {"platform": platform, "user_id": "7"}.items()
    assert connector(inbox(theirs)).find_reply(config, "k", direct) is None
    unseen = FakeGraph(instead=lambda path, params: fault(10, 403))  # Meta refuses a second one itself
    assert connector(unseen).find_reply(config, "k", direct) is None
    nobody = inbox(ours)
    assert connector(nobody).find_reply(config, "k", replace(direct, author=None)) is None
    assert nobody.asked == []
    with pytest.raises(CredentialRefused):
        connector(FakeGraph(instead=lambda path, params: fault(190, 401))).find_reply(config, "k", direct)
    with pytest.raises(Unavailable):
        connector(FakeGraph(instead=lambda path, params: fault(2, 500))).find_reply(config, "k", direct)


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (fault(10, 403, message="This message is sent outside of allowed window."), PublishFailed),
        (fault(613), RateLimited),
        (fault(190, 401), CredentialRefused),
        (fault(2, 500), PublishUnknown),
        (requests.ReadTimeout("silence"), PublishUnknown),
    ],
)
@pytest.mark.parametrize(("connector", "config"), [(FacebookConnector, PAGE), (InstagramConnector, ACCOUNT)])
def test_a_private_message_that_fails_says_whether_it_may_have_arrived(connector, config, response, error):
    graph = FakeGraph(instead=lambda path, params: response)
    with pytest.raises(error):
        connector(graph).publish(config, Reply("10", "Dank", "direct", thread_id="500"), key="k")


def test_in_private_only_who_wrote_on_our_own_page_is_answered():
    on_page = only(poll(FakeGraph({"1000/feed": [post(1)]})))
    assert FacebookConnector().can_reply(PAGE, on_page, "direct") == Yes()
    elsewhere = FacebookConnector().can_reply(PAGE, replace(on_page, canonical_id="88_1"), "direct")
    assert isinstance(elsewhere, No) and "our own page" in elsewhere.reason
    comment_here = replace(on_page, canonical_id="610", thread_id="500")
    assert InstagramConnector().can_reply(ACCOUNT, comment_here, "direct") == Yes()
    tagged = replace(on_page, canonical_id="media:700")
    assert isinstance(InstagramConnector().can_reply(ACCOUNT, tagged, "direct"), No)
    assert InstagramConnector().can_reply(ACCOUNT, tagged) == Yes()
    pageless = replace(ACCOUNT, settings={"ig_user_id": "2000"})
    assert isinstance(InstagramConnector().can_reply(pageless, comment_here, "direct"), No)


def test_a_private_message_on_instagram_is_counted_in_bytes():
    counted = InstagramConnector().reply_length
    assert (counted("één"), counted("één", "direct")) == (3, 5)
    assert InstagramConnector.capabilities.max_direct_chars == 1000
    assert (FacebookConnector.capabilities.max_direct_chars, FacebookConnector.capabilities.direct_days) == (
        2000,
        7,
    )


def test_who_may_be_answered():
    mention = only(poll(FakeGraph({"1000/feed": [post(1)]})))
    assert FacebookConnector().can_reply(PAGE, mention) == Yes()
    assert isinstance(FacebookConnector().can_reply(replace(PAGE, secrets={}), mention), No)
    assert isinstance(FacebookConnector().can_reply(PAGE, replace(mention, canonical_id="rating:a")), No)


def test_a_text_that_is_too_long_is_not_sent():
    graph = FakeGraph()
    for connector, config in ((FacebookConnector(graph), PAGE), (InstagramConnector(graph), ACCOUNT)):
        for visibility in ("public", "direct"):
            with pytest.raises(PublishFailed):
                connector.publish(config, Reply("10", "a" * 8001, visibility), key="k")
    assert graph.sent == []


# ── deliveries ───────────────────────────────────────────────────────────────

REPORTED = {
    "item": "comment",
    "verb": "add",
    "post_id": "1000_1",
    "comment_id": "1_10",
    "parent_id": "1000_1",
    "message": "Wat een rook 10",
    "created_time": int((NOW - timedelta(minutes=5)).timestamp()),
    "from": {"id": "8", "name": "Bram Vos"},
}


def test_a_delivered_comment_is_the_same_mention_as_the_polled_one():
    graph = FakeGraph({"1000/feed": [post(1, by="1000", n_comments=1)], "1000_1/comments": [comment(10)]})
    polled, [told] = only(poll(graph)), delivered(REPORTED).mentions
    for name in ("canonical_id", "text", "version", "posted_at", "thread_id", "parent_id", "author", "kind"):
        assert getattr(told, name) == getattr(polled, name)


@pytest.mark.parametrize(
    ("field", "value", "identity"),
    [
        ("feed", {**REPORTED, "parent_id": "1_9"}, "1_10"),
        ("feed", {**REPORTED, "verb": "edited"}, "1_10"),
        ("feed", {**REPORTED, "item": "status"}, "1000_1"),
        ("mention", {**REPORTED, "item": "post", "post_id": "7_3"}, "7_3"),
        ("mention", REPORTED, "1_10"),
        (
            "ratings",
            {"item": "rating", "verb": "add", "open_graph_story_id": "33", "review_text": "Top"},
            "33",
        ),
    ],
)
def test_each_kind_of_change_is_read(field, value, identity):
    assert only([delivered(value, field=field)]).canonical_id == identity


@pytest.mark.parametrize(
    "value",
    [
        {**REPORTED, "verb": "remove"},
        {**REPORTED, "verb": "hide"},
        {**REPORTED, "item": "reaction"},
        {**REPORTED, "from": {"id": "1000", "name": "Wij"}},
    ],
)
def test_what_is_no_words_of_others_is_left(value):
    page = delivered(value)
    assert page.mentions == page.rejected == ()


def test_a_change_that_cannot_be_read_is_put_aside_and_the_others_are_kept():
    broken = {name: value for name, value in REPORTED.items() if name != "comment_id"}
    page = delivered(broken)
    assert page.mentions == ()
    [rejected] = page.rejected
    mended = json.loads(rejected.raw)
    mended["entry"]["comment_id"] = "1_10"
    assert FacebookConnector().normalise(PAGE, json.dumps(mended), now=NOW).canonical_id == "1_10"


def test_a_delivery_for_another_page_is_not_ours():
    assert delivered(REPORTED, account="4444").mentions == ()


@pytest.mark.parametrize("header", ["", "sha256=", "sha256=00", "sha1=abc", "sha256=é"])
def test_a_delivery_without_our_signature_is_refused_unread(header):
    with pytest.raises(Forged):
        FacebookConnector().receive(PAGE, {"x-hub-signature-256": header}, b"{}", now=NOW)


def test_a_delivery_signed_with_another_secret_or_without_one_set_is_refused():
    headers, raw = signed({"object": "page", "entry": []}, "another")
    with pytest.raises(Forged):
        FacebookConnector().receive(PAGE, headers, raw, now=NOW)
    headers, raw = signed({"object": "page", "entry": []}, "")
    with pytest.raises(Forged):
        FacebookConnector().receive(replace(PAGE, secrets={"page_token": "t"}), headers, raw, now=NOW)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"entry": {}}', b"\xff", b"[" * 100_000])
def test_a_signed_body_that_is_nothing_is_unreadable(body):
    headers, raw = signed(body)
    with pytest.raises(Unreadable):
        FacebookConnector().receive(PAGE, headers, raw, now=NOW)


def test_meta_learns_that_the_address_is_ours_only_with_our_word():
    asked = {"hub.mode": "subscribe", "hub.verify_token": "our-word", "hub.challenge": "1158201444"}
    assert FacebookConnector().handshake(PAGE, asked) == "1158201444"
    for wrong in (
        {"hub.verify_token": "guess"},
        {"hub.verify_token": ""},
        {"hub.mode": "x"},
        {"hub.challenge": "<b>"},
    ):
        assert FacebookConnector().handshake(PAGE, asked | wrong) is None
    assert FacebookConnector().handshake(replace(PAGE, secrets={}), asked | {"hub.verify_token": ""}) is None


# ── Instagram ────────────────────────────────────────────────────────────────


def ig_comment(number, minutes_ago=5, *, username="bram", now=NOW, **fields):
    return {
        "id": str(number),
        "text": f"Mooi {number}",
        "timestamp": at(minutes_ago, now),
        "username": username,
        "like_count": 3,
        **fields,
    }


def media(n_comments=1, last="610"):
    return {
        "id": "500",
        "timestamp": at(60 * 24 * 20),
        "permalink": "https://www.instagram.com/p/AbC/",
        "comments_count": n_comments,
        "comments": {"data": [{"id": last}]},
    }


def instagram(**lists):
    return FakeGraph({"2000/media": [media()], **lists}, {"2000": {"id": "2000"}})


def test_comments_their_answers_and_tags_are_read():
    answers = {"data": [ig_comment(611), ig_comment(612, username="vr", **{"from": {"id": "2000"}})]}
    tag = {
        "id": "700",
        "caption": "Zie @vr",
        "timestamp": at(9),
        "username": "kees",
        "permalink": "https://www.instagram.com/p/Xy/",
    }
    lists = {"500/comments": [ig_comment(610, replies=answers)], "2000/tags": [tag]}
    found = poll(instagram(**lists), config=ACCOUNT)
    assert ids(found) == ["media:700", "610", "611"]
    mentions = {m.canonical_id: m for page in found for m in page.mentions}
    assert (mentions["611"].parent_id, mentions["611"].thread_id) == ("610", "500")
    assert mentions["610"].url == "https://www.instagram.com/p/AbC/c/610/"
    assert all(m.is_addressed and m.platform == "instagram" for m in mentions.values())


def test_a_new_answer_to_an_old_comment_is_found():
    old = 60 * 24 * 3
    graph = instagram(**{"500/comments": [ig_comment(614), ig_comment(610, old)]})
    cursor = poll(graph, config=ACCOUNT)[-1].cursor
    graph.lists["2000/media"] = [media(2)]
    answered = ig_comment(610, old, replies={"data": [ig_comment(613, 1)]})
    graph.lists["500/comments"] = [ig_comment(614, 30), answered]
    assert ids(poll(graph, cursor, config=ACCOUNT)) == ["613"]


def test_answers_that_do_not_fit_in_with_their_comment_are_read_after_it():
    paging = {"next": "https://graph.facebook.com/v25.0/610/replies?after=1"}
    lists = {
        "500/comments": [ig_comment(610, replies={"data": [ig_comment(611)], "paging": paging})],
        "610/replies": [ig_comment(611), ig_comment(612)],
    }
    found = poll(instagram(**lists), config=ACCOUNT)
    assert set(ids(found)) == {"610", "611", "612"}
    assert found[-1].mentions[-1].parent_id == "610"


def test_a_comment_that_names_us_elsewhere_is_fetched_when_it_is_reported():
    told = {"id": "810", "text": "Vraag het @vr", "timestamp": at(2), "media": {"id": "800"}}
    graph = FakeGraph(nodes={"2000": {"mentioned_comment": told}})
    page = delivered(
        {"media_id": "800", "comment_id": "810"},
        field="mentions",
        kind="instagram",
        account="2000",
        config=ACCOUNT,
        graph=graph,
    )
    mention = only([page])
    assert (mention.canonical_id, mention.thread_id) == ("mention:810", "media:800")
    assert graph.asked[0][1]["fields"].startswith("mentioned_comment.comment_id(810){")
    graph.sent.clear()
    reply = Reply("mention:810", "Dank u", "public", thread_id="media:800")
    InstagramConnector(graph).publish(ACCOUNT, reply, key="k")
    assert graph.sent == [("2000/mentions", {"message": "Dank u", "media_id": "800", "comment_id": "810"})]


def test_a_reported_mention_that_cannot_be_fetched_now_is_delivered_again():
    with pytest.raises(Unavailable):
        delivered(
            {"media_id": "800"},
            field="mentions",
            kind="instagram",
            account="2000",
            config=ACCOUNT,
            graph=FakeGraph(instead=lambda path, params: fault(2, 500)),
        )


def test_a_reported_mention_that_is_gone_already_is_put_aside():
    page = delivered(
        {"media_id": "800"},
        field="mentions",
        kind="instagram",
        account="2000",
        config=ACCOUNT,
        graph=FakeGraph(),
    )
    assert len(page.rejected) == 1


def test_a_reported_comment_has_the_time_of_its_delivery():
    value = {"id": "610", "text": "Mooi", "from": {"id": "9", "username": "bram"}, "media": {"id": "500"}}
    page = delivered(value, field="comments", kind="instagram", account="2000", config=ACCOUNT)
    assert only([page]).posted_at == datetime.fromtimestamp(1795348800, UTC)
    assert only([page]).author.handle == "bram"


def test_posts_of_others_are_never_called_gone():
    nodes = {"2000": {"id": "2000"}, "610": {**ig_comment(610), "media": {"id": "500"}}}
    found = InstagramConnector(FakeGraph(nodes=nodes)).refresh(
        ACCOUNT, ["610", "611", "media:700", "mention:810"], now=NOW
    )
    assert [type(found[i]) for i in ("610", "611", "media:700", "mention:810")] == [
        Live,
        Gone,
        Unknown,
        Unknown,
    ]


def test_an_answer_on_instagram_goes_under_the_comment_and_is_found_again():
    graph = FakeGraph(nodes={"610": {"id": "610"}})
    reply = Reply("610", "Dank u", "public", thread_id="500")
    InstagramConnector(graph).publish(ACCOUNT, reply, key="k")
    assert graph.sent == [("610/replies", {"message": "Dank u"})]
    graph.lists["610/replies"] = [ig_comment(615, username="vr", text="@bram Dank u")]
    assert InstagramConnector(graph).find_reply(ACCOUNT, "k", reply).external_id == "615"
    without_name = replace(ACCOUNT, settings={"ig_user_id": "2000"})
    with pytest.raises(Unavailable):
        InstagramConnector(graph).find_reply(without_name, "k", reply)


def test_addresses_on_instagram():
    comment_url = "https://www.instagram.com/p/AbC/c/610/?x=1"
    node = {**ig_comment(610), "media": {"id": "500", "permalink": "https://www.instagram.com/p/AbC/"}}
    tag = {
        "id": "700",
        "timestamp": at(9),
        "username": "k",
        "permalink": "https://www.instagram.com/reel/Xy-_/",
    }
    graph = FakeGraph({"2000/tags": [tag]}, {"610": node})
    connector = InstagramConnector(graph)
    assert connector.resolve(ACCOUNT, comment_url, now=NOW).canonical_id == "610"
    assert connector.resolve(ACCOUNT, "https://instagram.com/reel/Xy-_", now=NOW).canonical_id == "media:700"
    assert connector.resolve(ACCOUNT, "https://instagram.com/p/other", now=NOW) is None
    assert not connector.claims("https://instagram.com/vr")


def test_missing_settings_and_keys_are_said_before_anything_is_asked():
    problems = FacebookConnector().check(SourceConfig(1, "P", {}))
    assert [p.blocking for p in problems] == [True, True, False]
    assert FacebookConnector().check(PAGE) == []
    assert InstagramConnector().check(ACCOUNT) == []
