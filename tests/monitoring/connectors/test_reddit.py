"""Reddit: what it gives through the real praw, how it refuses, and that nothing is lost between polls."""

import json
import logging
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.connectors.base import (
    AuthorRef,
    Budget,
    Gap,
    Gone,
    Kind,
    Live,
    No,
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
from monitoring.connectors.reddit import RedditConnector
from tests.monitoring.connectors.fake_reddit import FakeReddit, comment, post
from tests.monitoring.connectors.fake_x import answer

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
APP = {"client_id": "ci", "client_secret": "secret-of-the-app"}
ACCOUNT = APP | {"username": "vr_loswal", "password": "secret-word"}
LOCAL = SourceConfig(9, "Reddit", {"subreddits": ["loswal"]}, secrets=APP)
OURS = replace(LOCAL, settings={}, secrets=ACCOUNT)
NEW, COMMENTS = "r/loswal/new", "r/loswal/comments"


def at(minutes_ago):
    return (NOW - timedelta(minutes=minutes_ago)).timestamp()


def poll(platform, cursor=None, config=LOCAL, budget=None, now=NOW):
    stored = json.loads(json.dumps(cursor or {}))  # as the database gives it back
    return list(RedditConnector(platform).poll(config, stored, budget or Budget(), now=now))


def ids(pages):
    return [mention.canonical_id for page in pages for mention in page.mentions]


def only(pages):
    [mention] = [mention for page in pages for mention in page.mentions]
    return mention


# ── reading ──────────────────────────────────────────────────────────────────


def test_posts_and_comments_of_a_subreddit_are_read():
    platform = FakeReddit({NEW: [post("aa", at(9))], COMMENTS: [comment("b2", at(3), parent_id="t1_b1")]})
    found = poll(platform)
    root, below = (m for page in found for m in page.mentions)
    assert (root.canonical_id, root.kind, root.text) == ("t3_aa", Kind.POST, "Brand aa\n\nWeet iemand meer?")
    assert root.url == "https://www.reddit.com/r/loswal/comments/aa/brand/"
    assert (root.reactions.replies, root.reactions.likes) == (3, 0)
    assert (below.kind, below.parent_id, below.thread_id) == (Kind.REPLY, "t1_b1", "t3_aa")
    assert (below.author.external_id, below.author.handle) == ("t2_anna", "anna_bos")
    assert not below.is_addressed
    assert platform.paths() == [NEW, COMMENTS]


def test_who_names_us_is_addressed_to_us_and_needs_our_account():
    platform = FakeReddit({"message/mentions": [comment("b1", at(3))]})
    assert only(poll(platform, config=OURS)).is_addressed
    assert platform.paths() == ["message/mentions", "message/comments"]


def test_a_link_a_crosspost_an_edit_and_a_deleted_writer():
    told = [
        post("aa", at(1), is_self=False, selftext="", url="https://nieuws.example/brand"),
        post("ab", at(2), crosspost_parent="t3_zz"),
        post("ac", at(3), edited=at(1), author=None),
    ]
    link, passed_on, edited = poll(FakeReddit({NEW: told}))[0].mentions
    assert link.text == "Brand aa\n\nhttps://nieuws.example/brand"
    assert (passed_on.kind, passed_on.parent_id) == (Kind.QUOTE, "t3_zz")
    assert (edited.version, edited.author) == (str(int(at(1))), None)
    assert link.version == ""


def test_what_was_taken_away_is_not_read():
    told = [
        comment("b1", at(1), body="[removed]"),
        comment("b2", at(1), body="[deleted]", author="[deleted]"),
        comment("b3", at(1)),
    ]
    assert ids(poll(FakeReddit({COMMENTS: told}))) == ["t1_b3"]


def test_a_poll_reads_to_its_mark_also_when_the_newest_known_post_is_deleted():
    platform = FakeReddit({COMMENTS: [comment("b2", at(20)), comment("b1", at(200))]})
    cursor = poll(platform)[-1].cursor
    platform.lists[COMMENTS] = [comment("b3", at(1)), comment("b1", at(200))]
    assert "t1_b3" in ids(poll(platform, cursor))


def test_a_run_that_is_cut_short_goes_on_where_it_stopped():
    lists = {COMMENTS: [comment(f"b{n}", at(n)) for n in range(9)], NEW: [post("aa", at(5))]}
    platform, cursor, found = FakeReddit(lists, page_size=2), {}, []
    for _ in range(9):
        [page] = poll(platform, cursor, budget=Budget(max_pages=1))
        cursor, found = page.cursor, found + ids([page])
        if page.last:
            break
    assert found == ["t3_aa", *(f"t1_b{n}" for n in range(9))]


def test_a_mark_that_a_full_listing_does_not_reach_leaves_a_gap_that_is_said():
    platform = FakeReddit({COMMENTS: [comment("b1", at(0))]})
    cursor = poll(platform)[-1].cursor
    later = NOW + timedelta(days=2)
    recent = [comment(f"c{n}", later.timestamp() - n) for n in range(950)]
    platform.lists[COMMENTS] = recent
    found = poll(platform, cursor, budget=Budget(max_pages=20, max_items=2000), now=later)
    [gap] = [gap for page in found for gap in page.gaps]
    assert isinstance(gap, Gap)
    assert gap.until_at == later - timedelta(seconds=949)
    assert abs(gap.from_at - NOW) < timedelta(minutes=11)
    assert len(ids(found)) == 950


def test_one_bad_entry_is_put_aside_and_can_be_read_again():
    bad = comment("b1", at(1))
    del bad["data"]["created_utc"]
    platform = FakeReddit({COMMENTS: [bad, comment("b2", at(1))]})
    platform.instead = lambda path, params: (
        {"data": {"children": [None, bad, {"kind": "more"}, comment("b2", at(1))]}}
        if path == COMMENTS
        else None
    )
    found = poll(platform)
    assert ids(found) == ["t1_b2"]
    rejected = found[-1].rejected
    assert len(rejected) == 3
    told = json.loads(rejected[1].raw)
    told["entry"]["data"]["created_utc"] = at(1)
    assert RedditConnector().normalise(LOCAL, json.dumps(told), now=NOW).canonical_id == "t1_b1"
    for raw in ("", "[]", "null", rejected[1].raw):
        with pytest.raises(Unreadable):
            RedditConnector().normalise(LOCAL, raw, now=NOW)


@settings(deadline=None, max_examples=40)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(st.sampled_from(["kind", "data", "name", "created_utc", "body"]), inner)
        ),
        max_leaves=6,
    )
)
def test_nothing_in_a_listing_stops_the_page(entry):
    body = {"data": {"children": [entry], "after": None}}
    platform = FakeReddit(instead=lambda path, params: body if path in (NEW, COMMENTS) else None)
    assert poll(platform)[-1].last


