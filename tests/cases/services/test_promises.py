"""What was promised is kept or dropped with a reason, and no case ends over it."""

from datetime import datetime, timedelta

import pytest

from cases.models import Case, Notification, Response, Task, User
from cases.rules.workflow import State
from cases.services import (
    audit,
    copies,
    decisions,
    outbox,
    promises,
    removal,
    responses,
    triage,
    undo,
    watching,
)
from cases.services.promises import OpenPromises, PromiseChanged, PromiseRefused
from cases.services.responses import CannotSend, Draft
from cases.services.transitions import MoveRefused
from monitoring.models import Source
from tests.cases import steps
from tests.world import Desk, mention

pytestmark = pytest.mark.usefixtures("english")

HOUR = timedelta(hours=1)


def promised(case: Case, desk: Desk, *, now: datetime, by: timedelta = HOUR) -> Task:
    return promises.promise(case, "Call back about the pump", due_at=now + by, by=desk.officer, now=now)


def answered(case: Case, desk: Desk, *, now: datetime) -> Case:
    response = steps.queued(case, by=desk.officer, now=now)
    assert outbox.deliver(response.pk, now=now + timedelta(minutes=1))
    return steps.fresh(case)


def held_off(case: Case, desk: Desk, *, now: datetime) -> Response:
    """A holding reply to an untruth, delivered within the minute."""
    response = steps.drafting(case, by=desk.officer, now=now, kind="untruth", option="reply_public")
    draft = Draft("We are finding out.", claim="the pump is broken", holding_until=now + 2 * HOUR)
    responses.queue(response, draft, by=desk.officer, now=now)
    assert outbox.deliver(response.pk, now=now + timedelta(minutes=1))
    response.refresh_from_db()
    return response


def test_a_promise_says_what_by_when_and_who_does_it(case: Case, desk: Desk, noon: datetime) -> None:
    task = promised(case, desk, now=noon)
    assert (task.what, task.due_at, task.assignee) == ("Call back about the pump", noon + HOUR, desk.officer)
    assert steps.last_event(case).action == "promised"
    assert list(promises.open_tasks(case)) == [task]


@pytest.mark.parametrize("what, by", [("  ", HOUR), ("x" * 501, HOUR), ("Call back", -HOUR)])
def test_a_promise_without_words_or_in_the_past_is_refused(
    case: Case, desk: Desk, noon: datetime, what: str, by: timedelta
) -> None:
    with pytest.raises(PromiseRefused):
        promises.promise(case, what, due_at=noon + by, by=desk.officer, now=noon)
    assert not Task.objects.exists()


def test_nothing_is_promised_on_a_case_that_is_closed(case: Case, desk: Desk, noon: datetime) -> None:
    triage.dismiss(case, reason="spam", by=desk.officer, now=noon)
    with pytest.raises(PromiseRefused, match="Open it again"):
        promised(case, desk, now=noon)


def test_nothing_is_promised_on_a_copy_of_a_case_that_is_closed(
    case: Case, desk: Desk, noon: datetime
) -> None:
    """The page of the copy is older than its merge: what counts is the lead that it has by now."""
    copy = desk.hear(mention("m2", at=noon))[0]
    copies.merge(steps.fresh(copy), case, by=desk.officer, now=noon)
    assert promised(copy, desk, now=noon).done_at is None, "its lead is open"
    promises.drop(Task.objects.get(), reason="done", by=desk.officer, now=noon)
    triage.dismiss(steps.fresh(case), reason="spam", by=desk.officer, now=noon)
    for page in (copy, steps.fresh(copy)):
        with pytest.raises(PromiseRefused, match="Open it again"):
            promised(page, desk, now=noon + HOUR)
    assert not promises.holds_open(case)


def test_a_case_does_not_close_over_an_open_promise(case: Case, desk: Desk, noon: datetime) -> None:
    closing = answered(case, desk, now=noon)
    task = promised(closing, desk, now=noon)
    with pytest.raises(OpenPromises, match="“Call back about the pump”"):
        decisions.close(closing, by=desk.officer, now=noon + HOUR)
    assert steps.fresh(case).state == State.RESPONDED
    promises.keep(task, by=desk.officer, now=noon + HOUR)
    decisions.close(closing, by=desk.officer, now=noon + HOUR)
    assert steps.fresh(case).state == State.CLOSED


def test_a_promise_that_was_dropped_with_a_reason_holds_no_case_open(
    case: Case, desk: Desk, noon: datetime
) -> None:
    closing = answered(case, desk, now=noon)
    task = promised(closing, desk, now=noon)
    with pytest.raises(PromiseRefused, match="Say why"):
        promises.drop(task, reason=" ", by=desk.officer, now=noon)
    promises.drop(task, reason="she called us", by=desk.officer, now=noon)
    assert steps.last_event(case).facts["reason"] == "she called us"
    decisions.close(closing, by=desk.officer, now=noon + HOUR)


