"""In and out: by name and password, back to where one was, and out again at the end of the shift."""

from django.test import Client

from tests.journeys.story import Story, judges, stands
from tests.web.paper import Paper

SECRET = "a long enough passphrase"


def at_the_door(url: str = "/inbox/") -> Paper:
    return Paper(Client(enforce_csrf_checks=True, headers={"accept-language": "en"})).open(url)


def test_a_link_to_a_case_leads_there_after_signing_in(story: Story) -> None:
    case = story.hears("De brandweer bij de Loswal")
    screen = at_the_door(f"/cases/{case.pk}/")
    assert screen.url == f"/sign-in/?next=/cases/{case.pk}/"
    assert "Sign in to go on where you were." in screen.html
    screen.press("Sign in", also={"username": "sanne", "password": "not this one at all"})
    assert "This name and password do not belong together." in screen.html
    assert 'value="sanne"' in screen.html
    screen.press("Sign in", also={"password": SECRET})
    assert screen.url == f"/cases/{case.pk}/"
    judges(screen, "positive").press("P1", at="/choose/")
    assert stands(case) == "closed"


def test_who_left_the_organisation_does_not_come_in_and_is_put_out(story: Story) -> None:
    screen = story.sits(story.desk.employee)
    story.desk.employee.is_active = False
    story.desk.employee.save(update_fields=["is_active"])
    assert screen.open("/inbox/").url == "/sign-in/?next=/inbox/"
    screen.press("Sign in", also={"username": "anouk", "password": SECRET})
    assert "This name and password do not belong together." in screen.html


def test_a_shift_ends_by_itself_and_by_the_button(story: Story, officer: Paper) -> None:
    story.goes_on(hours=11, minutes=59)
    assert officer.open("/inbox/").url == "/inbox/"
    officer.press("Sign out", at="/sign-out/")
    assert officer.open("/inbox/").url == "/sign-in/?next=/inbox/"
    colleague = story.sits(story.desk.colleague)
    story.goes_on(hours=12, minutes=1)
    assert colleague.open("/cases/").url == "/sign-in/?next=/cases/"


def test_nobody_is_led_to_another_site_after_signing_in(story: Story) -> None:
    screen = at_the_door("/sign-in/?next=https://evil.example/")
    screen.press("Sign in", also={"username": "sanne", "password": SECRET})
    assert screen.url == "/inbox/"
