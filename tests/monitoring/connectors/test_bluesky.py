"""Bluesky: what a real network answered, how it refuses, and that nothing is lost between two polls."""

import json
import logging
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import given
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
from monitoring.connectors.bluesky import BlueskyConnector
from monitoring.connectors.bluesky.posts import mention_of, mentions_in
from monitoring.connectors.bluesky.searching import searches
from monitoring.connectors.bluesky.sending import length, record_key
from monitoring.connectors.bluesky.traffic import PublicTransport
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
from monitoring.fetch import Network
from tests.monitoring.connectors.fake_bluesky import (
    US,
    WRITER,
    FakeBluesky,
    failed,
    found,
    recorded,
    session,
    token,
    uri,
    view,
)
from tests.monitoring.hostile import response
from tests.monitoring.networks import Wire

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
KEYS = {"identifier": "vr-loswal.test", "app_password": "abcd-abcd-abcd-abcd"}
REPLY = Reply(uri(1), "Dank voor de melding", "public")


def source(*terms, settings=None, secrets=None, kept=None, session=""):
    return SourceConfig(
        id=9,
        name="Bluesky",
        settings={"own_mentions": False} if settings is None else settings,
        terms=terms,
        secrets=KEYS if secrets is None else secrets,
        session=session,
        keep=(kept if kept is not None else []).append,
    )


def pages(platform, cursor=None, config=None, budget=None, now=NOW):
    connector = BlueskyConnector(platform)
    return list(connector.poll(config or source("brand"), cursor or {}, budget or Budget(), now=now))


def ids(polled):
    return [mention.canonical_id for page in polled for mention in page.mentions]


def ago(**span):
    return NOW - timedelta(**span)


def stamp(moment):
    return moment.isoformat()


# ── what a real network answered ─────────────────────────────────────────────


def test_a_recorded_poll_hears_who_answered_us_and_what_the_search_finds():
    platform = recorded("poll")
    polled = pages(platform, config=source("rook", settings={}))
    assert [page.last for page in polled] == [False, False, True]
    assert not any(page.rejected for page in polled)
    [answered] = polled[0].mentions
    assert answered.is_addressed
    assert (answered.kind, answered.author.handle) == (Kind.REPLY, "kadebewoner.test")
    assert (
        answered.text == "@vr-loswal.test moeten de ramen dicht? https://nieuws.example.com/rook-boven-loswal"
    )
    searched = {mention.text: mention for mention in polled[1].mentions}
    quote = searched["Kijk, rook"]
    root = searched["Zwarte rook boven de loswal 🔥, wat is dat?"]
    assert (quote.kind, quote.parent_id, quote.language) == (Kind.QUOTE, root.canonical_id, "")
    assert (root.kind, root.parent_id, root.thread_id, root.language) == (Kind.POST, "", "", "nl")
    assert (root.reactions.replies, root.reactions.shares) == (1, 1)
    assert answered.thread_id == answered.parent_id == root.canonical_id
    assert not root.is_addressed


def test_a_recorded_look_up_tells_standing_and_deleted_apart():
    platform = recorded("refresh")
    asked = json.loads(platform.answers["getPosts"][0].content)["posts"][0]["uri"]
    deleted = f"at://{WRITER}/app.bsky.feed.post/3n2w2jrjfrk23"
    answers = BlueskyConnector(platform).refresh(source(), [asked, deleted], now=NOW)
    assert isinstance(answers[asked], Live)
    assert answers[deleted] == Gone("It was deleted, or taken down by Bluesky")
    assert [name for name, _ in platform.asked] == ["createSession", "getPosts", "getProfiles", "getPosts"]


def test_a_recorded_edit_has_another_version():
    before = json.loads(recorded("refresh").answers["getPosts"][0].content)["posts"][0]
    platform = recorded("edit")
    live = BlueskyConnector(platform).refresh(source(), [before["uri"]], now=NOW)[before["uri"]]
    assert live.mention.text == "Zwarte rook boven de loswal: het is een oefening"
    assert live.mention.version != before["cid"]


def test_a_recorded_thread_is_read_as_a_whole_but_for_our_own_reply():
    platform = recorded("thread")
    root = json.loads(platform.answers["getPosts"][0].content)["posts"][0]
    mention = mention_of(root, now=NOW)
    thread = BlueskyConnector(platform).thread(source(), mention, now=NOW)
    assert [m.author.handle for m in thread] == ["kadebewoner.test", "kadebewoner.test"]
    assert {m.thread_id for m in thread} == {"", root["uri"]}


def test_a_recorded_reply_is_published_once():
    first, again = recorded("publish"), recorded("publish again")
    parent = json.loads(first.answers["getPosts"][0].content)["posts"][0]["uri"]
    reply = Reply(parent, "Ja, ramen dicht. Zie https://vr.example.com/rook #loswal", "public")
    sent = BlueskyConnector(first).publish(source(), reply, key="opname")
    assert sent == Published(
        f"https://bsky.app/profile/vr-loswal.test/post/{record_key('opname')}",
        f"at://{US}/app.bsky.feed.post/{record_key('opname')}",
    )
    assert BlueskyConnector(again).publish(source(), reply, key="opname") == sent
    assert [name for name, _ in again.asked] == ["createSession", "getPosts", "putRecord", "getRecord"]


def test_a_recorded_address_is_resolved_and_nobodys_is_not():
    platform = recorded("resolve")
    rkey = json.loads(platform.answers["getPosts"][0].content)["posts"][0]["uri"].rpartition("/")[2]
    connector = BlueskyConnector(platform)
    page = f"https://bsky.app/profile/kadebewoner.test/post/{rkey}"
    assert connector.resolve(source(), page, now=NOW).canonical_id.endswith(rkey)
    assert connector.resolve(source(), page.replace("kadebewoner", "niemand"), now=NOW) is None


# ── one post ─────────────────────────────────────────────────────────────────


def one(**fields):
    return mention_of(view(1, at=ago(minutes=2), **fields), now=NOW)


def test_a_post_becomes_a_mention():
    mention = one(replyCount=4, repostCount=2, quoteCount=1, likeCount=8, record={"langs": ["nl-NL"]})
    assert (mention.platform, mention.canonical_id, mention.version) == (
        "bluesky",
        uri(1),
        f"bafyrei{1:052d}",
    )
    assert mention.url == "https://bsky.app/profile/kadebewoner.test/post/3n2w2jr000001"
    assert mention.posted_at == ago(minutes=2)
    assert (mention.language, mention.text) == ("nl", "Brand 1")
    reactions = mention.reactions
    assert (reactions.replies, reactions.shares, reactions.likes, reactions.views) == (4, 3, 8, None)


