"""New cases go to whom the rules say, where they are stored and when their category becomes known."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import AssignmentRule, AuditEvent, Case, DutyPost, Shift, User
from cases.rules.permissions import Role
from cases.services import assignment, audit, routing, undo
from cases.services.routing import RuleChanged, RulePlan, RuleRefused
from monitoring.queries.language import BadQuery
from tests.cases.steps import judge
from tests.world import Desk, mention, person


@pytest.fixture
def post(desk: Desk, noon: datetime) -> DutyPost:
    post = DutyPost.objects.create(name="webcare")
    for who in (desk.officer, desk.colleague):
        shift(post, who, noon)
    return post


def shift(post: DutyPost, who: User, start: datetime) -> Shift:
    return Shift.objects.create(post=post, person=who, starts_at=start, ends_at=start + timedelta(hours=8))


def rule(desk: Desk, **wanted: object) -> AssignmentRule:
    plan = RulePlan(name=str(wanted.pop("name", "a rule")), **wanted)  # type: ignore[arg-type]
    return routing.add_rule(plan, by=desk.lead, now=desk.now)


def opened(case: Case) -> dict[str, object]:
    facts: dict[str, object] = AuditEvent.objects.get(subject=audit.subject_of(case.pk), seq=1).facts
    return facts


def test_a_new_case_goes_to_the_person_of_the_first_rule_that_fits(desk: Desk, noon: datetime) -> None:
    rule(desk, name="brand", words="brandweer", languages=["nl"], to_person=desk.employee)
    rule(desk, name="rest", to_person=desk.colleague)
    fire, other = desk.hear(mention(1, at=noon), mention(2, "Vraag over de weg", at=noon))
    assert (fire.assignee, other.assignee) == (desk.employee, desk.colleague)
    assert opened(fire)["assigned"] == {"to": "Anouk", "rule": "brand"}
    assert audit.verify() == []


def test_a_page_of_posts_is_divided_by_load_among_who_is_on_duty(
    desk: Desk, post: DutyPost, noon: datetime
) -> None:
    held = desk.hear(*(mention(f"h{n}", at=noon) for n in range(4)))
    for case in held:
        assignment.assign(case, desk.officer, by=desk.lead, now=noon)
    rule(desk, to_post=post, by_load=True)
    cases = desk.hear(*(mention(n, at=noon) for n in range(10)))
    assert Counter(case.assignee for case in cases) == {desk.officer: 3, desk.colleague: 7}


def test_with_nobody_on_duty_a_case_stays_nobodys_and_its_first_event_says_so(
    desk: Desk, post: DutyPost, noon: datetime
) -> None:
    rule(desk, name="avond", to_post=post)
    later = noon + timedelta(hours=8)
    (case,) = desk.hear(mention(1, at=later), now=later)
    assert case.assignee is None
    assert opened(case)["assigned"] == {"to": "", "rule": "avond"}


def test_a_watcher_on_duty_and_a_colleague_who_left_are_given_no_case(desk: Desk, noon: datetime) -> None:
    post = DutyPost.objects.create(name="nacht")
    shift(post, person("joris", Role.WATCHER), noon)
    gone = person("weg", Role.OFFICER, is_active=False)
    shift(post, gone, noon)
    rule(desk, to_post=post, languages=["nl"])
    assert desk.hear(mention(1, at=noon))[0].assignee is None


def test_a_copy_is_nobodys_as_its_lead_is_answered(desk: Desk, noon: datetime) -> None:
    rule(desk, to_person=desk.officer)
    text = "De brandweer staat al een uur bij de Loswal en er komt nog altijd rook uit de loods aan de kade"
    lead, copy = desk.hear(mention(1, text, at=noon), mention(2, text, at=noon + timedelta(seconds=1)))
    assert (lead.assignee, copy.assignee) == (desk.officer, None)


def test_a_rule_with_categories_waits_for_the_judgement_and_leaves_what_is_somebodys(
    desk: Desk, noon: datetime
) -> None:
    rule(desk, name="belediging", categories=["insult"], to_person=desk.colleague)
    first, second = desk.hear(mention(1, at=noon), mention(2, at=noon))
    assert first.assignee is None
    assignment.assign(second, desk.lead, by=desk.lead, now=noon)
    for case in (first, second):
        judge(case, "insult", by=desk.officer, now=noon)
        case.refresh_from_db()
    found = [case.assignee for case in (first, second)]
    assert found == [desk.colleague, desk.lead]
    event = AuditEvent.objects.filter(subject=audit.subject_of(first.pk)).latest("seq")
    assert (event.action, event.origin, event.facts["rule"]) == ("assigned", "rule", "belediging")


def test_undoing_the_judgement_takes_back_whose_the_case_became(desk: Desk, noon: datetime) -> None:
    rule(desk, categories=["insult"], to_person=desk.colleague)
    (case,) = desk.hear(mention(1, at=noon))
    judge(case, "insult", by=desk.officer, now=noon)
    undo.undo(desk.officer, now=noon)
    case.refresh_from_db()
    assert case.assignee is None


def test_a_page_of_posts_costs_one_query_more_without_rules_and_no_more_per_post_with_them(
    desk: Desk, post: DutyPost, noon: datetime
) -> None:
    def asked(n: int, name: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            desk.hear(*(mention(f"{name}{i}", at=noon) for i in range(n)))
        return sum("assignmentrule" in query["sql"] or "cases_shift" in query["sql"] for query in queries)

    assert asked(20, "a") == 1
    for n in range(5):
        rule(desk, name=f"r{n}", to_post=post, by_load=True)
    assert (asked(1, "b"), asked(40, "c")) == (2, 2)


def test_rules_are_changed_by_who_saw_them_as_they_are_and_moved_one_place(
    desk: Desk, noon: datetime
) -> None:
    first, second = rule(desk, name="a", to_person=desk.lead), rule(desk, name="b", to_person=desk.lead)
    routing.raise_rule(second.pk, by=desk.lead, now=noon)
    assert list(AssignmentRule.objects.values_list("name", flat=True)) == ["b", "a"]
    routing.raise_rule(second.pk, by=desk.lead, now=noon)  # the first stays where it is
    seen = AssignmentRule.objects.get(pk=first.pk).edition
    plan = RulePlan(name="a", words="rook", to_person=desk.lead)
    routing.change_rule(first.pk, plan, by=desk.lead, now=noon, seen=seen)
    with pytest.raises(RuleChanged):
        routing.change_rule(first.pk, plan, by=desk.lead, now=noon, seen=seen)
    routing.remove_rule(first.pk, by=desk.lead, now=noon)
    with pytest.raises(RuleChanged):
        routing.remove_rule(first.pk, by=desk.lead, now=noon)
    actions = list(
        AuditEvent.objects.filter(subject="division").order_by("seq").values_list("action", flat=True)
    )
    assert actions == ["rule added", "rule added", "rule moved", "rule changed", "rule removed"]


@pytest.mark.parametrize("missing", ["name", "target", "both targets"])
def test_a_rule_without_name_or_with_no_or_two_targets_is_refused(
    missing: str, desk: Desk, post: DutyPost
) -> None:
    plan = RulePlan(
        name="" if missing == "name" else "x",
        to_person=None if missing == "target" else desk.lead,
        to_post=post if missing == "both targets" else None,
    )
    with pytest.raises(RuleRefused):
        routing.add_rule(plan, by=desk.lead, now=desk.now)


def test_words_that_are_no_query_are_refused_with_the_place(desk: Desk) -> None:
    with pytest.raises(BadQuery) as refused:
        rule(desk, words="brand (rook", to_person=desk.lead)
    assert refused.value.position == 7
