"""Situations through the API: a night from the first post to the end, what is refused, and who may what."""

from datetime import datetime, timedelta

import pytest
from time_machine import Traveller

from cases.models import AuditEvent, Batch, Case, Situation, SituationLevel
from cases.rules.permissions import Role
from cases.rules.workflow import State
from cases.services import batches, inflows, proposing
from cases.tasks import ACTS
from monitoring.models import PostMatch
from tests.api.client import Api, sign_in
from tests.world import Desk, mention, person

FIRE = "Grote brand bij de Loswal, hou ramen en deuren dicht tot de rook weg is"
FAR = 2**31 - 1


@pytest.fixture
def heard(desk: Desk, noon: datetime) -> list[Case]:
    """Three posts that have nothing to do with each other."""
    words = ("Er is brand bij de Loswal", "Waar kan ik mijn paspoort ophalen", "Mooie foto van de kerktoren")
    return desk.hear(*(mention(n, text, at=noon) for n, text in enumerate(words)))


def opened(api: Api, name: str = "Brand op de Loswal") -> int:
    number: int = api.done("open-situation", name=name)["situation"]["id"]
    return number


def carried_out(*, now: datetime) -> None:
    for batch_id in batches.due(now=now):
        batches.carry_on(batch_id, ACTS, now=now)


def test_a_situation_is_opened_spoken_about_and_logged(officer: Api, heard: list[Case]) -> None:
    made = officer.done("open-situation", name="Brand", about="Een loods", key_message="Sluit ramen")
    number = made["situation"]["id"]
    assert (made["situation"]["owner"]["username"], made["key_message"]["text"]) == ("sanne", "Sluit ramen")
    said = officer.done("say-key-message", number, text="Ramen mogen open", after=1)
    assert (said["key_message"]["n"], [each["text"] for each in said["earlier"]]) == (2, ["Sluit ramen"])
    logged = officer.done(
        "write-log-line", number, text="Burgemeester gebeld", is_decision=True, is_told=True
    )
    assert (logged["log"][0]["text"], logged["log"][0]["is_decision"]) == ("Burgemeester gebeld", True)
    assert logged["situation"]["word_due_at"] > said["situation"]["word_due_at"]
    revision = logged["situation"]["revision"]
    changed = officer.done("change-situation", number, revision=revision, name="Brand Loswal", owner="bram")
    assert (changed["situation"]["name"], changed["situation"]["about"]) == ("Brand Loswal", "Een loods")
    assert changed["situation"]["owner"]["username"] == "bram"
    assert officer.done("take-over-situation", number, said="Alles rustig")["log"][0]["is_decision"]
    assert [row["situation"]["id"] for row in officer.read("situations")["open"]] == [number]
    actions = [event["action"] for event in officer.read("timeline", number)["results"]]
    assert actions[0] == "taken over" and actions[-1] == "situation opened"


def test_cases_join_and_leave_and_are_read_as_topics(officer: Api, heard: list[Case]) -> None:
    number, ids = opened(officer), [case.pk for case in heard]
    assert sorted(officer.done("join-cases", number, cases=ids)["cases"]) == ids
    assert officer.done("join-cases", number, cases=ids)["cases"] == []
    listed = officer.read("topics", number)
    shown = [topic["case"] for section in listed["sections"] for topic in section["topics"]]
    assert (listed["n_topics"], listed["n_posts"], sorted(shown)) == (3, 3, ids)
    assert officer.read("topics", number, only_new="true", since=listed["newest"])["n_topics"] == 0
    only = officer.read("topics", number, section="questions")
    assert [section["section"] for section in only["sections"]] == ["questions"]
    assert officer.get("topics", number, section="gossip").status_code == 400
    assert officer.done("leave-cases", number, cases=ids[:1])["cases"] == ids[:1]
    assert officer.read("situation", number)["n_cases"] == 2


