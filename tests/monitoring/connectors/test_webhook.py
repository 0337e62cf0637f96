"""Deliveries that prove where they come from, and those that do not."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from monitoring.connectors.base import Page, SourceConfig
from monitoring.connectors.errors import Forged, Unreadable
from monitoring.connectors.webhook import SIGNATURE, WebhookConnector, signed

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CONNECTOR = WebhookConnector()
SECRET = "a secret of enough length".replace(" ", "-")
OTHER = "another-secret-of-enough-length"
POST = {"id": "7", "platform": "facebook", "text": "Brand!", "posted_at": "2026-11-22T11:59:00Z"}


def source(secrets: str = SECRET, **settings: object) -> SourceConfig:
    return SourceConfig(1, "partner", settings, secrets={"signing_secret": secrets})


def deliver(sent: object, *, header: str | None = None, to: SourceConfig | None = None) -> Page:
    body = json.dumps(sent).encode()
    header = signed(body, SECRET, at=NOW) if header is None else header
    return CONNECTOR.receive(to or source(), {SIGNATURE: header}, body, now=NOW)


def test_a_signed_post_is_read() -> None:
    (mention,) = deliver(POST).mentions
    assert (mention.platform, mention.canonical_id, mention.is_addressed) == ("facebook", "7", True)


def test_only_what_a_query_asks_for_is_wanted_when_the_source_says_so() -> None:
    (mention,) = deliver(POST, to=source(keep="matching")).mentions
    assert not mention.is_addressed


def test_a_list_is_read_post_by_post_and_each_bad_one_is_named() -> None:
    page = deliver([POST, POST | {"id": "8", "posted_at": "soon"}, "nonsense", POST | {"id": "9"}])
    assert [mention.canonical_id for mention in page.mentions] == ["7", "9"]
    assert [(r.place, r.reason) for r in page.rejected] == [
        (1, 'posted_at is no date and time: "soon"'),
        (2, "this is no JSON object"),
    ]


def test_a_post_set_aside_can_be_read_again() -> None:
    (rejected,) = deliver(POST | {"likes": "many"}).rejected
    mended = rejected.raw.replace("many", "12")
    assert CONNECTOR.normalise(source(), mended, now=NOW).reactions.likes == 12


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        "t=soon,v1=00",
        "t=1,v1=00",
        "v1=00",
        f"t={int(NOW.timestamp())}",
        f"t={int(NOW.timestamp())},v1=",
        f"t={int(NOW.timestamp())},v1=é",
        f"t={int(NOW.timestamp())},t=1,v1=00",
        f"t={'9' * 4000},v1=00",
        f"t={int(NOW.timestamp())},v1={'0' * 64}",
        signed(b"another body", SECRET, at=NOW),
        signed(json.dumps(POST).encode(), OTHER, at=NOW),
    ],
)
def test_a_delivery_that_proves_nothing_is_refused(header: str) -> None:
    with pytest.raises(Forged):
        deliver(POST, header=header)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_delivery_of_another_time_is_refused(seconds: int) -> None:
    body = json.dumps(POST).encode()
    header = signed(body, SECRET, at=NOW + timedelta(seconds=seconds))
    with pytest.raises(Forged, match="5 minutes away"):
        deliver(POST, header=header)
    assert deliver(POST, header=signed(body, SECRET, at=NOW + timedelta(seconds=seconds * 299 // 301)))


def test_both_secrets_count_while_one_replaces_the_other() -> None:
    body = json.dumps(POST).encode()
    changing = source(f"{OTHER}\n{SECRET}")
    for secret in (SECRET, OTHER):
        assert deliver(POST, header=signed(body, secret, at=NOW), to=changing).mentions
    both = f"{signed(body, 'gone', at=NOW)},v1={signed(body, SECRET, at=NOW).partition('v1=')[2]}"
    assert deliver(POST, header=both).mentions


def test_nobody_comes_in_without_a_secret() -> None:
    body = json.dumps(POST).encode()
    with pytest.raises(Forged, match="no signing_secret"):
        deliver(POST, header=signed(body, "", at=NOW), to=source(""))


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, json.dumps([POST] * 101).encode()])
def test_a_body_in_which_nothing_can_be_read_is_refused_with_its_reason(body: bytes) -> None:
    header = {SIGNATURE: signed(body, SECRET, at=NOW)}
    with pytest.raises(Unreadable):
        CONNECTOR.receive(source(), header, body, now=NOW)


@pytest.mark.parametrize(
    ("to", "words"),
    [
        (source(""), "no signing_secret"),
        (source("short"), "at least 16 characters"),
        (source(keep="some"), '"all" or "matching"'),
        (source(time_zone="Moon/Base"), "no time zone"),
    ],
)
def test_what_is_wrong_with_a_source_is_said(to: SourceConfig, words: str) -> None:
    assert any(words in problem.message for problem in CONNECTOR.check(to))
