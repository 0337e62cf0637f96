"""Rows 1, 2, 3 and 12 of the failure catalogue: limits, outages, nonsense and keys, through real polls."""

import gzip
import json
import socket
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from cases.models import Case, Escalation, Notification
from cases.rules.permissions import Role
from cases.services import warnings, watching
from monitoring import credentials, polling
from monitoring.connectors import registry
from monitoring.connectors.mastodon import MastodonConnector
from monitoring.connectors.outgoing import GuardedAdapter
from monitoring.connectors.x import XConnector
from monitoring.connectors.x.posts import first_id_at
from monitoring.fetch import Limits, Network
from monitoring.models import BlindSpell, Credential, Post, Source
from tests.faults.platform import Raw, as_json, broken_gzip, html
from tests.monitoring.connectors.fake_x import Answer, FakeX, answer, posts
from tests.monitoring.hostile import Handler, dripping, hostile_server, response, silent
from tests.monitoring.polls import again, poll
from tests.monitoring.stage import NEARBY, Stage
from tests.world import person

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
NOON = datetime.fromisoformat("2026-03-02T12:00:00+00:00")
QUARTER = HOUR / 4


def epoch(wait: timedelta) -> str:
    return str(int((NOON + wait).timestamp()))


# ── 1: too often ────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("told", "rests"),
    [
        pytest.param({"X_RateLimit_Reset": epoch(HOUR)}, HOUR, id="epoch"),
        pytest.param({"X_RateLimit_Reset": (NOON + HOUR).isoformat()}, HOUR, id="ISO"),
        pytest.param({"Retry_After": "90"}, 90 * MINUTE / 60, id="seconds"),
        pytest.param({"Retry_After": format_datetime(NOON + HOUR, usegmt=True)}, HOUR, id="date"),
        pytest.param({}, QUARTER, id="nothing"),
        pytest.param({"X_RateLimit_Reset": "straks"}, QUARTER, id="nonsense"),
        pytest.param({"X_RateLimit_Reset": epoch(-HOUR)}, MINUTE, id="past"),
        pytest.param({"X_RateLimit_Reset": epoch(30 * 24 * HOUR)}, 24 * HOUR, id="far ahead"),
        pytest.param({"X_RateLimit_Reset": epoch(HOUR), "Retry_After": "5"}, HOUR, id="contradictory"),
    ],
)
def test_a_limit_halfway_is_kept_and_nothing_is_lost(
    told: dict[str, str], rests: timedelta, stage: Stage, noon: datetime
) -> None:
    stage.write(100, at=noon)
    stage.fails(as_json({"error": "Too many requests"}, 429, **told), after=2)
    assert stage.poll(now=noon) == 80
    held = stage.now
    assert (held.health, held.next_poll_at) == ("limited", noon + rests)
    assert Credential.objects.get().limited_until == noon + rests
    assert len(stage.weather.asked) == 3, "a limit is waited for, not tried again in the worker"
    stage.mends()
    stage.poll(now=noon + rests)
    assert stage.has_all_once()
    assert stage.now.health == "working"


# ── 2: not there ────────────────────────────────────────────────────────────
def no_such_name(host: str, port: int) -> list[str]:
    raise socket.gaierror("Name or service not known")


def assert_rests_and_goes_on(stage: Stage, *, now: datetime) -> None:
    """In trouble: nothing is lost or moved, the next try is later every time, and it is blind meanwhile."""
    cursor, waits = stage.now.cursor, []
    for _ in range(3):
        assert stage.poll(now=now) == 0
        waits.append(stage.now.next_poll_at - now)
    assert (stage.now.health, stage.now.n_failures, stage.now.cursor) == ("failing", 3, cursor)
    for wait, least in zip(waits, (15, 30, 60), strict=True):
        assert timedelta(seconds=least) <= wait <= timedelta(seconds=least * 1.1)
    assert BlindSpell.objects.get(source=stage.source).until_at is None


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520])
def test_a_server_in_trouble_is_asked_less_and_less_often(status: int, stage: Stage, noon: datetime) -> None:
    stage.write(50, at=noon)
    stage.poll(now=noon)
    stage.write(50, at=noon + MINUTE)
    stage.fails(Raw(status, b"<html>Away</html>", {"Content-Type": "text/html"}))
    assert_rests_and_goes_on(stage, now=noon + 2 * MINUTE)
    stage.mends()
    assert stage.poll(now=noon + HOUR) == 50
    assert stage.has_all_once()
    assert BlindSpell.objects.get(source=stage.source).until_at == noon + HOUR