@pytest.mark.parametrize("text", ["nul \0 hier", "half \ud83d paar", "👨‍👩‍👧‍👦" * 2000, "<b>vet</b>"])
def test_odd_texts_are_storable(text):
    mention = only(poll(FakeReddit({COMMENTS: [comment("b1", at(1), body=text)]})))
    assert "\0" not in mention.text
    mention.text.encode()


def test_a_time_from_the_future_counts_at_arrival():
    assert only(poll(FakeReddit({COMMENTS: [comment("b1", at(-600))]}))).posted_at == NOW


def test_a_search_asks_for_any_of_the_words_and_takes_turns():
    config = replace(LOCAL, settings={}, terms=('brand, "grote rook"',))
    platform = FakeReddit({"search": [post("aa", at(1))]})
    assert ids(poll(platform, config=config)) == ["t3_aa"]
    assert platform.asked[-1][1]["q"] == 'brand OR "grote rook"'
    many = replace(config, terms=tuple(f"woord{n:03d}" for n in range(60)))
    cursor = poll(platform, config=many)[-1].cursor
    poll(platform, cursor, config=many)
    first, second = (params["q"] for path, params in platform.asked[-4:] if path == "search")
    assert first != second


def test_nothing_to_read_asks_nothing():
    platform = FakeReddit()
    with pytest.raises(NothingToRead):
        poll(platform, config=replace(LOCAL, settings={"subreddits": ["../x", 7]}))
    assert platform.asked == []


