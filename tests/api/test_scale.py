"""The scale of incidents through the API."""

from cases.models import SituationLevel
from tests.api.client import Api
from tests.world import Desk


def test_a_lead_changes_the_scale_and_everybody_reads_it(lead: Api, officer: Api) -> None:
    scale = officer.read("scale")
    assert [row["name"] for row in scale["levels"]][:2] == ["GRIP 1", "GRIP 2"]
    first = scale["levels"][0]["id"]
    scale = lead.done("add-level", name="Code zwart", seen=scale["version"])
    assert scale["levels"][-1]["name"] == "Code zwart"
    scale = lead.done("rename-level", first, name="Fase 1", seen=scale["version"])
    scale = lead.done("move-level", first, up=True, seen=scale["version"])
    assert [row["name"] for row in scale["levels"]][:2] == ["GRIP 2", "Fase 1"]
    scale = lead.done("retire-level", first, seen=scale["version"])
    assert [row["name"] for row in scale["retired"]] == ["Fase 1"]
    scale = lead.done("restore-level", first, seen=scale["version"])
    assert scale["retired"] == []
    assert scale == officer.read("scale")


def test_a_scale_that_was_changed_and_a_name_that_is_taken_are_refused(lead: Api, desk: Desk) -> None:
    first = SituationLevel.objects.order_by("n")[0].pk
    status, body = lead.refused("retire-level", first, seen="old")
    assert (status, body["code"]) == (409, "scale_changed")
    seen = lead.read("scale")["version"]
    status, body = lead.refused("rename-level", first, name="grip 2", seen=seen)
    assert (status, body["code"]) == (422, "level_refused")
