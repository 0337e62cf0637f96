"""One working source per connector, for the tests that every connector must pass."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from monitoring.connectors.base import Connector, SourceConfig
from monitoring.connectors.bluesky import BlueskyConnector
from monitoring.connectors.importing import ImportConnector
from monitoring.connectors.mailbox import MailboxConnector
from monitoring.connectors.manual import ManualConnector
from monitoring.connectors.mastodon import MastodonConnector
from monitoring.connectors.meta import FacebookConnector, InstagramConnector
from monitoring.connectors.reddit import RedditConnector
from monitoring.connectors.replay import ReplayConnector
from monitoring.connectors.rss import RssConnector
from monitoring.connectors.webhook import WebhookConnector
from monitoring.connectors.x import XConnector
from monitoring.connectors.x.posts import first_id_at
from monitoring.connectors.youtube import YoutubeConnector
from tests.monitoring.connectors.fake_bluesky import FakeBluesky, found, view
from tests.monitoring.connectors.fake_graph import FakeGraph
from tests.monitoring.connectors.fake_mastodon import SERVER, FakeMastodon, id_at, status
from tests.monitoring.connectors.fake_reddit import FakeReddit, comment, post
from tests.monitoring.connectors.fake_x import FakeX, posts
from tests.monitoring.connectors.fake_youtube import FakeYoutube, answer_to, thread
from tests.monitoring.hostile import response
from tests.monitoring.imap_server import HOST, standing_example, way_to
from tests.monitoring.networks import PAYLOADS, Wire, feed, rss

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Example:
    """A connector with its platform behind it, and a source on it that works."""

    connector: Connector
    source: SourceConfig


def bluesky_example() -> Example:
    views = [view(n, at=NOW - timedelta(minutes=n)) for n in range(150)]

    def search(asked: Mapping[str, str]) -> Mapping[str, object]:
        start = int(asked.get("cursor", 0))
        return found(views[start : start + 100], str(start + 100) if start + 100 < len(views) else "")

    platform = FakeBluesky(
        searchPosts=search,
        listNotifications={"notifications": [{**views[3], "reason": "mention"}]},
        getPosts=lambda asked: {"posts": [v for v in views if v["uri"] in asked["uris"]]},
        getProfiles={"profiles": []},
    )
    secrets = {"identifier": "vr-loswal.test", "app_password": "abcd-abcd-abcd-abcd"}
    source = SourceConfig(id=14, name="Bluesky", settings={}, terms=("brand",), secrets=secrets)
    return Example(BlueskyConnector(platform), source)


def email_example() -> Example:
    mail, certificate = standing_example(NOW)
    secrets = {"user": mail.user, "password": mail.password}
    source = SourceConfig(id=15, name="Post", settings={"host": HOST}, secrets=secrets)
    return Example(MailboxConnector(way_to(mail, certificate)), source)


def import_example() -> Example:
    rows = "".join(f"x,{n},Bericht {n},2026-11-22T11:00:00Z\n" for n in range(150))
    content = f"platform,id,text,posted_at\n{rows}".encode()
    return Example(ImportConnector(), SourceConfig(id=11, name="Bestand", settings={}, upload=content))


def manual_example() -> Example:
    return Example(ManualConnector(), SourceConfig(id=1, name="Gemeld", settings={}))


def mastodon_example() -> Example:
    tagged = [status(id_at(NOW - timedelta(minutes=n)), f"brand {n}") for n in range(150)]
    network = Wire(response(status="200 OK")).network
    source = SourceConfig(
        id=5,
        name="Mastodon",
        settings={"server": SERVER, "own_mentions": False},
        terms=("#brand",),
        secrets={"access_token": "reading-and-writing"},
    )
    return Example(MastodonConnector(FakeMastodon(tagged), network), source)


def replay_example() -> Example:
    settings = {
        "path": str(PAYLOADS / "replay" / "kade.jsonl"),
        "started_at": "2026-11-22T11:00:00+00:00",
        "speed": 1,
    }
    return Example(ReplayConnector(), SourceConfig(id=2, name="Oefening", settings=settings))


def rss_example() -> Example:
    entries = (f"<guid>urn:artikel:{n}</guid><title>Artikel {n}</title>" for n in range(150))
    network = Wire(feed(rss(*entries))).network
    settings = {"url": "https://nieuws.example/feed.xml"}
    return Example(RssConnector(network=network), SourceConfig(id=3, name="Omroep", settings=settings))


def webhook_example() -> Example:
    secrets = {"signing_secret": "a-secret-of-the-partner"}
    return Example(WebhookConnector(), SourceConfig(id=12, name="Partner", settings={}, secrets=secrets))


def x_example() -> Example:
    newest = first_id_at(NOW)
    pages = [posts(*range(newest - 150, newest - 50)), posts(*range(newest - 50, newest))]
    platform = FakeX(search=pages, other=lambda request: {"data": pages[0]["data"], "errors": []})
    secrets = {"bearer_token": "reading"}
    source = SourceConfig(id=4, name="X", settings={}, terms=("brand",), secrets=secrets)
    return Example(XConnector(platform), source)


def facebook_example() -> Example:
    moment = (NOW - timedelta(hours=1)).isoformat()
    posts = [
        {
            "id": f"1000_{n}",
            "message": f"Bericht {n}",
            "created_time": moment,
            "from": {"id": "7", "name": "A"},
        }
        | {"comments": {"summary": {"total_count": n % 2 * 120}}}
        for n in range(150)
    ]
    comments = [{"id": f"1_{n}", "message": f"Reactie {n}", "created_time": moment} for n in range(120)]
    graph = FakeGraph({"1000/feed": posts, "1000_1/comments": comments}, {"1000": {"id": "1000"}})
    source = SourceConfig(5, "Pagina", {"page_id": "1000"}, secrets={"page_token": "t", "app_secret": "s"})
    return Example(FacebookConnector(graph), source)


def instagram_example() -> Example:
    moment = (NOW - timedelta(hours=1)).isoformat()
    media = [
        {
            "id": "500",
            "timestamp": moment,
            "comments_count": 90,
            "permalink": "https://instagram.example/p/A/",
        }
    ]
    replies = [{"id": f"9{n}", "text": "Ja", "timestamp": moment, "username": "b"} for n in range(30)]
    comments = [
        {"id": f"{n}", "text": f"Reactie {n}", "timestamp": moment, "username": "a", "like_count": 1}
        for n in range(600, 660)
    ]
    comments[0]["replies"] = {"data": replies}
    tags = [{"id": "700", "caption": "Zie @vr", "timestamp": moment, "username": "c", "like_count": 2}]
    lists = {"2000/media": media, "500/comments": comments, "2000/tags": tags}
    graph = FakeGraph(lists, {"2000": {"id": "2000"}})
    settings = {"ig_user_id": "2000", "username": "vr"}
    source = SourceConfig(6, "Foto's", settings, secrets={"page_token": "t", "app_secret": "s"})
    return Example(InstagramConnector(graph), source)


def youtube_example() -> Example:
    moment = (NOW - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    threads = [thread(n, moment, n_answers=n % 100) for n in range(150)]
    answers = {f"Ug{n:012d}": [answer_to(n, i, moment) for i in range(n % 100)] for n in range(150)}
    http = FakeYoutube({"channel": threads[::25], **answers})
    settings, secrets = {"channel_id": "UCours"}, {"api_key": "k"}
    source = SourceConfig(7, "Kanaal", settings, secrets=secrets)
    return Example(YoutubeConnector(http), source)


def reddit_example() -> Example:
    comments = [comment(f"b{n}", NOW.timestamp() - n) for n in range(250)]
    lists = {"r/loswal/comments": comments, "r/loswal/new": [post("aa", NOW.timestamp())]}
    platform = FakeReddit(lists, {"t3_aa": post("aa", NOW.timestamp())})
    settings, secrets = {"subreddits": ["loswal"]}, {"client_id": "ci", "client_secret": "cs"}
    return Example(RedditConnector(platform), SourceConfig(8, "Reddit", settings, secrets=secrets))


EXAMPLES: Mapping[str, Callable[[], Example]] = {
    "reddit": reddit_example,
    "youtube": youtube_example,
    "instagram": instagram_example,
    "facebook": facebook_example,
    "bluesky": bluesky_example,
    "email": email_example,
    "import": import_example,
    "manual": manual_example,
    "mastodon": mastodon_example,
    "replay": replay_example,
    "rss": rss_example,
    "webhook": webhook_example,
    "x": x_example,
}