def test_who_lost_a_handle_is_known_by_the_account():
    mention = one(author={"did": WRITER, "handle": "handle.invalid"})
    assert mention.author.handle == mention.author.external_id == WRITER
    assert mention.url == f"https://bsky.app/profile/{WRITER}/post/3n2w2jr000001"


def test_a_change_of_handle_does_not_change_who_it_is():
    old, new = one(), one(author={"did": WRITER, "handle": "anders.test"})
    assert old.author.external_id == new.author.external_id
    assert old.canonical_id == new.canonical_id


@pytest.mark.parametrize(
    ("written", "came", "posted_at"),
    [
        (ago(minutes=9), ago(minutes=8), ago(minutes=9)),
        (ago(days=900), ago(minutes=8), ago(days=900)),  # an old post that was moved here
        (NOW + timedelta(days=3), ago(minutes=8), ago(minutes=8)),
        (NOW + timedelta(days=3), NOW + timedelta(days=3), NOW),
        ("gisteren", ago(minutes=8), ago(minutes=8)),
        (ago(minutes=9), None, ago(minutes=9)),
    ],
    ids=repr,
)
def test_the_earlier_of_what_the_author_says_and_when_it_came_counts(written, came, posted_at):
    stated = written if isinstance(written, str) else stamp(written)
    mention = one(record={"createdAt": stated}, indexedAt=stamp(came) if came else None)
    assert mention.posted_at == posted_at


@pytest.mark.parametrize(
    "at", ["2026-11-22T12:00:00Z", "2026-11-22T12:00:00.000Z", "2026-11-22T13:00:00+01:00"]
)
def test_dates_are_read_with_and_without_milliseconds(at):
    assert one(record={"createdAt": at}).posted_at == datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("record", "kind", "parent"),
    [
        ({}, Kind.POST, ""),
        ({"reply": {"parent": {"uri": uri(5)}, "root": {"uri": uri(4)}}}, Kind.REPLY, uri(5)),
        ({"embed": {"record": {"uri": uri(6)}}}, Kind.QUOTE, uri(6)),
        ({"embed": {"media": {}, "record": {"record": {"uri": uri(6)}}}}, Kind.QUOTE, uri(6)),
        ({"embed": {"record": {"uri": f"at://{WRITER}/app.bsky.graph.list/1"}}}, Kind.POST, ""),
        (
            {
                "embed": {"record": {"uri": uri(6)}},
                "reply": {"parent": {"uri": uri(5)}, "root": {"uri": uri(4)}},
            },
            Kind.REPLY,
            uri(5),
        ),
    ],
)
def test_replies_and_quotes_know_their_parent(record, kind, parent):
    mention = one(record=record)
    assert (mention.kind, mention.parent_id) == (kind, parent)
    assert mention.thread_id == (uri(4) if kind is Kind.REPLY else "")


@pytest.mark.parametrize(
    ("text", "start", "end", "address", "read"),
    [
        ("zie 🔥 nieuws.nl/ra...", 9, 24, "https://nieuws.nl/rampen", "zie 🔥 https://nieuws.nl/rampen"),
        ("klik hier", 5, 9, "https://anders.nl", "klik hier"),
        ("kort", 0, 400, "https://kort.nl", "kort"),
        ("kort", -1, 2, "https://kort.nl", "kort"),
        ("kort", 3, 1, "https://kort.nl", "kort"),
    ],
)
def test_a_shortened_address_is_read_in_full_and_offsets_are_not_trusted(text, start, end, address, read):
    facet = {"index": {"byteStart": start, "byteEnd": end}, "features": [{"uri": address}]}
    assert one(record={"text": text, "facets": [facet]}).text == read


def test_links_that_overlap_leave_the_text_whole():
    spots = [(0, 9), (4, 14), (4, 14)]
    facets = [
        {"index": {"byteStart": a, "byteEnd": b}, "features": [{"uri": "https://nieuws.nl/rampen"}]}
        for a, b in spots
    ]
    assert one(record={"text": "nieuws.nl/ram...", "facets": facets}).text.count("https://") == 1


@pytest.mark.parametrize("text", ["a\0b", "half \ud83d een", "‮omgekeerd", "é e\u0301", "🇳🇱" * 300])
def test_odd_texts_stay_storable(text):
    mention = one(record={"text": text})
    mention.text.encode()
    assert "\0" not in json.dumps(dict(mention.raw)) + mention.text


def test_what_cannot_be_read_is_set_apart_as_it_came_and_the_page_goes_on():
    odd = [
        None,
        "tekst",
        {"uri": "no address"},
        view(7, at=NOW, author={"did": "did:plc:anders", "handle": "x.test"}),
        view(8, at=NOW, record={"text": 5}),
    ]
    mentions, rejected = mentions_in([view(1, at=NOW), *odd, view(1, at=NOW)], now=NOW)
    assert [mention.canonical_id for mention in mentions] == [uri(1)]
    assert [json.loads(entry.raw) for entry in rejected] == odd
    for entry in rejected:
        with pytest.raises(Unreadable, match="no post of Bluesky"):
            BlueskyConnector().normalise(source(), entry.raw, now=NOW)


def test_an_entry_that_was_set_apart_can_be_read_again():
    raw = json.dumps(view(1, at=ago(minutes=2), reason="mention"))
    mention = BlueskyConnector().normalise(source(), raw, now=NOW)
    assert (mention.canonical_id, mention.is_addressed) == (uri(1), True)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "uri cid author did handle record text createdAt indexedAt reply parent root embed facets "
                "index byteStart byteEnd features langs replyCount reason".split()
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(json_values, json_values, json_values, json_values)
def test_no_shape_of_a_post_breaks_a_page(reply, embed, facets, author):
    shaped = view(1, at=NOW, record={"reply": reply, "embed": embed, "facets": facets})
    mentions_in([shaped, {**shaped, "author": author}, author, {"uri": uri(1), "record": embed}], now=NOW)


# ── polling ──────────────────────────────────────────────────────────────────


def search(*steps):
    """A search whose pages are the steps, each with a token to the next."""

    def answer(asked):
        n = int(asked.get("cursor", 0))
        given = steps[n]
        return (
            given
            if isinstance(given, Exception | httpx.Response)
            else found(given, str(n + 1) if n + 1 < len(steps) else "")
        )

    return answer