def test_a_situation_is_opened_around_a_case(officer: Api, heard: list[Case]) -> None:
    made = officer.done("open-around-case", heard[0].pk, name="Brand")
    assert (made["n_cases"], made["inflows"][0]["story"]) == (1, heard[0].pk)


def test_an_inflow_brings_stops_and_takes_out(
    officer: Api, desk: Desk, heard: list[Case], noon: datetime
) -> None:
    number, case = opened(officer), heard[0]
    PostMatch.objects.create(post_id=case.pk, query=desk.query)
    before = (noon - timedelta(minutes=1)).isoformat()
    added = officer.done("add-inflow", number, query=desk.query.pk, since=before)["inflows"][0]
    assert added["query"] == desk.query.pk
    inflows.walk(added["id"], now=noon)
    assert officer.read("situation", number)["n_cases"] == 1
    assert officer.refused("add-inflow", number, query=desk.query.pk)[1]["code"] == "inflow_refused"
    assert officer.refused("add-inflow", number)[1]["code"] == "inflow_refused"
    stopped = officer.done("stop-inflow", number, inflow=added["id"], take_out=True)
    assert stopped["inflows"][0]["ended_at"] and stopped["batches"][0]["kind"] == "leave"
    carried_out(now=noon + timedelta(hours=1))
    case.refresh_from_db()
    assert case.situation_id is None
    assert officer.refused("stop-inflow", number, inflow=FAR)[0] == 400


def test_a_level_and_one_voice_are_for_who_leads(officer: Api, lead: Api) -> None:
    number, level = opened(officer), SituationLevel.objects.get(n=2)
    asked = {"level": level.pk, "reason": "rook", "revision": 1}
    assert officer.refused("set-situation-level", number, **asked)[0] == 403
    graded = lead.done("set-situation-level", number, **asked)
    assert graded["situation"]["level"]["name"] == "GRIP 2"
    status, said = lead.refused("set-situation-level", number, **asked)
    assert (status, said["code"]) == (409, "situation_changed")
    beside = asked | {"revision": 2}
    assert lead.refused("set-situation-level", number, **beside | {"reason": ""})[1]["code"] == (
        "situation_refused"
    )
    assert lead.refused("set-situation-level", number, **beside | {"level": FAR})[0] == 422
    assert officer.refused("lock-voice", number)[0] == 403
    assert lead.done("lock-voice", number)["situation"]["is_locked"]
    assert lead.refused("unlock-voice", number)[1]["code"] == "situation_refused"
    assert not lead.done("unlock-voice", number, reason="Rustig")["situation"]["is_locked"]


def test_the_second_of_two_key_messages_is_refused(officer: Api, colleague: Api) -> None:
    number = opened(officer)
    officer.done("say-key-message", number, text="Sluit ramen", after=0)
    status, said = colleague.refused("say-key-message", number, text="Ramen open", after=0)
    assert (status, said["code"]) == (409, "situation_changed")


def test_its_posts_are_answered_within_its_own_target(officer: Api, heard: list[Case]) -> None:
    number = opened(officer)
    officer.done("join-cases", number, cases=[heard[0].pk])
    before = Case.objects.get(pk=heard[0].pk).due_at
    set_ = officer.done("set-situation-target", number, minutes=5)
    assert set_["targets"] == [{"minutes": 5, "priority": ""}]
    after = Case.objects.get(pk=heard[0].pk).due_at
    assert after == heard[0].posted_at + timedelta(minutes=5) != before
    assert officer.refused("set-situation-target", number, minutes=0)[1]["code"] == "target_refused"
    assert officer.done("set-situation-target", number, minutes=None)["targets"] == []


