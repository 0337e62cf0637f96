"""The one door: 404 for who may not see, 403 for who may not act, with a sentence."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from cases import access
from cases.models import Case, Notification
from cases.rules.permissions import MAY, Need, Role, may
from cases.services import escalation
from cases.services.escalation import Alarm
from tests.cases.steps import drafting, watched
from tests.world import Desk, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

BLIND = sorted(set(Role) - MAY[Need.SEE])


@pytest.fixture
def doors(case: Case, desk: Desk, noon: datetime) -> dict[str, tuple[Callable[..., Any], int, Need]]:
    """Every door with something behind it, and what one needs by default to act on it."""
    raised = escalation.raise_escalation(case, Alarm(2, "worsened", {}), by=None, now=noon)
    watch = watched(desk, case, now=noon)
    response = drafting(case, by=desk.officer, now=noon)
    return {
        "case": (access.case_for, case.pk, Need.SEE),
        "response": (access.response_for, response.pk, Need.DRAFT),
        "watch": (access.watch_for, watch.pk, Need.WATCH),
        "escalation": (access.escalation_for, raised.pk, Need.ACKNOWLEDGE),
    }


@pytest.mark.parametrize("door", ["case", "response", "watch", "escalation"])
def test_a_door_opens_for_who_may(
    door: str, doors: dict[str, tuple[Callable[..., Any], int, Need]], desk: Desk
) -> None:
    enter, pk, _ = doors[door]
    assert enter(desk.officer, pk).pk == pk


@pytest.mark.parametrize("door", ["case", "response", "watch", "escalation"])
@pytest.mark.parametrize("role", BLIND)
def test_who_may_not_see_cases_is_told_that_there_is_nothing(
    door: str, role: Role, doors: dict[str, tuple[Callable[..., Any], int, Need]]
) -> None:
    enter, pk, _ = doors[door]
    with pytest.raises(Http404):
        enter(person("outsider", role), pk)


@pytest.mark.parametrize("door", ["case", "response", "watch", "escalation"])
def test_what_is_not_there_is_not_there(
    door: str, doors: dict[str, tuple[Callable[..., Any], int, Need]], desk: Desk
) -> None:
    enter, _, _ = doors[door]
    with pytest.raises(Http404):
        enter(desk.officer, 987654)


@pytest.mark.parametrize("door", ["response", "watch", "escalation"])
def test_who_may_see_and_not_act_is_told_what_is_missing(
    door: str, doors: dict[str, tuple[Callable[..., Any], int, Need]]
) -> None:
    enter, pk, need = doors[door]
    message = rf"Your role \(analyst\) may not do this: {need.value}. Ask an administrator."
    with pytest.raises(PermissionDenied, match=message):
        enter(person("analyst", Role.ANALYST), pk)


@pytest.mark.parametrize("role", sorted(MAY[Need.SEE]))
@pytest.mark.parametrize("need", list(Need))
def test_every_role_acts_on_a_case_as_the_table_says(role: Role, need: Need, case: Case, desk: Desk) -> None:
    somebody = person("somebody", role)
    if may(role, need):
        assert access.case_for(somebody, case.pk, need) == case
    else:
        with pytest.raises(PermissionDenied):
            access.case_for(somebody, case.pk, need)


def test_the_table_keeps_apart_what_the_roles_may_not() -> None:
    assert not may(Role.EMPLOYEE, Need.APPROVE)
    assert not may(Role.EMPLOYEE, Need.DECIDE)
    assert not may(Role.WATCHER, Need.DRAFT)
    assert not may(Role.ANALYST, Need.DRAFT)
    assert not may(Role.PRIVACY, Need.JUDGE)
    assert MAY[Need.SEE].isdisjoint({Role.ADMINISTRATOR, Role.BOARD})


def test_a_notification_is_there_for_its_reader_only(case: Case, desk: Desk, noon: datetime) -> None:
    raised = escalation.raise_escalation(case, Alarm(2, "referred", {}), by=None, now=noon)
    escalation.take_due_steps(now=noon)
    mine = Notification.objects.filter(escalation=raised, recipient=desk.officer).first()
    assert mine is not None
    assert access.notification_for(desk.officer, mine.pk) == mine
    with pytest.raises(Http404):
        access.notification_for(desk.lead, mine.pk)


def test_a_door_brings_what_a_page_shows_in_one_query(
    case: Case, desk: Desk, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        found = access.case_for(desk.officer, case.pk)
        assert (found.post.source.name, found.post.author.handle, found.scheme.version) == (
            "practice",
            "author1",
            "1.0",
        )
