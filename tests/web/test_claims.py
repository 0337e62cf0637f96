"""The pages of the register: by finger and key, without JavaScript, and what a case says of its claims."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases import carried
from cases.models import Case, Claim, Response, VettedAnswer
from tests.cases.claiming import ANSWER, STATEMENT, decided, rumour, vetted
from tests.cases.steps import drafting
from tests.world import Desk, mention


@pytest.fixture
def now() -> datetime:
    """Pages ask the clock: what they show was made just now."""
    return timezone.now()


def signed_in(user: object) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)  # type: ignore[arg-type]
    return client


def test_a_claim_is_linked_from_a_case_in_two_steps(desk: Desk, case: Case, now: datetime) -> None:
    claim = rumour(desk, now=now)
    client = signed_in(desk.employee)
    shown = client.get(f"/cases/{case.pk}/").content.decode()
    assert 'data-key="f"' in shown
    assert STATEMENT not in shown  # nothing is proposed before somebody asks
    chooser = client.get(f"/cases/{case.pk}/claims/").content.decode()
    assert STATEMENT in chooser
    assert 'data-key="1"' in chooser
    client.post(f"/cases/{case.pk}/claims/link/", {"claim": claim.pk})
    assert carried.claims_on(case) == [claim]
    assert STATEMENT in client.get(f"/cases/{case.pk}/").content.decode()
    client.post(f"/cases/{case.pk}/claims/unlink/", {"claim": claim.pk})
    assert carried.claims_on(case) == []


def test_a_new_claim_begins_with_the_words_of_the_post(desk: Desk, case: Case, now: datetime) -> None:
    client = signed_in(desk.employee)
    shown = client.get(f"/cases/{case.pk}/claims/").content.decode()
    assert case.post.text[:40] in shown
    going_on = f"/inbox/?case={case.pk}"
    words = {"statement": "De brand is aangestoken", "case": case.pk, "next": going_on}
    assert client.post("/claims/open/", words)["Location"] == going_on
    assert carried.claims_on(case) == [Claim.objects.get(statement="De brand is aangestoken")]


def test_the_near_ones_come_first_with_the_first_digit(desk: Desk, now: datetime) -> None:
    (case,) = desk.hear(mention(1, "Hoor net: drinkwater bij de Loswal zou vergiftigd zijn", at=now))
    rumour(desk, now=now)
    rumour(desk, now=now, statement="De school aan de Havenlaan gaat morgen dicht")
    shown = signed_in(desk.employee).get(f"/cases/{case.pk}/claims/").content.decode()
    assert shown.index(STATEMENT) < shown.index("De school aan de Havenlaan")
    assert shown.count("nearly the same words") == 1


def test_the_chooser_of_a_copy_is_that_of_its_lead(desk: Desk, now: datetime) -> None:
    text = "Het drinkwater bij de Loswal is vergiftigd door de brandweer, drink niets"
    lead, copy = desk.hear(mention(1, text, at=now), mention(2, text, at=now))
    rumour(desk, now=now)
    shown = signed_in(desk.employee).get(f"/cases/{copy.pk}/claims/").content.decode()
    assert reverse("cases:link_claim", args=[lead.pk]) in shown


def test_a_decision_with_a_new_source_is_one_form(desk: Desk, now: datetime) -> None:
    claim = rumour(desk, now=now)
    words = {"seen": 1, "status": "false", "reason": "Gemeten", "title": "Meetrapport", "url": ""}
    signed_in(desk.officer).post(f"/claims/{claim.pk}/decide/", words)
    claim.refresh_from_db()
    assert claim.status == "false"
    assert claim.decisions.get().sources == [claim.sources.get().pk]


def test_the_second_officer_reads_that_a_colleague_was_first(desk: Desk, now: datetime) -> None:
    claim = rumour(desk, now=now)
    decided(claim, "false", by=desk.lead, now=now)
    words = {"seen": 1, "status": "true", "reason": "Gehoord", "title": "Buurman"}
    answer = signed_in(desk.officer).post(f"/claims/{claim.pk}/decide/", words)
    assert answer.status_code == 409
    assert "A colleague changed" in answer.content.decode()
    claim.refresh_from_db()
    assert (claim.status, claim.sources.count()) == ("false", 1)


def test_those_that_say_nearly_the_same_are_listed_with_their_count_and_linked(
    desk: Desk, now: datetime
) -> None:
    told = (
        "Mijn buurvrouw zegt dat het drinkwater rond de Loswal vergiftigd is",
        "PAS OP!! vergiftigd drinkwater bij de loswal, alles komt uit die silo",
        "Is het waar van dat vergiftigde drinkwater? Wij wonen naast de Loswal",
        "De brandweer is met twaalf wagens bij de Loswal aanwezig",
    )
    cases = desk.hear(*(mention(n, text, at=now) for n, text in enumerate(told)))
    claim = rumour(desk, now=now)
    client = signed_in(desk.officer)
    assert "say nearly the same" not in client.get(f"/claims/{claim.pk}/").content.decode()
    shown = client.get(f"/claims/{claim.pk}/?near=1").content.decode()
    assert "3 posts in 3 cases, still open, say nearly the same." in shown
    client.post(f"/claims/{claim.pk}/link/", {"case": [case.pk for case in cases[:2]]})
    assert set(carried.carriers(claim.pk)) == set(cases[:2])


def test_a_case_says_how_its_claim_stands_and_what_changed_since_the_reply(
    desk: Desk, case: Case, now: datetime
) -> None:
    claim = rumour(desk, case, now=now)
    drafting(case, by=desk.officer, now=now, kind="untruth", option="reply_public")
    client = signed_in(desk.officer)
    assert "What we know changed" not in client.get(f"/cases/{case.pk}/").content.decode()
    decided(claim, "false", by=desk.lead, now=now)
    shown = client.get(f"/cases/{case.pk}/").content.decode()
    assert "What we know changed since this was begun." in shown
    assert f"“{STATEMENT}” is not true (decided" in shown


def test_a_vetted_answer_is_put_in_and_leaves_with_the_facts_of_the_register(
    desk: Desk, case: Case, now: datetime
) -> None:
    claim = decided(rumour(desk, case, now=now), "false", by=desk.officer, now=now)
    answer = vetted(claim, desk, now=now)
    response = drafting(case, by=desk.officer, now=now, kind="untruth", option="reply_public")
    client = signed_in(desk.officer)
    assert "Use a vetted answer" in client.get(f"/cases/{case.pk}/").content.decode()
    client.post(f"/replies/{response.pk}/", {"do": "answer", "answer": answer.pk, "text": ""})
    response.refresh_from_db()
    assert (response.text, response.vetted) == (ANSWER, answer)
    seen = {"seen_claims": carried.standing_of(case), "text": response.text, "claim": "", "fact_source": ""}
    client.post(f"/replies/{response.pk}/", {"do": "send", **seen})
    response.refresh_from_db()
    assert response.status == Response.Status.QUEUED
    assert (response.claim, response.fact_source) == (STATEMENT, "Meetrapport 02:00")


def test_the_author_of_an_answer_reads_that_a_colleague_vets_it(desk: Desk, now: datetime) -> None:
    claim = rumour(desk, now=now)
    client = signed_in(desk.officer)
    until = timezone.localtime(now + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    words = {"text": ANSWER, "language": "nl", "channel": "", "valid_until": until}
    client.post(f"/claims/{claim.pk}/answers/", words)
    answer = VettedAnswer.objects.get()
    said = client.post(f"/claims/answers/{answer.pk}/vet/", {"next": f"/claims/{claim.pk}/"}, follow=True)
    assert "Nobody vets their own answer" in said.content.decode()
    signed_in(desk.lead).post(f"/claims/answers/{answer.pk}/vet/", {})
    answer.refresh_from_db()
    assert answer.vetted_by == desk.lead


def test_the_register_shows_both_numbers_and_what_ends_first_comes_first(desk: Desk, now: datetime) -> None:
    text = "Het drinkwater bij de Loswal is vergiftigd door de brandweer, drink niets"
    cases = desk.hear(*(mention(n, text, at=now) for n in range(3)))
    soon, later = rumour(desk, cases[0], now=now), rumour(desk, now=now, statement="Er zijn doden gevallen")
    vetted(soon, desk, now=now, hours=1)
    vetted(later, desk, now=now, hours=9)
    shown = signed_in(desk.employee).get("/claims/").content.decode()
    assert "3 posts in 1 case, still open" in shown
    assert shown.index(STATEMENT) < shown.index("Er zijn doden gevallen")
    assert "Er zijn doden" not in signed_in(desk.employee).get("/claims/?status=true").content.decode()


def test_the_register_asks_as_much_at_a_hundred_claims_as_at_one(desk: Desk, now: datetime) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get("/claims/").status_code == 200
        return len(queries)

    client = signed_in(desk.employee)
    cases = desk.hear(*(mention(n, at=now) for n in range(100)))
    rumour(desk, cases[0], now=now)
    asked()
    at_one = asked()
    for n, case in enumerate(cases[1:]):
        rumour(desk, case, now=now, statement=f"Gerucht nummer {n}")
    assert asked() == at_one


def test_a_case_asks_as_much_with_ten_claims_as_with_one(desk: Desk, case: Case, now: datetime) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/cases/{case.pk}/").status_code == 200
        return len(queries)

    client = signed_in(desk.employee)
    vetted(decided(rumour(desk, case, now=now), "false", by=desk.officer, now=now), desk, now=now)
    asked()
    at_one = asked()
    for n in range(9):
        rumour(desk, case, now=now, statement=f"Gerucht nummer {n}")
    assert asked() == at_one


@pytest.mark.parametrize(
    "path", ["/claims/?status=odd&situation=x&before=9999999999999999999999", "/claims/?before=-1"]
)
def test_an_odd_address_is_no_error(desk: Desk, path: str) -> None:
    assert signed_in(desk.employee).get(path).status_code == 200


def test_the_spread_is_said_in_words_and_in_a_table(desk: Desk, now: datetime) -> None:
    text = "Het drinkwater bij de Loswal is vergiftigd door de brandweer, drink niets"
    cases = desk.hear(*(mention(n, text, at=now - timedelta(hours=3)) for n in range(4)))
    claim = rumour(desk, cases[0], now=now)
    shown = signed_in(desk.employee).get(f"/claims/{claim.pk}/").content.decode()
    assert "4 posts make this claim. Busiest:" in shown
    assert shown.count('<td class="r">4</td>') == 1
