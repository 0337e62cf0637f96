"""Replies leave once: after a crash, a time-out, and with two workers."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cases.models import Case, Mandate, Response
from cases.rules.workflow import State
from cases.services import audit, outbox, responses
from cases.services.outbox import MAX_ATTEMPTS, deliver, due_responses
from monitoring.connectors.registry import UnknownConnector
from monitoring.models import Post, Source
from monitoring.replies import NotNow
from tests.cases.steps import THANKS, fresh, last_event, queued
from tests.world import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

WINDOW = timedelta(seconds=10)
LEASE = timedelta(seconds=120)


@pytest.fixture
def response(case: Case, desk: Desk, noon: datetime) -> Response:
    return queued(case, by=desk.officer, now=noon)


@pytest.fixture
def sent_at(noon: datetime) -> datetime:
    """The first moment at which the reply may leave."""
    return noon + WINDOW


def set_up(desk: Desk, **settings: Any) -> None:
    """Change what the desk's platform does."""
    kept = {name: value for name, value in desk.source.settings.items() if name != "fail"}
    Source.objects.filter(pk=desk.source.pk).update(settings=kept | settings)


def said(desk: Desk) -> list[str]:
    """The texts that stand on the platform."""
    files = sorted(Path(desk.source.settings["outbox"]).glob("*.json"))
    return [json.loads(file.read_text(encoding="utf-8"))["text"] for file in files]


def stored(response: Response) -> Response:
    return Response.objects.get(pk=response.pk)


def test_a_reply_waits_for_the_undo_window(response: Response, desk: Desk, sent_at: datetime) -> None:
    early = sent_at - timedelta(seconds=1)
    assert due_responses(now=early) == []
    assert not deliver(response.pk, now=early)
    assert due_responses(now=sent_at) == [response.pk]
    assert said(desk) == []


def test_a_due_reply_stands_on_the_platform_and_on_the_case(
    response: Response, desk: Desk, sent_at: datetime
) -> None:
    assert deliver(response.pk, now=sent_at)
    sent, case = stored(response), fresh(response.case)
    assert said(desk) == [THANKS.text]
    assert (sent.status, sent.sent_at, sent.error) == ("sent", sent_at, "")
    assert sent.permalink.startswith("https://replay.invalid/replies/")
    assert (case.state, case.outcome, case.responded_at) == ("responded", "replied", sent_at)
    assert last_event(case).facts["link"] == sent.permalink
    assert audit.verify() == []


def test_a_reply_that_was_taken_back_does_not_leave(
    response: Response, desk: Desk, sent_at: datetime
) -> None:
    responses.take_back(response, by=desk.officer, now=sent_at)
    assert due_responses(now=sent_at) == []
    assert not deliver(response.pk, now=sent_at)
    assert said(desk) == []


def test_a_second_worker_finds_nothing_to_send(response: Response, desk: Desk, sent_at: datetime) -> None:
    assert deliver(response.pk, now=sent_at)
    assert not deliver(response.pk, now=sent_at)
    assert not deliver(response.pk, now=sent_at + LEASE)
    assert said(desk) == [THANKS.text]


def test_while_one_worker_sends_another_keeps_away(response: Response, desk: Desk, sent_at: datetime) -> None:
    assert outbox._lease(response.pk, now=sent_at) is not None
    assert due_responses(now=sent_at) == []
    assert not deliver(response.pk, now=sent_at)
    assert said(desk) == []


def test_a_worker_that_died_before_sending_is_followed_by_another(
    response: Response, desk: Desk, sent_at: datetime
) -> None:
    outbox._lease(response.pk, now=sent_at)
    assert deliver(response.pk, now=sent_at + LEASE)
    assert said(desk) == [THANKS.text]


def test_a_worker_that_died_after_sending_has_said_it_once(
    response: Response, desk: Desk, sent_at: datetime
) -> None:
    taken = outbox._lease(response.pk, now=sent_at)
    assert taken is not None
    post = taken.case.post
    outbox.replies.send(post, taken.text, taken.visibility, key=taken.key, look_first=False, now=sent_at)
    assert deliver(response.pk, now=sent_at + LEASE)
    assert said(desk) == [THANKS.text]
    assert fresh(response.case).state == State.RESPONDED


def test_an_unknown_outcome_is_looked_up_before_anything_is_said_again(
    response: Response, desk: Desk, sent_at: datetime
) -> None:
    set_up(desk, fail="publish_unknown")
    assert not deliver(response.pk, now=sent_at)
    dark = stored(response)
    assert (dark.status, dark.send_at, fresh(response.case).state) == (
        "unknown",
        sent_at + timedelta(seconds=30),
        "sending",
    )
    assert "We look for it before trying again" in dark.error
    # Whatever the platform would do with a second reply: it is found and not sent again.
    set_up(desk, fail="publish_failed")
    assert deliver(response.pk, now=dark.send_at)
    assert said(desk) == [THANKS.text]
    assert (stored(response).status, stored(response).error) == ("sent", "")


def test_a_reply_that_did_not_arrive_in_the_dark_is_not_sent_after_its_mandate_ended(
    response: Response, desk: Desk, sent_at: datetime
) -> None:
    set_up(desk, fail="publish_unknown")
    assert not deliver(response.pk, now=sent_at)
    for path in Path(desk.source.settings["outbox"]).glob("*.json"):
        path.unlink()  # nobody knew, and it had not arrived
    set_up(desk)
    Mandate.objects.update(valid_until=sent_at)
    assert not deliver(response.pk, now=sent_at + timedelta(minutes=1))
    assert said(desk) == []
    assert "mandate" in stored(response).error
    assert fresh(response.case).state == State.DRAFTING


