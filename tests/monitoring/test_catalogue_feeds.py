"""Row 15 of the failure catalogue where a single answer proves nothing: feeds over several polls."""

from datetime import datetime, timedelta

import pytest

from monitoring.connectors import registry
from monitoring.connectors.rss import RssConnector
from monitoring.models import Post, Query, Source
from tests.monitoring.networks import Wire, feed, rss
from tests.monitoring.polls import again, poll

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
# Without ids, links and dates: all that is known of an entry is what it says.
ENTRIES = [f"<title>Brandweer {n}</title><description>Rook op plek {n}</description>" for n in range(5)]


@pytest.fixture
def news(query: Query, noon: datetime) -> Source:
    source = Source.objects.create(
        name="news", connector="rss", settings={"url": "https://news.example/feed"}, next_poll_at=noon
    )
    source.queries.add(query)
    return source


def gives(monkeypatch: pytest.MonkeyPatch, *answers: bytes) -> None:
    monkeypatch.setitem(registry.CONNECTORS, "rss", RssConnector(network=Wire(*answers).network))


def test_a_feed_in_another_order_every_time_is_stored_once(
    news: Source, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = (ENTRIES, ENTRIES[::-1], ENTRIES[2:] + ENTRIES[:2], [*ENTRIES, *ENTRIES])
    for n, entries in enumerate(orders):
        gives(monkeypatch, feed(rss(*entries)))
        poll(news, now=noon + n * HOUR)
        assert (again(news).health, Post.objects.count()) == ("working", len(ENTRIES))


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "brandweer" * 10}">' for n in range(12))


@pytest.mark.parametrize(
    "doctype",
    [
        pytest.param(f"<!DOCTYPE rss [{LAUGHS}]>", id="billion laughs"),
        pytest.param('<!DOCTYPE rss [<!ENTITY l11 SYSTEM "file:///etc/passwd">]>', id="a file"),
        pytest.param('<!DOCTYPE rss [<!ENTITY l11 SYSTEM "http://127.0.0.1/">]>', id="an address inside"),
    ],
)
def test_a_hostile_feed_is_a_failing_source_or_an_empty_one_and_never_a_leak(
    doctype: str, news: Source, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = rss("<title>brandweer &l11;</title>", *ENTRIES).replace("?>", f"?>{doctype}", 1)
    gives(monkeypatch, feed(body))
    poll(news, now=noon)
    assert again(news).health in ("working", "failing")
    assert all(len(post.text) < 1000 and "root:" not in post.text for post in Post.objects.all())
    gives(monkeypatch, feed(rss(*ENTRIES)))
    poll(news, now=noon + HOUR)
    assert Post.objects.filter(text__contains="Rook op plek").count() == len(ENTRIES)
