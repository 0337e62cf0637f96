"""The register: a statement is decided on sources, by one officer at a time, and carried by cases."""

from datetime import datetime, timedelta

import pytest

from cases import carried
from cases.models import AuditEvent, Case, CaseClaim, Claim, ClaimDecision, Notification, VettedAnswer
from cases.services import assignment, audit, claims, copies, decisions, linking
from cases.services.claims import ClaimChanged, ClaimRefused, SourcePlan, Verdict
from tests.cases.claiming import STATEMENT, decided, rumour, vetted
from tests.cases.steps import fresh, last_event, trail
from tests.world import Desk, mention

pytestmark = pytest.mark.usefixtures("english")


def claim_trail(claim: Claim) -> list[str]:
    events = AuditEvent.objects.filter(subject=f"claim:{claim.pk}").order_by("seq")
    return list(events.values_list("action", flat=True))


def test_a_claim_from_a_case_is_carried_by_it_and_written_on_both_trails(
    desk: Desk, case: Case, noon: datetime
) -> None:
    claim = claims.open_claim("  Het drinkwater \n is op ", by=desk.employee, now=noon, case=case)
    assert claim.statement == "Het drinkwater is op"
    assert carried.claims_on(case) == [claim]
    assert claim_trail(claim) == ["claim opened"]
    assert trail(case)[-1] == "claim linked"
    assert last_event(case).facts["claim"] == claim.pk


@pytest.mark.parametrize("statement", ["", "   ", "x" * 501])
def test_a_claim_says_something_and_not_too_much(desk: Desk, noon: datetime, statement: str) -> None:
    with pytest.raises(ClaimRefused, match="sentence that can be true or false"):
        claims.open_claim(statement, by=desk.officer, now=noon)


@pytest.mark.parametrize("status", ["true", "false"])
def test_true_and_false_rest_on_a_source(desk: Desk, noon: datetime, status: str) -> None:
    claim = rumour(desk, now=noon)
    with pytest.raises(ClaimRefused, match="rest on a source") as refused:
        claims.decide(claim, Verdict(status, ""), by=desk.officer, now=noon, seen=1)
    assert len(refused.value.reasons) == 2
    assert Claim.objects.get().status == "unverified"


def test_a_source_of_another_claim_is_no_ground(desk: Desk, noon: datetime) -> None:
    claim, other = rumour(desk, now=noon), rumour(desk, now=noon, statement="Er zijn doden")
    source = claims.add_source(other, SourcePlan("Politie"), by=desk.officer, now=noon)
    with pytest.raises(ClaimRefused, match="rest on a source"):
        claims.decide(claim, Verdict("false", "Nee", [source.pk]), by=desk.officer, now=noon, seen=1)


def test_unknown_needs_no_source(desk: Desk, noon: datetime) -> None:
    claim = rumour(desk, now=noon)
    claims.decide(claim, Verdict("unknown", "Niemand weet het"), by=desk.officer, now=noon, seen=1)
    assert Claim.objects.get().status == "unknown"


def test_a_decision_is_kept_with_who_when_and_on_what(desk: Desk, noon: datetime) -> None:
    claim = decided(rumour(desk, now=noon), "false", by=desk.officer, now=noon)
    decision = ClaimDecision.objects.get()
    assert (claim.status, claim.decided_by, claim.decided_at) == ("false", desk.officer, noon)
    assert decision.sources == [claim.sources.get().pk]
    assert claim_trail(claim) == ["claim opened", "source added", "claim decided"]
    assert audit.verify() == []


def test_the_second_of_two_officers_is_refused_and_told_why(desk: Desk, noon: datetime) -> None:
    mine = rumour(desk, now=noon)
    yours = Claim.objects.get(pk=mine.pk)
    claims.decide(mine, Verdict("unknown", "Niemand weet het"), by=desk.officer, now=noon, seen=1)
    with pytest.raises(ClaimChanged, match="A colleague changed .*drinkwater"):
        claims.decide(yours, Verdict("unverified", "Toch niet"), by=desk.lead, now=noon, seen=1)
    assert ClaimDecision.objects.count() == 1
    assert claim_trail(mine)[-1] == "claim decided"


