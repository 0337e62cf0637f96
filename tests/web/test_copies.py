"""Near-copies on the pages and in the API: counted on their lead, listed there, let go by a button."""

from datetime import datetime

import pytest
from django.test import Client

from cases.models import Case
from tests.cases.steps import fresh
from tests.world import Desk, mention

pytestmark = pytest.mark.django_db
FIRE = "Grote brand bij de Loswal, hou ramen en deuren dicht tot de rook weg is"


@pytest.fixture
def told(desk: Desk, noon: datetime) -> list[Case]:
    """A lead and 22 copies."""
    return desk.hear(*(mention(n, f"RT @a{n}: {FIRE}", at=noon) for n in range(1, 24)))


@pytest.fixture
def officer(desk: Desk) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(desk.officer)
    return client


def test_the_inbox_shows_one_row_with_the_number_of_copies(told: list[Case], officer: Client) -> None:
    page = officer.get("/inbox/").content.decode()
    assert page.count("data-row") == 1
    assert "+22 alike" in page


def test_the_page_of_a_lead_lists_its_copies_twenty_at_a_time(told: list[Case], officer: Client) -> None:
    (lead,) = (case for case in told if fresh(case).lead_id is None)
    first = officer.get(f"/cases/{lead.pk}/").content.decode()
    assert "22 posts that tell the same" in first
    assert first.count("/detach/") == 20
    last = max(case.pk for case in told if f"/cases/{case.pk}/detach/" in first)
    second = officer.get(f"/cases/{lead.pk}/?copies={last}").content.decode()
    assert second.count("/detach/") == 2
    assert officer.get(f"/cases/{lead.pk}/?copies={'9' * 30}").status_code == 200


def test_a_copy_says_whose_copy_it_is_and_is_let_go_by_a_button(told: list[Case], officer: Client) -> None:
    copy = next(case for case in told if fresh(case).lead_id)
    lead_id = fresh(copy).lead_id
    page = officer.get(f"/cases/{copy.pk}/").content.decode()
    assert f"This post tells the same as case {lead_id}" in page
    assert f'href="/cases/{lead_id}/"' in page
    officer.post(f"/cases/{copy.pk}/detach/", {"seen": "merged", "next": f"/cases/{lead_id}/"})
    assert (fresh(copy).state, fresh(copy).lead_id) == ("new", None)
    again = officer.post(f"/cases/{copy.pk}/detach/", {"seen": "merged"}, follow=True)
    assert "is now" in again.content.decode()


def test_a_case_is_merged_by_the_number_of_another(
    told: list[Case], desk: Desk, officer: Client, noon: datetime
) -> None:
    (other,) = desk.hear(mention("other", "Wanneer is de brandweer weer open voor bezoek?", at=noon))
    lead = next(case for case in told if fresh(case).lead_id is None)
    officer.post(f"/cases/{other.pk}/merge/", {"seen": "new", "into": str(lead.pk)})
    assert (fresh(other).state, fresh(other).lead_id, fresh(lead).n_copies) == ("merged", lead.pk, 23)
    refused = officer.post(f"/cases/{other.pk}/merge/", {"seen": "merged", "into": "x"})
    assert refused.status_code in (302, 409, 422)


def test_the_api_tells_of_copies_and_lets_them_go(told: list[Case], officer: Client) -> None:
    copy = next(case for case in told if fresh(case).lead_id)
    lead_id = fresh(copy).lead_id
    assert officer.get(f"/api/v1/cases/{lead_id}/").json()["n_copies"] == 22
    sent = {"content_type": "application/json"}
    freed = officer.post(f"/api/v1/cases/{copy.pk}/detach/", {"seen": "merged"}, **sent).json()
    assert (freed["state"], freed["lead"]) == ("new", None)
    merged = officer.post(f"/api/v1/cases/{copy.pk}/merge/", {"into": lead_id, "seen": "new"}, **sent).json()
    assert (merged["state"], merged["lead"]) == ("merged", lead_id)
    refused = officer.post(f"/api/v1/cases/{lead_id}/merge/", {"into": lead_id, "seen": "new"}, **sent)
    assert (refused.status_code, refused.json()["code"]) == (409, "merge_refused")