def state(page, name="search:brand"):
    return page.cursor["streams"][name]


def test_the_mark_moves_only_after_the_last_page():
    steps = [[view(1, at=ago(minutes=1))], [view(2, at=ago(minutes=2))], [view(3, at=ago(minutes=3))]]
    polled = pages(FakeBluesky(searchPosts=search(*steps)))
    assert [page.last for page in polled] == [False, False, True]
    assert ["mark" in state(page) for page in polled] == [False, False, True]
    assert state(polled[-1]) == {"mark": stamp(ago(minutes=1))}
    assert ids(polled) == [uri(1), uri(2), uri(3)]


def test_a_poll_stops_at_what_it_has_read_with_an_overlap():
    mark = {"streams": {"search:brand": {"mark": stamp(ago(minutes=30))}}}
    steps = [
        [view(1, at=ago(minutes=1))],
        [view(2, at=ago(minutes=35))],
        [view(3, at=ago(minutes=45))],
        [view(4, at=ago(days=2))],
    ]
    polled = pages(FakeBluesky(searchPosts=search(*steps)), mark)
    assert ids(polled) == [uri(1), uri(2), uri(3)]
    assert polled[-1].last


def test_a_post_dated_back_by_its_author_does_not_end_the_reading():
    mark = {"streams": {"search:brand": {"mark": stamp(ago(minutes=30))}}}
    back = view(2, at=ago(minutes=2), record={"createdAt": stamp(ago(days=400))})
    steps = [[view(1, at=ago(minutes=1))], [view(9, at=ago(days=3)), back], [view(3, at=ago(days=4))]]
    assert uri(2) in ids(pages(FakeBluesky(searchPosts=search(*steps)), mark))


def test_a_time_in_the_future_is_no_mark():
    ahead = NOW + timedelta(days=400)
    [page] = pages(FakeBluesky(searchPosts=search([view(1, at=ahead), view(2, at=ago(minutes=2))])))
    assert state(page) == {"mark": stamp(ago(minutes=2))}
    assert [mention.posted_at for mention in page.mentions] == [NOW, ago(minutes=2)]


def test_a_run_that_was_interrupted_goes_on_and_then_sets_its_mark():
    steps = [[view(n, at=ago(minutes=n))] for n in range(1, 4)]
    platform = FakeBluesky(searchPosts=search(*steps))
    first = pages(platform, budget=Budget(max_pages=1))
    assert not first[-1].last
    rest = pages(platform, json.loads(json.dumps(first[-1].cursor)))
    assert ids(first + rest) == [uri(1), uri(2), uri(3)]
    assert state(rest[-1]) == {"mark": stamp(ago(minutes=1))}


def test_every_search_has_its_turn_however_long_another_is():
    def answer(asked):
        n = int(asked.get("cursor", 0))
        return found([view(n + 1, at=ago(minutes=n))], str(n + 1)) if asked["q"] == "brand" else found([])

    platform = FakeBluesky(searchPosts=answer)
    config = source("brand", "rook", "water")
    polled = pages(platform, config=config, budget=Budget(max_pages=4))
    assert [asked["q"] for name, asked in platform.asked if name == "searchPosts"] == [
        "brand",
        "rook",
        "water",
        "brand",
    ]
    assert polled[-1].cursor["todo"] == ["search:brand"]
    pages(platform, polled[-1].cursor, config=config, budget=Budget(max_pages=1))
    assert platform.asked[-1][1]["cursor"] == "2"


def test_what_is_not_asked_any_more_is_forgotten():
    kept = {"streams": {"search:weg": {"mark": stamp(NOW)}}, "todo": ["search:weg"]}
    [page] = pages(FakeBluesky(searchPosts=search([])), kept)
    assert page.cursor == {"streams": {"search:brand": {}}, "todo": []}


def test_a_token_that_has_expired_starts_the_run_again():
    expired = failed(400, "InvalidRequest", "Bad cursor")
    platform = FakeBluesky(
        searchPosts=lambda asked: expired if "cursor" in asked else found([view(1, at=NOW)])
    )
    polled = pages(platform, {"streams": {"search:brand": {"token": "old"}}, "todo": ["search:brand"]})
    assert ids(polled) == [uri(1)]
    assert polled[-1].last


def test_a_token_that_comes_twice_stops_the_reading_and_leaves_the_mark():
    mark = {"mark": stamp(ago(hours=9))}
    platform = FakeBluesky(searchPosts=found([view(1, at=NOW)], "rond"))
    polled = pages(platform, {"streams": {"search:brand": mark}})
    assert len(polled) == 2
    assert "same page twice" in polled[-1].rejected[0].reason
    assert state(polled[-1]) == mark
    with pytest.raises(Unreadable):
        BlueskyConnector().normalise(source(), polled[-1].rejected[0].raw, now=NOW)


def test_empty_pages_with_a_token_end_after_a_few():
    polled = pages(FakeBluesky(searchPosts=search(*[[]] * 9)))
    assert len(polled) == 3
    assert "3 empty pages" in polled[-1].rejected[0].reason
    assert polled[-1].last


def test_own_mentions_are_heard_once_with_their_counts_and_the_deleted_are_left_out():
    told = [
        {**view(n, at=ago(minutes=n)), "reason": reason}
        for n, reason in enumerate(["mention", "quote", "like", "reply"])
    ]
    standing = [view(0, at=NOW, likeCount=5), view(3, at=ago(minutes=3))]
    platform = FakeBluesky(listNotifications={"notifications": told}, getPosts={"posts": standing})
    [page] = pages(platform, config=source(settings={}))
    assert ids([page]) == [uri(0), uri(3)]
    assert page.mentions[0].reactions.likes == 5
    assert all(mention.is_addressed for mention in page.mentions)
    assert dict(platform.asked)["listNotifications"]["reasons"] == ["mention", "quote", "reply"]
    assert dict(platform.asked)["getPosts"]["uris"] == [uri(0), uri(1), uri(3)]
    assert page.units == 3  # with the sign-in


def test_what_we_say_ourselves_is_no_mention():
    ours = view(2, at=ago(minutes=1), uri=uri(2, US), author={"did": US, "handle": "vr-loswal.test"})
    assert ids(pages(FakeBluesky(searchPosts=search([ours, view(1, at=NOW)])))) == [uri(1)]


