"""Texts for replies through the API."""

from tests.api.client import Api


def test_a_text_is_written_listed_and_changed(officer: Api) -> None:
    made = officer.client.post("/api/v1/templates/add/", {"name": "Bedankt", "text": "Dank je wel."})
    assert made.status_code == 201
    change = {"name": "Bedankt", "text": "Dank!", "seen": made.json()["changed_at"], "is_active": False}
    number = made.json()["id"]
    assert officer.client.post(f"/api/v1/templates/{number}/change/", change).json()["text"] == "Dank!"
    wrong = officer.client.post("/api/v1/templates/add/", {"name": "Fout", "text": "{wie}"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "template_refused")
    assert [row["is_active"] for row in officer.client.get("/api/v1/templates/").json()["results"]] == [False]
