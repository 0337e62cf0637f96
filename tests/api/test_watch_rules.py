"""Watch profiles and cue words through the API."""

from datetime import datetime

import pytest

from cases.models import Case, WatchProfile
from cases.rules.profiles import Profile
from tests.api.client import Api, sign_in
from tests.cases.steps import watched
from tests.world import Desk, mention

ROOT = "/api/v1"


@pytest.fixture
def lead(desk: Desk, clock: object) -> Api:
    """Bram: may change how soon watches rise."""
    return sign_in(desk.lead, clock)  # type: ignore[arg-type]


def test_a_profile_is_added_changed_made_default_and_retired(lead: Api) -> None:
    WatchProfile.objects.all().delete()
    sent = {"name": "Storm", "thresholds": {"replies": [5, 10, 20]}}
    made = lead.client.post(f"{ROOT}/profiles/add/", sent)
    assert made.status_code == 201
    number, there = made.json()["id"], f"{ROOT}/profiles/{made.json()['id']}"
    assert made.json()["thresholds"]["platforms"] == [1, 2, 3]  # what was left out is as in the normal one
    assert lead.client.post(f"{there}/default/", {"seen": 1}).json()["is_default"]
    changed = lead.client.post(f"{there}/change/", sent | {"seen": 2, "thresholds": {"replies": [6, 10, 20]}})
    assert changed.json()["thresholds"]["replies"] == [6, 10, 20]
    stale = lead.client.post(f"{there}/change/", sent | {"seen": 2})
    assert (stale.status_code, stale.json()["code"]) == (409, "profile_changed")
    refused = lead.client.post(f"{there}/retire/", {"seen": 3})
    assert (refused.status_code, refused.json()["code"]) == (422, "profile_refused")
    assert lead.client.post(f"{there}/restore/", {"seen": 3}).status_code == 200
    (listed,) = lead.client.get(f"{ROOT}/profiles/").json()["results"]
    assert (listed["profile"]["id"], listed["n_watches"]) == (number, 0)


def test_thresholds_that_cannot_be_are_refused_in_words(lead: Api) -> None:
    sent = {"name": "Storm", "thresholds": {"replies": [20, 10, 5]}}
    refused = lead.client.post(f"{ROOT}/profiles/add/", sent)
    assert (refused.status_code, refused.json()["code"]) == (422, "profile_refused")
    assert "replies" in refused.json()["error"]


def test_a_profile_is_chosen_for_a_watch(officer: Api, desk: Desk, case: Case, noon: datetime) -> None:
    watch = watched(desk, case, now=noon)
    profile = WatchProfile.objects.create(name="Storm", thresholds=Profile().to_json())
    there = f"{ROOT}/watches/{watch.pk}/profile/"
    assert officer.client.post(there, {"profile": profile.pk}).json()["profile"] == profile.pk
    watch.refresh_from_db()
    assert watch.profile_id == profile.pk
    assert officer.client.post(there, {"profile": None}, format="json").json()["profile"] is None
    assert officer.client.post(there, {"profile": 8_999_999}).status_code == 404


def test_a_cue_word_is_tried_added_switched_off_and_listed(lead: Api, desk: Desk, noon: datetime) -> None:
    desk.hear(mention("x1", "Met de heggenschaar langs!", at=noon))
    sent = {"kind": "threat", "words": "heggenschaar langs", "language": "nl"}
    found = lead.client.post(f"{ROOT}/cues/try/", sent).json()
    assert (found["n_posts"], found["n_hits"]) == (1, 1)
    assert lead.client.post(f"{ROOT}/cues/add/", sent).status_code == 201
    again = lead.client.post(f"{ROOT}/cues/add/", sent)
    assert (again.status_code, again.json()["code"]) == (422, "cue_refused")
    off = {"kind": "threat", "phrase": "heggenschaar langs", "is_active": False, "seen": 1}
    assert lead.client.post(f"{ROOT}/cues/switch/", off).json()["is_active"] is False
    stale = lead.client.post(f"{ROOT}/cues/switch/", off)
    assert (stale.status_code, stale.json()["code"]) == (409, "cue_changed")
    listed = lead.client.get(f"{ROOT}/cues/").json()
    threat = next(each for each in listed["kinds"] if each["kind"] == "threat")
    assert [line["version"] for line in threat["lines"] if not line["is_shipped"]] == [2]
    assert listed["n_posts"] == 1


def test_who_only_keeps_watch_changes_neither(officer: Api) -> None:
    assert officer.client.get(f"{ROOT}/cues/").status_code == 200
    for act in ("cues/add/", "cues/try/", "cues/switch/", "profiles/add/"):
        assert officer.client.post(f"{ROOT}/{act}", {}).status_code == 403
