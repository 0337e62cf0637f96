"""Mastodon: what it gives, how it refuses, and that nothing is lost between two polls."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.connectors.base import (
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
    NothingToRead,
    PublishFailed,
    PublishUnknown,
    RateLimited,
    Refused,
    SourceError,
    Unavailable,
    Unreadable,
)
from monitoring.connectors.mastodon import MastodonConnector
from monitoring.connectors.mastodon.asked import asked_for
from monitoring.connectors.mastodon.statuses import mentions_in
from monitoring.connectors.mastodon.text import counted_length
from monitoring.connectors.outgoing import GuardedAdapter
from monitoring.fetch import Limits, Network
from tests.monitoring.connectors.fake_mastodon import SERVER, FakeMastodon, id_at, mention, status
from tests.monitoring.connectors.fake_x import answer
from tests.monitoring.hostile import hostile_server, response
from tests.monitoring.networks import PAYLOADS, Wire

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEYS = {"access_token": "reading-and-writing"}
RECORDED = {
    call["name"]: call
    for call in map(json.loads, (PAYLOADS / "mastodon" / "recorded.jsonl").read_text("utf-8").splitlines())
}
ELSEWHERE = "https://elders.example"


def source(*terms, secrets=None, **options):
    settings = {"server": SERVER, "own_mentions": False} | options
    return SourceConfig(
        id=5, name="M", settings=settings, terms=terms, secrets=KEYS if secrets is None else secrets
    )


TAGGED = source("#brand")
OURS = source(own_mentions=True)


def pages(platform, cursor=None, config=TAGGED, budget=None, now=NOW):
    return list(MastodonConnector(platform).poll(config, cursor or {}, budget or Budget(), now=now))


def texts(found):
    return [m.text for page in found for m in page.mentions]


def ago(**span):
    return id_at(NOW - timedelta(**span))


def recorded(name):
    call = RECORDED[name]
    headers = {k.replace("-", "_"): v for k, v in call["headers"].items()}
    return answer(call["body"], call["status"], **headers)


def plays(name):
    """A server that gives this recorded answer to everything but who we are."""
    me = "verify_credentials"
    return FakeMastodon(trouble=lambda request: None if me in request.url else recorded(name))


# ── recorded traffic ─────────────────────────────────────────────────────────


def test_a_recorded_mention_is_read_by_the_real_library():
    when = datetime(2026, 8, 1, 13, 55, tzinfo=UTC)
    platform = plays("mentions")
    [page] = pages(platform, {"mentions": {"mark": "20"}}, config=OURS, now=when)
    [found] = page.mentions
    assert found.canonical_id.startswith("https://social.example/ap/users/")
    assert found.text == "@loswal hello!"
    assert (found.author.handle, found.author.followers) == ("bureau@social.example", 1)
    assert (found.kind, found.language, found.version, found.is_addressed) == (Kind.POST, "en", "", True)
    assert found.posted_at == datetime(2026, 8, 1, 13, 51, 42, 823000, tzinfo=UTC)
    assert (page.quota.remaining, page.quota.limit) == (299, 300)
    assert page.quota.resets_at == datetime(2026, 8, 1, 13, 55, 0, 940463, tzinfo=UTC)
    assert isinstance(found.raw["id"], str)
    assert "avatar" not in found.raw["account"]


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("quote", Kind.QUOTE, "yoooooooo"),
        ("reply_with_quote", Kind.REPLY, "nice"),
        ("boost", Kind.BOOST, "Toot!"),
        ("reply", Kind.REPLY, "nice"),
        ("edited", Kind.POST, "the best editor? why, of course it is the KDE Advanced Text Editor, Kate"),
    ],
)
def test_recorded_posts_are_read_again_from_their_json(name, kind, text):
    found = MastodonConnector().normalise(TAGGED, RECORDED[name]["body"], now=NOW)
    assert found.kind is kind
    assert text in found.text or kind is Kind.REPLY
    assert "RE:" not in found.text
    assert bool(found.version) is (name == "edited")
    assert bool(found.parent_id) is (kind in (Kind.QUOTE, Kind.BOOST))


def test_a_recorded_public_timeline_is_read_with_its_edits():
    [first, *_] = pages(plays("public"), config=source("editor", public="local"), budget=Budget(max_pages=1))
    assert len(first.mentions) == 8
    assert first.rejected == ()
    assert [m.version for m in first.mentions if m.version] == ["2026-08-01T13:54:00.695Z"]


def test_recorded_refusals_are_told_in_the_words_of_the_server():
    with pytest.raises(CredentialRefused, match="401: The access token is invalid"):
        pages(plays("no_token"))
    with pytest.raises(CredentialRefused, match="403: This action is not allowed"):
        pages(plays("forbidden"))
    with pytest.raises(PublishFailed, match="500 Zeichen"):
        MastodonConnector(
            FakeMastodon([PARENT], trouble=lambda r: recorded("too_long") if r.method == "POST" else None)
        ).publish(TAGGED, REPLY, key="k")


# ── one post ─────────────────────────────────────────────────────────────────


def one(**fields):
    [page, *_] = pages(FakeMastodon([status(ago(minutes=1), **fields)]))
    [found] = page.mentions
    return found


def test_html_becomes_plain_text_with_whole_addresses_under_its_warning():
    link = '<a href="https://vr.example/brand"><span class="invisible">https://</span><span>vr.example</span>'
    html = f"a &amp; b<br/>c</p><p>zie {link}<span class='invisible'>/brand</span></a> &lt;b&gt;"
    found = one(text=html, spoiler_text="Brand")
    assert found.text == "Brand\n\na & b\nc\n\nzie https://vr.example/brand <b>"


def test_one_post_through_two_servers_is_one_post_by_one_author():
    """Each server gives it an id of its own; the uri and the name with its host are the same."""
    here = one(account={"acct": "kade", "url": f"{SERVER}/@kade", "uri": f"{SERVER}/users/kade"})
    there = MastodonConnector().normalise(
        TAGGED,
        json.dumps(
            status(
                ago(minutes=1),
                id="42",
                account={
                    "acct": "kade@social.example",
                    "url": f"{SERVER}/@kade",
                    "uri": f"{SERVER}/users/kade",
                },
            )
        ),
        now=NOW,
    )
    assert here.canonical_id == there.canonical_id
    assert here.author == there.author


def test_a_post_from_the_future_counts_at_arrival_and_an_old_one_as_stated():
    assert one(created_at="2027-01-01T00:00:00Z").posted_at == NOW
    assert one(created_at="2026-11-22T10:00:00+01:00").posted_at == datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_ids_that_come_as_numbers_are_kept_as_text():
    assert one(in_reply_to_id=2**60 + 1).raw["in_reply_to_id"] == str(2**60 + 1)


def test_what_cannot_be_read_is_set_apart_and_can_be_read_again_later():
    good, bad = status(ago(minutes=1)), status(ago(minutes=2)) | {"created_at": "gisteren"}
    [page, *_] = pages(FakeMastodon([good, bad]))
    assert [m.canonical_id for m in page.mentions] == [good["uri"]]
    [rejected] = page.rejected
    mended = rejected.raw.replace("gisteren", "2026-11-22T10:00:00Z")
    assert MastodonConnector().normalise(TAGGED, mended, now=NOW).canonical_id == bad["uri"]
    with pytest.raises(Unreadable, match="gisteren"):
        MastodonConnector().normalise(TAGGED, rejected.raw, now=NOW)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "id uri url content created_at account acct status type reblog quote quoted_status "
                "in_reply_to_id edited_at spoiler_text replies_count language followers_count".split()
            ),
            inner,
            max_size=8,
        )
    ),
    max_leaves=20,
)


@given(st.lists(json_values, max_size=4))
def test_no_shape_of_a_post_breaks_a_page(entries):
    mentions_in(entries, {}, now=NOW)


@given(st.text())
def test_what_is_no_json_of_a_post_is_unreadable(raw):
    with pytest.raises(Unreadable):
        MastodonConnector().normalise(TAGGED, raw, now=NOW)


# ── polling ──────────────────────────────────────────────────────────────────


def test_the_first_poll_goes_back_a_week_and_the_next_reads_on_upwards():
    old = [status(ago(days=n), f"brand {n}") for n in range(1, 60)]
    platform = FakeMastodon(old)
    first = pages(platform)
    assert {"brand 1", "brand 6"} <= set(texts(first))
    assert first[-1].last
    platform.tagged.append(status(ago(minutes=1), "brand nieuw"))
    second = pages(platform, first[-1].cursor)
    assert "brand nieuw" in texts(second)
    assert "brand 2" not in texts(second)
    path, asked = platform.asked[-1]
    assert path == "/api/v1/timelines/tag/brand"
    assert int(asked["min_id"]) < int(ago(days=1))
    assert "since_id" not in asked


def test_a_hundred_posts_between_two_polls_leave_no_hole():
    """`since_id` would give the newest forty and jump over the others."""
    cursor = {"tag:brand": {"mark": ago(hours=3)}}
    platform = FakeMastodon([status(ago(minutes=n), f"brand {n}") for n in range(100)])
    first = pages(platform, cursor, budget=Budget(max_pages=1))
    assert not first[-1].last
    rest = pages(platform, first[-1].cursor)
    assert rest[-1].last
    assert set(texts(first + rest)) == {f"brand {n}" for n in range(100)}


def test_a_first_poll_that_was_cut_short_goes_on_below():
    platform = FakeMastodon([status(ago(minutes=n), f"brand {n}") for n in range(100)])
    first = pages(platform, budget=Budget(max_pages=2))
    assert len(texts(first)) == 80
    rest = pages(platform, first[-1].cursor)
    assert set(texts(first + rest)) == {f"brand {n}" for n in range(100)}
    assert rest[-1].cursor == {"tag:brand": {"mark": ago(minutes=0)}}


def test_a_post_that_came_late_from_another_server_is_found_below_the_mark():
    cursor = {"tag:brand": {"mark": ago(minutes=1)}}
    late = status(ago(minutes=9), "laat", server=ELSEWHERE)
    assert "laat" in texts(pages(FakeMastodon([late]), cursor))


def test_a_busy_list_is_read_on_from_where_it_was_even_inside_the_overlap():
    crowd = [status(id_at(NOW - timedelta(minutes=5), n), f"brand {n}") for n in range(200)]
    cursor, found = {"tag:brand": {"mark": ago(minutes=4)}}, []
    for _ in range(6):
        found += pages(FakeMastodon(crowd), cursor, budget=Budget(max_pages=1))
        cursor = found[-1].cursor
    assert len(set(texts(found))) == 200
    assert found[-1].last


def test_an_id_from_the_future_is_no_mark():
    ahead = status(id_at(NOW + timedelta(days=9)), "morgen")
    [page] = pages(FakeMastodon([status(ago(minutes=1)), ahead]), {"tag:brand": {"mark": ago(hours=1)}})
    assert page.cursor == {"tag:brand": {"mark": ago(minutes=1)}}


def test_ids_of_other_kinds_of_servers_are_no_numbers_and_page_as_well():
    entries = [{**status(ago(minutes=1), f"b{n}"), "id": f"01J{n:023}", "uri": f"u{n}"} for n in range(3)]

    def server(request):
        return [] if "01J00000000000000000000002" in request.url else entries[::-1]

    [page] = pages(FakeMastodon(trouble=server), {"tag:brand": {"mark": "01J" + "0" * 22}})
    assert page.cursor["tag:brand"]["mark"] == entries[2]["id"]


def test_a_server_that_gives_one_page_again_and_again_is_left_for_another_time():
    same = [status(ago(minutes=n), f"brand {n}") for n in range(40)]
    reading = MastodonConnector(FakeMastodon(trouble=lambda request: same)).poll(
        TAGGED, {}, Budget(), now=NOW
    )
    assert len(next(reading).mentions) == 40
    last = next(reading)
    assert "tag:brand" not in {name for name, state in last.cursor.items() if state}
    with pytest.raises(Unavailable, match="same page"):
        next(reading)


def test_search_reads_down_to_its_mark_and_mentions_come_by_their_notifications():
    found = [status(ago(minutes=n), f"brand {n}") for n in range(100)]
    told = [mention(n, status(ago(minutes=n), f"@loswal {n}")) for n in range(1, 4)]
    platform = FakeMastodon(found=found, notifications=told)
    config = source("brand", search=True, own_mentions=True)
    first = pages(platform, config=config)
    assert {f"brand {n}" for n in range(100)} <= set(texts(first))
    addressed = {m.text for page in first for m in page.mentions if m.is_addressed}
    assert addressed == {"@loswal 1", "@loswal 2", "@loswal 3"}
    assert len(platform.requests) == 6  # three pages of results, one of notifications, and two empty ones
    platform.requests.clear()
    second = pages(platform, first[-1].cursor, config=config)
    assert second[-1].last
    assert len(platform.requests) == 2


def test_no_list_is_left_out_when_the_budget_is_small():
    platform = FakeMastodon([status(ago(minutes=n), f"brand {n}") for n in range(200)])
    config, cursor = source("#brand, #rook, #haven"), {}
    for _ in range(3):
        cursor = pages(platform, cursor, config=config, budget=Budget(max_pages=1))[-1].cursor
    assert {path.rpartition("/")[2] for path, _ in platform.asked} == {"brand", "rook", "haven"}


def test_many_quiet_tags_are_one_round_and_end_in_the_second_poll():
    config = source(",".join(f"#stil{n}" for n in range(15)))
    cursor = {f"tag:stil{n}": {"mark": ago(hours=1)} for n in range(15)}
    platform = FakeMastodon()
    [first] = pages(platform, cursor, config=config)
    assert (first.last, first.units, len(platform.requests)) == (False, 10, 10)
    [second] = pages(platform, first.cursor, config=config)
    assert (second.last, second.units) == (True, 5)
    assert len({path for path, _ in platform.asked}) == 15


@pytest.mark.parametrize("limits", [{"max_items": 20}, {"max_pages": 1}, {"max_units": 1}])
def test_the_budget_bounds_what_is_asked(limits):
    platform = FakeMastodon([status(ago(minutes=n)) for n in range(200)])
    found = pages(platform, budget=Budget(**limits))
    assert len(platform.requests) == 1
    assert platform.asked[0][1]["limit"] == str(limits.get("max_items", 40))
    assert sum(page.units for page in found) == 1
    assert not found[-1].last


def test_replies_know_their_parents_also_those_on_another_page():
    root, middle = status(ago(hours=5), "wortel"), status(ago(hours=4), "midden")
    middle["in_reply_to_id"] = root["id"]
    answers = [
        status(ago(minutes=3), "op midden", in_reply_to_id=middle["id"]),
        status(ago(minutes=2), "op weg", in_reply_to_id="404"),
    ]
    platform = FakeMastodon(answers)
    platform.known[middle["id"]] = middle
    [page] = pages(platform, {"tag:brand": {"mark": ago(minutes=30)}})
    found = {m.text: m for m in page.mentions}
    assert (found["op midden"].parent_id, found["op midden"].kind) == (middle["uri"], Kind.REPLY)
    assert (found["op weg"].parent_id, found["op weg"].kind) == ("", Kind.REPLY)
    assert page.units == 2


def test_a_notification_without_its_post_is_passed_over():
    bare = {"id": "9", "type": "mention", "status": None, "created_at": "2026-11-22T11:00:00Z"}
    platform = FakeMastodon(trouble=lambda request: [bare])
    [page] = pages(platform, {"mentions": {"mark": "3"}}, config=OURS)
    assert (page.mentions, page.rejected) == ((), ())
    assert page.cursor["mentions"] == {"mark": "9"}


# ── refusals and failures ────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"X_RateLimit_Reset": "2026-11-22T12:07:00.123456Z"}, timedelta(minutes=7, microseconds=123456)),
        ({"X_RateLimit_Reset": str(int(NOW.timestamp()) + 240)}, timedelta(minutes=4)),
        ({"Retry_After": "120"}, timedelta(minutes=2)),
        ({}, timedelta(minutes=15)),
        ({"X_RateLimit_Reset": "straks"}, timedelta(minutes=15)),
        ({"X_RateLimit_Reset": "2026-11-22T11:00:00Z"}, timedelta(minutes=1)),
        ({"X_RateLimit_Reset": "2027-11-22T11:00:00Z"}, timedelta(days=1)),
    ],
)
def test_asked_too_often_says_when_to_come_back_and_waits_for_nothing(headers, wait):
    limited = answer({"error": "Too many requests"}, 429, **headers)
    with pytest.raises(RateLimited) as told:
        pages(FakeMastodon(trouble=lambda request: limited))
    assert told.value.until == NOW + wait


@pytest.mark.parametrize(
    "reply",
    [
        answer("<html>onderhoud</html>"),
        answer(""),
        answer('[{"id"'),
        answer({"error": "no list"}),
        answer("null"),
        answer({}, 500),
        answer("<html>", 503),
        answer("<html>", 404),
        requests.exceptions.ReadTimeout(),
        requests.exceptions.ConnectTimeout(),
        requests.exceptions.ConnectionError("refused"),
    ],
    ids=repr,
)
def test_no_usable_answer_leaves_the_list_for_another_time(reply):
    with pytest.raises(Unavailable):
        pages(FakeMastodon(trouble=lambda request: reply))


def test_a_limit_header_that_cannot_be_read_does_not_cost_the_page():
    odd = answer([status(ago(minutes=1))], X_RateLimit_Remaining="veel", X_RateLimit_Reset="straks")
    [page] = pages(FakeMastodon(trouble=lambda request: odd), {"tag:brand": {"mark": ago(hours=1)}})
    assert len(page.mentions) == 1
    assert page.quota is None


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"server": ""}, "its server must be an address"),
        ({"server": "https://social.example/@loswal"}, "its server must be an address"),
        ({"server": "file:///etc/passwd"}, "its server must be an address"),
        ({"server": "https://een:geheim@social.example"}, "its server must be an address"),
    ],
)
def test_a_source_without_a_proper_server_is_refused(settings, reason):
    config = source("#brand", **settings)
    with pytest.raises(Refused, match=reason):
        pages(FakeMastodon(), config=config)
    assert [p.blocking for p in MastodonConnector().check(config)] == [True]


def test_a_token_that_names_a_file_is_not_read_as_one(tmp_path):
    path = tmp_path / "token"
    path.write_text("canary")
    with pytest.raises(Refused, match="characters"):
        pages(FakeMastodon(), config=source("#brand", secrets={"access_token": f"~{path}"}))


def test_a_source_without_tags_or_account_has_nothing_to_read():
    with pytest.raises(NothingToRead, match="neither #tags"):
        pages(FakeMastodon(), config=source("brand"))


def test_a_redirect_is_not_followed_with_our_token():
    moved = answer("", 302, Location="https://elders.example/")
    platform = FakeMastodon(trouble=lambda request: moved)
    with pytest.raises(Refused, match="sends us on"):
        pages(platform)
    assert len(platform.requests) == 1


def test_the_token_is_in_no_error_and_no_log(caplog):
    caplog.set_level("DEBUG")
    config = source("#brand", secrets={"access_token": "canary-7f3a"})
    with pytest.raises(CredentialRefused) as refused:
        pages(FakeMastodon(trouble=lambda r: answer({"error": "no"}, 401)), config=config)
    assert "canary" not in str(refused.value) + repr(refused.value) + repr(config) + caplog.text


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.8", "169.254.169.254", "::1"])
def test_a_server_on_our_own_network_is_not_asked(address):
    network = Network(addresses=lambda host, port: [address])
    with pytest.raises(Refused, match="public internet"):
        list(MastodonConnector(network=network).poll(TAGGED, {}, Budget(), now=NOW))


def test_the_whole_way_over_a_real_connection():
    page = json.dumps([status(ago(minutes=1), "over de lijn")]).encode()
    with hostile_server() as server:
        url = server.says("/api/v1/timelines/tag/brand?min_id=1&limit=40", response(page))
        config = source("#brand", server=url.partition("/api")[0])
        connector = MastodonConnector(GuardedAdapter(Network(allow_private=True)))
        reading = connector.poll(config, {"tag:brand": {"mark": "1"}}, Budget(), now=NOW)
        assert texts(reading) == ["over de lijn"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n[",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + b" " * 6_000_000,
    ],
    ids=["nothing", "garbage", "cut off", "half a gzip", "too large"],
)
def test_a_broken_server_leaves_the_source_for_another_time(raw):
    adapter = GuardedAdapter(Network(allow_private=True), Limits(read_s=0.2, total_s=0.5))
    with hostile_server() as server:
        base = server.says("/api/v1/timelines/tag/brand?limit=40", raw).partition("/api")[0]
        with pytest.raises(Unavailable):
            list(MastodonConnector(adapter).poll(source("#brand", server=base), {}, Budget(), now=NOW))


# ── looking up again ─────────────────────────────────────────────────────────


def looked_up(platform, *uris, network=None):
    connector = MastodonConnector(platform, network or Wire(response(status="200 OK")).network)
    return connector.refresh(TAGGED, list(uris), now=NOW)


def test_looking_up_tells_live_gone_and_unknown_apart():
    here = status(ago(minutes=1), "staat er", edited_at="2026-11-22T11:59:30Z")
    there = status(ago(minutes=2), "elders", server=ELSEWHERE)
    deleted = f"{SERVER}/users/kade/statuses/{ago(minutes=3)}"
    found = looked_up(FakeMastodon([here, there]), here["uri"], there["uri"], deleted, "manual:1")
    assert isinstance(found[here["uri"]], Live)
    assert found[here["uri"]].mention.version == "2026-11-22T11:59:30Z"
    assert isinstance(found[there["uri"]], Live)
    assert isinstance(found[deleted], Gone)
    assert isinstance(found["manual:1"], Unknown)


@pytest.mark.parametrize(
    ("answered", "outcome"),
    [
        ("404 Not Found", Gone),
        ("410 Gone", Gone),
        ("200 OK", Unknown),
        ("401 Unauthorized", Unknown),
        ("403 Forbidden", Unknown),
        ("500 Error", Unknown),
    ],
)
def test_a_post_elsewhere_is_gone_only_when_its_own_server_says_so_too(answered, outcome):
    uri = f"{ELSEWHERE}/users/kade/statuses/1"
    found = looked_up(FakeMastodon(), uri, network=Wire(response(status=answered)).network)
    assert isinstance(found[uri], outcome)


def test_a_post_whose_server_lies_in_our_own_network_is_not_asked_for():
    uri = "https://intern.example/users/kade/statuses/1"
    inside = Network(addresses=lambda host, port: ["10.0.0.8"])
    assert isinstance(looked_up(FakeMastodon(), uri, network=inside)[uri], Unknown)


@pytest.mark.parametrize("reply", [answer("<html>", 404), answer({}, 500), answer({}, 403), answer({}, 429)])
def test_a_look_up_that_fails_says_nothing_of_the_posts(reply):
    with pytest.raises((Unavailable, RateLimited, Refused)):
        looked_up(FakeMastodon(trouble=lambda request: reply), f"{SERVER}/users/kade/statuses/1")


def test_look_ups_leave_requests_for_the_next_poll():
    left = answer({"statuses": []}, X_RateLimit_Remaining="59", X_RateLimit_Limit="300")
    platform = FakeMastodon(trouble=lambda request: left)
    uris = [f"{ELSEWHERE}/users/kade/statuses/{n}" for n in range(50)]
    found = looked_up(platform, *uris)
    assert len(platform.requests) == 1
    assert all(isinstance(answered, Unknown) for answered in found.values())


def test_an_old_server_that_cannot_give_many_at_once_is_asked_one_by_one():
    here = status(ago(minutes=1))

    def old(request):
        return (
            answer({"error": "Not found"}, 404)
            if request.url.partition("?")[0].endswith("/statuses")
            else None
        )

    assert isinstance(looked_up(FakeMastodon([here], trouble=old), here["uri"])[here["uri"]], Live)


# ── conversations and addresses ──────────────────────────────────────────────


def test_a_conversation_is_known_from_its_root_to_its_leaves():
    root, middle, leaf = (status(ago(minutes=n), f"post {n}") for n in (9, 8, 7))
    middle["in_reply_to_id"], leaf["in_reply_to_id"] = root["id"], middle["id"]
    platform = FakeMastodon([root, middle, leaf])
    platform.context = {"ancestors": [root], "descendants": [leaf]}
    asked = MastodonConnector().normalise(TAGGED, json.dumps(middle), now=NOW)
    found = MastodonConnector(platform).thread(TAGGED, asked, now=NOW)
    assert [m.canonical_id for m in found] == [root["uri"], leaf["uri"]]
    assert (found[1].parent_id, found[1].thread_id) == (middle["uri"], root["uri"])
    gone = replace(asked, canonical_id=f"{SERVER}/users/kade/statuses/404")
    assert MastodonConnector(platform).thread(TAGGED, gone, now=NOW) == ()


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://social.example/@kade/117020577157693549", True),
        ("https://social.example/@kade@elders.example/117020577157693549", True),
        ("https://social.example/users/kade/statuses/117020577157693549", True),
        ("https://social.example/ap/users/1/statuses/2", True),
        ("https://social.example/deck/@kade/1", True),
        ("https://social.example/@kade", False),
        ("https://x.com/kade/status/1", False),
        ("https://www.threads.net/@kade/post/C1", False),
        ("https://medium.example/@kade/een-verhaal", False),
        ("ftp://social.example/@kade/1", False),
        ("", False),
    ],
)
def test_an_address_of_a_post_is_recognised_by_its_form(url, is_one):
    assert MastodonConnector().claims(url) is is_one


def test_a_pasted_address_is_resolved_on_our_server_and_through_its_search():
    here, there = status(ago(minutes=1), "hier"), status(ago(minutes=2), "daar", server=ELSEWHERE)
    connector = MastodonConnector(FakeMastodon([here, there]))
    assert connector.resolve(TAGGED, here["url"], now=NOW).text == "hier"
    assert connector.resolve(TAGGED, there["url"], now=NOW).text == "daar"
    assert connector.resolve(TAGGED, f"{SERVER}/@kade/404", now=NOW) is None
    assert connector.resolve(TAGGED, f"{ELSEWHERE}/@kade/404", now=NOW) is None


@settings(max_examples=25)
@given(json_values)
def test_no_answer_to_a_question_about_one_post_breaks_anything(body):
    """About a second. Whatever a server answers, a source error or an answer comes out."""
    platform = FakeMastodon(trouble=lambda request: answer(json.dumps(body)))
    connector = MastodonConnector(platform, Wire(response(status="200 OK")).network)
    asked = connector.normalise(TAGGED, json.dumps(PARENT), now=NOW)
    for ask in (
        lambda: connector.thread(TAGGED, asked, now=NOW),
        lambda: connector.resolve(TAGGED, PARENT["url"], now=NOW),
        lambda: connector.refresh(TAGGED, [PARENT["uri"], f"{SERVER}/users/kade/statuses/1"], now=NOW),
        lambda: connector.find_reply(TAGGED, "k", REPLY),
        lambda: connector.publish(TAGGED, REPLY, key="k"),
        lambda: pages(platform),
    ):
        with suppress(SourceError):
            ask()


# ── replies ──────────────────────────────────────────────────────────────────

PARENT = status(id_at(NOW - timedelta(hours=1)), "wat is er?", server=ELSEWHERE)
REPLY = Reply(parent_id=PARENT["uri"], text="Dank, zie https://vr.example/brand", visibility="public")


def test_a_reply_is_sent_once_under_its_parent_to_its_author():
    platform = FakeMastodon([PARENT])
    connector = MastodonConnector(platform)
    sent = connector.publish(TAGGED, REPLY, key="sleutel")
    again = connector.publish(TAGGED, REPLY, key="sleutel")
    assert sent == again == Published(platform.posted[0]["url"], platform.posted[0]["uri"])
    assert len(platform.posted) == 1
    assert platform.posted[0]["in_reply_to_id"] == PARENT["id"]
    assert platform.posted[0]["content"] == f"<p>@kade@elders.example {REPLY.text}</p>"


def test_our_reply_is_found_by_its_parent_and_its_text():
    platform = FakeMastodon([PARENT])
    connector = MastodonConnector(platform)
    assert connector.find_reply(TAGGED, "k", REPLY) is None
    sent = connector.publish(TAGGED, REPLY, key="k")
    assert connector.find_reply(TAGGED, "k", REPLY) == sent
    assert connector.find_reply(TAGGED, "k", replace(REPLY, text="Iets anders")) is None


def test_a_direct_message_is_not_answered_in_public():
    private = PARENT | {"visibility": "direct"}
    connector = MastodonConnector(platform := FakeMastodon([private]))
    with pytest.raises(PublishFailed, match="not public"):
        connector.publish(TAGGED, REPLY, key="k")
    connector.publish(TAGGED, replace(REPLY, visibility="direct"), key="k")
    assert [made["visibility"] for made in platform.posted] == ["direct"]


def test_what_is_longer_than_usual_is_held_against_the_limit_of_the_server():
    platform = FakeMastodon([PARENT])
    MastodonConnector(platform).publish(TAGGED, replace(REPLY, text="x" * 590), key="a")
    with pytest.raises(PublishFailed, match="of 600"):
        MastodonConnector(platform).publish(TAGGED, replace(REPLY, text="x" * 600), key="b")
    assert len(platform.posted) == 1


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (requests.exceptions.ReadTimeout(), PublishUnknown),
        (requests.exceptions.ConnectionError("reset"), PublishUnknown),
        (requests.exceptions.ConnectTimeout(), Unavailable),
        (answer("<html>", 503), PublishUnknown),
        (answer("<html>", 200), PublishUnknown),
        (answer({}, 200), PublishUnknown),
        (answer({"error": "Validation failed"}, 422), PublishFailed),
        (answer({"error": "This action is outside the authorized scopes"}, 403), PublishFailed),
        (answer({"error": "The access token is invalid"}, 401), CredentialRefused),
        (answer({}, 429, Retry_After="60"), RateLimited),
    ],
    ids=repr,
)
def test_every_outcome_of_sending_says_whether_it_may_have_arrived(outcome, error):
    platform = FakeMastodon([PARENT], trouble=lambda r: outcome if r.method == "POST" else None)
    with pytest.raises(error):
        MastodonConnector(platform).publish(TAGGED, REPLY, key="k")


def test_a_limit_in_sending_says_when_to_come_back_by_the_clock_of_the_server():
    limited = answer({}, 429, Date=format_datetime(NOW, usegmt=True), Retry_After="600")
    platform = FakeMastodon([PARENT], trouble=lambda r: limited if r.method == "POST" else None)
    with pytest.raises(RateLimited) as told:
        MastodonConnector(platform).publish(TAGGED, REPLY, key="k")
    assert told.value.until == NOW + timedelta(minutes=10)


def test_a_parent_that_is_gone_cannot_be_answered():
    with pytest.raises(PublishFailed, match="not there"):
        MastodonConnector(FakeMastodon()).publish(TAGGED, REPLY, key="k")


def test_who_can_be_answered():
    found = one()
    assert MastodonConnector().can_reply(TAGGED, found) == Yes()
    assert isinstance(MastodonConnector().can_reply(TAGGED, replace(found, kind=Kind.BOOST)), No)
    assert isinstance(MastodonConnector().can_reply(source(secrets={}), found), No)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("Dank u wel", 10),
        ("e\u0301e\u0301n", 3),
        ("zie https://vr.example/een/heel/lang/adres?met=alles", 4 + 23),
        ("@kade@elders.example dank", len("@kade dank")),
        ("🔥", 1),
    ],
)
def test_length_is_as_mastodon_counts(text, length):
    assert counted_length(text) == length


@pytest.mark.parametrize(
    ("query", "tags", "searches"),
    [
        ("#Brand, rook", ["brand"], ["rook"]),
        ("#brand AND haven -oefening", ["brand"], []),
        ('"grote brand" AND (haven OR kade)', [], ['"grote brand" haven', '"grote brand" kade']),
        ("brand NEAR/5 haven", [], ["brand haven"]),
        ("from:kade@elders.example brand lang:nl", [], ["brand from:@kade@elders.example"]),
        ("@vr_loswal, brandw*", [], ["@vr_loswal", "brandw"]),
        ("platform:x brand, platform:mastodon rook", [], ["rook"]),
        ('"has:media"', [], ['"has:media"']),
        ("lang:nl", [], []),
    ],
)
def test_queries_become_tags_to_follow_and_searches(query, tags, searches):
    asked = asked_for([query])
    assert (list(asked.tags), list(asked.searches)) == (tags, searches)
    assert asked.has_more is (query == "lang:nl")


def test_a_missing_token_and_words_that_nothing_looks_for_are_told():
    assert MastodonConnector().check(TAGGED) == []
    found = MastodonConnector().check(source("brand", secrets={}))
    assert [problem.blocking for problem in found] == [False, False]
    assert MastodonConnector().check(source("brand", search=True)) == []
    assert MastodonConnector().check(source('"open'))[0].blocking
    assert "only public can read those" in MastodonConnector().check(source("lang:nl"))[0].message
    assert MastodonConnector().check(source("lang:nl", public="local")) == []


def test_without_a_token_posts_of_other_servers_are_left_alone_and_the_source_goes_on():
    def trouble(request):
        return (
            answer({"error": "Not supported without authentication"}, 401)
            if "search" in request.url
            else None
        )

    far = status(ago(minutes=1), server=ELSEWHERE)["uri"]
    connector = MastodonConnector(FakeMastodon(trouble=trouble), Wire(response(status="404 Gone")).network)
    config = source("#brand", secrets={})
    assert isinstance(connector.refresh(config, [far], now=NOW)[far], Unknown)
    assert connector.resolve(config, far, now=NOW) is None


def test_a_page_from_which_the_server_hides_a_post_does_not_stop_the_mark():
    """In the overlap stand more posts than one page holds, and one of them is hidden from us."""
    tagged = [status(ago(minutes=6, seconds=-n), f"brand {n}") for n in range(60)]

    def trouble(request):
        body = plain._page(tagged, dict(parse_qsl(urlsplit(request.url).query)))
        return [entry for entry in body if entry["id"] != tagged[3]["id"]]

    plain = FakeMastodon()
    found = pages(FakeMastodon(tagged, trouble=trouble), {"tag:brand": {"mark": tagged[50]["id"]}})
    assert "brand 59" in texts(found)