def test_atproto_is_loaded_only_when_bluesky_is_used():
    """It takes 70 MB, also in a worker that has no source on Bluesky. In a process of its own: 0.6 s."""
    code = "import sys, monitoring.connectors.registry; sys.exit('atproto_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_budget_of_requests_is_kept():
    config = source("brand", "rook", "water")
    platform = FakeBluesky(searchPosts=found([]))
    polled = pages(platform, config=config, budget=Budget(max_units=2))
    assert len(platform.asked) == 2  # the sign-in and one search
    assert [page.last for page in polled] == [False]
    assert polled[-1].cursor["todo"] == ["search:rook", "search:water"]


def test_what_is_left_of_the_quota_is_told():
    headers = {
        "ratelimit-limit": "3000",
        "ratelimit-remaining": "2987",
        "ratelimit-reset": str(int(NOW.timestamp())),
    }
    [page] = pages(FakeBluesky(searchPosts=httpx.Response(200, json=found([]), headers=headers)))
    assert page.quota == Quota(2987, 3000, NOW)


def test_nothing_asked_is_nothing_to_read_and_no_refusal():
    platform = FakeBluesky()
    with pytest.raises(NothingToRead):
        pages(platform, config=source())
    assert platform.asked == []


# ── the sign-in ──────────────────────────────────────────────────────────────


def test_one_sign_in_serves_many_polls():
    kept = []
    platform = FakeBluesky(searchPosts=search([]))
    pages(platform, config=source("brand", kept=kept))
    pages(platform, config=source("brand", kept=kept, session=kept[-1]))
    assert platform.n_asked("createSession") == len(kept) == 1


def test_a_session_that_is_over_is_begun_anew_once():
    kept = []
    platform = FakeBluesky(searchPosts=[failed(400, "ExpiredToken", "Token has expired"), found([])])
    pages(platform, config=source("brand", kept=kept))
    assert platform.n_asked("createSession") == len(kept) == 2


def test_a_session_that_is_never_good_stops_the_credential():
    platform = FakeBluesky(searchPosts=failed(401, "AuthMissing", "Authentication Required"))
    with pytest.raises(CredentialRefused, match="Authentication Required"):
        pages(platform)
    assert platform.n_asked("createSession") == 2


def test_an_old_session_is_renewed_and_the_new_one_kept():
    kept = []
    platform = FakeBluesky(searchPosts=search([]), createSession=session(expires=1_000_000_000))
    platform.answers["refreshSession"] = session()
    pages(platform, config=source("brand", kept=kept))
    assert [name for name, _ in platform.asked] == ["createSession", "refreshSession", "searchPosts"]
    assert token() in kept[-1]


def test_a_session_that_cannot_be_renewed_is_begun_anew():
    kept = []
    old = FakeBluesky(searchPosts=search([]), createSession=session(expires=1_000_000_000))
    old.answers["refreshSession"] = session(expires=1_000_000_000)
    pages(old, config=source("brand", kept=kept))
    platform = FakeBluesky(
        searchPosts=search([]), refreshSession=failed(400, "ExpiredToken", "Token has expired")
    )
    pages(platform, config=source("brand", kept=kept, session=kept[-1]))
    assert [name for name, _ in platform.asked] == ["refreshSession", "createSession", "searchPosts"]


@pytest.mark.parametrize("kept", ["", "onzin", "|", "0123456789abcdef|a:::b", "x|a:::b:::c:::d:::e"])
def test_a_session_that_is_nonsense_is_not_used(kept):
    platform = FakeBluesky(searchPosts=search([]))
    pages(platform, config=source("brand", session=kept))
    assert platform.n_asked("createSession") == 1


def test_a_session_of_another_account_is_not_used():
    kept = []
    platform = FakeBluesky(searchPosts=search([]))
    pages(platform, config=source("brand", kept=kept))
    other = source("brand", session=kept[0], secrets={**KEYS, "identifier": "anders.test"})
    pages(platform, config=other)
    assert platform.n_asked("createSession") == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (failed(401, "AuthenticationRequired", "Invalid identifier or password"), CredentialRefused),
        (failed(401, "AuthFactorTokenRequired", "A sign in code has been sent"), CredentialRefused),
        (failed(400, "AccountTakedown", "Account has been taken down"), CredentialRefused),
        (failed(403, "Forbidden", "No"), CredentialRefused),
        (failed(429, "RateLimitExceeded", "Too many", ratelimit_reset="1795370400"), RateLimited),
        (failed(503), Unavailable),
        (httpx.Response(403, html="<html>"), Unavailable),
        (httpx.Response(200, html="<html>"), Unavailable),
        (httpx.ConnectTimeout("x"), Unavailable),
    ],
    ids=repr,
)
def test_a_sign_in_that_fails_says_what_to_do(answer, error):
    with pytest.raises(error):
        pages(FakeBluesky(createSession=answer))


def test_keys_are_not_in_the_log_nor_in_an_error(caplog):
    caplog.set_level(logging.DEBUG)
    secrets = {"identifier": "vr-loswal.test", "app_password": "canary-canary-canary-canary"}
    config = source("brand", secrets=secrets)
    pages(FakeBluesky(searchPosts=search([])), config=config)
    with pytest.raises(CredentialRefused) as refused:
        pages(FakeBluesky(createSession=failed(401, "AuthenticationRequired", "Invalid")), config=config)
    assert "canary" not in caplog.text + str(refused.value) + repr(refused.value) + repr(config)
    assert token() not in caplog.text


# ── refusals and failures ────────────────────────────────────────────────────


def epoch(moment):
    return str(int(moment.timestamp()))


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"ratelimit_reset": epoch(NOW + timedelta(minutes=4))}, timedelta(minutes=4)),
        ({"retry_after": "120"}, timedelta(minutes=2)),
        ({"retry_after": "60", "ratelimit_reset": epoch(NOW + timedelta(minutes=4))}, timedelta(minutes=4)),
        ({}, timedelta(minutes=15)),
        ({"ratelimit_reset": "soon"}, timedelta(minutes=15)),
        ({"ratelimit_reset": epoch(NOW - timedelta(hours=1))}, timedelta(minutes=1)),
        ({"ratelimit_reset": epoch(NOW + timedelta(days=9))}, timedelta(days=1)),
    ],
)
def test_asked_too_often_says_when_to_come_back(headers, wait):
    limited = failed(429, "RateLimitExceeded", "Rate Limit Exceeded", **headers)
    with pytest.raises(RateLimited) as told:
        pages(FakeBluesky(searchPosts=limited))
    assert told.value.until == NOW + wait


