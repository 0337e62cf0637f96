"""Vetted answers: by two people, in force for a time, and never sent unaltered once they are over."""

from datetime import datetime, timedelta

import pytest

from cases import carried
from cases.models import Case, Claim, Response, User, VettedAnswer
from cases.rules.permissions import Role
from cases.services import answers, approvals, linking, outbox, responses
from cases.services.answers import AnswerPlan
from cases.services.claims import ClaimChanged, ClaimRefused
from cases.services.drafts import CannotSend, Draft, Seen
from tests.cases.claiming import ANSWER, STATEMENT, decided, rumour, vetted
from tests.cases.steps import choose, drafting, fresh
from tests.world import Desk

pytestmark = pytest.mark.usefixtures("english")

LATER = timedelta(seconds=11)
FACTS = Draft(ANSWER, claim=STATEMENT, fact_source="Meetrapport")


@pytest.fixture
def claim(desk: Desk, case: Case, noon: datetime) -> Claim:
    """A claim found false, which the case carries."""
    return decided(rumour(desk, case, now=noon), "false", by=desk.officer, now=noon)


@pytest.fixture
def response(desk: Desk, case: Case, claim: Claim, noon: datetime) -> Response:
    """A correction, begun after the claim was decided."""
    return drafting(case, by=desk.officer, now=noon, kind="untruth", option="reply_public")


@pytest.fixture
def answer(desk: Desk, claim: Claim, noon: datetime) -> VettedAnswer:
    return vetted(claim, desk, now=noon)


def used(response: Response, answer: VettedAnswer, *, by: User, now: datetime) -> Response:
    answers.use(response, answer, Draft(response.text), by=by, now=now)
    return Response.objects.select_related("case__post__source", "vetted__claim").get(pk=response.pk)


def as_typed(response: Response) -> Draft:
    return Draft(response.text, claim=response.claim, fact_source=response.fact_source)


def test_nobody_vets_their_own_answer(desk: Desk, claim: Claim, noon: datetime) -> None:
    proposed = answers.write(claim, AnswerPlan(ANSWER, "nl"), by=desk.officer, now=noon)
    with pytest.raises(ClaimRefused, match="Nobody vets their own answer; ask a colleague"):
        answers.vet(proposed, by=desk.officer, now=noon, solo_reason="Haast")
    assert not VettedAnswer.objects.in_force(now=noon).exists()
    answers.vet(proposed, by=desk.colleague, now=noon)
    assert VettedAnswer.objects.in_force(now=noon).get().vetted_by == desk.colleague


def test_who_is_alone_on_duty_vets_their_own_and_says_why(desk: Desk, claim: Claim, noon: datetime) -> None:
    proposed = answers.write(claim, AnswerPlan(ANSWER, "nl"), by=desk.officer, now=noon)
    User.objects.filter(role__in=[Role.OFFICER, Role.LEAD]).exclude(pk=desk.officer.pk).update(
        is_active=False
    )
    with pytest.raises(ClaimRefused, match="say why this answer cannot wait"):
        answers.vet(proposed, by=desk.officer, now=noon)
    answers.vet(proposed, by=desk.officer, now=noon, solo_reason="Midden in de nacht")
    assert VettedAnswer.objects.get().solo_reason == "Midden in de nacht"


def test_a_new_version_ends_the_one_before_it(desk: Desk, answer: VettedAnswer, noon: datetime) -> None:
    newer = vetted(answer.claim, desk, now=noon + timedelta(hours=1), text="Nu anders.")
    answer.refresh_from_db()
    assert (newer.n, answer.withdrawn_at) == (2, noon + timedelta(hours=1))
    assert list(VettedAnswer.objects.in_force(now=noon + timedelta(hours=1))) == [newer]


def test_two_that_vet_the_same_answer_at_once_are_one(desk: Desk, claim: Claim, noon: datetime) -> None:
    proposed = answers.write(claim, AnswerPlan(ANSWER, "nl"), by=desk.officer, now=noon)
    again = VettedAnswer.objects.get(pk=proposed.pk)
    answers.vet(proposed, by=desk.lead, now=noon)
    with pytest.raises(ClaimChanged):
        answers.vet(again, by=desk.colleague, now=noon)


def test_an_answer_is_not_vetted_from_a_page_that_was_read_before_a_decision(
    desk: Desk, noon: datetime
) -> None:
    claim = rumour(desk, now=noon)
    proposed = answers.write(claim, AnswerPlan(ANSWER, "nl"), by=desk.officer, now=noon)
    read = claim.revision
    decided(claim, "true", by=desk.officer, now=noon)
    with pytest.raises(ClaimChanged):
        answers.vet(proposed, by=desk.lead, now=noon, seen=read)
    assert not VettedAnswer.objects.in_force(now=noon).exists()
    claim.refresh_from_db()
    answers.vet(proposed, by=desk.lead, now=noon, seen=claim.revision)


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        (AnswerPlan("  ", "nl"), "The answer is empty"),
        (AnswerPlan(ANSWER, ""), "in which language"),
        (AnswerPlan("Dag {naam}", "nl"), r"not known: \{naam\}"),
        (
            AnswerPlan(ANSWER, "nl", valid_until=datetime.fromisoformat("2026-03-02T11:59+00:00")),
            "over at once",
        ),
    ],
)
def test_an_answer_nobody_could_use_is_refused(
    desk: Desk, claim: Claim, noon: datetime, plan: AnswerPlan, why: str
) -> None:
    with pytest.raises(ClaimRefused, match=why):
        answers.write(claim, plan, by=desk.officer, now=noon)


