"""Credentials: sealed, replaceable, resealed with another key, and never shown."""

import io
import json
import logging
import traceback
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from cases.models import AuditEvent
from config.logs import SDKS, logging_config
from monitoring import credentials, polling, sealing
from monitoring.connectors.base import Budget, Cursor, Page, SourceConfig
from monitoring.connectors.errors import Unavailable
from monitoring.credentials import BadSecrets, InUse
from monitoring.models import Credential, Source
from monitoring.sealing import CannotOpen, seal, unseal
from tests.monitoring.conftest import Platform

pytestmark = pytest.mark.django_db
CANARY = "kanarie-4711-geheim"
HOUR = timedelta(hours=1)


@pytest.fixture
def kept(platform: Platform, source: Source, noon: datetime) -> Credential:
    """The keys of the source on the platform on paper."""
    platform.secret_names = ("token", "seal")
    kept = credentials.change("our account", platform="paper", secrets={"token": CANARY}, now=noon)
    Source.objects.filter(pk=source.pk).update(credential=kept)
    source.refresh_from_db()
    return kept


def test_the_connector_gets_its_secrets_and_the_database_has_none_to_read(
    kept: Credential, source: Source
) -> None:
    assert dict(source.config().secrets) == {"token": CANARY}
    assert CANARY not in kept.sealed


def test_what_was_sealed_for_another_credential_does_not_open(
    kept: Credential, source: Source, noon: datetime
) -> None:
    other = credentials.change("theirs", platform="paper", secrets={"token": "other"}, now=noon)
    Credential.objects.filter(pk=kept.pk).update(sealed=other.sealed)
    with pytest.raises(CannotOpen, match="sealed for another credential"):
        dict(Source.objects.get(pk=source.pk).config().secrets)


def test_a_seal_that_no_key_opens_is_told_in_a_sentence_and_stops_nothing_else(
    kept: Credential, source: Source, platform: Platform, settings: Any, noon: datetime
) -> None:
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    config = source.config()
    with pytest.raises(CannotOpen, match="Put the key they were sealed with back in CREDENTIAL_KEYS"):
        config.secrets["token"]
    assert (config.session, repr(config.secrets)) == ("", "[secret]")


@pytest.mark.parametrize("broken", ["", "not sealed at all", "gAAAAAB" + "x" * 60])
def test_what_is_no_seal_is_told_and_not_repeated(broken: str) -> None:
    with pytest.raises(CannotOpen) as refused:
        unseal(broken, whose="anybody")
    assert "not sealed" not in str(refused.value)


def test_a_new_key_seals_and_the_old_one_still_opens_until_everything_is_resealed(
    kept: Credential, settings: Any
) -> None:
    old, new = settings.CREDENTIAL_KEYS[0], Fernet.generate_key().decode()
    kept.keep_session("signed in")
    settings.CREDENTIAL_KEYS = [new, old]
    assert Credential.objects.get().open_secrets() == {"token": CANARY}
    assert credentials.rotate() == ["our account"]
    settings.CREDENTIAL_KEYS = [new]
    assert Credential.objects.get().open_secrets() == {"token": CANARY}
    assert Credential.objects.get().session() == "signed in"


def test_resealing_with_a_key_missing_changes_nothing(kept: Credential, settings: Any) -> None:
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CannotOpen):
        credentials.rotate()
    assert Credential.objects.get().sealed == kept.sealed


def test_a_sign_in_is_kept_sealed_and_forgotten_with_its_keys(
    kept: Credential, source: Source, noon: datetime
) -> None:
    source.config().keep("session-" + CANARY)
    stored = Credential.objects.get()
    assert CANARY not in stored.sealed_session
    assert Source.objects.get(pk=source.pk).config().session == "session-" + CANARY
    late = source.config()
    credentials.change("our account", platform="paper", secrets={"token": "new"}, now=noon + HOUR)
    late.keep("made with the old keys")
    assert Source.objects.get(pk=source.pk).config().session == ""


@pytest.mark.parametrize(
    ("secrets", "says"),
    [
        ({"tokne": CANARY}, 'There is no secret called "tokne". The connector "paper" takes: token, seal.'),
        ({}, "Every secret is a text, and at least one is needed."),
        ({"token": " "}, "Every secret is a text, and at least one is needed."),
        ({"token": 4711}, "Every secret is a text, and at least one is needed."),
    ],
)
def test_what_the_platform_does_not_ask_is_refused_without_repeating_a_secret(
    secrets: dict[str, Any], says: str, kept: Credential, noon: datetime
) -> None:
    with pytest.raises(BadSecrets) as refused:
        credentials.change("new", platform="paper", secrets=secrets, now=noon)
    assert says in str(refused.value)
    assert CANARY not in str(refused.value)
    assert Credential.objects.count() == 1


def test_a_name_is_not_taken_over_for_another_platform(kept: Credential, noon: datetime) -> None:
    with pytest.raises(BadSecrets, match='"our account" is a credential for paper; choose another name'):
        credentials.change("our account", platform="x", secrets={"bearer_token": "b"}, now=noon)


