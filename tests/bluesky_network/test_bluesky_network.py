"""The Bluesky connector against a real Bluesky network: what its recorded answers cannot prove."""

from datetime import UTC, datetime, timedelta

import pytest

from monitoring.connectors.base import Budget, Gone, Kind, Live, Reply, SourceConfig, Unknown
from monitoring.connectors.bluesky import BlueskyConnector
from monitoring.connectors.bluesky.traffic import PublicTransport
from monitoring.connectors.errors import CredentialRefused, PublishFailed
from monitoring.fetch import Network
from tests.bluesky_network.network import PASSWORD

pytestmark = pytest.mark.bluesky_network
COUNTER = iter(range(10_000))


@pytest.fixture
def now():
    """The clock of the network is that of this machine."""
    return datetime.now(UTC) + timedelta(minutes=1)


@pytest.fixture
def people(network):
    """Our account and somebody of the public, new in every test."""
    n = next(COUNTER)
    return network.join(f"regio{n}"), network.join(f"bewoner{n}")


@pytest.fixture
def connector():
    """The connector without the guard against private addresses: this network is one."""
    transport = PublicTransport(Network(allow_private=True))
    yield BlueskyConnector(transport)
    transport.close()


def source(us, *terms, settings=None, kept=None, session=""):
    return SourceConfig(
        id=1,
        name="Bluesky",
        settings={"service": us.network.service} | (settings or {}),
        terms=terms,
        secrets={"identifier": us.handle, "app_password": PASSWORD},
        session=session,
        keep=(kept if kept is not None else []).append,
    )


def polled(connector, config, now, cursor=None, budget=None):
    return list(connector.poll(config, cursor or {}, budget or Budget(), now=now))


def found(pages):
    return {mention.canonical_id: mention for page in pages for mention in page.mentions}


def mention_facet(person, text):
    start = text.index(f"@{person.handle}")
    return [
        {
            "index": {"byteStart": start, "byteEnd": start + len(person.handle) + 1},
            "features": [{"$type": "app.bsky.richtext.facet#mention", "did": person.did}],
        }
    ]


def under(post, root=None):
    return {"root": root or post, "parent": post}


def test_a_search_finds_a_post_with_all_that_is_said_of_it(network, people, connector, now):
    us, public = people
    post = public.post("Vreemde rooklucht bij de zoutloods")
    network.settle()
    pages = polled(connector, source(us, "zoutloods", settings={"own_mentions": False}), now)
    mention = found(pages)[post["uri"]]
    assert pages[-1].last
    assert (mention.text, mention.language, mention.kind) == (
        "Vreemde rooklucht bij de zoutloods",
        "nl",
        Kind.POST,
    )
    assert mention.author.handle == public.handle
    assert mention.version == post["cid"]
    assert now - timedelta(minutes=3) < mention.posted_at < now
    assert mention.url == f"https://bsky.app/profile/{public.handle}/post/{post['uri'].rpartition('/')[2]}"


def test_who_mentions_answers_or_quotes_us_is_heard_without_a_query(network, people, connector, now):
    us, public = people
    ours = us.post("Er is brand, houd ramen dicht")
    text = f"Hoe lang nog @{us.handle}?"
    mentioned = public.post(text, facets=mention_facet(us, text))
    answered = public.post("Dank", reply=under(ours))
    quoted = public.post("Lezen", embed={"$type": "app.bsky.embed.record", "record": ours})
    public.post("Iets heel anders")
    network.settle()
    pages = polled(connector, source(us), now)
    heard = found(pages)
    assert {uri: mention.kind for uri, mention in heard.items()} == {
        mentioned["uri"]: Kind.POST,
        answered["uri"]: Kind.REPLY,
        quoted["uri"]: Kind.QUOTE,
    }
    assert all(mention.is_addressed for mention in heard.values())
    assert heard[answered["uri"]].parent_id == heard[answered["uri"]].thread_id == ours["uri"]
    assert heard[quoted["uri"]].parent_id == ours["uri"]