def test_the_facts_are_cited_from_the_register(
    desk: Desk, response: Response, answer: VettedAnswer, noon: datetime
) -> None:
    """Nobody types the claim and its source again."""
    assert (response.claim, response.fact_source) == (STATEMENT, "Meetrapport 02:00")
    chosen = used(response, answer, by=desk.officer, now=noon)
    responses.queue(chosen, Draft(chosen.text), by=desk.officer, now=noon)
    chosen.refresh_from_db()
    assert (chosen.claim, chosen.fact_source) == (STATEMENT, "Meetrapport 02:00")
    assert carried.is_unaltered(chosen, now=noon)


def test_an_unverified_claim_gives_no_source(desk: Desk, case: Case, noon: datetime) -> None:
    rumour(desk, case, now=noon)
    response = drafting(case, by=desk.officer, now=noon, kind="untruth", option="reply_public")
    with pytest.raises(CannotSend, match="Name the source of the facts"):
        responses.queue(response, Draft("Dat klopt niet."), by=desk.officer, now=noon)


def test_what_was_typed_stays_above_the_answer(
    desk: Desk, response: Response, answer: VettedAnswer, noon: datetime
) -> None:
    answers.use(response, answer, Draft("Beste Jan,"), by=desk.officer, now=noon)
    response.refresh_from_db()
    assert response.text == f"Beste Jan,\n\n{ANSWER}"
    assert not carried.is_unaltered(response, now=noon)


def test_another_answer_takes_the_place_of_the_first(
    desk: Desk, response: Response, answer: VettedAnswer, noon: datetime
) -> None:
    english = vetted(answer.claim, desk, now=noon, text="The water is safe.", language="en")
    chosen = used(used(response, answer, by=desk.officer, now=noon), english, by=desk.officer, now=noon)
    assert (chosen.text, chosen.vetted) == ("The water is safe.", english)


def test_gaps_are_filled_as_in_templates_and_it_still_counts_as_unaltered(
    desk: Desk, response: Response, claim: Claim, noon: datetime
) -> None:
    answer = vetted(claim, desk, now=noon, text="Dag {author}, het water is veilig. {source}")
    chosen = used(response, answer, by=desk.officer, now=noon)
    assert chosen.text == "Dag Author 1, het water is veilig. Meetrapport 02:00"
    assert carried.is_unaltered(chosen, now=noon)
    chosen.text = chosen.text.replace("veilig", "onveilig")
    assert not carried.is_unaltered(chosen, now=noon)


def test_an_answer_whose_time_is_over_is_not_sent_as_it_is(
    desk: Desk, response: Response, answer: VettedAnswer, noon: datetime
) -> None:
    chosen = used(response, answer, by=desk.officer, now=noon)
    over = noon + timedelta(hours=5)
    with pytest.raises(CannotSend, match=r"held until 17:00 and may not leave as it is\. Put in the answer"):
        responses.queue(chosen, as_typed(chosen), by=desk.officer, now=over)
    changed = Draft(
        "Het water is nog steeds veilig, zo bleek zojuist.", claim=STATEMENT, fact_source="Rapport"
    )
    responses.queue(Response.objects.get(pk=chosen.pk), changed, by=desk.officer, now=over)


@pytest.mark.parametrize(
    "text", [ANSWER, f"Beste Jan!\n\n{ANSWER.upper()} Groet, Sanne", ANSWER.replace(".", ",")]
)
def test_words_of_an_answer_that_is_over_are_known_however_they_came_in(
    desk: Desk, response: Response, answer: VettedAnswer, noon: datetime, text: str
) -> None:
    answers.withdraw(answer, reason="Nieuwe meting", by=desk.lead, now=noon)
    typed = Draft(text, claim=STATEMENT, fact_source="Meetrapport")
    with pytest.raises(CannotSend, match="may not leave as it is"):
        responses.queue(response, typed, by=desk.officer, now=noon)


def test_the_same_words_vetted_again_may_leave(
    desk: Desk, response: Response, answer: VettedAnswer, noon: datetime
) -> None:
    over = noon + timedelta(hours=5)
    vetted(answer.claim, desk, now=over)
    responses.queue(response, FACTS, by=desk.officer, now=over)
    assert Response.objects.get().status == "queued"