# ── how it refuses ───────────────────────────────────────────────────────────


def refusing(reply, config=LOCAL):
    platform = FakeReddit(instead=lambda path, params: None if "access_token" in path else reply)
    started = time.monotonic()
    try:
        return poll(platform, config=config)
    finally:
        assert time.monotonic() - started < 1  # praw would sleep, and ask again
        assert len(platform.paths()) == 1


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, timedelta(minutes=15)),
        ({"retry_after": "120"}, timedelta(minutes=2)),
        ({"x_ratelimit_reset": "300"}, timedelta(minutes=5)),
        ({"x_ratelimit_reset": "300", "retry_after": "600"}, timedelta(minutes=10)),
        ({"x_ratelimit_reset": "-5"}, timedelta(minutes=1)),
        ({"retry_after": "99999999"}, timedelta(days=1)),
    ],
)
def test_a_limit_is_waited_for_by_the_schedule(headers, wait):
    with pytest.raises(RateLimited) as limited:
        refusing(answer("", 429, **headers))
    assert limited.value.until == NOW + wait


@pytest.mark.parametrize(
    "reply",
    [
        answer("<html>", 500),
        answer("", 502),
        answer("", 503),
        answer("", 504),
        answer("", 522),
        answer("<html>blocked</html>", 403),
        answer("<html>", 200),
        answer("", 200),
        answer('{"data": {"chil', 200),
        answer([], 200),
        answer(None, 200),
        answer({"data": None}, 200),
        answer({"data": {"children": None}}, 200),
        answer({"error": 500}, 200),
        requests.ConnectionError("refused"),
        requests.ReadTimeout("silence"),
        requests.ConnectTimeout("nobody"),
        requests.exceptions.ChunkedEncodingError("cut"),
    ],
)
def test_an_answer_that_is_none_is_tried_again_later_and_not_in_the_worker(reply):
    with pytest.raises(Unavailable):
        refusing(reply)


@pytest.mark.parametrize("status", [401])
def test_keys_that_are_not_taken_are_the_credentials_trouble(status):
    platform = FakeReddit(instead=lambda path, params: answer({"message": "Unauthorized"}, status))
    with pytest.raises(CredentialRefused):
        poll(platform)


def test_a_wrong_password_is_the_credentials_trouble_and_is_not_repeated():
    platform = FakeReddit(
        instead=lambda path, params: {"error": "invalid_grant"} if "access_token" in path else None
    )
    with pytest.raises(CredentialRefused, match="invalid_grant") as refused:
        poll(platform, config=OURS)
    assert "secret-word" not in str(refused.value)


def test_a_closed_subreddit_is_left_alone_for_a_day_and_the_others_go_on():
    config = replace(LOCAL, settings={"subreddits": ["dicht", "loswal"]})
    platform = FakeReddit({NEW: [post("aa", at(1))]})
    platform.instead = lambda path, params: (
        answer({"reason": "private", "message": "Forbidden"}, 403) if path.startswith("r/dicht") else None
    )
    found = poll(platform, config=config)
    assert ids(found) == ["t3_aa"]
    reasons = [r.reason for page in found for r in page.rejected]
    assert reasons == [f"r/dicht/{kind}: Reddit answers 403: private" for kind in ("new", "comments")]
    platform.asked.clear()
    again = poll(platform, found[-1].cursor, config=config)
    assert platform.paths() == [NEW, COMMENTS]
    assert [r for page in again for r in page.rejected] == []


