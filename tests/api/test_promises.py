"""Promises through the API."""

from datetime import datetime, timedelta

from cases.models import Case
from tests.api.client import Api


def test_a_promise_is_made_listed_moved_and_kept(officer: Api, case: Case, noon: datetime) -> None:
    due = (noon + timedelta(hours=2)).isoformat()
    made = officer.client.post(f"/api/v1/cases/{case.pk}/promise/", {"what": "Bel terug", "due_at": due})
    assert made.status_code == 201
    listed = officer.client.get("/api/v1/promises/?mine=true").json()
    assert [row["what"] for row in listed["results"]] == ["Bel terug"]
    number, later = made.json()["id"], (noon + timedelta(hours=3)).isoformat()
    moved = {"due_at": later, "seen_due": made.json()["due_at"]}
    assert officer.client.post(f"/api/v1/promises/{number}/move/", moved).status_code == 200
    stale = officer.client.post(f"/api/v1/promises/{number}/move/", moved)
    assert (stale.status_code, stale.json()["code"]) == (409, "promise_changed")
    kept = officer.client.post(f"/api/v1/promises/{number}/keep/", {"note": "gebeld"})
    assert kept.json()["done_at"]
    again = officer.client.post(f"/api/v1/promises/{number}/drop/", {"reason": "toch niet"})
    assert (again.status_code, again.json()["code"]) == (409, "promise_changed")
    assert officer.client.get("/api/v1/promises/").json()["n_open"] == 0


def test_a_case_is_not_closed_over_a_promise(officer: Api, case: Case, noon: datetime) -> None:
    due = (noon + timedelta(hours=2)).isoformat()
    officer.client.post(f"/api/v1/cases/{case.pk}/promise/", {"what": "Bel terug", "due_at": due})
    refused = officer.client.post(
        f"/api/v1/cases/{case.pk}/exit/", {"exit": "not_relevant", "reason": "spam", "seen": "new"}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "open_promises")