def test_an_answer_that_ends_in_the_undo_window_is_stopped_with_its_text_kept(
    desk: Desk, response: Response, answer: VettedAnswer, noon: datetime
) -> None:
    responses.queue(response, FACTS, by=desk.officer, now=noon)
    answers.withdraw(answer, reason="Nieuwe meting", by=desk.lead, now=noon)
    assert outbox.deliver(response.pk, now=noon + LATER) is False
    response.refresh_from_db()
    assert (response.status, response.text) == ("draft", ANSWER)
    assert "may not leave as it is" in response.error
    assert fresh(response.case).state == "drafting"


def test_a_claim_decided_in_the_undo_window_stops_the_reply(
    desk: Desk, response: Response, claim: Claim, noon: datetime
) -> None:
    typed = Draft("Dat klopt niet.", claim=STATEMENT, fact_source="Meetrapport")
    responses.queue(response, typed, by=desk.officer, now=noon)
    decided(claim, "true", by=desk.lead, now=noon)
    assert outbox.deliver(response.pk, now=noon + LATER) is False
    response.refresh_from_db()
    assert response.status == "draft"
    assert f"“{STATEMENT}” is true (decided 13:00 by Bram)" in response.error


def test_a_reply_in_the_dark_whose_claim_changed_is_looked_for_and_not_sent_again(
    desk: Desk, response: Response, claim: Claim, noon: datetime
) -> None:
    typed = Draft("Dat klopt niet.", claim=STATEMENT, fact_source="Meetrapport")
    responses.queue(response, typed, by=desk.officer, now=noon)
    Response.objects.filter(pk=response.pk).update(status="unknown", n_attempts=1)
    decided(claim, "true", by=desk.lead, now=noon)
    assert outbox.deliver(response.pk, now=noon + LATER) is False
    assert Response.objects.get().status == "draft"


def test_a_reply_begun_before_the_decision_is_looked_at_again(desk: Desk, case: Case, noon: datetime) -> None:
    claim = rumour(desk, case, now=noon)
    response = drafting(case, by=desk.officer, now=noon, kind="untruth", option="reply_public")
    decided(claim, "false", by=desk.lead, now=noon)
    typed = Draft("Dat klopt niet.", claim=STATEMENT, fact_source="Meetrapport")
    with pytest.raises(CannotSend, match="What we know changed .* is not true"):
        responses.queue(response, typed, by=desk.officer, now=noon)
    seen = Seen(claims=carried.standing_of(case))
    responses.queue(Response.objects.get(), typed, by=desk.officer, now=noon, seen=seen)
    assert outbox.deliver(response.pk, now=noon + LATER) is True


def test_an_approver_looks_again_at_what_changed_after_it_was_handed_in(
    desk: Desk, response: Response, claim: Claim, noon: datetime
) -> None:
    typed = Draft("Dat klopt niet.", claim=STATEMENT, fact_source="Meetrapport")
    approvals.submit(response, typed, by=desk.officer, now=noon)
    decided(claim, "unknown", by=desk.lead, now=noon)
    handed_in = Response.objects.select_related("case__post__source").get()
    with pytest.raises(CannotSend, match="What we know changed"):
        approvals.approve(handed_in, by=desk.lead, now=noon)
    seen = Seen(claims=carried.standing_of(handed_in.case))
    approvals.approve(Response.objects.get(), by=desk.lead, now=noon, seen=seen)
    assert outbox.deliver(response.pk, now=noon + LATER) is True


def test_words_taken_along_to_another_option_are_as_old_as_they_were(
    desk: Desk, response: Response, claim: Claim, noon: datetime
) -> None:
    typed = Draft("Dat klopt niet.", claim=STATEMENT, fact_source="Meetrapport")
    responses.change_option(response, typed, by=desk.officer, now=noon)
    decided(claim, "true", by=desk.lead, now=noon)
    choose(fresh(response.case), "reply_public", by=desk.officer, now=noon)
    again = Response.objects.select_related("case__post__source").get(status="draft")
    assert again.text == "Dat klopt niet."
    with pytest.raises(CannotSend, match="What we know changed"):
        responses.queue(again, typed, by=desk.officer, now=noon)


def test_a_claim_linked_or_taken_off_while_a_reply_is_written_is_read_first(
    desk: Desk, response: Response, claim: Claim, noon: datetime
) -> None:
    typed = Draft("Dat klopt niet.", claim=STATEMENT, fact_source="Meetrapport")
    linking.unlink(response.case, claim, by=desk.officer, now=noon)
    with pytest.raises(CannotSend, match="was taken off the case"):
        responses.queue(response, typed, by=desk.officer, now=noon)
    rumour(desk, response.case, now=noon, statement="Er zijn doden")
    with pytest.raises(CannotSend, match="“Er zijn doden” has not been checked"):
        responses.queue(Response.objects.get(), typed, by=desk.officer, now=noon)


def test_an_answer_to_a_claim_the_case_does_not_carry_is_no_unaltered_answer(
    desk: Desk, response: Response, answer: VettedAnswer, claim: Claim, noon: datetime
) -> None:
    chosen = used(response, answer, by=desk.officer, now=noon)
    linking.unlink(chosen.case, claim, by=desk.officer, now=noon)
    assert not carried.is_unaltered(chosen, now=noon)
