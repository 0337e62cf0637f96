"""One message answers many cases, each once and on record; some of them get words of their own."""

import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from cases.models import Assessment, AuditEvent, Batch, Case, Mandate, PublicMessage, Response
from cases.rules.pace import per_minute
from cases.rules.workflow import State
from cases.services import (
    announcing,
    answering,
    audit,
    batches,
    joining,
    messages,
    outbox,
    promises,
    responses,
    situations,
    triage,
)
from cases.services.messages import CannotPublish, MessageChanged, Words
from cases.services.responses import CannotSend
from monitoring.models import Credential, Post, Source
from tests.cases.claiming import decided, rumour
from tests.world import Desk, mention

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

HOW = {Batch.Kind.ANSWER: answering.carry_out}
URL = "https://vr.example/water"
SAYS = "Het water is veilig, er is op veel plaatsen gemeten."


@pytest.fixture
def cases(desk: Desk, noon: datetime) -> list[Case]:
    return desk.hear(*(mention(n, at=noon) for n in range(30)))


def written(desk: Desk, now: datetime, **changes: object) -> PublicMessage:
    words = Words(SAYS, "untruth", source=desk.source, **changes)  # type: ignore[arg-type]
    return messages.write(words, by=desk.officer, now=now)


def standing(desk: Desk, now: datetime, **changes: object) -> PublicMessage:
    message = written(desk, now, **changes)
    return messages.register(message, URL, by=desk.officer, now=now, seen=1)


def answered(message: PublicMessage, desk: Desk, cases: list[Case], now: datetime) -> Batch:
    found = answering.propose([case.pk for case in cases], now=now)
    batch = answering.answer(message, found.seen, by=desk.officer, now=now, chosen={})
    batches.carry_on(batch.pk, HOW, now=now)
    batch.refresh_from_db()
    return batch


def outbox_of(desk: Desk) -> list[dict[str, str]]:
    return [json.loads(path.read_text()) for path in Path(desk.source.settings["outbox"]).glob("*.json")]


def test_a_message_leaves_after_the_undo_window_exactly_once(desk: Desk, noon: datetime) -> None:
    message = messages.publish(written(desk, noon), by=desk.officer, now=noon, seen=1)
    assert announcing.due(now=noon) == []
    later = noon + timedelta(seconds=settings.UNDO_WINDOW_S)
    assert announcing.deliver(message.pk, now=later)
    assert not announcing.deliver(message.pk, now=later + timedelta(days=1))
    message.refresh_from_db()
    assert (message.status, message.published_at) == ("published", later)
    assert [(sent["text"], sent["parent_id"], sent["url"]) for sent in outbox_of(desk)] == [
        (SAYS, "", message.url)
    ]


def test_a_message_whose_sending_ended_in_the_dark_is_looked_for_before_anything_else(
    desk: Desk, noon: datetime
) -> None:
    message = messages.publish(written(desk, noon), by=desk.officer, now=noon, seen=1)
    desk.source.settings["fail"] = "publish_unknown"
    desk.source.save()
    at = noon + timedelta(minutes=1)
    assert not announcing.deliver(message.pk, now=at)
    Mandate.objects.update(valid_until=at)  # it may stand there: what ended since does not matter
    assert announcing.deliver(message.pk, now=at + timedelta(minutes=1))
    assert len(outbox_of(desk)) == 1


def test_a_message_that_did_not_arrive_in_the_dark_waits_while_a_lead_speaks_with_one_voice(
    desk: Desk, noon: datetime
) -> None:
    fire = situations.open_situation(situations.Plan(name="Brand", began_at=noon), by=desk.lead, now=noon)
    message = messages.publish(written(desk, noon, situation=fire), by=desk.officer, now=noon, seen=1)
    at = noon + timedelta(minutes=1)
    lost_in_the_dark(message, desk, at)
    situations.lock_voice(fire, by=desk.lead, now=at)
    assert not announcing.deliver(message.pk, now=at + timedelta(minutes=1))
    message.refresh_from_db()
    assert (message.status, outbox_of(desk)) == ("failed", [])
    assert "one voice" in message.error


def test_a_message_that_did_not_arrive_in_the_dark_is_not_sent_without_its_mandate(
    desk: Desk, noon: datetime
) -> None:
    message = messages.publish(written(desk, noon), by=desk.officer, now=noon, seen=1)
    at = noon + timedelta(minutes=1)
    lost_in_the_dark(message, desk, at)
    Mandate.objects.update(valid_until=at)
    assert not announcing.deliver(message.pk, now=at + timedelta(minutes=1))
    message.refresh_from_db()
    assert (message.status, outbox_of(desk)) == ("failed", [])


