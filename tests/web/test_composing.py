"""What stands around the words of a reply: its length as the platform counts, and what is new."""

from collections.abc import Callable
from datetime import datetime

from cases.models import Case, User
from monitoring.connectors.base import Kind
from tests.cases.steps import drafting
from tests.web.paper import Paper
from tests.world import Desk, mention

Sit = Callable[[User], Paper]


def test_a_text_is_measured_while_it_is_typed_and_nothing_is_kept(
    sit: Sit, desk: Desk, case: Case, noon: datetime
) -> None:
    response = drafting(case, by=desk.officer, now=noon)
    screen = sit(desk.officer)
    told = screen.client.post(f"/replies/{response.pk}/measure/", {"text": "Dag\r\nallen " + "😀" * 495})
    html = told.content.decode()
    assert "<span data-n>505</span>" in html
    assert "over" in html
    response.refresh_from_db()
    assert response.text == ""


def test_what_is_new_in_the_conversation_stands_above_the_words(
    sit: Sit, desk: Desk, case: Case, noon: datetime
) -> None:
    drafting(case, by=desk.officer, now=noon)
    screen = sit(desk.officer).open(f"/cases/{case.pk}/")
    assert "New in the conversation" not in screen.html
    desk.hear(mention(2, "Het is al opgelost", at=noon, thread="m1", kind=Kind.REPLY))
    screen.open(f"/cases/{case.pk}/")
    part = screen.html.partition("New in the conversation since this answer was started")[2]
    assert "Het is al opgelost" in part


def test_a_post_that_was_edited_is_said_before_sending(
    sit: Sit, desk: Desk, case: Case, noon: datetime
) -> None:
    response = drafting(case, by=desk.officer, now=noon)
    type(response).objects.filter(pk=response.pk).update(post_version="older")
    assert "The post was edited since" in sit(desk.officer).open(f"/cases/{case.pk}/").html