@pytest.mark.parametrize(
    "network",
    [
        pytest.param(Network(addresses=no_such_name, allow_private=True), id="DNS"),
        pytest.param(Network(addresses=lambda host, port: [], allow_private=True), id="no address"),
    ],
)
def test_a_name_that_is_not_known_is_trouble_of_now(
    network: Network, stage: Stage, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.write(5, at=noon)
    stage.poll(now=noon)
    monkeypatch.setitem(registry.CONNECTORS, "mastodon", MastodonConnector(network=network))
    assert_rests_and_goes_on(stage, now=noon + MINUTE)
    assert "could not be reached" in stage.now.error


def test_a_refused_connection_is_trouble_of_now(stage: Stage, noon: datetime) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    Source.objects.filter(pk=stage.source.pk).update(settings={"server": f"http://127.0.0.1:{port}"})
    assert_rests_and_goes_on(stage, now=noon)


HALF = response(b'[{"id": "1", ', headers={"Content-Length": "5000"})


@pytest.mark.parametrize(
    "says",
    [
        pytest.param(silent, id="says nothing"),
        pytest.param(dripping(response(headers={"Content-Length": "5000"})), id="drips"),
        pytest.param(lambda connection, stopped: connection.sendall(HALF), id="hangs up halfway"),
        pytest.param(lambda connection, stopped: connection.sendall(b"SSH-2.0-x\r\n"), id="is no web server"),
    ],
)
def test_an_answer_that_stops_halfway_costs_no_more_than_the_time_limit(
    says: Handler, stage: Stage, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = GuardedAdapter(NEARBY, Limits(total_s=0.1))
    monkeypatch.setitem(registry.CONNECTORS, "mastodon", MastodonConnector(hasty))
    with hostile_server() as server:
        server.otherwise = says
        Source.objects.filter(pk=stage.source.pk).update(settings={"server": server.url().rstrip("/")})
        assert_rests_and_goes_on(stage, now=noon)


def test_administrators_hear_once_of_a_source_that_keeps_failing(stage: Stage, noon: datetime) -> None:
    admin = person("ada", Role.ADMINISTRATOR)
    stage.fails(Raw(503))
    told = []
    for n in range(8):
        stage.poll(now=noon + n * HOUR)
        warnings.warn(now=noon + n * HOUR)
        told.append(Notification.objects.filter(recipient=admin, channel="in-app").count())
    assert told == [0] * (warnings.FAILURES - 1) + [1] * (9 - warnings.FAILURES)


def test_a_watch_on_a_source_that_does_not_answer_becomes_blind_and_says_so(
    stage: Stage, noon: datetime
) -> None:
    stage.write(1, at=noon)
    stage.poll(now=noon)
    plan = watching.Plan(stage.desk.officer, "more posts", HOUR, noon + timedelta(days=7))
    watch = watching.start(Case.objects.get(), plan, by=stage.desk.officer, now=noon)
    stage.fails(Raw(503))
    for minutes in range(5, 45, 5):
        stage.poll(now=noon + minutes * MINUTE)
        watching.evaluate(watch.pk, now=noon + minutes * MINUTE)
    watch.refresh_from_db()
    assert watch.blind_since == noon
    assert Escalation.objects.get().cause == "blind"
    stage.mends()
    stage.poll(now=noon + HOUR)
    watching.evaluate(watch.pk, now=noon + HOUR)
    watch.refresh_from_db()
    assert watch.blind_since is None


# ── 3: nonsense with status 200 ─────────────────────────────────────────────
@pytest.mark.parametrize(
    "nonsense",
    [
        pytest.param(html(), id="HTML"),
        pytest.param(Raw(200), id="empty"),
        pytest.param(Raw(200, b'[{"id": "1"'), id="truncated"),
        pytest.param(broken_gzip([{}] * 40), id="broken gzip"),
        pytest.param(Raw(200, b"no gzip", {"Content-Encoding": "gzip"}), id="no gzip at all"),
        pytest.param(Raw(200, gzip.compress(b" " * 9_000_000), {"Content-Encoding": "gzip"}), id="gzip bomb"),
        pytest.param(as_json({"data": None}), id="data null"),
        pytest.param(as_json({"errors": [{"message": "odd"}]}), id="only errors"),
        pytest.param(as_json({"error": "odd"}), id="an object"),
        pytest.param(as_json(None), id="null"),
        pytest.param(as_json("soon"), id="a text"),
        pytest.param(Raw(200, b"[" * 100_000), id="deep"),
        pytest.param(Raw(200, b"\xff\xfe\x00"), id="bytes"),
    ],
)
def test_nonsense_halfway_moves_nothing_and_is_read_on_from_there(
    nonsense: Raw, stage: Stage, noon: datetime
) -> None:
    stage.write(100, at=noon)
    stage.fails(nonsense, after=1)
    assert stage.poll(now=noon) == 40
    after_first = stage.now.cursor
    assert stage.poll(now=noon + MINUTE) == 0
    assert (stage.now.health, stage.now.cursor) == ("failing", after_first)
    stage.mends()
    assert stage.poll(now=noon + 2 * MINUTE) == 60
    assert stage.has_all_once()


# ── X: the same through tweepy ──────────────────────────────────────────────
@pytest.fixture
def x_source(stage: Stage, noon: datetime) -> Source:
    """A source on X beside the one on our own server."""
    source = Source.objects.create(
        name="X",
        connector="x",
        settings={"organisation": "other"},
        credential=credentials.change("our X", platform="x", secrets={"bearer_token": "b"}, now=noon),
        next_poll_at=noon,
    )
    source.queries.add(stage.desk.query)
    return source


def on_x(monkeypatch: pytest.MonkeyPatch, answers: Sequence[Answer]) -> FakeX:
    platform = FakeX(search=list(answers))
    monkeypatch.setitem(registry.CONNECTORS, "x", XConnector(platform))
    return platform


def page_of_x(noon: datetime, *numbers: int) -> dict[str, Any]:
    return posts(*(first_id_at(noon) - n for n in numbers), text="De #loswal brandt")


@pytest.mark.parametrize(
    "body",
    ["<html>", "", '{"data": [{"id"', "[1, 2]", "null", '{"data": null}', '{"errors": [{"title": "odd"}]}'],
)
def test_nonsense_of_x_halfway_moves_nothing(
    body: str, x_source: Source, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = page_of_x(noon, 9, 8), page_of_x(noon, 12, 11)
    on_x(monkeypatch, [first, answer(body)])
    assert poll(x_source, now=noon) == 2
    held = again(x_source)
    assert held.health == "failing"
    on_x(monkeypatch, [first, second])
    assert poll(x_source, now=noon + MINUTE) == 2
    assert (again(x_source).health, Post.objects.count()) == ("working", 4)


# ── 12: keys ────────────────────────────────────────────────────────────────
CAPPED = "https://api.twitter.com/2/problems/usage-capped"


def refused(status: int, **told: Any) -> Answer:
    return answer(json.dumps(told), status)


@pytest.mark.parametrize(
    "says",
    [
        pytest.param(refused(401, title="Unauthorized"), id="401"),
        pytest.param(refused(402, title="CreditsDepleted", detail="No credits left"), id="credits gone"),
        pytest.param(refused(403, title="Forbidden", detail="Not under your plan"), id="403"),
        pytest.param(refused(429, title="UsageCapExceeded", type=CAPPED), id="quota of the month gone"),
    ],
)
def test_refused_keys_stop_their_sources_only_and_administrators_hear_it_once(
    says: Answer, stage: Stage, x_source: Source, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = person("ada", Role.ADMINISTRATOR)
    sibling = Source.objects.create(
        name="sibling", connector="x", credential=x_source.credential, next_poll_at=noon
    )
    on_x(monkeypatch, [says])
    poll(x_source, now=noon)
    assert again(x_source).health == "refused"
    later = noon + 25 * HOUR
    assert polling.due_sources(now=later) == [stage.source.pk]
    assert polling.take_source(sibling.pk, now=later) is None
    stage.write(3, at=later)
    assert stage.poll(now=later) == 3
    for n in range(3):
        warnings.warn(now=later + n * HOUR)
    assert Notification.objects.filter(recipient=admin, channel="in-app").count() == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_a_server_no_longer_takes_stops_it_and_what_it_holds_stays(
    status: int, stage: Stage, noon: datetime
) -> None:
    stage.write(50, at=noon)
    stage.fails(as_json({"error": "The access token was revoked"}, status), after=1)
    assert stage.poll(now=noon) == 40
    assert "The access token was revoked" in Credential.objects.get().refusal
    assert polling.due_sources(now=noon + 48 * HOUR) == []
    stage.mends()
    credentials.change(
        "ours", platform="mastodon", secrets={"access_token": "a-new-one-of-ours"}, now=noon + HOUR
    )
    assert stage.poll(now=noon + HOUR) == 10
    assert stage.has_all_once()
