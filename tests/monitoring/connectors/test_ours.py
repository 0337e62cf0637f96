"""What our own account wrote is no mention of us: a reply that we sent must not open a case."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitoring.connectors.base import Budget, Mention, SourceConfig
from monitoring.connectors.mastodon import MastodonConnector
from monitoring.connectors.meta import InstagramConnector
from monitoring.connectors.reddit import RedditConnector
from monitoring.connectors.x import XConnector
from monitoring.connectors.x.posts import first_id_at
from monitoring.connectors.youtube import YoutubeConnector
from tests.monitoring.connectors.fake_graph import FakeGraph
from tests.monitoring.connectors.fake_mastodon import SERVER, FakeMastodon, id_at, status
from tests.monitoring.connectors.fake_reddit import FakeReddit, comment, post
from tests.monitoring.connectors.fake_x import FakeX, answer
from tests.monitoring.connectors.fake_youtube import FakeYoutube

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SOON = NOW - timedelta(minutes=5)


def polled(connector, source):
    pages = connector.poll(source, {}, Budget(), now=NOW)
    return sorted(mention.text for page in pages for mention in page.mentions)


def root(platform, canonical_id):
    return Mention(platform, canonical_id, "", "brand?", SOON)


X = SourceConfig(1, "X", {"user_id": "7"}, ("brand",), {"bearer_token": "reading"})
X_POSTS = {
    "data": [
        {"id": str(first_id_at(SOON) + n), "text": text, "author_id": by}
        for n, (text, by) in enumerate([("brand!", "8"), ("De brand is uit", "7")])
    ],
    "meta": {"result_count": 2},
}


def test_of_x():
    connector = XConnector(FakeX([X_POSTS]))
    assert polled(connector, X) == ["brand!"]
    found = connector.thread(X, root("x", "1"), now=NOW)
    assert [mention.text for mention in found] == ["brand!"]


def test_of_x_without_a_known_account_everything_is_kept():
    assert len(polled(XConnector(FakeX([X_POSTS])), replace(X, settings={}))) == 2


OURS = {"id": "1", "username": "loswal", "acct": "loswal", "url": f"{SERVER}/@loswal"}
NEIGHBOUR = {"id": "7", "username": "kade", "acct": "kade", "url": f"{SERVER}/@kade"}
MASTODON = SourceConfig(
    2, "M", {"server": SERVER, "own_mentions": False}, ("#brand",), {"access_token": "reading-and-writing"}
)


def toots():
    return [
        status(id_at(SOON, 1), "De brand is uit", account=OURS),
        status(id_at(SOON, 2), "brand!", account=NEIGHBOUR),
    ]


def test_of_mastodon():
    platform = FakeMastodon(toots())
    connector = MastodonConnector(platform)
    assert polled(connector, MASTODON) == ["brand!"]
    assert [path for path, _ in platform.asked].count("/api/v1/accounts/verify_credentials") == 1
    first = status(id_at(SOON), "brand?")
    platform.known[first["id"]] = first
    platform.context["descendants"] = toots()
    found = connector.thread(MASTODON, root("mastodon", first["uri"]), now=NOW)
    assert [mention.text for mention in found] == ["brand!"]


@pytest.mark.parametrize("secrets", [MASTODON.secrets, {}], ids=["a token that may not know", "no token"])
def test_of_mastodon_when_the_account_is_not_known_everything_is_kept(secrets):
    def trouble(request):
        is_me = "verify_credentials" in request.url
        return answer({"error": "This action is outside the authorized scopes"}, 403) if is_me else None

    connector = MastodonConnector(FakeMastodon(toots(), trouble=trouble))
    assert len(polled(connector, replace(MASTODON, secrets=secrets))) == 2


def test_of_reddit():
    at = SOON.timestamp()
    ours = comment("b1", at, author="VR_loswal", body="De brand is uit")
    lists = {
        "r/loswal/comments": [ours, comment("b2", at, body="brand!")],
        "r/loswal/new": [post("a2", at, author="vr_loswal")],
        "comments/aa": [],
    }

    def instead(path, asked):
        tree = {"kind": "Listing", "data": {"children": lists["r/loswal/comments"]}}
        return [{"kind": "Listing", "data": {"children": []}}, tree] if path == "comments/aa" else None

    secrets = {"client_id": "ci", "client_secret": "cs", "username": "vr_loswal", "password": "p"}
    source = SourceConfig(3, "R", {"subreddits": ["loswal"]}, secrets=secrets)
    connector = RedditConnector(FakeReddit(lists, instead=instead))
    assert polled(connector, source) == ["brand!"]
    found = connector.thread(source, root("reddit", "t3_aa"), now=NOW)
    assert [mention.text for mention in found] == ["brand!"]


def test_of_youtube_a_video_that_a_search_finds():
    def video(video_id, channel_id):
        told = {"title": f"brand {channel_id}", "publishedAt": SOON.isoformat(), "channelId": channel_id}
        return {"id": {"videoId": video_id}, "snippet": told}

    http = FakeYoutube({"search": [video("v" * 11, "UCours"), video("w" * 11, "UCanna")]})
    settings = {"channel_id": "UCours", "searches_per_day": 4}
    source = SourceConfig(4, "Y", settings, ("brand",), {"api_key": "k"})
    assert [text.split("\n")[0] for text in polled(YoutubeConnector(http), source)] == ["brand UCanna"]


def test_of_instagram_also_where_only_the_name_tells():
    at = SOON.isoformat()
    media = [{"id": "500", "timestamp": at, "comments_count": 2, "permalink": "https://ig.example/p/A/"}]
    replies = [{"id": "602", "text": "De brand is uit", "timestamp": at, "username": "VR"}]
    comments = [
        {"id": "600", "text": "brand!", "timestamp": at, "username": "a", "replies": {"data": replies}},
        {"id": "601", "text": "Wij komen", "timestamp": at, "from": {"id": "31", "username": "vr"}},
    ]
    graph = FakeGraph({"2000/media": media, "500/comments": comments, "2000/tags": []}, {})
    settings = {"ig_user_id": "2000", "username": "@vr"}
    source = SourceConfig(5, "I", settings, secrets={"page_token": "t", "app_secret": "s"})
    assert polled(InstagramConnector(graph), source) == ["brand!"]
