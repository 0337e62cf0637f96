"""Cases that are somebody's by themselves: by the rules of the organisation, and by who is on duty."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from cases import duty
from cases.models import AssignmentRule, Case, DutyPost, User
from cases.rules.division import Asked
from cases.services import audit
from cases.services.rota import RotaRefused
from monitoring.matched import document_of
from monitoring.queries.language import parse
from monitoring.queries.matching import Document
from monitoring.store import StoredPost

SUBJECT = "division"
"""The trail of all rules together: their order is one thing."""


class RuleRefused(RotaRefused):
    """A rule that cannot be: what is missing or wrong, in one sentence."""


class RuleChanged(Exception):
    """Somebody changed or removed the rule after it was shown."""

    def __init__(self, rule_id: int) -> None:
        super().__init__(rule_id)
        self.rule_id = rule_id

    def __str__(self) -> str:
        return _("This rule was changed or removed after you opened it. Look at the list again.")


@dataclass(frozen=True, slots=True)
class RulePlan:
    """Which new cases go to whom: a person, or whoever is on duty at a post."""

    name: str
    words: str = ""
    languages: Sequence[str] = ()
    platforms: Sequence[str] = ()
    categories: Sequence[str] = ()
    to_person: User | None = None
    to_post: DutyPost | None = None
    by_load: bool = False
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Routed:
    """What the rules said of a case. `to` is None when nobody whom the rule means is there."""

    to: int | None
    facts: Mapping[str, Any]


def route_new(heard: Iterable[StoredPost], *, now: datetime) -> dict[int, Routed]:
    """For new posts, by number: whose their cases are. Without rules this asks the database once."""
    rules = duty.rules(now=now)
    if not rules.list:
        return {}
    found = {}
    for post in heard:
        mention = post.mention
        routed = _routed(rules, Asked(document_of(mention), mention.language, mention.platform))
        if routed:
            found[post.id] = routed
    return found


def route_judged(case: Case, categories: Sequence[str], *, now: datetime) -> None:
    """Give a case that was just judged to whom the rules say, unless somebody has it already.

    In the caller's transaction; the case is held.
    """
    if case.assignee_id:
        return
    rules = duty.rules(now=now)
    if not any(rule.categories for rule in rules.list):
        return
    post = case.post
    author = post.author.handle if post.author else ""
    document = Document(post.text, author, post.language, post.platform)
    routed = _routed(rules, Asked(document, post.language, post.platform, tuple(categories)))
    if routed is None:
        return
    if routed.to:
        Case.objects.filter(pk=case.pk).update(assignee=routed.to)
        case.assignee_id = routed.to
    audit.append(audit.subject_of(case.pk), "assigned", by=None, now=now, facts=routed.facts)


def _routed(rules: duty.Rules, asked: Asked) -> Routed | None:
    decided = rules.decide(asked)
    if decided is None:
        return None
    rule, person = decided
    return Routed(person.pk if person else None, {"to": str(person) if person else "", "rule": rule.name})


def add_rule(plan: RulePlan, *, by: User, now: datetime) -> AssignmentRule:
    """A rule behind all others.

    Raises BadQuery for words that are no query, RuleRefused for what is missing.
    """
    _check(plan)
    with transaction.atomic():
        _hold()
        last = AssignmentRule.objects.aggregate(last=Max("n"))["last"] or 0
        rule = AssignmentRule.objects.create(n=last + 1, **_columns(plan))
        audit.append(SUBJECT, "rule added", by=by, now=now, facts=_facts(rule))
    return rule


def change_rule(rule_id: int, plan: RulePlan, *, by: User, now: datetime, seen: str) -> AssignmentRule:
    """Raises as `add_rule`, and RuleChanged when it is not the one that was `seen` (`edition`)."""
    _check(plan)
    with transaction.atomic():
        rule = _held(rule_id)
        if rule.edition != seen:
            raise RuleChanged(rule_id)
        before = _facts(rule)
        for name, value in _columns(plan).items():
            setattr(rule, name, value)
        rule.save()
        facts = {"before": before, "after": _facts(rule)}
        if facts["before"] != facts["after"]:
            audit.append(SUBJECT, "rule changed", by=by, now=now, facts=facts)
    return rule


def remove_rule(rule_id: int, *, by: User, now: datetime) -> None:
    """From now on; what it assigned stays."""
    with transaction.atomic():
        rule = _held(rule_id)
        audit.append(SUBJECT, "rule removed", by=by, now=now, facts=_facts(rule))
        rule.delete()


def raise_rule(rule_id: int, *, by: User, now: datetime) -> None:
    """Let a rule come before the one that it stood after; the first stays where it is."""
    with transaction.atomic():
        rule = _held(rule_id)
        above = AssignmentRule.objects.filter(n__lt=rule.n).order_by("-n").first()
        if above is None:
            return
        first, second = above.n, rule.n
        last = AssignmentRule.objects.aggregate(last=Max("n"))["last"]
        # The numbers are unique at every moment: one steps aside first.
        AssignmentRule.objects.filter(pk=above.pk).update(n=last + 1)
        AssignmentRule.objects.filter(pk=rule.pk).update(n=first)
        AssignmentRule.objects.filter(pk=above.pk).update(n=second)
        facts = {"rule": rule.name, "before the rule": above.name}
        audit.append(SUBJECT, "rule moved", by=by, now=now, facts=facts)


def _check(plan: RulePlan) -> None:
    if not plan.name.strip():
        raise RuleRefused(_("A rule needs a name."))
    if (plan.to_person is None) == (plan.to_post is None):
        raise RuleRefused(_("Choose one: a person, or a duty post."))
    if plan.words.strip():
        parse(plan.words)


def _columns(plan: RulePlan) -> dict[str, Any]:
    """A plan as it is stored, each list without doubles."""
    plan = replace(plan, name=plan.name.strip()[:100], words=plan.words.strip())
    lists = {
        name: list(dict.fromkeys(getattr(plan, name))) for name in ("languages", "platforms", "categories")
    }
    names = ("name", "words", "to_person", "to_post", "by_load", "is_active")
    return {name: getattr(plan, name) for name in names} | lists


def _hold() -> None:
    """Rules change one at a time: the trail of all of them has no row of its own to hold. Readers go on."""
    if connection.vendor == "postgresql":  # on SQLite who writes holds the whole database
        table = connection.ops.quote_name(AssignmentRule._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")


def _held(rule_id: int) -> AssignmentRule:
    _hold()
    rule = AssignmentRule.objects.filter(pk=rule_id).select_related("to_person", "to_post").first()
    if rule is None:
        raise RuleChanged(rule_id)
    return rule


def _facts(rule: AssignmentRule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "words": rule.words,
        "languages": rule.languages,
        "platforms": rule.platforms,
        "categories": rule.categories,
        "to": str(rule.to_person or rule.to_post),
        "by load": rule.by_load,
        "in use": rule.is_active,
    }