def test_a_claim_whose_last_source_goes_is_unverified_again(desk: Desk, noon: datetime) -> None:
    claim = decided(rumour(desk, now=noon), "false", by=desk.officer, now=noon)
    source = claim.sources.get()
    seen = claim.revision
    claims.withdraw_source(source, reason="Verkeerde locatie", by=desk.lead, now=noon, seen=seen)
    claim.refresh_from_db()
    assert claim.status == "unverified"
    assert "Verkeerde locatie" in claim.decisions.all()[0].reason


def test_a_claim_with_another_source_under_it_stands(desk: Desk, noon: datetime) -> None:
    claim = rumour(desk, now=noon)
    ours = [claims.add_source(claim, SourcePlan(f"Bron {n}"), by=desk.officer, now=noon) for n in range(2)]
    verdict = Verdict("false", "Twee bronnen", [each.pk for each in ours])
    claims.decide(claim, verdict, by=desk.officer, now=noon, seen=claim.revision)
    claim.refresh_from_db()
    claims.withdraw_source(ours[0], reason="Oud", by=desk.lead, now=noon, seen=claim.revision)
    assert Claim.objects.get().status == "false"


def test_another_status_ends_the_answers_that_were_vetted_before_it(desk: Desk, noon: datetime) -> None:
    claim = rumour(desk, now=noon)
    answer = vetted(claim, desk, now=noon)
    decided(claim, "true", by=desk.lead, now=noon + timedelta(minutes=5))
    assert not VettedAnswer.objects.in_force(now=noon).exists()
    event = AuditEvent.objects.filter(subject=f"claim:{claim.pk}").latest("seq")
    assert event.facts["answers over"] == [answer.pk]


def test_the_same_status_again_leaves_the_answers_in_force(desk: Desk, noon: datetime) -> None:
    claim = decided(rumour(desk, now=noon), "false", by=desk.officer, now=noon)
    vetted(claim, desk, now=noon)
    decided(claim, "false", by=desk.lead, now=noon)
    assert VettedAnswer.objects.in_force(now=noon).exists()


def test_a_copy_carries_what_its_lead_carries_and_is_not_linked_itself(desk: Desk, noon: datetime) -> None:
    text = "Het drinkwater bij de Loswal is vergiftigd door de brandweer, drink niets"
    lead, copy = desk.hear(mention(1, text, at=noon), mention(2, text, at=noon))
    claim = rumour(desk, lead, now=noon)
    assert carried.claims_of([lead.pk, copy.pk]) == {lead.pk: [claim], copy.pk: [claim]}
    with pytest.raises(ClaimRefused, match=f"is a copy. Link case {lead.pk}"):
        linking.link(copy, claim, by=desk.officer, now=noon)
    with pytest.raises(ClaimRefused, match=f"is a copy. Link case {lead.pk}"):
        claims.open_claim("Er drijft dode vis", by=desk.officer, now=noon, case=copy)
    assert (Claim.objects.count(), CaseClaim.objects.count()) == (1, 1)


def test_a_copy_that_arrives_later_carries_the_claim_and_one_let_go_does_not(
    desk: Desk, noon: datetime
) -> None:
    text = "Het drinkwater bij de Loswal is vergiftigd door de brandweer, drink niets"
    (lead,) = desk.hear(mention(1, text, at=noon))
    claim = rumour(desk, lead, now=noon)
    (copy,) = desk.hear(mention(2, text, at=noon))
    assert carried.claims_on(copy) == [claim]
    copies.detach(copy, by=desk.officer, now=noon)
    assert carried.claims_on(fresh(copy)) == []


def test_linking_twice_is_one_link(desk: Desk, case: Case, noon: datetime) -> None:
    claim = rumour(desk, case, now=noon)
    assert linking.link(case, claim, by=desk.officer, now=noon) is False
    assert trail(case).count("claim linked") == 1


def test_many_cases_are_linked_at_once_and_one_event_says_which(desk: Desk, noon: datetime) -> None:
    cases = desk.hear(*(mention(n, at=noon) for n in range(5)))
    claim = rumour(desk, cases[0], now=noon)
    ids = [case.pk for case in cases]
    assert linking.link_many(claim, ids, by=desk.officer, now=noon) == 4
    event = AuditEvent.objects.filter(subject=f"claim:{claim.pk}").latest("seq")
    assert event.facts["cases"] == ids[1:]
    assert {carried.claims_on(case)[0] for case in cases} == {claim}


