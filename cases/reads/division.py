"""The rules that divide new cases, and what they would have done with the last ones."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cases import duty
from cases.models import AssignmentRule, AuditEvent, Case, DutyPost
from cases.reads.figures import SCHEME
from cases.rules.division import Asked
from monitoring.queries.matching import Document

LAST = 100
SUBJECT = "division"


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule and how many of the last cases it would have decided."""

    rule: AssignmentRule
    n_fitting: int


@dataclass(frozen=True, slots=True)
class Tried:
    """One of the last cases, with the rule that fits it first and whom it would go to now."""

    case: Case
    rule: str
    to: str


@dataclass(frozen=True, slots=True)
class Division:
    """All rules in their order, and the last cases as these rules would have divided them."""

    lines: Sequence[RuleLine]
    tried: Sequence[Tried]
    n_tried: int
    n_nobody: int
    per_person: Sequence[tuple[str, int]]
    history: Sequence[AuditEvent]


def division(*, now: datetime) -> Division:
    """The page of the rules, in a fixed number of queries. Nothing is assigned by looking."""
    found = list(AssignmentRule.objects.select_related("to_person", "to_post").order_by("n"))
    cases = list(Case.objects.select_related("post__author").order_by("-pk")[:LAST])
    rules, counted = duty.rules(now=now), Counter[int]()
    rules.loads.clear()  # as if they began the day with nothing: how the work would be divided
    tried = []
    for case in reversed(cases):
        decided = rules.decide(_asked(case))
        if decided:
            rule, person = decided
            counted[rule.id] += 1
            tried.append(Tried(case, rule.name, str(person) if person else ""))
    people = Counter(row.to for row in tried if row.to)
    return Division(
        lines=[RuleLine(rule, counted[rule.pk]) for rule in found],
        tried=tried[::-1],
        n_tried=len(cases),
        n_nobody=sum(not row.to for row in tried),
        per_person=people.most_common(),
        history=list(AuditEvent.objects.filter(subject=SUBJECT).order_by("-seq")[:20]),
    )


def rule_with(rule_id: int) -> AssignmentRule | None:
    return AssignmentRule.objects.select_related("to_person", "to_post").filter(pk=rule_id).first()


def posts_in_use() -> list[DutyPost]:
    return list(DutyPost.objects.filter(is_active=True).order_by("name"))


def categories() -> list[str]:
    """What a rule can ask a judged case to be."""
    return [*SCHEME]


def _asked(case: Case) -> Asked:
    """A case as rules look at it; of the last ones most were judged, so categories are known."""
    post = case.post
    author = post.author.handle if post.author else ""
    document = Document(post.text, author, post.language, post.platform)
    categories = (case.category,) if case.category else ()
    return Asked(document, post.language, post.platform, categories)
