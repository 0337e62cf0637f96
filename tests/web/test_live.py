"""What the pages ask every ten seconds: nothing, or what is new."""

from datetime import datetime

from cases.models import Case
from cases.services import assignment, watching
from tests.cases.steps import watched
from tests.web.paper import Paper
from tests.world import Desk, mention


def token(screen: Paper) -> str:
    return next(has["data-poll-since"] for tag, has in screen.tags() if tag == "body")


def test_nothing_new_is_an_empty_answer(screen: Paper) -> None:
    answer = screen.client.get("/live/", {"since": token(screen)})
    assert (answer.status_code, answer.content) == (204, b"")


def test_new_posts_are_counted_and_the_token_goes_on(screen: Paper, desk: Desk, noon: datetime) -> None:
    desk.hear(mention(2, at=noon), mention(3, at=noon))
    answer = screen.client.get("/live/", {"since": token(screen)}).json()
    assert answer["n"] == 2
    assert answer["text"] == "2 new posts"
    assert answer["counts"]["inbox"] == 3
    assert screen.client.get("/live/", {"since": answer["since"]}).status_code == 204


def test_an_alarm_is_told_once_with_its_sentence(
    screen: Paper, case: Case, desk: Desk, noon: datetime
) -> None:
    since = token(screen)
    watching.say_worse(watched(desk, case, now=noon), by=desk.officer, now=noon)
    answer = screen.client.get("/live/", {"since": since}).json()
    assert f"Somebody on watch says that case {case.pk} gets worse." in answer["alarm"]
    assert answer["counts"]["alarms"] == 1
    desk.hear(mention(2, at=noon))
    assert screen.client.get("/live/", {"since": answer["since"]}).json()["alarm"] == ""


def test_who_is_at_a_case_is_told_until_nobody_is(
    screen: Paper, case: Case, desk: Desk, noon: datetime
) -> None:
    asked = {"since": token(screen), "shown": f"{case.pk},x,{10**30}", "held": ""}
    assert screen.client.get("/live/", asked).status_code == 204
    assignment.take(case, by=desk.colleague, now=noon)
    answer = screen.client.get("/live/", asked).json()
    assert answer["held"] == {str(case.pk): "Ilse"}
    known = asked | {"since": answer["since"], "held": answer["held_mark"]}
    assert screen.client.get("/live/", known).status_code == 204
    assignment.release(case, by=desk.colleague, now=noon)
    freed = screen.client.get("/live/", known).json()
    assert (freed["held"], freed["held_mark"]) == ({}, "")


def test_what_one_is_at_oneself_is_no_news(screen: Paper, case: Case, desk: Desk, noon: datetime) -> None:
    asked = {"since": token(screen), "shown": str(case.pk), "held": ""}
    assignment.take(case, by=desk.officer, now=noon)
    assert screen.client.get("/live/", asked).status_code == 204


def test_a_token_that_is_not_ours_is_a_fresh_start(screen: Paper) -> None:
    for strange in ("", "x", "1", "9" * 400, "-1.-1", "1.99999999999999999999.0"):
        assert screen.client.get("/live/", {"since": strange}).status_code == 200


def test_a_list_position_that_is_not_ours_is_the_beginning(screen: Paper) -> None:
    for strange in ("x", "1_2", "1_nan_3", "1_inf_3", "1_99999999999999999_3", "9_9_" + "9" * 30):
        assert screen.open(f"/inbox/?after={strange}").status == 200
        assert screen.open(f"/cases/?after={strange}").status == 200