def lost_in_the_dark(message: PublicMessage, desk: Desk, at: datetime) -> None:
    """Send it once; nobody knows whether it arrived, and it did not."""
    desk.source.settings["fail"] = "publish_unknown"
    desk.source.save()
    assert not announcing.deliver(message.pk, now=at)
    for path in Path(desk.source.settings["outbox"]).glob("*.json"):
        path.unlink()
    del desk.source.settings["fail"]
    desk.source.save()


def test_a_message_is_taken_back_in_the_undo_window_only(desk: Desk, noon: datetime) -> None:
    message = messages.publish(written(desk, noon), by=desk.officer, now=noon, seen=1)
    assert messages.take_back(message, by=desk.officer, now=noon)
    assert not messages.take_back(message, by=desk.officer, now=noon)
    assert announcing.due(now=noon + timedelta(days=1)) == []
    with pytest.raises(MessageChanged, match="changed or sent"):
        messages.publish(message, by=desk.officer, now=noon, seen=1)


def test_without_a_mandate_nothing_is_said_and_every_reason_is_told(desk: Desk, noon: datetime) -> None:
    message = written(desk, noon, replies_to="all")
    with pytest.raises(CannotPublish) as refused:
        messages.publish(message, by=desk.employee, now=noon, seen=1)
    assert len(refused.value.reasons) == 2


def test_a_mandate_that_ends_before_it_leaves_keeps_it_here(desk: Desk, noon: datetime) -> None:
    message = messages.publish(written(desk, noon), by=desk.officer, now=noon, seen=1)
    Mandate.objects.update(valid_until=noon)
    assert not announcing.deliver(message.pk, now=noon + timedelta(minutes=1))
    message.refresh_from_db()
    assert (message.status, outbox_of(desk)) == ("failed", [])


def test_a_locked_situation_speaks_through_its_lead_only(desk: Desk, noon: datetime) -> None:
    plan = situations.Plan(name="Brand", began_at=noon)
    situation = situations.open_situation(plan, by=desk.lead, now=noon)
    situations.lock_voice(situation, by=desk.lead, now=noon)
    situation.refresh_from_db()
    message = written(desk, noon, situation=situation)
    with pytest.raises(CannotPublish, match="one voice"):
        messages.publish(message, by=desk.officer, now=noon, seen=1)
    assert messages.publish(message, by=desk.lead, now=noon, seen=1).status == "queued"


def test_every_case_says_what_answered_it_and_its_clock_stops(
    desk: Desk, cases: list[Case], noon: datetime
) -> None:
    message = standing(desk, noon)
    batch = answered(message, desk, cases, noon)
    assert (batch.status, batch.n_done, batch.n_left) == ("done", 30, 0)
    shown = Case.objects.values_list("state", "category", "outcome", "responded_at", "first_responded_at")
    assert set(shown) == {("responded", "untruth", "answered by message", noon, noon)}
    assert Assessment.objects.filter(categories=["untruth"], by=desk.officer).count() == 30
    assert set(Response.objects.values_list("status", "message", "permalink")) == {
        ("elsewhere", message.pk, URL)
    }
    moves = Counter(AuditEvent.objects.filter(action="moved").values_list("facts__after", flat=True))
    assert moves == {"assessed": 30, "responded": 30}
    assert audit.verify() == []


def test_what_needs_a_person_is_left_out_with_the_reason(
    desk: Desk, cases: list[Case], noon: datetime
) -> None:
    Case.objects.filter(pk=cases[0].pk).update(is_urgent=True)
    promises.promise(cases[1], "bellen", due_at=noon + timedelta(hours=1), by=desk.officer, now=noon)
    triage.dismiss(cases[2], reason="spam", by=desk.officer, now=noon)
    found = answering.propose([case.pk for case in cases], now=noon)
    assert found.n_left == {"urgent": 1, "promise": 1, "ended": 1}
    assert (len(found.seen), found.n_posts) == (27, 30)
    batch = answering.answer(standing(desk, noon), found.seen, by=desk.officer, now=noon, chosen={})
    Case.objects.filter(pk=cases[3].pk).update(is_urgent=True)  # after the list was shown
    batches.carry_on(batch.pk, HOW, now=noon)
    assert [row.why for row in batch.cases.filter(outcome="left")] == [
        f"Case {cases[3].pk} is urgent; look at it by itself."
    ]