class Broken(httpx.SyncByteStream):
    """A body that stops in the middle."""

    def __iter__(self):
        yield b'{"posts": ['
        raise httpx.ReadError("reset")


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, html="<html>Something went wrong</html>"),
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b'{"posts": [{"uri"', headers={"content-type": "application/json"}),
        httpx.Response(200, stream=Broken()),
        httpx.Response(200, stream=httpx.ByteStream(b"no gzip"), headers={"content-encoding": "gzip"}),
        httpx.Response(200, json=[1, 2]),
        httpx.Response(200, json=None),
        httpx.Response(200, json={"posts": None}),
        httpx.Response(200, json={"error": "odd"}),
        httpx.Response(200, content=b'{"a":' * 90_000),
        failed(500, "InternalServerError", "x"),
        failed(502, "UpstreamFailure", "x"),
        httpx.Response(503, html="<html>"),
        httpx.Response(404, html="<html>"),
        httpx.Response(403, html="<html>Are you human?</html>"),
        httpx.ReadTimeout("x"),
        httpx.ConnectTimeout("x"),
        httpx.ConnectError("DNS"),
        httpx.RemoteProtocolError("x"),
    ],
    ids=repr,
)
def test_no_usable_answer_leaves_the_stream_for_another_time(answer):
    with pytest.raises(Unavailable):
        pages(FakeBluesky(searchPosts=answer))


def test_a_body_without_end_is_cut_off():
    class Endless(httpx.SyncByteStream):
        def __iter__(self):
            while True:
                yield b" " * 1_000_000

    with pytest.raises(Unavailable):
        pages(FakeBluesky(searchPosts=httpx.Response(200, stream=Endless())))


def test_a_body_that_drips_is_cut_off(monkeypatch):
    class Dripping(httpx.SyncByteStream):
        def __iter__(self):
            yield from (b"{", b" ", b"}")

    monkeypatch.setattr("monitoring.connectors.bluesky.traffic.MAX_BODY_S", -1.0)
    with pytest.raises(Unavailable, match="in time"):
        pages(FakeBluesky(createSession=httpx.Response(200, stream=Dripping())))


def test_half_a_character_in_one_post_does_not_cost_the_page():
    body = json.dumps(found([view(1, at=NOW, record={"text": "half \ud83d een"}), view(2, at=NOW)]))
    answer = httpx.Response(200, content=body.encode(), headers={"content-type": "application/json"})
    assert ids(pages(FakeBluesky(searchPosts=answer))) == [uri(1), uri(2)]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (failed(400, "InvalidRequest", "Error: Params must have the property q"), Refused),
        (failed(501, "MethodNotImplemented", "Method Not Implemented"), Refused),
        (failed(403, "Forbidden", "Not for you"), CredentialRefused),
    ],
)
def test_a_refusal_tells_the_source_from_its_keys(answer, error):
    with pytest.raises(Refused) as refused:
        pages(FakeBluesky(searchPosts=answer))
    assert type(refused.value) is error


@pytest.mark.parametrize(
    "service",
    [
        "http://bsky.social",
        "file:///etc/passwd",
        "https://bsky.social/xrpc/x",
        "https://naam:geheim@bsky.social",
        "bsky.social",
    ],
)
def test_a_service_that_is_no_https_address_is_refused_before_anything_is_asked(service):
    platform = FakeBluesky()
    with pytest.raises(Refused, match="https://"):
        pages(platform, config=source("brand", settings={"service": service}))
    assert platform.asked == []


def test_a_service_on_a_private_address_is_refused():
    network = Network(addresses=lambda host, port: ["10.0.0.8"])
    transport = PublicTransport(network)
    with pytest.raises(Refused, match="not on the public internet"):
        pages(transport, config=source("brand", settings={"service": "https://pds.intern.example"}))
    transport.close()


def through(*answers):
    """The way to the public internet, with these raw answers on it."""
    return PublicTransport(Wire(*answers).network)


def sent(body, **headers):
    fields = {"Content-Type": "application/json", "Connection": "close"} | headers
    return response(json.dumps(body).encode(), headers=fields)


def test_the_way_to_the_public_internet_brings_what_was_asked():
    transport = through(sent(session()), sent(found([view(1, at=NOW)])))
    assert ids(pages(transport)) == [uri(1)]
    transport.close()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=repr,
)
def test_a_connection_that_breaks_off_is_for_another_time(raw):
    transport = through(sent(session()), raw)
    with pytest.raises(Unavailable):
        pages(transport)
    transport.close()


@pytest.mark.parametrize("scheme", [b"http", b"https"])
def test_a_server_that_sends_us_on_is_not_followed(scheme):
    """It would get the password that we sign in with."""
    moved = b"HTTP/1.1 307 Moved\r\nLocation: %s://pds.example/x\r\nContent-Length: 0\r\n\r\n"
    transport = through(moved % scheme, sent(session()))
    with pytest.raises(Refused, match="another address"):
        pages(transport)
    transport.close()


def test_missing_keys_are_refused_before_anything_is_asked():
    with pytest.raises(CredentialRefused, match="app password"):
        pages(FakeBluesky(), config=source("brand", secrets={"identifier": "x"}))


def test_every_request_has_a_time_limit():
    platform = FakeBluesky(searchPosts=search([]))
    pages(platform)
    assert all(request.extensions["timeout"]["read"] == 20.0 for request in platform.requests)


# ── looking up again ─────────────────────────────────────────────────────────


def standing(*views):
    return lambda asked: {"posts": [v for v in views if v["uri"] in asked["uris"]]}


def test_look_ups_go_by_twenty_five_and_every_id_gets_an_answer():
    views = [view(n, at=NOW) for n in range(60)]
    platform = FakeBluesky(getPosts=standing(*views))
    asked = [v["uri"] for v in views] + ["manual:1", "1", f"at://{WRITER}/app.bsky.feed.like/3"]
    answers = BlueskyConnector(platform).refresh(source(), asked, now=NOW)
    assert [len(asked["uris"]) for name, asked in platform.asked if name == "getPosts"] == [25, 25, 10]
    assert [type(answers[i]) for i in asked] == [Live] * 60 + [Unknown] * 3


