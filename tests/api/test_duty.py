"""Duty through the API: patterns with a preview, swaps by name, absences, and who is there now."""

from datetime import datetime, timedelta

from django.test import Client

from cases.models import DutyPost, RotaPattern, Shift, Swap
from tests.api.client import Api
from tests.world import Desk

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
API = "/api/v1/duty"


def test_a_pattern_is_tried_begun_changed_and_ended(desk: Desk, lead: Api, officer: Api) -> None:
    post = DutyPost.objects.create(name="piket", function="officer")
    turn = {"weekdays": [0, 1, 2, 3, 4], "begin": "08:00", "end": "17:00", "person": "sanne"}
    sent = {"first": "2026-03-02", "turns": [turn]}
    address = f"{API}/posts/{post.pk}/pattern/"
    tried = lead.client.post(f"{address}preview/", sent, format="json").json()
    assert (tried["n_added"], tried["n_removed"], Shift.objects.count()) == (59, 0, 0)
    begun = lead.client.post(address, sent, format="json")
    assert begun.status_code == 201
    (shown,) = begun.json()["results"]
    (pattern,) = shown["patterns"]
    assert pattern["version"] == 1 and len(pattern["turns"]) == 5
    assert shown["post"]["function"] == "officer" and shown["next"][0]["person"]["username"] == "sanne"
    changed = {**sent, "turns": [{**turn, "is_on_call": True}], "seen": 1}
    address = f"{API}/patterns/{pattern['id']}/"
    assert lead.client.post(f"{address}change/", changed, format="json").status_code == 200
    assert Shift.objects.filter(is_on_call=True).count() == 59
    stale = lead.client.post(f"{address}change/", changed, format="json")
    assert (stale.status_code, stale.json()["code"]) == (409, "pattern_changed")
    end = {"last": "2026-03-01", "seen": 2}
    assert lead.client.post(f"{address}end/", end, format="json").status_code == 200
    assert not RotaPattern.objects.exists() and not Shift.objects.exists()
    assert officer.client.post(address + "end/", end, format="json").status_code == 403


def test_a_shift_is_asked_for_and_taken_over_by_name(
    desk: Desk, noon: datetime, officer: Api, colleague: Api
) -> None:
    post = DutyPost.objects.create(name="piket")
    start = noon + DAY
    shift = Shift.objects.create(post=post, person=desk.officer, starts_at=start, ends_at=start + 8 * HOUR)
    seen = {"seen_from": shift.starts_at.isoformat(), "seen_until": shift.ends_at.isoformat()}
    asked = officer.client.post(
        f"{API}/shifts/{shift.pk}/swap/",
        {**seen, "seen_person": "sanne", "to": "ilse"},
        format="json",
    )
    assert asked.status_code == 201
    (swap,) = asked.json()["swaps"]
    taken = colleague.client.post(f"{API}/swaps/{swap['id']}/take/", {}, format="json")
    assert [one["shift"]["id"] for one in taken.json()["shifts"]] == [shift.pk]
    again = colleague.client.post(f"{API}/swaps/{swap['id']}/refuse/", {}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "swap_refused")
    assert Swap.objects.get().status == "taken"


def test_who_is_away_is_not_there_and_comes_back(desk: Desk, noon: datetime, officer: Api) -> None:
    post = DutyPost.objects.create(name="piket", function="officer")
    Shift.objects.create(post=post, person=desk.officer, starts_at=noon - HOUR, ends_at=noon + 8 * HOUR)
    span = {"starts_at": noon.isoformat(), "ends_at": (noon + 2 * HOUR).isoformat()}
    added = officer.client.post(f"{API}/absences/add/", {**span, "reason": "sick"}, format="json")
    (away,) = added.json()["absences"]
    (plan,) = officer.client.get(f"{API}/").json()["results"]
    assert plan["now"] == [] and plan["next"][0]["person"]["username"] == "sanne"
    assert plan["gaps"][0]["starts_at"].startswith("2026-03-02T1")
    removed = officer.client.post(f"{API}/absences/{away['id']}/remove/", {}, format="json")
    assert removed.json()["absences"] == []
    (plan,) = officer.client.get(f"{API}/").json()["results"]
    assert plan["now"][0]["is_on_call"] is False
    made = officer.client.post(f"{API}/mine/feed/", {}, format="json").json()["feed"]
    assert Client().get(made).status_code == 200