def test_what_nobody_read_is_closed_in_bulk_and_can_be_stopped(
    officer: Api, heard: list[Case], noon: datetime
) -> None:
    number, ids = opened(officer), [case.pk for case in heard]
    officer.done("join-cases", number, cases=ids)
    assert officer.refused("close-unread", number, up_to=ids[-1])[1]["code"] == "closing_refused"
    begun = officer.done("close-unread", number, up_to=ids[1], reason="Te oud")
    assert (begun["batch"]["n_cases"], begun["n_to_do"], begun["percent"]) == (2, 2, 0)
    carried_out(now=noon + timedelta(hours=1))
    done = officer.read("batch", begun["batch"]["id"])
    assert (done["batch"]["status"], done["batch"]["n_done"], done["percent"]) == ("done", 2, 100)
    again = officer.done("close-unread", number, up_to=ids[-1], reason="Te oud")
    stopped = officer.done("stop-batch", again["batch"]["id"])
    assert (stopped["batch"]["status"], stopped["n_to_do"]) == ("stopped", 1)
    assert Case.objects.get(pk=ids[-1]).state == State.NEW


def test_closing_a_situation_asks_about_its_open_cases(
    officer: Api, heard: list[Case], noon: datetime
) -> None:
    number, ids = opened(officer), [case.pk for case in heard]
    officer.done("join-cases", number, cases=ids)
    groups = officer.read("open-groups", number)
    assert groups["groups"] == [{"group": "unread", "n_topics": 3, "n_posts": 3, "is_closable": True}]
    asked = {"reason": "Voorbij", "up_to": groups["up_to"]}
    assert officer.refused("close-situation", number, **asked)[1]["code"] == "closing_refused"
    closed = officer.done("close-situation", number, **asked, unread="inbox")
    assert closed["situation"]["status"] == "closed"
    carried_out(now=noon + timedelta(hours=1))
    assert not Case.objects.filter(situation=number).exists()
    status, said = officer.refused("join-cases", number, cases=ids)
    assert (status, said["code"]) == (409, "situation_over")


def test_a_proposal_is_opened_once_or_declined(officer: Api, colleague: Api, desk: Desk) -> None:
    now = desk.now
    people = [mention(n, FIRE, at=now) for n in range(100, 140)]
    desk.hear(*people)
    proposing.propose(now=now)
    (number,) = Situation.objects.values_list("pk", flat=True)
    assert [each["id"] for each in officer.read("situations")["proposed"]] == [number]
    taken = officer.done("open-proposal", number, name="Brand")
    assert (taken["situation"]["status"], taken["n_cases"] >= 30) == ("open", True)
    assert colleague.refused("open-proposal", number, name="Brand")[1]["code"] == "situation_refused"
    assert colleague.refused("decline-proposal", number)[1]["code"] == "situation_refused"


def test_who_may_not_run_a_situation_reads_and_logs_it(
    officer: Api, employee: Api, heard: list[Case], clock: Traveller
) -> None:
    number = opened(officer)
    assert employee.read("situation", number)["situation"]["name"] == "Brand op de Loswal"
    for verb in ("change-situation", "close-situation", "say-key-message", "add-inflow"):
        assert employee.refused(verb, number)[0] == 403
    board = sign_in(person("ahmed", Role.BOARD), clock)
    assert board.refused("write-log-line", number, text="Hallo")[0] == 403
    assert employee.get("situation", FAR).status_code == 404


def test_what_is_done_by_the_api_is_written_down_so(officer: Api) -> None:
    number = opened(officer)
    event = AuditEvent.objects.get(subject=f"situation:{number}", action="situation opened")
    assert (event.origin, event.actor_name) == ("api", "Sanne")
    assert not Batch.objects.exists()


def test_a_mandate_can_hold_for_one_situation(officer: Api, lead: Api, noon: datetime) -> None:
    number, until = opened(officer), (noon + timedelta(days=2)).isoformat()
    granted = lead.done("grant-mandate", holder="anouk", valid_until=until, situation=number)
    assert granted["situation"] == number
    assert lead.done("grant-mandate", holder="anouk", valid_until=until)["situation"] is None
    assert lead.refused("grant-mandate", holder="anouk", valid_until=until, situation=FAR)[0] == 404