def test_more_than_somebody_can_look_through_is_refused(desk: Desk, noon: datetime) -> None:
    with pytest.raises(ClaimRefused, match="At most 200 cases"):
        linking.link_many(rumour(desk, now=noon), range(1, 300), by=desk.officer, now=noon)


def test_a_merged_claim_stands_where_the_other_stands_and_can_be_parted(
    desk: Desk, case: Case, noon: datetime
) -> None:
    twin = rumour(desk, case, now=noon, statement="Er zit gif in het water")
    claim = rumour(desk, now=noon)
    linking.merge(twin, claim, by=desk.officer, now=noon, seen=twin.revision)
    decided(claim, "false", by=desk.officer, now=noon)
    assert carried.claims_on(case) == [claim]
    assert list(carried.carriers(claim.pk)) == [case]
    linking.part(Claim.objects.get(pk=twin.pk), by=desk.officer, now=noon)
    assert [found.status for found in carried.claims_on(case)] == ["unverified"]
    assert claim_trail(twin)[-2:] == ["claim merged", "claim parted"]


def test_a_merged_claim_is_neither_decided_nor_linked(desk: Desk, case: Case, noon: datetime) -> None:
    twin, claim = rumour(desk, now=noon, statement="Gif in het water"), rumour(desk, now=noon)
    stale = Claim.objects.get(pk=twin.pk)
    linking.merge(twin, claim, by=desk.officer, now=noon, seen=1)
    with pytest.raises(ClaimChanged):
        claims.decide(stale, Verdict("unknown", "Tja"), by=desk.lead, now=noon, seen=1)
    with pytest.raises(ClaimChanged):
        linking.link(case, stale, by=desk.officer, now=noon)
    with pytest.raises(ClaimRefused, match="not merged itself"):
        linking.merge(claim, Claim.objects.get(pk=twin.pk), by=desk.officer, now=noon, seen=claim.revision)


def test_what_had_been_merged_into_a_claim_comes_along(desk: Desk, case: Case, noon: datetime) -> None:
    first, second, third = (rumour(desk, now=noon, statement=f"Gif in het water {n}") for n in range(3))
    linking.link(case, first, by=desk.officer, now=noon)
    linking.merge(first, second, by=desk.officer, now=noon, seen=1)
    linking.merge(second, third, by=desk.officer, now=noon, seen=1)
    assert carried.claims_on(case) == [third]


def test_a_case_that_carries_two_merged_claims_carries_one(desk: Desk, case: Case, noon: datetime) -> None:
    first, second = (rumour(desk, case, now=noon, statement=f"Gif {n}") for n in range(2))
    linking.merge(first, second, by=desk.officer, now=noon, seen=1)
    assert carried.claims_on(case) == [second]
    assert linking.unlink(case, second, by=desk.officer, now=noon) is True
    assert carried.claims_on(case) == []


def test_every_open_case_that_carries_it_is_told_and_no_closed_one(desk: Desk, noon: datetime) -> None:
    cases = desk.hear(*(mention(n, at=noon) for n in range(3)))
    claim = rumour(desk, *cases, now=noon)
    decisions.take_exit(cases[2], "neutral", by=desk.officer, now=noon)
    decided(claim, "false", by=desk.lead, now=noon)
    assert [trail(case).count("claim told") for case in cases] == [2, 2, 0]
    told = last_event(cases[0]).facts
    assert (told["status"], told["what"], told["who"]) == ("false", "status", "Bram")
    assert audit.verify() == []


def test_who_has_such_a_case_hears_of_it_once_and_not_who_decided(desk: Desk, noon: datetime) -> None:
    cases = desk.hear(*(mention(n, at=noon) for n in range(3)))
    claim = rumour(desk, *cases, now=noon)
    for case in cases:
        assignment.assign(case, desk.colleague, by=desk.lead, now=noon)
    assignment.take(cases[0], by=desk.lead, now=noon, over=True)
    claims.decide(claim, Verdict("unknown", "Tja"), by=desk.lead, now=noon, seen=claim.revision)
    (told,) = Notification.objects.filter(kind="claim decided")
    assert (told.recipient, told.facts["n"], told.channel) == (desk.colleague, 3, "in-app")
    assert STATEMENT in told.facts["statement"]