def test_who_asked_gets_words_of_their_own_at_the_pace_of_the_account(
    desk: Desk, cases: list[Case], noon: datetime
) -> None:
    Case.objects.filter(pk__in=[case.pk for case in cases[:10]]).update(asks=True)
    desk.source.settings["replies_per_minute"] = 6
    desk.source.save()
    message = standing(desk, noon, replies_to="askers", reply_text="U vroeg of het veilig is:")
    answered(message, desk, cases, noon)
    queued = list(Response.objects.filter(status="queued").order_by("send_at"))
    assert len(queued) == 10
    assert {
        b.send_at - a.send_at for a, b in zip(queued, queued[1:], strict=False) if a.send_at and b.send_at
    } == {timedelta(seconds=10)}
    for response in queued:
        assert response.send_at
        assert outbox.deliver(response.pk, now=response.send_at)
        assert not outbox.deliver(response.pk, now=noon + timedelta(hours=5))
    assert {sent["text"] for sent in outbox_of(desk)} == {f"U vroeg of het veilig is: {URL}"}
    assert set(Case.objects.values_list("state", flat=True)) == {State.RESPONDED}


def test_after_the_stop_button_no_further_reply_leaves(desk: Desk, cases: list[Case], noon: datetime) -> None:
    message = standing(desk, noon, replies_to="all", reply_text="Lees dit:")
    answered(message, desk, cases, noon)
    first = Response.objects.filter(status="queued").order_by("send_at").first()
    assert first is not None
    assert outbox.deliver(first.pk, now=noon + timedelta(hours=1))
    assert answering.stop(message, by=desk.officer, now=noon + timedelta(hours=1)) == 29
    assert outbox.due_responses(now=noon + timedelta(days=1)) == []
    assert set(Case.objects.values_list("state", flat=True)) == {State.RESPONDED}


def test_a_platform_that_says_too_often_pushes_the_whole_queue_back(
    desk: Desk, cases: list[Case], noon: datetime
) -> None:
    message = standing(desk, noon, replies_to="all", reply_text="Lees dit:")
    answered(message, desk, cases[:3], noon)
    first, second, _third = Response.objects.filter(status="queued").order_by("send_at")
    at = noon + timedelta(minutes=1)
    response = outbox._lease(first.pk, now=at)
    assert response is not None
    outbox._settle(
        response, outbox.replies.NotNow("too often", at + timedelta(minutes=15), is_dark=False), now=at
    )
    second.refresh_from_db()
    assert second.send_at == at + timedelta(minutes=15, seconds=0.1)


def test_the_pace_is_the_setting_of_the_source_or_what_is_wise() -> None:
    assert per_minute("mastodon", {}) == 12
    assert per_minute("mastodon", {"replies_per_minute": 30}) == 30
    assert per_minute("unknown", {"replies_per_minute": True}) == 6


def queued_for(desk: Desk, cases: list[Case], now: datetime, *, per_minute: int = 6) -> list[Response]:
    desk.source.settings["replies_per_minute"] = per_minute
    desk.source.save()
    message = standing(desk, now, replies_to="all", reply_text="Lees dit:")
    answered(message, desk, cases, now)
    return list(Response.objects.filter(status="queued").order_by("send_at"))


def swept(now: datetime) -> int:
    return sum(outbox.deliver(pk, now=now) for pk in outbox.due_responses(now=now))


def test_a_worker_that_comes_back_after_a_pause_sends_no_backlog_at_once(
    desk: Desk, cases: list[Case], noon: datetime
) -> None:
    queued_for(desk, cases[:10], noon)
    back = noon + timedelta(hours=1)
    left = [swept(back + timedelta(seconds=2 * n)) for n in range(60)]
    assert sum(left) == 10
    at = [2 * n for n, sent in enumerate(left) for _ in range(sent)]
    assert at == [10 * n for n in range(10)]


def test_a_worker_that_comes_by_every_few_seconds_keeps_the_pace(
    desk: Desk, cases: list[Case], noon: datetime
) -> None:
    queued_for(desk, cases[:10], noon, per_minute=20)
    first = noon + timedelta(seconds=settings.UNDO_WINDOW_S + 1)
    assert sum(swept(first + timedelta(seconds=2 * n)) for n in range(15)) == 10