def test_without_keys_nothing_is_asked():
    platform = FakeReddit()
    with pytest.raises(Refused, match="client id"):
        poll(platform, config=replace(LOCAL, secrets={}))
    assert platform.asked == []


def test_what_is_left_is_told_and_not_slept_for():
    platform = FakeReddit({COMMENTS: [comment(f"b{n}", at(n)) for n in range(6)]}, page_size=2)
    platform.headers = {"x_ratelimit_remaining": "1.0", "x_ratelimit_used": "99", "x_ratelimit_reset": "240"}
    started = time.monotonic()
    quota = poll(platform)[-1].quota
    assert time.monotonic() - started < 1
    assert (quota.remaining, quota.limit, quota.resets_at) == (1, 100, NOW + timedelta(seconds=240))


def test_every_request_is_bounded_and_no_secret_is_logged(caplog):
    platform = FakeReddit({NEW: [post("aa", at(1))]})
    with caplog.at_level(logging.DEBUG):
        poll(platform, config=replace(OURS, settings=LOCAL.settings))
    assert set(platform.timeouts) == {(5.0, 20.0)}
    assert "secret-word" not in caplog.text
    assert "secret-of-the-app" not in caplog.text


# ── looking up again ─────────────────────────────────────────────────────────


def test_a_look_up_tells_live_from_taken_away_and_from_not_there():
    nodes = {"t3_aa": post("aa", at(1)), "t1_b1": comment("b1", at(1), body="[removed]")}
    nodes["t3_ab"] = post("ab", at(1), removed_by_category="moderator")
    platform = FakeReddit(nodes=nodes)
    asked = ["t3_aa", "t1_b1", "t3_ab", "t1_zz", "x y"]
    found = RedditConnector(platform).refresh(LOCAL, asked, now=NOW)
    assert [type(found[i]) for i in asked] == [Live, Gone, Gone, Gone, Unknown]
    assert len(platform.paths()) == 2  # what is not there is asked a second time


def test_nothing_is_gone_after_a_refusal():
    platform = FakeReddit(instead=lambda path, params: answer("", 503) if path == "api/info" else None)
    with pytest.raises(Unavailable):
        RedditConnector(platform).refresh(LOCAL, ["t3_aa"], now=NOW)


def test_a_thread_is_all_levels_newest_first():
    below = {"data": {"children": [comment("b2", at(1)), {"kind": "more", "data": {}}]}}
    tree = [comment("b1", at(5), replies=below), comment("b3", at(3), replies="", body="[deleted]"), None]
    body = [{"data": {"children": [post("aa", at(9))]}}, {"data": {"children": tree}}]
    platform = FakeReddit({NEW: [post("aa", at(9))]})
    mention = only(poll(platform))
    platform.instead = lambda path, params: body if path == "comments/aa" else None
    found = RedditConnector(platform).thread(LOCAL, mention, now=NOW)
    assert [m.canonical_id for m in found] == ["t1_b2", "t1_b1"]
    platform.instead = lambda path, params: {} if path == "comments/aa" else None
    with pytest.raises(Unavailable):
        RedditConnector(platform).thread(LOCAL, mention, now=NOW)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.reddit.com/r/loswal/comments/aa/brand/", "t3_aa"),
        ("https://old.reddit.com/r/loswal/comments/aa/brand/b1/?context=3", "t1_b1"),
        ("https://www.reddit.com/r/loswal/comments/aa/comment/b1/", "t1_b1"),
        ("https://reddit.com/comments/aa", "t3_aa"),
        ("https://redd.it/aa", "t3_aa"),
    ],
)
def test_an_address_is_found(url, name):
    platform = FakeReddit(nodes={"t3_aa": post("aa", at(1)), "t1_b1": comment("b1", at(1))})
    assert RedditConnector().claims(url)
    assert RedditConnector(platform).resolve(LOCAL, url, now=NOW).canonical_id == name
    assert RedditConnector(FakeReddit()).resolve(LOCAL, url, now=NOW) is None