def test_letting_stand_is_refused_over_an_open_promise_and_nothing_is_left_half_done(
    case: Case, desk: Desk, noon: datetime
) -> None:
    promised(case, desk, now=noon)
    judged = steps.judge(case, "thanks", by=desk.officer, now=noon)
    with pytest.raises(OpenPromises):
        steps.choose(judged, "P1", by=desk.officer, now=noon)
    assert steps.fresh(case).state == State.ASSESSED
    assert not case.assessments.get().option


def test_communications_cannot_close_over_an_open_promise(case: Case, desk: Desk, noon: datetime) -> None:
    decisions.refer(case, reason="press asks", by=desk.officer, now=noon)
    promised(case, desk, now=noon)
    with pytest.raises(OpenPromises):
        decisions.decide(steps.fresh(case), "no reply", reason="quiet", by=desk.officer, now=noon)
    assert not case.decisions.exists()


def test_not_about_us_is_refused_over_an_open_promise(case: Case, desk: Desk, noon: datetime) -> None:
    promised(case, desk, now=noon)
    with pytest.raises(OpenPromises):
        triage.dismiss(case, reason="spam", by=desk.officer, now=noon)


def test_undo_does_not_close_a_case_over_a_promise_made_since(case: Case, desk: Desk, noon: datetime) -> None:
    triage.dismiss(case, reason="spam", by=desk.officer, now=noon)
    undo.undo(desk.officer, now=noon)
    promised(case, desk, now=noon)
    assert steps.fresh(case).state == State.NEW


def test_a_watch_whose_time_is_over_goes_on_while_something_is_promised(
    case: Case, desk: Desk, noon: datetime
) -> None:
    judged = steps.judge(case, "insult", by=desk.officer, now=noon)
    steps.choose(judged, "watch", by=desk.officer, now=noon)
    watch, late = case.watches.get(), noon + timedelta(days=8)
    task = promised(case, desk, now=noon)
    Source.objects.update(last_success_at=late)
    watching.evaluate(watch.pk, now=late)
    assert steps.fresh(case).state == State.WATCHING
    assert case.watches.filter(ended_at=None).exists()
    promises.keep(task, by=desk.officer, now=late)
    watching.evaluate(watch.pk, now=late)
    assert steps.fresh(case).state == State.CLOSED


def test_a_person_who_ends_the_watch_is_told_what_is_still_promised(
    case: Case, desk: Desk, noon: datetime
) -> None:
    judged = steps.judge(case, "insult", by=desk.officer, now=noon)
    steps.choose(judged, "watch", by=desk.officer, now=noon)
    promised(case, desk, now=noon)
    with pytest.raises(OpenPromises):
        watching.end(case.watches.get(), by=desk.officer, now=noon, reason="quiet")
    assert case.watches.filter(ended_at=None).exists()


def test_a_post_that_is_removed_leaves_its_case_open_while_something_is_promised(
    case: Case, desk: Desk, noon: datetime
) -> None:
    promised(case, desk, now=noon)
    removal.on_gone({case.pk: "deleted"}, now=noon)
    assert steps.fresh(case).state == State.NEW


def test_a_promise_is_settled_once(case: Case, desk: Desk, noon: datetime) -> None:
    mine = promised(case, desk, now=noon)
    yours = Task.objects.select_related("case").get(pk=mine.pk)
    promises.keep(mine, by=desk.officer, now=noon)
    with pytest.raises(PromiseChanged, match="look again"):
        promises.drop(yours, reason="too much work", by=desk.lead, now=noon)
    yours.refresh_from_db()
    assert not yours.is_dropped


def test_another_time_is_refused_on_an_older_page(case: Case, desk: Desk, noon: datetime) -> None:
    task = promised(case, desk, now=noon)
    promises.change_due(task, due_at=noon + 3 * HOUR, by=desk.officer, now=noon)
    with pytest.raises(PromiseChanged):
        promises.change_due(task, due_at=noon + 5 * HOUR, by=desk.lead, now=noon, seen_due=noon + HOUR)
    with pytest.raises(PromiseRefused):
        promises.change_due(task, due_at=noon - HOUR, by=desk.lead, now=noon)
    task.refresh_from_db()
    assert task.due_at == noon + 3 * HOUR
    assert steps.last_event(case).facts["due before"] == (noon + HOUR).isoformat()


def test_a_holding_reply_that_was_delivered_makes_one_promise(case: Case, desk: Desk, noon: datetime) -> None:
    response = held_off(case, desk, now=noon)
    outbox.deliver(response.pk, now=noon + HOUR)
    task = Task.objects.get()
    assert (task.response, task.due_at, task.assignee) == (response, noon + 2 * HOUR, desk.officer)
    with pytest.raises(OpenPromises):
        decisions.close(steps.fresh(case), by=desk.officer, now=noon + HOUR)


def test_the_full_answer_keeps_what_the_holding_reply_promised(
    case: Case, desk: Desk, noon: datetime
) -> None:
    held_off(case, desk, now=noon)
    full = responses.follow_up(steps.fresh(case), by=desk.officer, now=noon + HOUR)
    assert Task.objects.get().done_at is None
    draft = Draft("The pump works.", claim="the pump is broken", fact_source="log of 12:10")
    responses.queue(full, draft, by=desk.officer, now=noon + HOUR)
    assert Task.objects.get().done_at is None
    assert outbox.deliver(full.pk, now=noon + 2 * HOUR)
    assert Task.objects.get().done_at == noon + 2 * HOUR
    decisions.close(steps.fresh(case), by=desk.officer, now=noon + 3 * HOUR)


