"""Every branch of the scheme, walked by plain forms."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from cases.models import Assessment, Case, CommsDecision, Escalation, Response, User, Watch
from cases.rules.permissions import Role
from cases.services import outbox
from monitoring.connectors.base import Kind
from tests.cases.steps import choose, fresh, judge, trail
from tests.web.paper import Paper
from tests.world import Desk, mention, person


def answer(screen: Paper, *choices: str) -> Paper:
    for choice in choices:
        screen.press(choice, at="/answer/")
    return screen


def send(screen: Paper, case: Case, noon: datetime, **typed: str) -> Response:
    """Write the reply, send it, and let the undo window pass."""
    screen.press("send", at="/replies/", also={"text": "We zoeken het uit.", **typed})
    assert fresh(case).state == "sending"
    later = noon + timedelta(seconds=11)
    for response_id in outbox.due_responses(now=later):
        outbox.deliver(response_id, now=later)
    return Response.objects.get(case=case, status="sent")


@pytest.mark.parametrize(
    ("choices", "option", "state"),
    [
        (("negative", "insult"), "watch", "watching"),
        (("negative", "insult"), "to_comms", "comms"),
        (("negative", "joke", "no"), "watch", "watching"),
        (("negative", "joke", "yes"), "use_in_own", "closed"),
        (("negative", "joke", "yes"), "let_stand", "closed"),
        (("negative", "joke", "yes"), "reply_public", "drafting"),
        (("negative", "untruth"), "reply_public", "drafting"),
        (("negative", "dissatisfied"), "reply_public", "drafting"),
        (("negative", "dissatisfied"), "reply_direct", "drafting"),
        (("negative", "none"), "to_comms", "comms"),
        (("positive",), "P1", "closed"),
        (("positive",), "P2", "drafting"),
        (("positive",), "P3", "drafting"),
        (("mixed", "dissatisfied"), "reply_public", "drafting"),
    ],
)
def test_a_branch_leads_by_forms_to_its_action(
    screen: Paper, case: Case, choices: tuple[str, ...], option: str, state: str
) -> None:
    answer(screen, *choices)
    assert fresh(case).state == "assessed"
    screen.press(option, at="/choose/")
    assert fresh(case).state == state
    assert Assessment.objects.get(case=case).follows_advice is True
    assert screen.status == 200


def test_a_good_joke_is_used_with_one_shortcut_after_the_category(screen: Paper, case: Case) -> None:
    answer(screen, "negative", "joke").press("use_in_own", at="/answer/")
    assert (fresh(case).state, fresh(case).outcome) == ("closed", "use_in_own")


def test_an_insult_with_a_complaint_goes_to_communications_and_keeps_both(screen: Paper, case: Case) -> None:
    screen.press("negative", at="/answer/")
    screen.press("insult", at="/answer/", also={"also": ["dissatisfied"]})
    assert Assessment.objects.get(case=case).categories == ["insult", "dissatisfied"]
    assert not screen.offers("watch", at="/choose/")
    screen.press("to_comms", at="/choose/")
    screen.open(f"/cases/{case.pk}/").press(
        "no reply", at="/decide/", also={"reason": "Hij belt morgen terug."}
    )
    assert fresh(case).state == "closed"
    assert CommsDecision.objects.get(case=case).reason == "Hij belt morgen terug."


def test_thanks_are_sent_and_the_page_shows_where_they_stand(
    screen: Paper, case: Case, noon: datetime
) -> None:
    answer(screen, "positive").press("P3", at="/choose/")
    sent = send(screen, case, noon)
    screen.open(f"/cases/{case.pk}/")
    assert fresh(case).state == "responded"
    assert sent.permalink and sent.permalink in screen.html


def test_a_correction_without_a_source_of_facts_stays_and_says_why(
    screen: Paper, case: Case, noon: datetime
) -> None:
    answer(screen, "negative", "untruth").press("reply_public", at="/choose/")
    screen.press("send", at="/replies/", also={"text": "Dat klopt niet."})
    assert "Name the source of the facts" in screen.html
    assert "Dat klopt niet." in screen.html
    assert fresh(case).state == "drafting"
    sent = send(screen, case, noon, claim="er is gas", fact_source="meetploeg 14:20")
    assert (sent.claim, sent.fact_source) == ("er is gas", "meetploeg 14:20")


def test_a_complaint_is_answered_only_after_an_inquiry(screen: Paper, case: Case, noon: datetime) -> None:
    answer(screen, "negative", "dissatisfied").press("reply_public", at="/choose/")
    screen.press("send", at="/replies/", also={"text": "Dat spijt ons."})
    assert "Write down what you found out" in screen.html
    assert send(screen, case, noon, inquiry="De lijn viel weg.").inquiry == "De lijn viel weg."


def test_a_suggestion_asks_a_reason_for_silence_and_a_word_in_the_reply(screen: Paper, case: Case) -> None:
    answer(screen, "positive").press("on", at="/toggle/")
    screen.press("P1", at="/choose/")
    assert "This needs a reason" in screen.html
    assert fresh(case).state == "assessed"
    screen.press("P3", at="/choose/").press("send", at="/replies/", also={"text": "Dank!"})
    assert "Say what will be done with the suggestion" in screen.html


def test_core_elements_start_unticked_and_what_is_skipped_is_recorded(
    screen: Paper, case: Case, noon: datetime
) -> None:
    answer(screen, "positive").press("P3", at="/choose/")
    ticked = [
        has for tag, has in screen.tags() if has.get("name", "").startswith("element_") and "checked" in has
    ]
    assert ticked == []
    sent = send(screen, case, noon, element_respectful="1")
    assert sent.elements["respectful"] == "answered"
    assert set(sent.elements.values()) == {"answered", "skipped"}
    assert len(sent.elements) == 6


def test_a_deviation_needs_a_reason(screen: Paper, case: Case) -> None:
    answer(screen, "negative", "insult").press("deviate_reply_public", at="/choose/")
    assert "why you deviate from the advice" in screen.html
    screen.press("deviate_reply_public", at="/choose/", also={"reason": "Hij stelt ook een vraag."})
    assert fresh(case).state == "drafting"
    assert Assessment.objects.get(case=case).follows_advice is False


@pytest.mark.parametrize(
    ("way", "state"),
    [
        ("not_relevant", "dismissed"),
        ("neutral", "closed"),
        ("question", "drafting"),
        ("rumour", "drafting"),
        ("later", "new"),
        ("escalate", "comms"),
    ],
)
def test_an_exit_outside_the_scheme_is_one_press(screen: Paper, case: Case, way: str, state: str) -> None:
    screen.press("", at=f"/exit/{way}/")
    assert fresh(case).state == state


@pytest.mark.parametrize("choices", [(), ("negative",), ("negative", "insult")])
def test_danger_to_life_is_one_press_at_every_step_of_the_scheme(
    screen: Paper, case: Case, choices: tuple[str, ...]
) -> None:
    answer(screen, *choices).press("", at="/danger/")
    assert fresh(case).state == "comms"
    assert screen.url == f"/cases/{case.pk}/"


def test_a_watcher_reports_danger_to_life(
    case: Case, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    judge(case, "insult", by=desk.officer, now=noon)
    choose(case, "watch", by=desk.officer, now=noon)
    screen = sit(person("joris", Role.WATCHER)).open(f"/cases/{case.pk}/").press("", at="/danger/")
    assert Escalation.objects.get(case=case).level == 3
    screen.press("Write it down", at="/hand-over/", also={"to": "meldkamer"})
    assert "handed over" in trail(case)


def test_danger_to_life_shows_the_number_and_takes_a_logged_hand_over(screen: Paper, case: Case) -> None:
    screen.press("", at="/danger/")
    assert "112" in screen.html
    assert Escalation.objects.get(case=case).level == 3
    screen.press("Write it down", at="/hand-over/", also={"to": "meldkamer, 14:03"})
    assert "handed over" in trail(case)


def test_the_last_choice_is_taken_back_by_one_press(screen: Paper, case: Case) -> None:
    answer(screen, "negative", "insult").press("watch", at="/choose/")
    screen.press("Undo Z", at="/undo/")
    assert fresh(case).state == "assessed"
    assert not Watch.objects.filter(case=case, ended_at=None).exists()


def test_the_last_answer_is_taken_back_by_one_press(screen: Paper, case: Case) -> None:
    answer(screen, "negative")
    assert fresh(case).scheme_node == "Q2"
    screen.press("Change ⌫", at="/back/")
    assert fresh(case).scheme_node == "Q1"


def test_half_judged_work_is_there_when_somebody_comes_back(
    screen: Paper, case: Case, desk: Desk, sit: Callable[[User], Paper]
) -> None:
    answer(screen, "negative")
    again = sit(desk.officer).open("/inbox/")
    assert "What is negative about it?" in again.html


def test_a_stale_page_is_refused_and_told_why(
    screen: Paper, case: Case, desk: Desk, sit: Callable[[User], Paper]
) -> None:
    answer(screen, "positive")
    late = Paper(screen.client).open(f"/inbox/?case={case.pk}")
    screen.press("P1", at="/choose/")
    late.press("P3", at="/choose/")
    assert late.status == 409
    assert "A colleague was first" in late.html
    assert "closed" in late.html


def test_a_colleague_who_is_at_it_is_named_and_can_be_relieved(
    screen: Paper, case: Case, desk: Desk, sit: Callable[[User], Paper]
) -> None:
    answer(screen, "negative")
    other = sit(desk.colleague).open(f"/inbox/?case={case.pk}")
    assert "Sanne is at this case until" in other.html
    other.press("insult", at="/answer/")
    assert fresh(case).state == "new"
    other.press("over", at="/take/")
    other.press("insult", at="/answer/")
    assert fresh(case).state == "assessed"


def test_without_a_mandate_the_choice_becomes_a_proposal_that_a_colleague_lets_go(
    case: Case, desk: Desk, sit: Callable[[User], Paper]
) -> None:
    mine = sit(desk.employee).open(f"/cases/{case.pk}/")
    assert "You have no mandate to answer." in mine.html
    answer(mine, "positive").press("P3", at="/choose/")
    assert not mine.offers("send", at="/replies/")
    mine.press("submit", at="/replies/", also={"text": "Dank je wel!"})
    assert fresh(case).state == "approval"
    assert not mine.offers("approve", at="/approve/")
    theirs = sit(desk.officer).open(f"/cases/{case.pk}/")
    theirs.press("approve", at="/approve/", also={"text": "Dank u wel!"})
    assert fresh(case).state == "sending"
    assert Response.objects.get(case=case).text == "Dank u wel!"


def test_a_queued_reply_is_stopped_within_the_undo_window(screen: Paper, case: Case) -> None:
    answer(screen, "positive").press("P3", at="/choose/").press(
        "send", at="/replies/", also={"text": "Dank!"}
    )
    screen.press("Stop, do not send Z", at="/stop/")
    assert "Not sent. Your text is still here." in screen.html
    assert fresh(case).state == "drafting"


def test_an_answer_by_phone_is_written_down(screen: Paper, case: Case) -> None:
    answer(screen, "negative", "dissatisfied")
    screen.open(f"/cases/{case.pk}/")
    screen.press("Write it down", at="/elsewhere/", also={"medium": "phone", "note": "Gebeld, is tevreden."})
    assert fresh(case).state == "responded"
    assert "Gebeld, is tevreden." in screen.html


def test_the_next_post_is_shown_after_a_choice(screen: Paper, case: Case, desk: Desk, noon: datetime) -> None:
    later = desk.hear(mention(2, "Is de Loswal nog dicht?", at=noon))[0]
    screen.press("", at="/exit/not_relevant/")
    assert "Is de Loswal nog dicht?" in screen.html
    assert fresh(later).state == "new"


def test_a_conversation_of_hundreds_of_posts_is_answered(
    screen: Paper, desk: Desk, case: Case, noon: datetime
) -> None:
    replies = [mention(n, at=noon, thread="m1", kind=Kind.REPLY) for n in range(2, 602)]
    screen.press("positive", at="/answer/").press("P3", at="/choose/")
    desk.hear(*replies)
    screen.open(f"/cases/{case.pk}/").press("send", at="/replies/", also={"text": "Dank u wel!"})
    assert Case.objects.get(pk=case.pk).state == "sending"


def test_of_a_long_conversation_the_newest_posts_are_shown(
    screen: Paper, desk: Desk, case: Case, noon: datetime
) -> None:
    desk.hear(
        *(
            mention(n, f"brandweer bericht {n}.", at=noon + timedelta(seconds=n), thread="m1")
            for n in range(2, 60)
        )
    )
    html = screen.open(f"/cases/{case.pk}/").html
    assert "bericht 59." in html
    assert "bericht 2." not in html
    assert html.index("bericht 58.") < html.index("bericht 59.")
