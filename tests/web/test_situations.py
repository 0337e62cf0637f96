"""The pages of situations: the list, the one screen, incident mode, closing, hand-over, timeline and wall."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import AuditEvent, Batch, Case, Claim, Situation
from cases.services import batches, claims, closing, decisions, joining, situations
from cases.services.situations import Plan
from cases.tasks import ACTS
from tests.cases.steps import judge
from tests.web.claim_states import every_claim, every_message
from tests.web.situation_states import every_situation
from tests.web.test_languages import foreign
from tests.world import Desk, mention


@pytest.fixture
def now() -> datetime:
    """Pages ask the clock: what they show was made just now."""
    return timezone.now()


def signed_in(user: object) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)  # type: ignore[arg-type]
    return client


def fire(desk: Desk, now: datetime, n: int = 3, *, copies: int = 2) -> Situation:
    """A situation with `n` topics, the first of them told `copies` times more."""
    opened = situations.open_situation(Plan(name="De Loswal"), by=desk.officer, now=now)
    words = "Er komt zwarte rook uit de loods aan de Loswal, houd ramen en deuren dicht"
    told = [mention(f"c{i}", words, at=now) for i in range(copies + 1)]
    others = [mention(f"s{i}", at=now) for i in range(n - 1)]
    cases = desk.hear(*told, *others, now=now)
    joining.join(opened, [case.pk for case in cases], by=desk.officer, now=now)
    return opened


def carried_out(batch: Batch, now: datetime) -> Batch:
    batches.carry_on(batch.pk, ACTS, now=now)
    batch.refresh_from_db()
    return batch


def test_a_situation_is_opened_by_its_name_alone(desk: Desk, now: datetime) -> None:
    client = signed_in(desk.officer)
    answer = client.post("/situations/open/", {"name": "Brand De Loswal"})
    opened = Situation.objects.get()
    assert answer["Location"] == f"/situations/{opened.pk}/"
    assert "Next word to the public within" in client.get(answer["Location"]).content.decode()
    assert "Brand De Loswal" in client.get("/situations/").content.decode()


def test_a_proposal_becomes_a_situation_or_is_declined(desk: Desk, case: Case, now: datetime) -> None:
    row = {"status": "proposed", "began_at": now, "created_at": now}
    fire = Situation.objects.create(name="Rook", story=case, evidence={"posts": 45}, **row)
    noise = Situation.objects.create(name="Ruis", **row)
    client = signed_in(desk.officer)
    assert "A story grows" in client.get("/situations/").content.decode()
    client.post(f"/situations/{fire.pk}/open/", {"name": "Brand"})
    client.post(f"/situations/{noise.pk}/decline/", {})
    assert {each.name: each.status for each in Situation.objects.all()} == {
        "Brand": "open",
        "Ruis": "declined",
    }
    case.refresh_from_db()
    assert case.situation_id == fire.pk


def test_incident_mode_says_both_numbers_and_puts_danger_first(desk: Desk, now: datetime) -> None:
    opened = fire(desk, now)
    urgent, question = Case.objects.filter(situation=opened, n_copies=0, lead=None).order_by("pk")[:2]
    Case.objects.filter(pk=urgent.pk).update(is_urgent=True)
    Case.objects.filter(pk=question.pk).update(asks=True)
    shown = signed_in(desk.officer).get(f"/situations/{opened.pk}/topics/").content.decode()
    assert "5 posts in 3 topics unread" in shown
    places = [shown.index(f'id="s-{part}"') for part in ("danger", "questions", "rest")]
    assert places == sorted(places)
    assert "×3" in shown


def test_a_topic_that_carries_an_unchecked_claim_stands_with_the_rumours(desk: Desk, now: datetime) -> None:
    opened = fire(desk, now)
    lead = Case.objects.get(situation=opened, n_copies=2)
    claim = claims.open_claim("De rook is giftig", by=desk.officer, now=now, case=lead, situation=opened)
    client = signed_in(desk.officer)
    assert 'id="s-growing"' in client.get(f"/situations/{opened.pk}/topics/").content.decode()
    Claim.objects.filter(pk=claim.pk).update(status="false", decided_at=now)
    shown = client.get(f"/situations/{opened.pk}/topics/?new=1").content.decode()
    assert f"case={lead.pk}" not in shown  # what is known already says nothing new


def test_a_topic_is_judged_once_and_its_copies_follow(desk: Desk, now: datetime) -> None:
    opened = fire(desk, now)
    lead = Case.objects.get(situation=opened, n_copies=2)
    decisions.take_exit(lead, "neutral", by=desk.officer, now=now)
    shown = signed_in(desk.officer).get(f"/situations/{opened.pk}/topics/").content.decode()
    assert "2 posts in 2 topics unread" in shown


def test_what_is_unread_is_closed_in_bulk_but_never_what_presses(desk: Desk, now: datetime) -> None:
    opened = fire(desk, now, 4)
    urgent, judged = Case.objects.filter(situation=opened, n_copies=0, lead=None).order_by("pk")[:2]
    Case.objects.filter(pk=urgent.pk).update(is_urgent=True)
    judge(judged, "complaint", by=desk.officer, now=now)
    client = signed_in(desk.officer)
    asked = client.get(f"/situations/{opened.pk}/topics/close/").content.decode()
    assert "4 posts in 2 topics unread" in asked
    newest = max(Case.objects.values_list("pk", flat=True))
    client.post(f"/situations/{opened.pk}/topics/close/", {"reason": "Alleen herhaling", "up_to": newest})
    batch = carried_out(Batch.objects.get(), now)
    assert (batch.status, batch.n_done, batch.n_left) == ("done", 2, 0)
    states = dict(Case.objects.filter(situation=opened, lead=None).values_list("pk", "state"))
    assert states[urgent.pk] == "new"
    assert states[judged.pk] == "assessed"
    assert sorted(states.values()) == ["assessed", "closed", "closed", "new"]
    begun = AuditEvent.objects.get(subject=f"situation:{opened.pk}", action="batch started")
    assert begun.facts["reason"] == "Alleen herhaling"
    assert begun.facts["cases"] == 2


def test_closing_in_bulk_without_a_reason_closes_nothing(desk: Desk, now: datetime) -> None:
    opened = fire(desk, now)
    with pytest.raises(closing.ClosingRefused, match="needs a reason"):
        closing.close_unread(opened, up_to=10**9, reason=" ", by=desk.officer, now=now)
    assert not Batch.objects.exists()


def test_what_came_after_the_number_was_read_is_not_closed(desk: Desk, now: datetime) -> None:
    opened = fire(desk, now)
    newest = max(Case.objects.values_list("pk", flat=True))
    (late,) = desk.hear(mention("late", at=now), now=now)
    joining.join(opened, [late.pk], by=desk.officer, now=now)
    batch = closing.close_unread(opened, up_to=newest, reason="Herhaling", by=desk.officer, now=now)
    carried_out(batch, now)
    late.refresh_from_db()
    assert late.state == "new"


def test_a_situation_closes_once_every_group_has_a_way_to_go(desk: Desk, now: datetime) -> None:
    opened = fire(desk, now, 3)
    judged = Case.objects.filter(situation=opened, n_copies=0, lead=None).order_by("pk")[0]
    judge(judged, "complaint", by=desk.officer, now=now)
    client = signed_in(desk.officer)
    address = f"/situations/{opened.pk}/close/"
    assert "judged, not answered" in client.get(address).content.decode()
    newest = max(Case.objects.values_list("pk", flat=True))
    words = {"reason": "Het is over", "up_to": newest, "unread": "close"}
    client.post(address, words)
    opened.refresh_from_db()
    assert opened.status == "open"  # nobody said what happens to the judged ones
    client.post(address, {**words, "judged": "inbox"})
    opened.refresh_from_db()
    assert opened.status == "closed"
    for batch in Batch.objects.all():
        assert carried_out(batch, now).status == "done"
    judged.refresh_from_db()
    assert (judged.state, judged.situation_id) == ("assessed", None)
    assert not Case.objects.filter(situation=opened, state="new").exists()


def test_the_inbox_names_a_situation_and_leaves_its_cases_to_it(desk: Desk, now: datetime) -> None:
    opened = fire(desk, now)
    (other,) = desk.hear(mention("own", at=now), now=now)
    client = signed_in(desk.officer)
    shown = client.get("/inbox/").content.decode()
    assert "De Loswal" in shown
    assert "5 posts in 3 topics unread" in shown
    inside = Case.objects.filter(situation=opened, lead=None).values_list("pk", flat=True)
    assert f"case={other.pk}" in shown
    assert not any(f"&amp;case={pk}" in shown for pk in inside)
    filtered = client.get("/inbox/?view=situations").content.decode()
    assert all(f"&amp;case={pk}" in filtered for pk in inside)


def test_a_case_joins_a_situation_from_its_page_and_leaves_it(desk: Desk, case: Case, now: datetime) -> None:
    opened = fire(desk, now)
    client = signed_in(desk.employee)
    assert f"/cases/{case.pk}/situation/" in client.get(f"/cases/{case.pk}/").content.decode()
    client.post(f"/cases/{case.pk}/situation/", {"situation": opened.pk})
    case.refresh_from_db()
    assert case.situation_id == opened.pk
    client.post(f"/cases/{case.pk}/situation/", {"situation": ""})
    case.refresh_from_db()
    assert case.situation_id is None


def test_a_line_in_the_log_is_one_form_and_can_start_the_clock_again(desk: Desk, now: datetime) -> None:
    opened = fire(desk, now)
    Situation.objects.filter(pk=opened.pk).update(word_due_at=now - timedelta(minutes=5))
    client = signed_in(desk.officer)
    words = {"text": "Woordvoerder sprak de pers", "is_decision": "on", "is_told": "on"}
    client.post(f"/situations/{opened.pk}/log/", words)
    opened.refresh_from_db()
    assert opened.word_due_at is not None
    assert opened.word_due_at > now
    shown = client.get(f"/situations/{opened.pk}/timeline/?decisions").content.decode()
    assert "Woordvoerder sprak de pers" in shown
    told = client.get(f"/situations/{opened.pk}/timeline.csv")
    assert "Woordvoerder sprak de pers" in told.content.decode()


def test_a_key_message_written_over_another_one_is_refused(desk: Desk, now: datetime) -> None:
    opened = fire(desk, now)
    client = signed_in(desk.officer)
    address = f"/situations/{opened.pk}/key-message/"
    assert client.post(address, {"after": 0, "text": "Sluit ramen en deuren"}).status_code == 302
    assert client.post(address, {"after": 0, "text": "Iets anders"}).status_code == 409
    assert "Sluit ramen en deuren" in client.get(f"/situations/{opened.pk}/").content.decode()


def test_a_situation_is_taken_over_by_name(desk: Desk, now: datetime) -> None:
    opened = fire(desk, now)
    client = signed_in(desk.colleague)
    address = f"/situations/{opened.pk}/hand-over/"
    client.post(address, {"reason": "Rustig"})
    shown = client.get(address).content.decode()
    assert f"Log since {desk.colleague} took over" in shown


def test_the_wall_names_no_authors(desk: Desk, now: datetime) -> None:
    opened = fire(desk, now)
    shown = signed_in(desk.officer).get(f"/situations/{opened.pk}/wall/").content.decode()
    assert "posts unread" in shown
    assert "Author" not in shown
    assert "@author" not in shown


@pytest.mark.parametrize("path", ["", "topics/", "hand-over/", "wall/", "timeline/"])
def test_a_page_asks_the_database_as_often_for_many_topics_as_for_a_few(
    desk: Desk, now: datetime, path: str
) -> None:
    opened = fire(desk, now, 2)
    client = signed_in(desk.officer)
    address = f"/situations/{opened.pk}/{path}"
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    more = desk.hear(*(mention(f"q{i}", at=now) for i in range(100)), now=now)
    joining.join(opened, [case.pk for case in more], by=desk.officer, now=now)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) <= len(few) + 1


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_every_page_of_a_crisis_speaks_one_language(desk: Desk, now: datetime, lang: str) -> None:
    client = Client(headers={"accept-language": lang})
    client.force_login(desk.lead)
    for url in [*every_situation(desk, now), *every_claim(desk, now), *every_message(desk, now)]:
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert not [piece for piece in foreign(answer.content.decode(), lang) if "Loswal" not in piece], url