def test_other_addresses_are_not():
    for url in (
        "https://reddit.com/r/loswal",
        "https://evilreddit.com/comments/aa",
        "https://redd.it/",
        "x",
        "https://[",
    ):
        assert not RedditConnector().claims(url)


# ── answering ────────────────────────────────────────────────────────────────

ANSWER = Reply("t1_b1", "Dank voor uw melding", "public", thread_id="t3_aa")


def test_an_answer_is_a_comment_under_the_parent():
    platform = FakeReddit()
    published = RedditConnector(platform).publish(OURS, ANSWER, key="k")
    assert published.url == "https://www.reddit.com/r/loswal/comments/aa/brand/zz/"
    [form] = platform.sent
    assert (form["thing_id"], form["text"]) == ("t1_b1", "Dank voor uw melding")


def said(name, words="No."):
    return {"json": {"errors": [[name, words, "field"]]}}


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (said("RATELIMIT", "Take a break for 9 minutes before trying again."), RateLimited),
        (said("THREAD_LOCKED"), PublishFailed),
        (said("DELETED_COMMENT"), PublishFailed),
        (answer({"message": "Forbidden"}, 403), PublishFailed),
        (answer("", 429), RateLimited),
        (answer("", 503), PublishUnknown),
        (answer("<html>", 200), PublishUnknown),
        (answer([], 200), PublishUnknown),
        (requests.ReadTimeout("silence"), PublishUnknown),
        (requests.ConnectTimeout("nobody"), Unavailable),
    ],
)
def test_an_answer_that_fails_says_whether_it_may_have_arrived(reply, error):
    platform = FakeReddit(instead=lambda path, params: reply if path == "api/comment" else None)
    with pytest.raises(error):
        RedditConnector(platform).publish(OURS, ANSWER, key="k")
    assert platform.paths() == ["api/v1/me", "api/comment"]


def test_without_a_sign_in_nothing_was_sent():
    platform = FakeReddit(instead=lambda path, params: answer("", 503) if "access_token" in path else None)
    with pytest.raises(Unavailable):
        RedditConnector(platform).publish(OURS, ANSWER, key="k")
    assert platform.sent == []


def test_an_answer_in_the_dark_is_found_by_its_parent_and_text():
    mine = [
        comment("b8", at(1), parent_id="t1_other", body="Dank voor uw melding"),
        comment("b9", at(2), parent_id="t1_b1", body="Dank voor  uw melding"),
    ]
    platform = FakeReddit({"user/vr_loswal/comments": mine})
    assert RedditConnector(platform).find_reply(OURS, "k", ANSWER).external_id == "t1_b9"
    assert RedditConnector(FakeReddit()).find_reply(OURS, "k", ANSWER) is None
    broken = FakeReddit(instead=lambda path, params: {} if path.startswith("user/") else None)
    with pytest.raises(Unavailable):
        RedditConnector(broken).find_reply(OURS, "k", ANSWER)


DIRECT = replace(ANSWER, visibility="direct", author=AuthorRef("t2_anna", "anna_bos"))