def test_a_failed_reply_comes_back_with_its_text_and_the_reason(
    response: Response, desk: Desk, sent_at: datetime
) -> None:
    set_up(desk, fail="publish_failed")
    assert not deliver(response.pk, now=sent_at)
    back = stored(response)
    assert (back.status, back.send_at, back.text) == ("draft", None, THANKS.text)
    assert back.error == (
        "The reply was not sent: the replay plays a fault. Change it or answer on the platform itself."
    )
    assert (fresh(response.case).state, last_event(response.case).facts["reason"]) == ("drafting", back.error)


def test_a_reply_that_failed_is_sent_again_by_its_author(
    response: Response, desk: Desk, sent_at: datetime
) -> None:
    set_up(desk, fail="publish_failed")
    deliver(response.pk, now=sent_at)
    set_up(desk)
    again = sent_at + timedelta(minutes=5)
    responses.queue(stored(response), THANKS, by=desk.officer, now=again)
    assert stored(response).error == ""
    assert deliver(response.pk, now=again + WINDOW)
    assert said(desk) == [THANKS.text]


def test_a_reply_requeued_after_a_failure_can_still_be_taken_back(
    response: Response, desk: Desk, sent_at: datetime
) -> None:
    set_up(desk, fail="publish_failed")
    deliver(response.pk, now=sent_at)
    responses.queue(stored(response), THANKS, by=desk.officer, now=sent_at)
    assert responses.take_back(stored(response), by=desk.officer, now=sent_at)


def test_a_platform_that_stays_dark_gives_the_reply_back_to_a_person(
    response: Response, desk: Desk, sent_at: datetime
) -> None:
    set_up(desk, fail="publish_unknown")
    Response.objects.filter(pk=response.pk).update(n_attempts=MAX_ATTEMPTS - 1)
    assert not deliver(response.pk, now=sent_at)
    back = stored(response)
    assert (back.status, fresh(response.case).state) == ("draft", "drafting")
    set_up(desk)
    responses.queue(back, THANKS, by=desk.officer, now=sent_at)
    assert deliver(response.pk, now=sent_at + WINDOW)
    assert said(desk) == [THANKS.text]


def test_a_reply_whose_connection_breaks_unforeseen_comes_back_in_the_end(
    response: Response, desk: Desk, sent_at: datetime
) -> None:
    Source.objects.filter(pk=desk.source.pk).update(connector="gone")
    with pytest.raises(UnknownConnector):
        deliver(response.pk, now=sent_at)
    waiting = stored(response)
    assert (waiting.status, waiting.send_at) == ("unknown", sent_at + timedelta(seconds=30))
    assert waiting.error == "Something went wrong in sending. It is tried again by itself."
    Response.objects.filter(pk=response.pk).update(n_attempts=MAX_ATTEMPTS - 1)
    with pytest.raises(UnknownConnector):
        deliver(response.pk, now=waiting.send_at)
    assert (stored(response).status, fresh(response.case).state) == ("draft", "drafting")


def asked_to_wait(response: Response, *, at: datetime, until: datetime | None = None) -> Response:
    """The platform answers one try with 429."""
    taken = outbox._lease(response.pk, now=at)
    assert taken is not None
    outbox._settle(taken, NotNow("wait", until, is_dark=False), now=at)
    return stored(response)


def test_a_platform_that_asks_to_wait_is_waited_for_and_not_counted_as_a_try(
    response: Response, desk: Desk, sent_at: datetime
) -> None:
    Response.objects.filter(pk=response.pk).update(n_attempts=0)
    waiting = asked_to_wait(response, at=sent_at)
    assert (waiting.status, waiting.n_attempts, waiting.error) == ("queued", 0, "wait")
    assert waiting.send_at == sent_at + timedelta(minutes=5)
    until = sent_at + timedelta(minutes=12)
    again = asked_to_wait(response, at=sent_at + timedelta(minutes=5), until=until)
    assert (again.send_at, again.n_attempts) == (until, 0)
    assert deliver(response.pk, now=until)
    assert said(desk) == [THANKS.text]


def test_a_limit_after_a_try_in_the_dark_is_still_looked_up_first(
    response: Response, desk: Desk, sent_at: datetime
) -> None:
    set_up(desk, fail="publish_unknown")
    deliver(response.pk, now=sent_at)
    waiting = asked_to_wait(response, at=sent_at + timedelta(seconds=30))
    assert (waiting.status, waiting.n_attempts) == ("unknown", 1)
    set_up(desk, fail="publish_failed")
    assert waiting.send_at is not None
    assert deliver(response.pk, now=waiting.send_at)
    assert said(desk) == [THANKS.text]


def test_without_a_place_for_replies_the_author_is_told_why(
    response: Response, desk: Desk, sent_at: datetime
) -> None:
    set_up(desk, outbox="")
    assert not deliver(response.pk, now=sent_at)
    assert stored(response).error == "This replay has no outbox"


def test_a_captured_post_is_answered_where_it_stands(
    response: Response, desk: Desk, sent_at: datetime
) -> None:
    Post.objects.filter(pk=response.case_id).update(source=None)
    assert not deliver(response.pk, now=sent_at)
    assert "no connection to its platform" in stored(response).error
    assert fresh(response.case).state == State.DRAFTING