def test_a_post_that_the_second_look_up_finds_is_live():
    platform = FakeBluesky(
        getPosts=[{"posts": []}, {"posts": [view(1, at=NOW)]}], getProfiles={"profiles": [{"did": WRITER}]}
    )
    answers = BlueskyConnector(platform).refresh(source(), [uri(1)], now=NOW)
    assert isinstance(answers[uri(1)], Live)


@pytest.mark.parametrize(
    ("profiles", "answer"),
    [
        ([], Gone("Its account is gone or deactivated")),
        ([{"did": WRITER, "viewer": {}}], Gone("It was deleted, or taken down by Bluesky")),
        (
            [{"did": WRITER, "viewer": {"blockedBy": True}}],
            Unknown("its author blocks our account, or we block its author"),
        ),
        (
            [{"did": WRITER, "viewer": {"blocking": "at://x"}}],
            Unknown("its author blocks our account, or we block its author"),
        ),
    ],
)
def test_absence_means_gone_only_where_nobody_blocks_anybody(profiles, answer):
    platform = FakeBluesky(getPosts={"posts": []}, getProfiles={"profiles": profiles})
    assert BlueskyConnector(platform).refresh(source(), [uri(1)], now=NOW) == {uri(1): answer}


@pytest.mark.parametrize(
    "trouble",
    [
        {"getPosts": failed(401, "AuthMissing")},
        {"getPosts": failed(403, "Forbidden")},
        {"getPosts": failed(500)},
        {"getPosts": httpx.ReadTimeout("x")},
        {"getPosts": {"posts": None}},
        {"getPosts": [{"posts": []}, failed(503)]},
        {"getPosts": {"posts": []}, "getProfiles": failed(500)},
        {"getPosts": {"posts": []}, "getProfiles": {}},
    ],
    ids=repr,
)
def test_a_look_up_that_fails_says_nothing_of_the_posts(trouble):
    platform = FakeBluesky(**{"getProfiles": {"profiles": []}, **trouble})
    with pytest.raises((Refused, Unavailable)):
        BlueskyConnector(platform).refresh(source(), [uri(1)], now=NOW)


def node(n, *replies, parent=None):
    return {"post": view(n, at=ago(minutes=500 - n)), "replies": list(replies), "parent": parent}


def test_a_thread_leaves_out_what_is_hidden_and_keeps_the_newest_hundred():
    hidden = [{"notFound": True, "uri": uri(900)}, {"blocked": True}, None, "onzin"]
    many = [node(n) for n in range(2, 140)]
    platform = FakeBluesky(getPostThread={"thread": node(1, *hidden, *many)})
    thread = BlueskyConnector(platform).thread(source(), one(), now=NOW)
    assert [m.canonical_id for m in thread] == [uri(n) for n in range(40, 140)]


def test_a_thread_without_its_root_is_read_from_the_post_itself():
    def answer(asked):
        return {"thread": node(1)} if asked["uri"] == uri(1) else failed(400, "NotFound", "Post not found")

    below = one(record={"reply": {"parent": {"uri": uri(4)}, "root": {"uri": uri(4)}}})
    connector = BlueskyConnector(FakeBluesky(getPostThread=answer))
    assert [m.canonical_id for m in connector.thread(source(), below, now=NOW)] == [uri(1)]


def test_a_thread_that_is_gone_is_empty():
    gone = FakeBluesky(getPostThread=failed(400, "NotFound", "Post not found"))
    assert BlueskyConnector(gone).thread(source(), one(), now=NOW) == ()


@pytest.mark.parametrize(
    ("url", "is_claimed"),
    [
        ("https://bsky.app/profile/kadebewoner.test/post/3n2w2jr000001", True),
        (f"https://bsky.app/profile/{WRITER}/post/3n2w2jr000001?ref_src=embed", True),
        ("https://BSKY.app/profile/@kadebewoner.test/post/3n2w2jr000001/", True),
        (uri(1), True),
        ("at://kadebewoner.test/app.bsky.feed.post/3n2w2jr000001", True),
        ("https://bsky.app/profile/kadebewoner.test", False),
        ("https://bsky.app.evil.example/profile/x.test/post/3n2w2jr000001", False),
        ("https://x.com/kade/status/1", False),
        ("", False),
    ],
)
def test_addresses_of_posts_are_known(url, is_claimed):
    assert BlueskyConnector().claims(url) is is_claimed


@pytest.mark.parametrize("views", [[], [view(1, at=NOW, record={"text": None})]])
def test_an_address_without_a_post_brings_nothing(views):
    platform = FakeBluesky(getPosts={"posts": views})
    assert BlueskyConnector(platform).resolve(source(), uri(1), now=NOW) is None


# ── replies ──────────────────────────────────────────────────────────────────


def test_who_keeps_us_out_cannot_be_answered():
    connector = BlueskyConnector()
    assert connector.can_reply(source(), one()) == Yes()
    for fields, reason in (
        ({"viewer": {"replyDisabled": True}}, "lets only some"),
        ({"author": {"did": WRITER, "handle": "k.test", "viewer": {"blockedBy": True}}}, "blocks"),
    ):
        answer = connector.can_reply(source(), one(**fields))
        assert isinstance(answer, No)
        assert reason in answer.reason
        assert answer.intent_url.startswith("https://bsky.app/profile/")
    assert isinstance(connector.can_reply(source(secrets={}), one()), No)


def sending(**answers):
    ours = {"uri": f"at://{US}/app.bsky.feed.post/{record_key('k')}", "cid": "c", "value": {}}
    return FakeBluesky(**{"getPosts": {"posts": [view(1, at=NOW)]}, "putRecord": ours, **answers})


def test_a_reply_names_its_root_and_its_parent_and_never_replaces():
    root = {"uri": uri(4), "cid": "root"}
    parent = view(1, at=NOW, record={"reply": {"root": root, "parent": {"uri": uri(5), "cid": "x"}}})
    platform = sending(getPosts={"posts": [parent]})
    sent = BlueskyConnector(platform).publish(source(), REPLY, key="k")
    asked = dict(platform.asked)["putRecord"]
    assert asked["record"]["reply"] == {"root": root, "parent": {"uri": uri(1), "cid": f"bafyrei{1:052d}"}}
    assert asked["swapRecord"] is None
    assert (asked["repo"], asked["rkey"]) == (US, record_key("k"))
    assert sent.external_id.endswith(record_key("k"))