def test_a_second_holding_reply_moves_the_promise_of_the_first(
    case: Case, desk: Desk, noon: datetime
) -> None:
    held_off(case, desk, now=noon)
    again = responses.follow_up(steps.fresh(case), by=desk.officer, now=noon + HOUR)
    draft = Draft("Still finding out.", claim="the pump is broken", holding_until=noon + 5 * HOUR)
    responses.queue(again, draft, by=desk.officer, now=noon + HOUR)
    assert outbox.deliver(again.pk, now=noon + 2 * HOUR)
    task = Task.objects.get()
    assert (task.due_at, task.done_at, task.response) == (noon + 5 * HOUR, None, again)


def test_an_answer_given_elsewhere_keeps_it_too(case: Case, desk: Desk, noon: datetime) -> None:
    held_off(case, desk, now=noon)
    responses.follow_up(steps.fresh(case), by=desk.officer, now=noon + HOUR)
    responses.record_elsewhere(
        steps.fresh(case), medium="phone", note="called her", by=desk.officer, now=noon + HOUR
    )
    assert Task.objects.get().done_by == desk.officer


def test_a_promise_that_is_due_is_told_once_and_the_lead_hears_when_it_is_late(
    case: Case, desk: Desk, noon: datetime
) -> None:
    promised(case, desk, now=noon)
    told = Notification.objects.filter(kind="task due", channel=Notification.Channel.IN_APP)
    promises.warn(now=noon)
    assert not told.exists()
    promises.warn(now=noon + HOUR)
    promises.warn(now=noon + HOUR)
    assert [notice.recipient for notice in told] == [desk.officer]
    promises.warn(now=noon + 2 * HOUR)
    assert told.get(facts__is_late=True).recipient == desk.lead


def test_a_promise_of_somebody_who_left_is_told_to_the_officers_where_there_is_no_lead(
    case: Case, desk: Desk, noon: datetime
) -> None:
    task = promised(case, desk, now=noon)
    Task.objects.filter(pk=task.pk).update(assignee=None)
    User.objects.filter(role="lead").update(is_active=False)
    promises.warn(now=noon + HOUR)
    told = Notification.objects.filter(kind="task due", channel=Notification.Channel.IN_APP)
    assert desk.officer in [notice.recipient for notice in told]


def test_an_untouched_trail_is_right_after_all_of_it(case: Case, desk: Desk, noon: datetime) -> None:
    held_off(case, desk, now=noon)
    promises.keep(Task.objects.select_related("case").get(), by=desk.officer, now=noon + HOUR)
    assert audit.verify() == []


def test_a_promise_beside_the_words_is_kept_with_the_draft(case: Case, desk: Desk, noon: datetime) -> None:
    response = steps.drafting(case, by=desk.officer, now=noon)
    draft = Draft("We mend it.", promise="Mend the pump", promise_due_at=noon + HOUR)
    responses.save_draft(response, draft, by=desk.officer, now=noon)
    assert Task.objects.get().response == response


def test_a_promise_without_a_time_loses_none_of_the_words(case: Case, desk: Desk, noon: datetime) -> None:
    response = steps.drafting(case, by=desk.officer, now=noon)
    draft = Draft("We mend it.", promise="Mend the pump")
    with pytest.raises(CannotSend, match="by when"):
        responses.save_draft(response, draft, by=desk.officer, now=noon)
    assert Response.objects.get().text == "We mend it."
    assert not Task.objects.exists()


def test_what_else_was_promised_can_be_followed_up_by_an_answer(
    case: Case, desk: Desk, noon: datetime
) -> None:
    responded = answered(case, desk, now=noon)
    with pytest.raises(MoveRefused):
        responses.follow_up(responded, by=desk.officer, now=noon)
    promised(responded, desk, now=noon)
    responses.follow_up(responded, by=desk.officer, now=noon)
    assert steps.fresh(case).state == State.DRAFTING


def test_claim_and_source_are_asked_together_and_of_no_holding_reply(
    case: Case, desk: Desk, noon: datetime
) -> None:
    response = steps.drafting(case, by=desk.officer, now=noon, kind="untruth", option="reply_public")
    with pytest.raises(CannotSend) as refused:
        responses.queue(response, Draft("No."), by=desk.officer, now=noon)
    assert len(refused.value.reasons) == 2
    draft = Draft("We look.", holding_until=noon + HOUR)
    responses.queue(response, draft, by=desk.officer, now=noon)


def test_a_gap_of_a_template_that_is_still_open_keeps_a_reply_here(
    case: Case, desk: Desk, noon: datetime
) -> None:
    response = steps.drafting(case, by=desk.officer, now=noon)
    with pytest.raises(CannotSend, match="still has gaps: {link}"):
        responses.queue(response, Draft("See {link} {and} this."), by=desk.officer, now=noon)
