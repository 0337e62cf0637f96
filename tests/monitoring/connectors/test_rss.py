"""RSS and Atom: what a feed gives, and what no feed can break."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.connectors.base import Budget, No, SourceConfig
from monitoring.connectors.entries import Feed
from monitoring.connectors.errors import Ended, RateLimited, Refused, SourceError, Unavailable, Unreadable
from monitoring.connectors.rss import RssConnector
from monitoring.fetch import Limits, Network
from tests.monitoring.hostile import gzipped, hostile_server, response
from tests.monitoring.networks import PAYLOADS, Wire, feed, rss, shared_data

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://nieuws.example/feed.xml"
ENTRY = (
    "<guid>https://nieuws.example/1</guid><link>https://nieuws.example/1</link>"
    "<title>Brand in de haven</title>"
    "<description>Rook boven de stad.</description><pubDate>Sun, 22 Nov 2026 12:30:00 +0100</pubDate>"
)


def source(url=URL, *terms):
    return SourceConfig(id=7, name="Omroep Voorbeeld", settings={"url": url}, terms=terms)


def pages(*answers, cursor=None, config=None, budget=None, now=NOW):
    """The pages of one poll against these answers."""
    connector = RssConnector(network=Wire(*answers).network)
    return list(connector.poll(config or source(), cursor or {}, budget or Budget(), now=now))


def mentions(*entries, **options):
    return pages(feed(rss(*entries)), **options)[0].mentions


def test_an_entry_becomes_a_mention():
    [mention] = mentions(ENTRY)
    assert mention.platform == "rss"
    assert mention.canonical_id == mention.url == "https://nieuws.example/1"
    assert mention.text == "Brand in de haven\n\nRook boven de stad."
    assert mention.posted_at == datetime(2026, 11, 22, 11, 30, tzinfo=UTC)
    assert mention.author.handle == "Omroep Voorbeeld"
    assert mention.language == "nl"
    assert mention.version == ""
    assert mention.raw["title"] == "Brand in de haven"


def test_atom_is_read_as_well_and_an_edit_changes_the_version():
    def atom(text, updated):
        return feed(
            '<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><entry><id>urn:uuid:1</id>'
            '<link href="/artikel/1"/><title>Brand</title><author><name>Redactie</name></author>'
            f"<published>2026-11-22T10:00:00Z</published><updated>{updated}</updated>"
            f'<content type="html">&lt;p&gt;{text}&lt;/p&gt;</content></entry></feed>'
        )

    [first] = pages(atom("Groot", "2026-11-22T10:00:00Z"))[0].mentions
    [edited] = pages(atom("Klein", "2026-11-22T11:00:00Z"))[0].mentions
    assert first.canonical_id == edited.canonical_id == "urn:uuid:1"
    assert first.url == "https://nieuws.example/artikel/1"  # relative to the address of the feed
    assert (first.text, first.author.handle) == ("Brand\n\nGroot", "Redactie")
    assert first.version == ""
    assert edited.version != ""


def test_every_entry_is_given_whatever_the_terms():
    """Whoever stores them holds them against the whole query, language and platform included."""
    texts = ["Brand in de haven", "Oefening in de haven"]
    [page] = pages(
        feed(rss(*(f"<title>{text}</title>" for text in texts))), config=source(URL, "haven -oefening")
    )
    assert [mention.text for mention in page.mentions] == texts


def alert(n, guid, text="Rook bij de haven", link="https://a.example/waarschuwing"):
    told = f"<title>Waarschuwing {n}</title><description>{text}</description>"
    return f"<guid>{guid}</guid><link>{link}</link>{told}"


def test_entries_that_come_under_another_id_every_time_are_known_again():
    first = pages(feed(rss(*(alert(n, f"eerst-{n}") for n in range(3)))))
    again = pages(feed(rss(*(alert(n, f"later-{n}") for n in range(3)))), cursor=first[-1].cursor)
    third = pages(feed(rss(*(alert(n, f"nog-{n}") for n in range(3)))), cursor=again[-1].cursor)
    ids = [m.canonical_id for m in first[0].mentions]
    assert ids == ["7:eerst-0", "7:eerst-1", "7:eerst-2"]
    assert [m.canonical_id for m in again[0].mentions] == ids
    assert [m.canonical_id for m in third[0].mentions] == ids


def test_a_second_warning_with_the_same_link_and_title_is_another_one():
    first = pages(feed(rss(alert(1, "a"))))
    second = pages(feed(rss(alert(1, "b", text="Brand uit"), alert(1, "a"))), cursor=first[-1].cursor)
    assert [m.canonical_id for m in second[0].mentions] == ["7:b", "7:a"]
    both = pages(feed(rss(alert(1, "a"), alert(1, "c"))), cursor=first[-1].cursor)
    assert [m.canonical_id for m in both[0].mentions] == ["7:a", "7:c"]


def test_what_is_remembered_of_a_feed_stays_small():
    [*_, page] = pages(feed(rss(*(alert(n, f"g{n}") for n in range(900)))))
    assert len(page.cursor["ids"]) == 300


@pytest.mark.parametrize(
    ("headers", "inside", "wait"),
    [
        ({"Cache_Control": "public, max-age=1800"}, "", timedelta(minutes=30)),
        ({"Cache_Control": "max-age=1800", "Age": "600"}, "", timedelta(minutes=20)),
        ({"Cache_Control": "max-age=86400"}, "", timedelta(hours=1)),
        ({"Cache_Control": "no-cache, max-age=1800"}, "", None),
        ({"Cache_Control": "max-age=60"}, "", None),
        ({"Cache_Control": "max-age=veel"}, "", None),
        (
            {"Date": "Sun, 22 Nov 2026 12:00:00 GMT", "Expires": "Sun, 22 Nov 2026 12:20:00 GMT"},
            "",
            timedelta(minutes=20),
        ),
        ({"Expires": "0"}, "", None),
        ({}, "<ttl>15</ttl>", timedelta(minutes=15)),
        ({}, "<ttl>veel</ttl>", None),
        (
            {},
            "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>",
            timedelta(minutes=30),
        ),
        ({"Cache_Control": "max-age=600"}, "<ttl>15</ttl>", timedelta(minutes=15)),
        ({}, "", None),
    ],
)
def test_a_feed_is_left_alone_as_long_as_it_asks_but_no_longer_than_an_hour(headers, inside, wait):
    named = 'version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    body = rss(ENTRY).replace('version="2.0"', named).replace("<language>", f"{inside}<language>")
    config = replace(source(), interval_s=300)
    [page] = pages(feed(body, **headers), config=config)
    assert page.next_at == (None if wait is None else NOW + wait)
    unchanged = response(
        status="304 Not Modified", headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    [later] = pages(unchanged, cursor=page.cursor, config=config)
    assert later.next_at == page.next_at


def test_our_own_interval_is_not_shortened():
    [page] = pages(feed(rss(ENTRY), Cache_Control="max-age=1800"), config=replace(source(), interval_s=3600))
    assert page.next_at is None


def test_an_entry_that_was_set_apart_can_be_read_again():
    about = Feed(source_id=7, url=URL, title="Omroep Voorbeeld", language="nl")
    entry = {
        "id": "abc",
        "link": "/1",
        "title_detail": "kapot",
        "published_parsed": (2026, 11, 22, 11, 30, 0, 6, 326, 0),
    }
    found, [rejected] = about.mentions([entry], now=NOW)
    assert found == []
    with pytest.raises(Unreadable):
        RssConnector().normalise(source(), rejected.raw, now=NOW)
    mended = json.loads(rejected.raw)
    mended["entry"]["title_detail"] = {"value": "Brand", "type": "text/plain"}
    mention = RssConnector().normalise(source(), json.dumps(mended), now=NOW)
    assert (mention.canonical_id, mention.url) == ("7:abc", "https://nieuws.example/1")
    assert mention.posted_at == datetime(2026, 11, 22, 11, 30, tzinfo=UTC)
    assert (mention.author.handle, mention.language) == ("Omroep Voorbeeld", "nl")


@given(st.text())
def test_what_is_no_entry_is_unreadable(raw):
    with pytest.raises(Unreadable):
        RssConnector().normalise(source(), raw, now=NOW)


def test_a_relative_link_is_read_from_the_base_that_the_feed_names():
    body = rss("<link>1.html</link><title>a</title>").replace(
        "<item>", '<item xml:base="https://b.example/x/">'
    )
    [page] = pages(feed(body))
    assert page.mentions[0].url == "https://b.example/x/1.html"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("<guid>abc</guid><link>https://a.example/1</link>", "7:abc"),
        ("<guid>tag:google.com,2013:x</guid>", "tag:google.com,2013:x"),
        ("<link>https://a.example/1</link>", "https://a.example/1"),
        ("<title>only text</title>", r"sha256:[0-9a-f]{64}"),
        (f"<guid>https://a.example/{'x' * 500}</guid>", r"sha256:[0-9a-f]{64}"),
    ],
)
def test_identity_is_the_id_then_the_link_then_the_text(entry, expected):
    [mention] = mentions(entry)
    assert re.fullmatch(expected, mention.canonical_id)


def test_one_identity_is_given_once():
    assert len(mentions(ENTRY, ENTRY, "<title>a</title>", "<title>a</title>")) == 2


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("&lt;p&gt;een&lt;/p&gt;&lt;p&gt;twee&lt;/p&gt;", "een\n\ntwee"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;na", "na"),
        ("a &lt;b&gt;vet&lt;/b&gt; woord", "a vet woord"),
        ("&lt;img src=x onerror=alert(1)&gt;beeld", "beeld"),
        ("5 &amp;lt; 6 &amp;amp; 7", "5 < 6 & 7"),
        ("<![CDATA[een<br>twee]]>", "een\ntwee"),
        ("&lt;!-- weg --&gt;blijft", "blijft"),
        ("\u202eomgekeerd", "\u202eomgekeerd"),
        ("👩‍🚒 bij de brand", "👩‍🚒 bij de brand"),
    ],
)
def test_html_becomes_plain_text(html, text):
    [mention] = mentions(f"<description>{html}</description>")
    assert mention.text == text


def test_an_alert_link_is_unwrapped():
    link = "https://www.google.com/url?rct=j&amp;sa=t&amp;url=https://krant.example/a%3Fb%3D1&amp;ct=ga"
    [mention] = mentions(f"<guid>tag:google.com,2013:1</guid><link>{link}</link>")
    assert mention.url == "https://krant.example/a?b=1"


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "https://", "http://[x"]
)
def test_a_link_that_is_no_web_address_is_left_out(link):
    [mention] = mentions(f"<title>a</title><link>{link}</link>")
    assert mention.url == ""


@pytest.mark.parametrize(
    ("date", "posted_at"),
    [
        ("", NOW),
        ("gisteren", NOW),
        ("Mon, 22 Nov 2027 12:00:00 GMT", NOW),
        ("Sun, 22 Nov 2026 12:04:00 GMT", NOW + timedelta(minutes=4)),
        ("Fri, 22 Nov 1996 12:00:00 GMT", datetime(1996, 11, 22, 12, tzinfo=UTC)),
    ],
)
def test_a_post_without_a_date_or_from_the_future_counts_at_arrival(date, posted_at):
    [mention] = mentions(f"<title>a</title><pubDate>{date}</pubDate>")
    assert mention.posted_at == posted_at


def test_what_a_database_refuses_is_taken_out():
    [mention] = mentions("<title>a&#0;b\x00c&#xD800;d&#x1F;e</title>")
    assert not re.search("[\x00-\x08\x0e-\x1f\ud800-\udfff]", mention.text + repr(mention.raw))
    assert mention.text.startswith("a")


def test_validators_are_kept_and_an_unchanged_feed_is_an_empty_page():
    wire = Wire(
        feed(rss(ENTRY), ETag='"v1"', Last_Modified="Sun, 22 Nov 2026"), response(status="304 Not Modified")
    )
    connector = RssConnector(network=wire.network)
    [first] = connector.poll(source(), {}, Budget(), now=NOW)
    [second] = connector.poll(source(), first.cursor, Budget(), now=NOW)
    assert 'If-None-Match: "v1"' in wire.requests[1]
    assert "If-Modified-Since: Sun, 22 Nov 2026" in wire.requests[1]
    assert (second.mentions, second.last, second.cursor) == ((), True, first.cursor)


@pytest.mark.parametrize("changed", [source("https://nieuws.example/other.xml"), source(URL, "brand")])
def test_another_address_or_other_terms_start_anew(changed):
    wire = Wire(feed(rss(ENTRY), ETag='"v1"'))
    connector = RssConnector(network=wire.network)
    [first] = connector.poll(source(), {}, Budget(), now=NOW)
    list(connector.poll(changed, first.cursor, Budget(), now=NOW))
    assert "If-None-Match" not in wire.requests[1]


def test_a_permanent_move_is_kept_and_followed_next_time():
    moved = response(status="301 Moved", headers={"Location": "https://new.example/feed"})
    wire = Wire(moved, feed(rss(ENTRY)))
    connector = RssConnector(network=wire.network)
    [first] = connector.poll(source(), {}, Budget(), now=NOW)
    [second] = connector.poll(source(), first.cursor, Budget(), now=NOW)
    assert "Host: new.example" in wire.requests[2]
    assert first.cursor["moved_to"] == second.cursor["moved_to"] == "https://new.example/feed"


def test_a_long_feed_comes_in_pages_and_goes_on_where_the_budget_ended():
    answer = feed(rss(*(f"<guid>{n}</guid>" for n in range(250))), ETag='"v1"')
    first = pages(answer, budget=Budget(max_pages=2))
    assert [len(page.mentions) for page in first] == [100, 100]
    assert [page.last for page in first] == [False, False]
    assert "etag" not in first[-1].cursor  # unread entries must not be hidden by a 304
    [rest] = pages(answer, cursor=first[-1].cursor)
    assert [mention.canonical_id for mention in rest.mentions] == [f"7:{n}" for n in range(200, 250)]
    assert (rest.last, rest.cursor["etag"]) == (True, '"v1"')


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (
            response(b"<html><body>Onderhoud</body></html>", headers={"Content-Type": "text/html"}),
            Unavailable,
        ),
        (response(), Unavailable),
        (response(b"/etc/hostname"), Unavailable),
        (feed(rss(ENTRY)[:-60]), Unavailable),
        (feed(rss(ENTRY)[:-5]), Unavailable),
        (feed(f"<!-- ill-formed from the first line -->{rss(ENTRY)[:-60]}"), Unavailable),
        (gzipped(rss(ENTRY).encode())[:-30], Unavailable),
        (response(b"[1, 2]"), Unavailable),
        (response(status="404 Not Found"), Unavailable),
        (response(status="500 Error"), Unavailable),
        (response(status="410 Gone"), Ended),
        (response(status="401 Unauthorized"), Refused),
        (response(status="403 Forbidden"), Refused),
        (response(status="301 Moved", headers={"Location": "file:///etc/passwd"}), Refused),
    ],
)
def test_no_usable_answer_is_a_source_error_and_gives_no_page(answer, error):
    with pytest.raises(error):
        pages(answer)


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        ("429 Too Many", {"Retry-After": "120"}, timedelta(minutes=2)),
        ("429 Too Many", {"Retry-After": "Sun, 22 Nov 2026 12:20:00 GMT"}, timedelta(minutes=20)),
        ("429 Too Many", {"Retry-After": "2026-11-22T12:10:00Z"}, timedelta(minutes=10)),
        ("429 Too Many", {"Retry-After": "soon"}, timedelta(minutes=15)),
        ("429 Too Many", {"Retry-After": "Sun, 22 Nov 2020 12:20:00 GMT"}, timedelta(minutes=1)),
        ("429 Too Many", {"Retry-After": "999999"}, timedelta(days=1)),
        ("429 Too Many", {}, timedelta(minutes=15)),
        ("503 Unavailable", {"Retry-After": "300"}, timedelta(minutes=5)),
    ],
)
def test_asked_too_often_says_when_to_come_back(status, headers, wait):
    with pytest.raises(RateLimited) as limited:
        pages(response(status=status, headers=headers))
    assert limited.value.until == NOW + wait


def test_a_private_address_is_refused():
    with pytest.raises(Refused, match="not on the public internet"):
        list(RssConnector().poll(source("http://127.0.0.1/feed"), {}, Budget(), now=NOW))


@pytest.mark.parametrize("config", [source(""), source("feed.xml"), source("ftp://a.example/")])
def test_settings_that_cannot_work_are_a_problem_and_are_not_polled(config):
    connector = RssConnector(network=Wire(feed(rss(ENTRY))).network)
    assert connector.check(config)
    with pytest.raises(Refused):
        list(connector.poll(config, {}, Budget(), now=NOW))


def test_good_settings_are_no_problem_and_the_answer_is_given_elsewhere():
    connector = RssConnector()
    [mention] = mentions(ENTRY)
    assert connector.check(source()) == []
    assert connector.can_reply(source(), mention) == No("A feed takes no replies", intent_url=mention.url)


def test_entities_of_a_hostile_feed_read_no_file_and_do_not_grow():
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE rss [<!ENTITY l0 "ha"><!ENTITY x SYSTEM "file:///etc/passwd">{laughs}]>'
    hostile = rss("<title>begin &x; &l9; end</title>").replace("?>", f"?>{doctype}", 1)
    try:
        found = pages(feed(hostile))
    except SourceError:
        return
    text = "".join(mention.text for page in found for mention in page.mentions)
    assert "root:" not in text
    assert len(text) < 1000


@pytest.mark.parametrize("piece", ["<a ", "<a b='", "<!--", "<b>", "<div>", "&", "<", "]]>", "<![CDATA["])
def test_a_hostile_text_is_read_in_reasonable_time(piece):
    escaped = (piece * 50_000).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    [mention] = mentions(f"<title>a</title><description>{escaped}</description>")
    assert len(mention.text) <= 20_000


def test_a_slow_or_broken_server_leaves_the_source_for_another_time():
    limits = Limits(read_s=0.1, total_s=0.2)
    with hostile_server() as server:
        from_local = RssConnector(limits, LOCAL)
        for raw in (b"", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n<rss>", b"garbage\r\n\r\n"):
            with pytest.raises(Unavailable):
                list(from_local.poll(source(server.says("/feed", raw)), {}, Budget(), now=NOW))


@pytest.mark.parametrize("path", sorted((PAYLOADS / "feeds").glob("*.xml")), ids=lambda path: path.stem)
def test_nasty_feeds_are_read(path):
    [page] = pages(feed(path.read_bytes(), **_headers_of(path.read_bytes())))
    assert page.mentions


def test_a_thousand_nasty_feeds_raise_nothing_but_source_errors():
    """About a second: all the feeds that feedparser itself is tested with."""
    folder = shared_data() / "feeds"
    if not folder.is_dir():
        pytest.skip(f"the nasty feeds are not at {folder}; set WEERWOORD_SHARED to the folder with them")
    n_read = n_refused = 0
    for path in sorted([*folder.rglob("*.xml"), *folder.rglob("*.json")]):
        body = path.read_bytes()
        try:
            found = pages(feed(body, **_headers_of(body)))
        except SourceError:
            n_refused += 1
            continue
        n_read += 1
        for mention in (mention for page in found for mention in page.mentions):
            assert mention.posted_at.tzinfo is UTC
            assert mention.canonical_id
            mention.text.encode()
            repr(mention.raw).encode()
    assert n_read + n_refused == 1040
    assert n_refused < 40


LOCAL = Network(allow_private=True)


def _headers_of(body):
    """The HTTP headers that a feed of the collection was served with, from the comment in it."""
    found = re.findall(rb"^Header:\s*([\w-]+):\s*(.+?)\s*$", body[:2000], re.MULTILINE)
    return {
        name.decode().title().replace("-", "_"): value.decode("latin-1")
        for name, value in found
        if name.lower() in (b"content-type", b"content-location", b"content-language")
    }
