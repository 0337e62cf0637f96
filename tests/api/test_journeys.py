"""Every branch of the scheme once, from a new post to its end, by the API alone."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.models import Case
from cases.services import outbox
from tests.api.client import Api
from tests.world import Desk, mention

LATER = timedelta(minutes=5)


def sent_reply(officer: Api, case_id: int, now: datetime, **draft: object) -> dict[str, Any]:
    """Send the draft of a case, let the outbox run after the undo window, and read the case again."""
    response = officer.read("case", case_id)["responses"][-1]
    queued = officer.done("send", response["id"], **draft)
    assert (queued["status"], queued["case_state"]) == ("queued", "sending")
    assert outbox.due_responses(now=now + LATER) == [response["id"]]
    assert outbox.deliver(response["id"], now=now + LATER)
    return officer.read("case", case_id)


def test_an_insult_is_not_answered_but_watched(officer: Api, case: Case) -> None:
    judged = officer.judge(case.pk, Q1="negative", Q2="insult")
    advice = judged["judgement"]["advice"]
    assert (advice["nodes"], advice["preselected"]) == (["A1"], "watch")
    assert [duty["id"] for duty in advice["duties"]] == ["A1.1", "A1.2", "A1.3", "A1.4"]
    watched = officer.choose(case.pk, "watch", rule="Others join in", every_minutes=30, days=2)
    assert (watched["state"], watched["outcome"], watched["responses"]) == ("watching", "watched", [])
    watch = watched["watches"][0]
    assert (watch["watcher"]["username"], watch["rule"], watch["check_every_s"]) == (
        "sanne",
        "Others join in",
        1800,
    )
    ended = officer.done("end-watch", watch["id"], reason="Nobody reacted")
    assert ended["ended_at"] is not None
    assert officer.read("case", case.pk)["state"] == "closed"


def test_a_joke_we_do_not_like_is_watched(officer: Api, case: Case) -> None:
    judged = officer.judge(case.pk, Q1="negative", Q2="joke", Q2b_liked="no")
    assert judged["judgement"]["advice"]["nodes"] == ["A2"]
    watched = officer.choose(case.pk, "watch")
    assert (watched["state"], watched["category"]) == ("watching", "joke")


@pytest.mark.parametrize("option", ["use_in_own", "let_stand"])
def test_a_joke_we_like_is_used_or_let_stand(officer: Api, case: Case, option: str) -> None:
    judged = officer.judge(case.pk, Q1="negative", Q2="joke", Q2b_liked="yes")
    assert [o["id"] for o in judged["judgement"]["advice"]["options"]] == [
        "use_in_own",
        "let_stand",
        "reply_public",
    ]
    closed = officer.choose(case.pk, option)
    assert (closed["state"], closed["outcome"]) == ("closed", option)


def test_a_joke_we_like_can_be_answered(officer: Api, case: Case, noon: datetime) -> None:
    officer.judge(case.pk, Q1="negative", Q2="joke", Q2b_liked="yes")
    drafting = officer.choose(case.pk, "reply_public")
    assert drafting["assessments"][0]["wants_answer"] is True
    assert sent_reply(officer, case.pk, noon, text="Die houden we erin!")["state"] == "responded"


def test_an_untruth_is_corrected_with_a_source(officer: Api, case: Case, noon: datetime) -> None:
    judged = officer.judge(case.pk, Q1="negative", Q2="untruth")
    assert judged["judgement"]["advice"]["options"][0]["requires"] == ["fact_source"]
    response = officer.choose(case.pk, "reply_public")["responses"][0]
    status, refusal = officer.refused("send", response["id"], text="Dat klopt niet.")
    assert (status, refusal["code"]) == (422, "cannot_send")
    assert refusal["reasons"] == [
        "Write down what the post says that is not so.",
        "Name the source of the facts you correct with.",
    ]
    told = sent_reply(officer, case.pk, noon, claim="er is gas", fact_source="https://loswal.example/feiten")
    assert (told["state"], told["outcome"]) == ("responded", "replied")
    answer = told["responses"][0]
    assert (answer["status"], answer["text"]) == ("sent", "Dat klopt niet.")
    assert answer["permalink"].startswith("https://")
    assert told["responded_at"] is not None
    assert officer.done("close", case.pk, seen="responded")["state"] == "closed"


def test_somebody_dissatisfied_is_answered_after_an_inquiry(officer: Api, case: Case, noon: datetime) -> None:
    officer.judge(case.pk, Q1="negative", Q2="dissatisfied")
    response = officer.choose(case.pk, "reply_public")["responses"][0]
    _, refusal = officer.refused("send", response["id"], text="Het spijt ons, we zoeken het uit.")
    assert refusal["reasons"] == ["Write down what you found out about what happened."]
    told = sent_reply(officer, case.pk, noon, inquiry="De ploeg stond bij de verkeerde poort.")
    assert told["state"] == "responded"
    assert told["responses"][0]["visibility"] == "public"


def test_thanks_can_be_let_stand(officer: Api, case: Case) -> None:
    judged = officer.judge(case.pk, Q1="positive")
    advice = judged["judgement"]["advice"]
    assert (advice["preselected"], [o["id"] for o in advice["options"]]) == (None, ["P1", "P2", "P3"])
    closed = officer.choose(case.pk, "P1")
    assert (closed["state"], closed["outcome"]) == ("closed", "let_stand")


@pytest.mark.parametrize(("option", "visibility"), [("P2", "direct"), ("P3", "public")])
def test_thanks_are_answered_to_the_sender_or_to_all(
    officer: Api, case: Case, noon: datetime, option: str, visibility: str
) -> None:
    officer.judge(case.pk, Q1="positive")
    officer.choose(case.pk, option)
    told = sent_reply(officer, case.pk, noon, text="Dank voor uw bericht.")
    assert (told["state"], told["responses"][0]["visibility"]) == ("responded", visibility)


def test_a_suggestion_is_answered_with_what_will_be_done(officer: Api, case: Case, noon: datetime) -> None:
    officer.judge(case.pk, Q1="positive")
    judgement = officer.done("toggle", case.pk, toggle="P+", on=True)["judgement"]
    assert (judgement["toggles_on"], judgement["advice"]["suggestion"]) == (["P+"], True)
    response = officer.choose(case.pk, "P3")["responses"][0]
    _, refusal = officer.refused("send", response["id"], text="Goed idee!")
    assert refusal["reasons"] == ["Say what will be done with the suggestion."]
    told = sent_reply(officer, case.pk, noon, what_we_do="Op de agenda van maandag.")
    assert told["state"] == "responded"
    assert told["assessments"][0]["has_suggestion"] is True


def test_a_suggestion_is_let_stand_only_with_a_reason(officer: Api, case: Case) -> None:
    officer.judge(case.pk, Q1="positive")
    officer.done("toggle", case.pk, toggle="P+", on=True)
    status, refusal = officer.refused("choose", case.pk, option="P1", seen="assessed")
    assert (status, refusal["code"]) == (422, "reason_missing")
    assert officer.choose(case.pk, "P1", reason="We doen dit al.")["state"] == "closed"


def test_a_partly_positive_post_keeps_the_duties_of_both_parts(
    officer: Api, case: Case, noon: datetime
) -> None:
    judged = officer.judge(case.pk, Q1="mixed", Q2="dissatisfied")
    advice = judged["judgement"]["advice"]
    assert advice["nodes"] == ["A4", "P1", "P2", "P3"]
    assert advice["categories"] == ["dissatisfied", "positive"]
    officer.choose(case.pk, "reply_public")
    told = sent_reply(officer, case.pk, noon, text="Dank, en sorry.", inquiry="Nagevraagd bij de ploeg.")
    assert told["state"] == "responded"


def test_a_rude_but_justified_complaint_goes_to_communications_who_decide(officer: Api, case: Case) -> None:
    judged = officer.judge(case.pk, Q1="negative", Q2="insult+dissatisfied")
    advice = judged["judgement"]["advice"]
    assert (advice["refer"], [o["id"] for o in advice["options"]]) == (True, ["to_comms"])
    referred = officer.choose(case.pk, "to_comms")
    assert (referred["state"], referred["escalation"]["level"]) == ("comms", 2)
    taken = officer.done("acknowledge", referred["escalation"]["id"])
    assert (taken["status"], taken["acknowledged_by"]["username"]) == ("acknowledged", "sanne")
    status, refusal = officer.refused("decide", case.pk, approach="reply", seen="comms")
    assert (status, refusal["code"]) == (422, "reason_missing")
    decided = officer.done("decide", case.pk, approach="reply", reason="De klacht klopt.", seen="comms")
    assert (decided["state"], decided["escalation"]) == ("drafting", None)
    assert decided["decisions"][0]["reason"] == "De klacht klopt."
    assert decided["responses"][0]["status"] == "draft"


def test_a_negative_post_of_no_kind_goes_to_communications(officer: Api, case: Case) -> None:
    judged = officer.judge(case.pk, Q1="negative", Q2="none")
    assert judged["judgement"]["advice"]["preselected"] == "to_comms"
    officer.choose(case.pk, "to_comms")
    decided = officer.done(
        "decide", case.pk, approach="handed over", reason="Aan de gemeente gegeven.", seen="comms"
    )
    assert (decided["state"], decided["outcome"]) == ("closed", "handed over")


@pytest.mark.parametrize(
    ("exit_", "state", "outcome"),
    [
        ("not_relevant", "dismissed", "dismissed"),
        ("neutral", "closed", "information"),
        ("question", "drafting", ""),
        ("rumour", "drafting", ""),
        ("later", "new", ""),
        ("escalate", "comms", ""),
        ("danger", "comms", ""),
    ],
)
def test_each_exit_leads_out_of_the_scheme(
    officer: Api, case: Case, exit_: str, state: str, outcome: str
) -> None:
    exits = officer.read("case", case.pk)["judgement"]["exits"]
    assert exit_ in [offered["id"] for offered in exits]
    left = officer.done("exit", case.pk, exit=exit_, reason="Zie de tekst.", seen="new")
    assert (left["state"], left["outcome"]) == (state, outcome)
    assert (left["snoozed_until"] is not None) == (exit_ == "later")


def test_a_question_is_answered_without_a_category(officer: Api, case: Case, noon: datetime) -> None:
    left = officer.done("exit", case.pk, exit="question", seen="new")
    assert (left["judgement"]["question"], left["judgement"]["advice"]) == (None, None)
    assert sent_reply(officer, case.pk, noon, text="De weg is weer open.")["state"] == "responded"


def test_a_rumour_passed_on_is_corrected_with_a_source(officer: Api, case: Case, noon: datetime) -> None:
    response = officer.done("exit", case.pk, exit="rumour", seen="new")["responses"][0]
    assert response["requires"] == ["fact_source"]
    told = sent_reply(
        officer,
        case.pk,
        noon,
        text="Er is geen tweede brand.",
        claim="er is een tweede brand",
        fact_source="meldkamer",
    )
    assert told["state"] == "responded"


def test_danger_to_life_alarms_from_any_open_state_and_is_handed_over(officer: Api, case: Case) -> None:
    officer.judge(case.pk, Q1="positive")
    officer.choose(case.pk, "P3")
    alarmed = officer.done("danger", case.pk, note="Iemand zit vast op zolder")
    assert (alarmed["state"], alarmed["is_urgent"]) == ("comms", True)
    assert (alarmed["escalation"]["level"], alarmed["escalation"]["cause"]) == (3, "danger")
    assert "control room" in alarmed["escalation"]["sentence"]
    handed = officer.done("hand-over", case.pk, to="Meldkamer, tafel 3")
    assert (handed["history"][0]["action"], handed["history"][0]["facts"]) == (
        "handed over",
        {"to": "Meldkamer, tafel 3"},
    )


def test_a_deviation_from_the_advice_needs_a_reason_and_is_counted(officer: Api, case: Case) -> None:
    judged = officer.judge(case.pk, Q1="negative", Q2="insult")
    assert "deviate_reply_public" in [option["id"] for option in judged["judgement"]["deviations"]]
    status, refusal = officer.refused("choose", case.pk, option="deviate_reply_public", seen="assessed")
    assert (status, refusal["code"]) == (422, "reason_missing")
    drafting = officer.choose(case.pk, "deviate_reply_public", reason="De schrijver vraagt ook iets.")
    assert (drafting["state"], drafting["assessments"][0]["follows_advice"]) == ("drafting", False)


def test_an_answer_given_by_phone_is_recorded(officer: Api, case: Case) -> None:
    officer.judge(case.pk, Q1="negative", Q2="dissatisfied")
    officer.choose(case.pk, "reply_public")
    sent = {"medium": "phone", "seen": "drafting"}
    assert officer.refused("elsewhere", case.pk, **sent)[1]["code"] == "cannot_send"
    told = officer.done("elsewhere", case.pk, note="Gebeld om 14.10 uur", **sent)
    assert (told["state"], told["outcome"]) == ("responded", "answered elsewhere")
    assert [response["status"] for response in told["responses"]] == ["withdrawn", "elsewhere"]


def test_a_watch_that_somebody_finds_worse_alarms_and_is_decided(
    officer: Api, employee: Api, case: Case
) -> None:
    employee.judge(case.pk, Q1="negative", Q2="insult")
    watch = employee.choose(case.pk, "watch")["watches"][0]
    checked = employee.done("check", watch["id"], note="Rustig")
    assert [check["note"] for check in checked["checks"]] == ["Rustig"]
    paused = employee.done("pause", watch["id"], hours=2)
    assert paused["paused_until"] is not None
    worse = employee.done("worse", watch["id"], note="Het wordt gedeeld")
    assert (worse["level"], worse["checks"][0]["is_worse"]) == (2, True)
    alarm = officer.read("escalations", status="running")["results"][0]
    assert (alarm["case"], alarm["cause"], alarm["watch"]) == (case.pk, "person says worse", watch["id"])
    officer.done("acknowledge", alarm["id"])
    decided = officer.done("decide", case.pk, approach="watch", reason="Eerst aanzien.", seen="comms")
    assert decided["state"] == "watching"
    assert len(decided["watches"]) == 1


def test_a_post_brought_in_by_hand_becomes_a_case_once(employee: Api, desk: Desk) -> None:
    sent = {"via": "url", "url": "https://nieuws.example/brand?utm_source=x", "text": "Rook bij de Loswal"}
    first = employee.post("capture", **sent)
    again = employee.post("capture", **sent)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["post"]["url"] == "https://nieuws.example/brand"
    assert first.json()["outlet"]["is_open"] is False


def test_the_last_action_is_taken_back(officer: Api, case: Case) -> None:
    officer.judge(case.pk, Q1="positive")
    officer.choose(case.pk, "P1")
    undone = officer.done("undo")
    assert (undone["state"], undone["outcome"]) == ("assessed", "")
    assert officer.refused("undo")[1]["code"] == "nothing_to_undo"


def test_an_answer_is_taken_back_step_by_step(officer: Api, case: Case) -> None:
    officer.judge(case.pk, Q1="negative", Q2="joke", Q2b_liked="yes")
    asked = officer.done("step-back", case.pk, seen="assessed")
    assert (asked["state"], asked["judgement"]["question"]["id"]) == ("new", "Q2b_liked")
    asked = officer.done("step-back", case.pk, seen="new")
    assert asked["judgement"]["question"]["id"] == "Q2"
    assert len(asked["assessments"]) == 2


def test_a_reply_can_be_taken_back_within_the_undo_window(officer: Api, case: Case, noon: datetime) -> None:
    officer.judge(case.pk, Q1="positive")
    response = officer.choose(case.pk, "P3")["responses"][0]
    officer.done("save", response["id"], text="Dank!")
    officer.done("send", response["id"])
    back = officer.done("take-back", response["id"])
    assert (back["status"], back["case_state"], back["text"]) == ("draft", "drafting", "Dank!")
    assert outbox.due_responses(now=noon + LATER) == []


def test_a_thread_that_grew_must_be_read_before_sending(
    officer: Api, desk: Desk, case: Case, noon: datetime
) -> None:
    officer.judge(case.pk, Q1="positive")
    drafting = officer.choose(case.pk, "P3")
    assert drafting["n_thread"] == 1
    desk.hear(mention(2, at=noon, thread="m1"))
    response = drafting["responses"][0]["id"]
    _, refusal = officer.refused("send", response, text="Dank!", seen_thread=1)
    assert "1 new posts" in refusal["error"]
    fresh = officer.read("case", case.pk)
    assert officer.done("send", response, seen_thread=fresh["n_thread"])["status"] == "queued"
