"""Many cases through the API: the list and the count first, then the act; and kept views."""

from datetime import datetime

from time_machine import Traveller

from cases.models import AuditEvent
from tests.api.client import sign_in
from tests.cases.steps import fresh, judge
from tests.world import Desk, mention


def test_a_proposal_counts_and_the_act_tells_what_really_happened(
    desk: Desk, noon: datetime, clock: Traveller
) -> None:
    cases = desk.hear(*(mention(n, at=noon) for n in range(4)))
    client = sign_in(desk.officer, clock).client
    asked = {"verb": "dismiss", "matching": {"text": "loswal", "state": "new"}}
    found = client.post("/api/v1/cases/many/propose/", asked, format="json").json()
    assert (found["n"], found["left"], found["is_cut"]) == (4, [], False)
    assert "positive/P1" in found["routes"]
    assert {fresh(case).state for case in cases} == {"new"}
    judge(cases[0], "thanks", by=desk.colleague, now=noon)
    act = {"verb": "dismiss", "cases": found["cases"], "reason": "reclame"}
    done = client.post("/api/v1/cases/many/do/", act, format="json").json()
    assert len(done["done"]) == 3
    assert done["left"][0]["id"] == cases[0].pk
    event = AuditEvent.objects.filter(subject=f"case:{cases[1].pk}").latest("seq")
    assert (event.origin, event.facts["batch"]) == ("api", done["batch"])


def test_an_act_without_its_reason_is_refused(desk: Desk, noon: datetime, clock: Traveller) -> None:
    case = desk.hear(mention(1, at=noon))[0]
    act = {"verb": "dismiss", "cases": [{"id": case.pk, "state": "new"}]}
    answer = sign_in(desk.officer, clock).client.post("/api/v1/cases/many/do/", act, format="json")
    assert (answer.status_code, answer.json()["code"]) == (422, "reason_missing")


def test_a_view_is_kept_changed_and_removed(desk: Desk, clock: Traveller) -> None:
    client, colleague = sign_in(desk.officer, clock).client, sign_in(desk.colleague, clock).client
    asked = {"name": "Brand", "wanted": {"text": "brand", "odd": 1}}
    kept = client.post("/api/v1/views/keep/", asked, format="json").json()
    assert kept["wanted"] == {"text": "brand"}
    url = f"/api/v1/views/{kept['id']}/"
    changed = {"name": "Vuur", "is_shared": True}
    assert colleague.post(f"{url}change/", changed, format="json").status_code == 404
    assert client.post(f"{url}change/", changed, format="json").json()["name"] == "Vuur"
    assert [view["name"] for view in colleague.get("/api/v1/views/").json()["results"]] == ["Vuur"]
    assert client.post(f"{url}remove/").json() == {"results": []}