def test_new_keys_start_the_sources_afresh(kept: Credential, source: Source, noon: datetime) -> None:
    Credential.objects.update(refused_at=noon, refusal="401", limited_until=noon + HOUR)
    Source.objects.update(health="refused", error="401", n_failures=3, next_poll_at=noon + 24 * HOUR)
    later = noon + HOUR / 2
    assert polling.due_sources(now=later) == []
    credentials.change("our account", platform="paper", secrets={"token": "new"}, now=later)
    assert polling.due_sources(now=later) == [source.pk]
    assert Source.objects.values_list("health", "error", "n_failures").get() == ("waiting", "", 0)
    assert Credential.objects.values_list("refused_at", "refusal", "limited_until").get() == (None, "", None)


def test_a_credential_in_use_is_not_removed(kept: Credential, source: Source) -> None:
    with pytest.raises(InUse, match='The credential "our account" is used by: paper'):
        credentials.remove(kept.pk)
    Source.objects.update(credential=None)
    credentials.remove(kept.pk)
    assert not Credential.objects.exists()


# ── the command ─────────────────────────────────────────────────────────────
def command(*args: str, stdin: str = "", monkeypatch: pytest.MonkeyPatch) -> str:
    out = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    call_command("credential", *args, stdout=out)
    return out.getvalue()


def test_the_command_enters_lists_reseals_and_removes_with_an_event_each(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.secret_names = ("token",)
    given = json.dumps({"token": CANARY})
    command("set", "ours", "--connector", "paper", stdin=given, monkeypatch=monkeypatch)
    command("set", "ours", "--connector", "paper", stdin=given, monkeypatch=monkeypatch)
    listed = command("list", monkeypatch=monkeypatch)
    assert listed == "ours (paper): token; used by no source\n"
    assert command("rotate", monkeypatch=monkeypatch) == "1 credentials are sealed with the first key.\n"
    command("remove", "ours", monkeypatch=monkeypatch)
    events = AuditEvent.objects.order_by("seq")
    said = ["credential added", "credential changed", "credential resealed", "credential removed"]
    assert [event.action for event in events] == said
    assert CANARY not in json.dumps([event.facts for event in events])


@pytest.mark.parametrize("stdin", ["", "token=" + CANARY, "[1]"])
def test_the_command_asks_for_json_and_repeats_nothing(
    stdin: str, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CommandError, match="Give the secrets on stdin as JSON") as refused:
        command("set", "ours", "--connector", "paper", stdin=stdin, monkeypatch=monkeypatch)
    assert CANARY not in str(refused.value)


def test_a_refused_credential_is_tried_again_on_request(
    kept: Credential, source: Source, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("retry", "our account", monkeypatch=monkeypatch) == "It was not refused.\n"
    Credential.objects.update(refused_at=noon, refusal="no credit")
    assert "refused since 2026-03-02 12:00 UTC: no credit" in command("list", monkeypatch=monkeypatch)
    assert command("retry", "our account", monkeypatch=monkeypatch) == "Its sources are polled again.\n"
    assert Credential.objects.get().refused_at is None


# ── the canary ──────────────────────────────────────────────────────────────
class Leaky(Platform):
    """A platform that repeats our keys in what it says."""

    def poll(self, source: SourceConfig, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        raise Unavailable(f"bad request with token={source.secrets['token']} {source!r}")


def test_no_secret_reaches_an_error_a_log_or_an_export(
    kept: Credential,
    source: Source,
    noon: datetime,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("monitoring.polling.connector", lambda name: Leaky())
    taken = polling.take_source(source.pk, now=noon)
    assert taken is not None
    with caplog.at_level(logging.DEBUG):
        polling.poll(taken, on_page=lambda stored, *, now: None, now=noon)
    source.refresh_from_db()
    assert source.error.startswith("The source gave no usable answer: bad request with token=[secret]")
    out = io.StringIO()
    call_command("dumpdata", "monitoring", "cases", stdout=out)
    assert "our account" in out.getvalue()
    shown = [out.getvalue(), caplog.text, source.error, repr(source.config()), repr(kept), str(kept)]
    assert not [text for text in shown if CANARY in text]


def test_a_mistake_of_ours_that_holds_a_secret_is_told_without_its_words(
    kept: Credential, source: Source, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Careless(Leaky):
        def poll(self, source: SourceConfig, *_: Any, **__: Any) -> Iterator[Page]:
            raise SystemError(f"https://graph.example/?access_token={source.secrets['token']}")

    monkeypatch.setattr("monitoring.polling.connector", lambda name: Careless())
    taken = polling.take_source(source.pk, now=noon)
    assert taken is not None
    with pytest.raises(sealing.HiddenFault, match="SystemError; its words are not shown") as fault:
        polling.poll(taken, on_page=lambda stored, *, now: None, now=noon)
    assert CANARY not in "".join(traceback.format_exception(fault.value))


def test_libraries_that_write_requests_never_log_below_warnings() -> None:
    loggers = logging_config(level="DEBUG")["loggers"]
    assert {loggers[name]["level"] for name in SDKS} == {"WARNING"}


def test_a_seal_is_never_the_same_twice() -> None:
    assert seal("same", whose="me") != seal("same", whose="me")