def test_more_than_a_page_is_read_to_its_end_and_an_interruption_loses_nothing(
    network, people, connector, now
):
    us, public = people
    posts = {public.post(f"Kadeklok bericht {n}")["uri"] for n in range(130)}
    network.settle()
    config = source(us, "Kadeklok", settings={"own_mentions": False})
    first = polled(connector, config, now, budget=Budget(max_pages=1))
    assert [page.last for page in first] == [False]
    rest = polled(connector, config, now, cursor=first[-1].cursor)
    assert rest[-1].last
    assert set(found(first)) | set(found(rest)) == posts
    late = public.post("Kadeklok nog een")
    network.settle()
    again = polled(connector, config, datetime.now(UTC) + timedelta(minutes=1), cursor=rest[-1].cursor)
    assert late["uri"] in found(again)


def test_an_edit_keeps_its_identity_and_changes_its_version(network, people, connector, now):
    us, public = people
    post = public.post("De brug is open")
    network.settle()
    before = connector.refresh(source(us), [post["uri"]], now=now)[post["uri"]]
    public.edit(post, "De brug is dicht")
    network.settle()
    after = connector.refresh(source(us), [post["uri"]], now=now)[post["uri"]]
    assert (before.mention.text, after.mention.text) == ("De brug is open", "De brug is dicht")
    assert before.mention.version != after.mention.version


def test_a_deleted_post_is_gone_and_a_standing_one_is_live(network, people, connector, now):
    us, public = people
    gone, stands = public.post("Weg ermee"), public.post("Blijft staan")
    public.delete(gone)
    network.settle()
    answers = connector.refresh(source(us), [gone["uri"], stands["uri"], "manual:1"], now=now)
    assert answers[gone["uri"]] == Gone("It was deleted, or taken down by Bluesky")
    assert isinstance(answers[stands["uri"]], Live)
    assert isinstance(answers["manual:1"], Unknown)


def test_the_posts_of_a_deactivated_account_are_gone_and_come_back_with_it(network, people, connector, now):
    us, public = people
    post = public.post("Ik ben er even niet")
    public.tell("com.atproto.server.deactivateAccount", {})
    network.settle()
    assert connector.refresh(source(us), [post["uri"]], now=now) == {
        post["uri"]: Gone("Its account is gone or deactivated")
    }
    public.tell("com.atproto.server.activateAccount")
    network.settle()
    assert isinstance(connector.refresh(source(us), [post["uri"]], now=now)[post["uri"]], Live)


def test_the_posts_of_who_blocks_us_are_not_gone(network, people, connector, now):
    us, public = people
    post = public.post("Jullie hoeven dit niet te zien")
    block = {"$type": "app.bsky.graph.block", "subject": us.did, "createdAt": "2026-11-22T12:00:00.000Z"}
    public.tell(
        "com.atproto.repo.createRecord",
        {"repo": public.did, "collection": "app.bsky.graph.block", "record": block},
    )
    network.settle()
    answer = connector.refresh(source(us), [post["uri"]], now=now)[post["uri"]]
    assert isinstance(answer, Unknown)
    assert "blocks" in answer.reason


def test_a_thread_is_read_from_its_root(network, people, connector, now):
    us, public = people
    root = public.post("Wat is er aan de hand?")
    first = us.post("We zoeken het uit", reply=under(root))
    second = public.post("Dank", reply=under(first, root))
    network.settle()
    asked = connector.resolve(source(us), second["uri"], now=now)
    thread = connector.thread(source(us), asked, now=now)
    assert [mention.canonical_id for mention in thread] == [root["uri"], first["uri"], second["uri"]]
    assert [mention.thread_id for mention in thread] == ["", root["uri"], root["uri"]]


def test_an_address_on_the_site_is_resolved_by_its_handle(network, people, connector, now):
    us, public = people
    post = public.post("Kijk eens")
    network.settle()
    rkey = post["uri"].rpartition("/")[2]
    page = f"https://bsky.app/profile/{public.handle}/post/{rkey}"
    assert connector.claims(page)
    assert connector.resolve(source(us), page, now=now).canonical_id == post["uri"]
    nobody = f"https://bsky.app/profile/niemand.test/post/{rkey}"
    assert connector.resolve(source(us), nobody, now=now) is None
    assert connector.resolve(source(us), f"{page}x", now=now) is None