def test_sources_of_one_account_share_its_pace(desk: Desk, cases: list[Case], noon: datetime) -> None:
    desk.source.credential = Credential.objects.create(
        connector="replay", name="VR", sealed="x", changed_at=noon
    )
    desk.source.save()
    settings_of_both = desk.source.settings | {"replies_per_minute": 6}
    other = Source.objects.create(
        name="other",
        connector="replay",
        interval_s=60,
        settings=settings_of_both,
        next_poll_at=noon,
        credential=desk.source.credential,
    )
    Post.objects.filter(pk__in=[case.pk for case in cases[:5]]).update(source=other)
    queued = queued_for(desk, cases[:10], noon)
    assert len({response.send_at for response in queued}) == 10
    assert swept(noon + timedelta(hours=1)) == 1


def test_who_answers_in_person_waits_for_a_reply_that_is_on_its_way(
    desk: Desk, cases: list[Case], noon: datetime
) -> None:
    first, second = queued_for(desk, cases[:2], noon)
    Response.objects.filter(pk=first.pk).update(status="unknown")
    with pytest.raises(CannotSend, match="on its way"):
        responses.withdraw(first.case)
    responses.withdraw(second.case)
    second.refresh_from_db()
    assert second.status == "withdrawn"


def test_a_reply_of_their_own_that_is_taken_back_leaves_its_case_answered(
    desk: Desk, cases: list[Case], noon: datetime
) -> None:
    [reply] = queued_for(desk, cases[:1], noon)
    assert responses.take_back(reply, by=desk.officer, now=noon)
    assert not outbox.deliver(reply.pk, now=noon + timedelta(hours=1))
    assert Case.objects.get(pk=reply.case_id).state == State.RESPONDED


def test_a_message_from_outside_answers_no_case_of_a_situation_with_one_voice(
    desk: Desk, cases: list[Case], noon: datetime
) -> None:
    fire = situations.open_situation(situations.Plan(name="Brand", began_at=noon), by=desk.lead, now=noon)
    joining.join(fire, [case.pk for case in cases[:10]], by=desk.lead, now=noon)
    message = standing(desk, noon)
    found = answering.propose([case.pk for case in cases], now=noon)
    batch = answering.answer(message, found.seen, by=desk.officer, now=noon, chosen={})
    situations.lock_voice(fire, by=desk.lead, now=noon)  # after the list was shown
    silenced = messages.silenced(message, by=desk.officer, now=noon)
    found = answering.propose([case.pk for case in cases], now=noon, silenced=silenced)
    assert found.n_left == {"voice": 10}
    assert messages.silenced(message, by=desk.lead, now=noon) == set()
    batches.carry_on(batch.pk, HOW, now=noon)
    batch.refresh_from_db()
    assert (batch.n_done, batch.n_left) == (20, 10)
    assert not Case.objects.filter(situation=fire, state=State.RESPONDED).exists()


def test_a_message_whose_claim_was_decided_otherwise_meanwhile_does_not_leave(
    desk: Desk, noon: datetime
) -> None:
    claim = decided(rumour(desk, now=noon), "false", by=desk.officer, now=noon)
    message = messages.publish(written(desk, noon, claim=claim), by=desk.officer, now=noon, seen=1)
    decided(claim, "true", by=desk.officer, now=noon)
    assert not announcing.deliver(message.pk, now=noon + timedelta(minutes=1))
    message.refresh_from_db()
    assert (message.status, outbox_of(desk)) == ("failed", [])
    assert "changed since this was let go" in message.error
    messages.publish(message, by=desk.officer, now=noon, seen=message.revision)
    assert announcing.deliver(message.pk, now=noon + timedelta(minutes=1))


@pytest.mark.parametrize("way", ["published", "registered"])
def test_a_message_of_a_situation_starts_its_one_clock_again(desk: Desk, noon: datetime, way: str) -> None:
    fire = situations.open_situation(situations.Plan(name="Brand", began_at=noon), by=desk.lead, now=noon)
    at = noon + timedelta(minutes=20)
    if way == "registered":
        standing(desk, at, situation=fire)
    else:
        message = messages.publish(written(desk, noon, situation=fire), by=desk.officer, now=noon, seen=1)
        announcing.deliver(message.pk, now=at)
    fire.refresh_from_db()
    assert fire.word_due_at == at + timedelta(seconds=fire.word_every_s)
