"""A situation has a voice, a clock and mandates of its own: what leaves it, how soon, and by whom."""

from datetime import datetime, timedelta

import pytest

from cases import carried, policy, targets
from cases.models import Case, Mandate, Response, Situation
from cases.rules.mandate import Covered, NotCovered
from cases.services import approvals, haste, joining, outbox, responses, situations
from cases.services.drafts import CannotSend, Draft
from cases.services.haste import HasteRefused
from cases.services.situations import Plan
from tests.cases.claiming import decided, rumour, vetted
from tests.cases.steps import drafting, fresh
from tests.world import Desk, mention

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

MINUTE = timedelta(minutes=1)


@pytest.fixture
def fire(desk: Desk, noon: datetime) -> Situation:
    return situations.open_situation(Plan("Fire at De Loswal"), by=desk.lead, now=noon)


@pytest.fixture
def begun(case: Case, desk: Desk, fire: Situation, noon: datetime) -> Response:
    """A reply by the officer in a situation that is locked to one voice."""
    response = drafting(case, by=desk.officer, now=noon)
    joining.join(fire, [case.pk], by=desk.officer, now=noon)
    situations.lock_voice(fire, by=desk.lead, now=noon)
    return now_of(response)


def now_of(response: Response) -> Response:
    """The reply as it is stored now."""
    return Response.objects.select_related("case__post__source", "case__situation").get(pk=response.pk)


def words(text: str = "The smoke is not poisonous.") -> Draft:
    return Draft(text, claim="the smoke is poisonous", fact_source="measurements", audience="the town")


def test_under_one_voice_own_words_need_the_duty_lead(begun: Response, desk: Desk, noon: datetime) -> None:
    with pytest.raises(CannotSend, match="one voice"):
        responses.queue(begun, words(), by=desk.officer, now=noon)
    begun = now_of(begun)
    approvals.submit(begun, words(), by=desk.officer, now=noon)
    begun = now_of(begun)
    assert begun.approver == desk.lead
    with pytest.raises(CannotSend, match="one voice"):
        approvals.approve(begun, by=desk.colleague, now=noon)
    approvals.approve(now_of(begun), by=desk.lead, now=noon)
    assert now_of(begun).status == "queued"
    assert outbox.deliver(begun.pk, now=noon + MINUTE)


def test_a_lock_that_comes_in_the_undo_window_stops_what_is_on_its_way(
    case: Case, desk: Desk, fire: Situation, noon: datetime
) -> None:
    response = drafting(case, by=desk.officer, now=noon)
    joining.join(fire, [case.pk], by=desk.officer, now=noon)
    responses.queue(now_of(response), words(), by=desk.officer, now=noon)
    situations.lock_voice(fire, by=desk.lead, now=noon)
    outbox.deliver(response.pk, now=noon + MINUTE)
    stopped = now_of(response)
    assert (stopped.status, stopped.text) == ("draft", "The smoke is not poisonous.")
    assert "one voice" in stopped.error
    assert fresh(case).state == "drafting"


def test_when_the_voice_is_free_again_a_mandate_is_enough(
    begun: Response, desk: Desk, fire: Situation, noon: datetime
) -> None:
    situations.unlock_voice(fire, reason="it is over", by=desk.lead, now=noon)
    responses.queue(begun, words(), by=desk.officer, now=noon)
    assert now_of(begun).status == "queued"


def test_an_unaltered_vetted_answer_passes_the_lock_and_an_altered_one_does_not(
    begun: Response, desk: Desk, fire: Situation, noon: datetime
) -> None:
    claim = rumour(desk, begun.case, now=noon)
    decided(claim, "false", by=desk.lead, now=noon)
    answer = vetted(claim, desk, now=noon, text="De rook is niet giftig.")
    begun = now_of(begun)
    begun.vetted = answer  # taken over in the composer after it was decided
    begun.claim_revision = carried.standing_of(begun.case)
    begun.save(update_fields=["vetted", "claim_revision"])
    with pytest.raises(CannotSend, match="one voice"):
        responses.queue(now_of(begun), words("De rook is niet giftig, echt."), by=desk.officer, now=noon)
    responses.queue(now_of(begun), words("De rook is niet giftig."), by=desk.officer, now=noon)
    assert now_of(begun).status == "queued"


def test_a_target_of_a_situation_goes_before_the_others_and_ends_with_it(
    desk: Desk, fire: Situation, noon: datetime
) -> None:
    waiting, other = desk.hear(mention(1, at=noon), mention(2, at=noon))
    joining.join(fire, [waiting.pk], by=desk.officer, now=noon)
    assert haste.set_target(fire, 10, by=desk.lead, now=noon) == 1
    assert fresh(waiting).due_at == noon + 10 * MINUTE
    before = fresh(other).due_at
    assert before == targets.due(start=noon) != noon + 10 * MINUTE
    joining.leave([waiting.pk], by=desk.officer, now=noon)
    assert fresh(waiting).due_at == before
    with pytest.raises(HasteRefused):
        haste.set_target(fire, 0, by=desk.lead, now=noon)
    haste.set_target(fire, None, by=desk.lead, now=noon)
    joining.join(fire, [waiting.pk], by=desk.officer, now=noon)
    assert fresh(waiting).due_at == before


def test_a_mandate_of_a_situation_holds_for_its_cases_only(
    case: Case, desk: Desk, fire: Situation, noon: datetime
) -> None:
    Mandate.objects.create(
        holder=desk.employee,
        categories=["*"],
        situation=fire,
        valid_from=noon,
        valid_until=noon + timedelta(days=1),
    )
    outside = policy.mandate_of(desk.employee, ["untruth"], now=noon, ask=policy.ask_about(case))
    assert isinstance(outside, NotCovered)
    joining.join(fire, [case.pk], by=desk.officer, now=noon)
    inside = policy.mandate_of(desk.employee, ["untruth"], now=noon, ask=policy.ask_about(fresh(case)))
    assert isinstance(inside, Covered)


def test_a_situation_that_is_over_takes_no_target(desk: Desk, fire: Situation, noon: datetime) -> None:
    situations.end(fire, reason="voorbij", by=desk.lead, now=noon)
    with pytest.raises(joining.SituationOver):
        haste.set_target(fire, 10, by=desk.lead, now=noon)