def test_a_reply_stands_under_its_parent_with_its_links(network, people, connector, now):
    us, public = people
    root = public.post("Mag het raam open?")
    below = public.post("Iemand?", reply=under(root))
    network.settle()
    text = f"Ja hoor 🔥 @{public.handle}, zie https://vr.example.com/raam #loswal"
    reply = Reply(below["uri"], text, "public", thread_id=root["uri"])
    sent = connector.publish(source(us), reply, key="sleutel-1")
    network.settle()
    standing = connector.refresh(source(us), [sent.external_id], now=now)[sent.external_id].mention
    assert (standing.text, standing.parent_id, standing.thread_id) == (text, below["uri"], root["uri"])
    assert standing.url == sent.url
    facets = standing.raw["record"]["facets"]
    shown = [text.encode()[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode() for f in facets]
    assert shown == [f"@{public.handle}", "https://vr.example.com/raam", "#loswal"]
    assert any(mention.is_addressed for mention in found(polled(connector, source(public), now)).values())


def test_one_key_gives_one_reply_however_often_it_is_sent(network, people, connector, now):
    us, public = people
    post = public.post("Zeg het eens")
    network.settle()
    reply = Reply(post["uri"], "We komen eraan", "public")
    assert connector.find_reply(source(us), "sleutel-2", reply) is None
    first = connector.publish(source(us), reply, key="sleutel-2")
    assert connector.find_reply(source(us), "sleutel-2", reply) == first
    assert connector.publish(source(us), reply, key="sleutel-2") == first
    network.settle()
    view = public.ask("app.bsky.feed.getPostThread", uri=post["uri"])["thread"]
    assert [below["post"]["uri"] for below in view["replies"]] == [first.external_id]


def test_a_key_that_is_used_for_another_post_sends_nothing(network, people, connector):
    us, public = people
    one, other = public.post("Een"), public.post("Twee")
    network.settle()
    connector.publish(source(us), Reply(one["uri"], "Dank", "public"), key="sleutel-3")
    with pytest.raises(PublishFailed, match="another post of ours"):
        connector.publish(source(us), Reply(other["uri"], "Dank", "public"), key="sleutel-3")


def test_a_reply_to_a_post_that_is_gone_or_closed_is_not_sent(network, people, connector):
    us, public = people
    gone, closed = public.post("Weg"), public.post("Niet voor jullie")
    public.delete(gone)
    gate = {
        "$type": "app.bsky.feed.threadgate",
        "post": closed["uri"],
        "allow": [],
        "createdAt": "2026-11-22T12:00:00.000Z",
    }
    asked = {"repo": public.did, "collection": "app.bsky.feed.threadgate", "record": gate}
    public.tell("com.atproto.repo.createRecord", asked | {"rkey": closed["uri"].rpartition("/")[2]})
    network.settle()
    for post, reason in ((gone, "no longer there"), (closed, "lets only some people answer")):
        with pytest.raises(PublishFailed, match=reason):
            connector.publish(source(us), Reply(post["uri"], "Dank", "public"), key=post["uri"])


def test_one_sign_in_serves_many_polls(network, people, connector, now):
    us, _ = people
    kept = []
    polled(connector, source(us, kept=kept), now)
    assert len(kept) == 1
    polled(connector, source(us, kept=kept, session=kept[0]), now)
    assert len(kept) == 1


def test_a_wrong_password_is_refused_as_a_credential(network, people, connector, now):
    us, _ = people
    wrong = source(us)
    wrong.secrets["app_password"] = "mis-mis-mis-mis"
    with pytest.raises(CredentialRefused, match="Invalid identifier or password"):
        polled(connector, wrong, now)


def test_a_session_that_was_ended_is_begun_anew(network, people, connector, now):
    us, _ = people
    kept = []
    polled(connector, source(us, kept=kept), now)
    owner, _, session = kept[0].partition("|")
    handle, did, access, refresh, service = session.split(":::")
    ended = ":::".join([handle, did, access[:-4] + "AAAA", refresh, service])
    assert polled(connector, source(us, kept=kept, session=f"{owner}|{ended}"), now)[-1].last
    assert len(kept) == 2
