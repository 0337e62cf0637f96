"""The targets of a situation on their page: what one does is said before it is set."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from cases.models import Case, Situation, Target, User
from cases.services import joining, situations
from cases.services.situations import Plan
from tests.web.paper import Paper
from tests.world import Desk, mention

Sit = Callable[[User], Paper]


@pytest.fixture
def fire(desk: Desk, noon: datetime) -> Situation:
    """Two cases that wait, one of them urgent and an hour old."""
    words = ("Er is brand bij de Loswal", "Waar kan ik mijn paspoort ophalen")
    old, new = desk.hear(*(mention(n, text, at=noon) for n, text in enumerate(words)), now=noon)
    Case.objects.filter(pk=old.pk).update(is_urgent=True, opened_at=noon - timedelta(hours=1))
    Case.objects.filter(pk=new.pk).update(opened_at=noon - timedelta(minutes=5))
    opened = situations.open_situation(Plan("Brand"), by=desk.officer, now=noon)
    joining.join(opened, [old.pk, new.pk], by=desk.officer, now=noon)
    return opened


def test_a_target_is_shown_with_what_it_does_before_it_is_set_and_is_removed_again(
    desk: Desk, sit: Sit, fire: Situation
) -> None:
    path = f"/situations/{fire.pk}/targets/"
    screen = sit(desk.officer).open(f"{path}?minutes=30&priority=")
    assert "2 cases that wait get another time." in screen.html
    assert "1 of these is late at once." in screen.html
    assert not Target.objects.filter(situation=fire).exists()
    screen.press("Answer within 30 minutes", at=path)
    assert "Saved. 2 cases that wait have their time by it." in screen.html
    assert "within 30 minutes" in screen.html
    assert {case.due_at - case.opened_at for case in fire.cases.all() if case.due_at} == {
        timedelta(minutes=30)
    }
    screen.open(f"{path}?minutes=&priority=").press("Answer as everywhere else", at=path)
    assert not Target.objects.filter(situation=fire).exists()


def test_a_target_for_all_leaves_cases_with_a_target_of_their_own_out_of_the_count(
    desk: Desk, sit: Sit, fire: Situation
) -> None:
    path = f"/situations/{fire.pk}/targets/"
    screen = sit(desk.officer).open(f"{path}?minutes=10&priority=urgent")
    assert "1 case that waits gets another time." in screen.html
    screen.press("Answer within 10 minutes", at=path)
    screen.open(f"{path}?minutes=30&priority=")
    assert "1 case that waits gets another time." in screen.html
    assert "late at once" not in screen.html


def test_who_may_not_run_it_reads_its_targets_only(desk: Desk, sit: Sit, fire: Situation) -> None:
    html = sit(desk.employee).open(f"/situations/{fire.pk}/targets/?minutes=30").html
    assert "What it does" in html
    assert "Answer within" not in html


@pytest.mark.parametrize("minutes", ["0", "1441", "soon"])
def test_minutes_that_are_no_target_are_refused(
    minutes: str, desk: Desk, client: Client, fire: Situation
) -> None:
    client.force_login(desk.officer)
    path = f"/situations/{fire.pk}/targets/"
    assert client.get(path, {"minutes": minutes}).status_code == 200
    client.post(path, {"minutes": minutes, "priority": "", "next": path})
    assert not Target.objects.filter(situation=fire).exists()