def test_links_tags_and_mentions_stand_at_their_bytes():
    platform = sending(
        resolveHandle=lambda asked: (
            {"did": WRITER}
            if asked["handle"] == "k.test"
            else failed(400, "InvalidRequest", "Unable to resolve handle")
        )
    )
    text = "🔥 @k.test @niemand.test zie https://vr.example.com/é #kade"
    BlueskyConnector(platform).publish(source(), Reply(uri(1), text, "public"), key="k")
    facets = dict(platform.asked)["putRecord"]["record"]["facets"]
    shown = [text.encode()[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode() for f in facets]
    assert shown == ["@k.test", "https://vr.example.com/é", "#kade"]
    assert facets[0]["features"] == [{"$type": "app.bsky.richtext.facet#mention", "did": WRITER}]


def test_a_record_key_is_the_same_for_one_key_and_names_a_time_in_the_past():
    assert record_key("a") == record_key("a") != record_key("b")
    for n in range(200):
        key = record_key(f"sleutel {n}")
        assert len(key) == 13
        assert key[0] in "234567abcdefghij"
        number = 0
        for character in key:
            number = number * 32 + "234567abcdefghijklmnopqrstuvwxyz".index(character)
        assert datetime.fromtimestamp((number >> 10) / 1e6, UTC).year in (2024, 2025)


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"putRecord": httpx.ReadTimeout("x")}, PublishUnknown),
        ({"putRecord": httpx.Response(200, html="<html>")}, PublishUnknown),
        ({"putRecord": failed(500, "InternalServerError")}, PublishUnknown),
        ({"putRecord": failed(400, "InvalidRequest", "text must not be longer")}, PublishFailed),
        ({"putRecord": failed(429, "RateLimitExceeded")}, RateLimited),
        ({"putRecord": failed(401, "AuthMissing")}, CredentialRefused),
        ({"getPosts": {"posts": []}}, PublishFailed),
        ({"getPosts": {"posts": [view(1, at=NOW, viewer={"replyDisabled": True})]}}, PublishFailed),
        ({"getPosts": httpx.ReadTimeout("x")}, Unavailable),
        ({"createSession": failed(401, "AuthenticationRequired")}, CredentialRefused),
    ],
    ids=repr,
)
def test_every_outcome_of_sending_says_whether_it_may_have_arrived(answers, error):
    with pytest.raises(error):
        BlueskyConnector(sending(**answers)).publish(source(), REPLY, key="k")


def test_a_limit_in_sending_says_when_to_come_back_by_the_clock_of_bluesky():
    limited = failed(429, "RateLimitExceeded", date=format_datetime(NOW, usegmt=True), retry_after="600")
    with pytest.raises(RateLimited) as told:
        BlueskyConnector(sending(putRecord=limited)).publish(source(), REPLY, key="k")
    assert told.value.until == NOW + timedelta(minutes=10)


def ours(parent):
    value = {"text": "Dank", "reply": {"parent": {"uri": parent}, "root": {"uri": parent}}}
    return {"uri": f"at://{US}/app.bsky.feed.post/{record_key('k')}", "cid": "c", "value": value}


def test_our_reply_is_found_under_its_key_after_a_time_out():
    platform = FakeBluesky(getRecord=ours(uri(1)))
    found_reply = BlueskyConnector(platform).find_reply(source(), "k", REPLY)
    assert found_reply.external_id.endswith(record_key("k"))
    assert dict(platform.asked)["getRecord"]["rkey"] == record_key("k")
    missing = FakeBluesky(getRecord=failed(400, "RecordNotFound", "Could not locate record"))
    assert BlueskyConnector(missing).find_reply(source(), "k", REPLY) is None


def test_a_second_sending_finds_the_first_and_a_stranger_under_the_key_is_no_reply():
    taken = failed(400, "InvalidSwap", "Record was at bafyrei")
    again = sending(putRecord=taken, getRecord=ours(uri(1)))
    assert BlueskyConnector(again).publish(source(), REPLY, key="k").external_id.endswith(record_key("k"))
    other = sending(putRecord=taken, getRecord=ours(uri(2)))
    with pytest.raises(PublishFailed, match="another post of ours"):
        BlueskyConnector(other).publish(source(), REPLY, key="k")


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(uri(1), "x" * 301, "public"), "301 of at most 300"),
        (Reply(uri(1), "👨‍👩‍👧‍👦" * 200, "public"), "3000 bytes"),
    ],
)
def test_a_reply_that_bluesky_cannot_take_is_not_sent(reply, reason):
    platform = FakeBluesky()
    with pytest.raises(PublishFailed, match=reason):
        BlueskyConnector(platform).publish(source(), reply, key="k")
    assert platform.asked == []


# ── direct messages ──────────────────────────────────────────────────────────

DIRECT = Reply(uri(1), "Dank u, zie https://vr.example/a", "direct", author=AuthorRef(WRITER, "kade"))
CONVO = {"convo": {"id": "convo1", "members": []}}


def message(message_id, text=DIRECT.text, by=US, about=DIRECT.parent_id):
    embed = {"$type": "app.bsky.embed.record#view", "record": {"uri": about}}
    return {"id": message_id, "text": text, "sender": {"did": by}, "embed": embed}


def chatting(**answers):
    parent = {"posts": [view(1, at=NOW)]}
    ways = {"getConvoForMembers": CONVO, "getPosts": parent, "sendMessage": message("m1")}
    return FakeBluesky(**(ways | answers))


def test_a_direct_message_goes_through_the_chat_service_and_shows_the_post():
    platform = chatting()
    sent = BlueskyConnector(platform).publish(source(), DIRECT, key="k")
    assert sent == Published("https://bsky.app/messages/convo1", "m1")
    asked = dict(platform.asked)
    assert asked["getConvoForMembers"] == {"members": WRITER}
    told = asked["sendMessage"]["message"]
    assert (told["text"], told["embed"]["record"]["uri"]) == (DIRECT.text, uri(1))
    assert told["facets"][0]["features"][0]["uri"] == "https://vr.example/a"
    by_method = {r.url.path.rpartition(".")[2]: r.headers.get("atproto-proxy") for r in platform.requests}
    assert by_method["sendMessage"] == by_method["getConvoForMembers"] == "did:web:api.bsky.chat#bsky_chat"
    assert by_method["getPosts"] is None