def test_a_private_message_goes_to_the_author_with_a_mark_by_which_it_is_found_again():
    platform = FakeReddit()
    RedditConnector(platform).publish(OURS, DIRECT, key="k")
    [form] = platform.sent
    assert (form["to"], form["text"]) == ("anna_bos", "Dank voor uw melding")
    assert len(form["subject"]) <= 100
    entry = {"kind": "t4", "data": {"name": "t4_9", "subject": form["subject"], "dest": "anna_bos"}}
    platform.lists["message/sent"] = [{"kind": "t4", "data": {"name": "t4_8", "subject": "Anders"}}, entry]
    found = RedditConnector(platform).find_reply(OURS, "k", DIRECT)
    assert (found.url, found.external_id) == ("https://www.reddit.com/message/messages/9", "t4_9")
    assert RedditConnector(platform).find_reply(OURS, "another", DIRECT) is None
    broken = FakeReddit(instead=lambda path, params: {} if path == "message/sent" else None)
    with pytest.raises(Unavailable):
        RedditConnector(broken).find_reply(OURS, "k", DIRECT)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (
            said("NOT_WHITELISTED_BY_USER_MESSAGE", "they take none from strangers"),
            PublishFailed,
        ),
        (said("USER_DOESNT_EXIST"), PublishFailed),
        (said("RATELIMIT", "Take a break for 9 minutes before trying again."), RateLimited),
        (answer("", 429), RateLimited),
        (answer("", 503), PublishUnknown),
        (answer([], 200), PublishUnknown),
        (requests.ReadTimeout("silence"), PublishUnknown),
        (requests.ConnectTimeout("nobody"), Unavailable),
    ],
)
def test_a_private_message_that_fails_says_whether_it_may_have_arrived(reply, error):
    platform = FakeReddit(instead=lambda path, params: reply if path == "api/compose" else None)
    with pytest.raises(error):
        RedditConnector(platform).publish(OURS, DIRECT, key="k")


def test_only_who_is_known_by_name_can_be_written_to():
    mention = only(poll(FakeReddit({NEW: [post("aa", at(1))]})))
    assert RedditConnector().can_reply(OURS, mention, "direct") == Yes()
    assert isinstance(RedditConnector().can_reply(LOCAL, mention, "direct"), No)
    for author in (None, AuthorRef("x", "../x")):
        answer = RedditConnector().can_reply(OURS, replace(mention, author=author), "direct")
        assert isinstance(answer, No) and "not known" in answer.reason


def test_what_may_be_answered():
    mention = only(poll(FakeReddit({NEW: [post("aa", at(1))]})))
    assert RedditConnector().can_reply(OURS, mention) == Yes()
    assert isinstance(RedditConnector().can_reply(LOCAL, mention), No)
    for bad in (replace(ANSWER, visibility="direct"), replace(DIRECT, text="a" * 10_001)):
        with pytest.raises(PublishFailed):
            RedditConnector(FakeReddit()).publish(OURS, bad, key="k")


def test_missing_keys_and_odd_names_are_said():
    config = SourceConfig(1, "R", {"subreddits": ["../x", "loswal"]})
    problems = RedditConnector().check(config)
    assert [problem.blocking for problem in problems] == [True, False, False]
    assert "../x" in problems[1].message
    assert RedditConnector().check(OURS) == []


def test_a_list_that_turns_in_a_circle_is_left_and_the_others_are_read():
    after = {"": "t3_b", "t3_b": "t3_c", "t3_c": "t3_d", "t3_d": "t3_b"}

    def instead(path, asked):
        if path != "r/loswal/new":
            return None
        entry = post(asked.get("after", "t3_a")[3:], NOW.timestamp())
        return {"kind": "Listing", "data": {"children": [entry], "after": after[asked.get("after", "")]}}

    platform = FakeReddit({"r/loswal/comments": [comment("zz", NOW.timestamp())]}, instead=instead)
    found = poll(platform, budget=Budget(max_pages=12))
    assert "t1_zz" in ids(found)
    assert [rejected.reason for page in found for rejected in page.rejected] == [
        "the platform gave the same page twice; reading stopped there"
    ]


@pytest.mark.parametrize("errors", [3, [1]])
def test_odd_errors_after_sending_leave_the_reply_unknown(errors):
    def instead(path, asked):
        return {"json": {"errors": errors}} if path == "api/comment" else None

    secrets = {"client_id": "ci", "client_secret": "cs", "username": "vr_loswal", "password": "p"}
    connector = RedditConnector(FakeReddit(instead=instead))
    with pytest.raises(PublishUnknown):
        connector.publish(replace(LOCAL, secrets=secrets), Reply("t3_aa", "Dank", "public"), key="k")