def test_a_direct_message_in_the_dark_is_found_by_the_post_in_it_and_its_text():
    def found_in(*messages):
        platform = chatting(getMessages={"messages": list(messages)})
        return BlueskyConnector(platform).find_reply(source(), "k", DIRECT)

    assert found_in(message("m2", about=uri(2)), message("m1")).external_id == "m1"
    assert found_in(message("m3", by=WRITER), message("m4", text="Anders"), {"$type": "deleted"}) is None
    assert found_in(message("m2", about=uri(2))) is None  # the same thanks for another post
    with pytest.raises(Unavailable):
        BlueskyConnector(chatting(getMessages={})).find_reply(source(), "k", DIRECT)
    closed = chatting(getConvoForMembers=failed(400, "InvalidRequest", "recipient has disabled messages"))
    with pytest.raises(PublishUnknown, match="disabled"):
        BlueskyConnector(closed).find_reply(source(), "k", DIRECT)


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"sendMessage": httpx.ReadTimeout("x")}, PublishUnknown),
        ({"sendMessage": failed(500, "InternalServerError")}, PublishUnknown),
        ({"sendMessage": failed(400, "InvalidRequest", "recipient blocked")}, PublishFailed),
        ({"sendMessage": failed(429, "RateLimitExceeded")}, RateLimited),
        ({"sendMessage": failed(401, "AuthMissing")}, CredentialRefused),
        ({"getConvoForMembers": failed(400, "InvalidRequest", "requires a follow")}, PublishFailed),
        ({"getConvoForMembers": failed(429, "RateLimitExceeded")}, RateLimited),
        ({"getConvoForMembers": httpx.ReadTimeout("x")}, Unavailable),
        ({"getConvoForMembers": {"convo": {}}}, Unavailable),
        ({"getPosts": {"posts": []}}, PublishFailed),
    ],
    ids=repr,
)
def test_every_outcome_of_a_direct_message_says_whether_it_may_have_arrived(answers, error):
    with pytest.raises(error):
        BlueskyConnector(chatting(**answers)).publish(source(), DIRECT, key="k")


def test_an_app_password_without_access_to_messages_is_said_and_stops_nothing_else():
    platform = chatting(getConvoForMembers=failed(400, "InvalidToken", "Bad token method"))
    with pytest.raises(PublishFailed, match="app password"):
        BlueskyConnector(platform).publish(source(), DIRECT, key="k")
    assert platform.n_asked("createSession") == 1


@pytest.mark.parametrize(
    ("author", "reason"),
    [
        ({}, ""),
        ({"associated": {"chat": {"allowIncoming": "all"}}}, ""),
        ({"associated": {"chat": {"allowIncoming": "none"}}}, "accepts no messages"),
        ({"associated": {"chat": {"allowIncoming": "following"}}}, "only from accounts they follow"),
        ({"associated": {"chat": {"allowIncoming": "following"}}, "viewer": {"followedBy": "at://x"}}, ""),
        ({"viewer": {"blockedBy": True}}, "blocks"),
    ],
)
def test_who_takes_messages_can_be_written_to_also_where_replies_are_closed(author, reason):
    who = {"did": WRITER, "handle": "k.test", **author}
    answer = BlueskyConnector().can_reply(source(), one(author=who, viewer={"replyDisabled": True}), "direct")
    assert answer == Yes() if not reason else isinstance(answer, No) and reason in answer.reason


def test_nobody_is_written_to_who_is_not_known_or_with_too_many_words():
    unknown = BlueskyConnector().can_reply(source(), replace(one(), author=None), "direct")
    assert isinstance(unknown, No) and "not known" in unknown.reason
    platform = chatting()
    for reply in (replace(DIRECT, author=None), replace(DIRECT, text="x" * 1001)):
        with pytest.raises(PublishFailed):
            BlueskyConnector(platform).publish(source(), reply, key="k")
    assert platform.n_asked("sendMessage") == 0


@pytest.mark.parametrize(
    ("text", "n"),
    [("", 0), ("Dank u wel", 10), ("e\u0301e\u0301n", 3), ("👩‍🚒🇳🇱👍🏽1️⃣", 4), ("火事", 2)],
)
def test_length_is_counted_in_characters_as_a_reader_sees_them(text, n):
    assert length(text) == n


@pytest.mark.parametrize(
    ("texts", "asked"),
    [
        (["brand"], ["brand"]),
        (["brand, rook", "rook"], ["brand", "rook"]),
        (["brand AND kade"], ["brand kade"]),
        (["(brand OR rook) kade NOT oefening"], ["kade brand", "kade rook"]),
        (['"grote brand"'], ['"grote brand"']),
        (["#kade"], ["#kade"]),
        (["@vr-loswal.test"], ['"vr-loswal.test"']),
        (["brand NEAR/5 kade"], ["brand kade"]),
        (["from:k.test brand"], ["brand from:k.test"]),
        (["from:kade brand"], ["brand"]),
        (["brand lang:nl"], ["brand"]),
        (["brand platform:bluesky", "rook platform:x"], ["brand"]),
        (["brand* kade"], ["kade"]),
        (["brand*"], ["brand"]),
        (["lang:nl"], []),
    ],
)
def test_queries_become_searches_that_find_no_less(texts, asked):
    assert list(searches(texts)) == asked


def test_too_many_searches_are_refused_with_their_number():
    with pytest.raises(Refused, match="need 240 searches"):
        searches([", ".join(f"woord{n}x{m}" for m in range(80)) for n in range(3)])


@pytest.mark.parametrize(("text", "n"), [("brand*", 1), ("brand* kade", 0), ("lang:nl", 1), ("brand", 0)])
def test_a_search_that_finds_less_than_was_asked_is_told(text, n):
    assert len(BlueskyConnector().check(source(text))) == n


def test_what_is_wrong_with_a_source_is_told():
    connector = BlueskyConnector()
    assert connector.check(source("brand")) == []
    own = connector.check(source("brand", secrets={**KEYS, "app_password": "hoofdwachtwoord"}))
    assert [problem.blocking for problem in own] == [False]
    wrong = connector.check(source('"open', settings={"service": "ftp://x"}, secrets={}))
    assert [problem.blocking for problem in wrong] == [True, True, True]


def test_a_small_budget_reads_a_small_page():
    """As the trial of a query does, which wants twenty hits and found none."""
    platform = FakeBluesky(searchPosts=search([]))
    [_] = pages(platform, budget=Budget(max_pages=1, max_items=20))
    assert dict(platform.asked)["searchPosts"]["limit"] == "20"
