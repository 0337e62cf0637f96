"""Judging a case: answers to the scheme's questions, stored one by one."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import policy
from cases.models import Assessment, Case, User
from cases.rules.scheme import SEPARATOR, Advice, Question, next_step, node_of, on_route
from cases.rules.workflow import MOVES, State
from cases.services import actions, audit, clocks, counting, routing
from cases.services.transitions import CaseChanged, MoveRefused, lock, move
from monitoring.models import Author

PRESS = frozenset({Author.Standing.PRESS, Author.Standing.NATIONAL_PRESS})

LONGEST = timedelta(days=90)
"""How far ahead a post can be put aside."""


class ReasonMissing(Exception):
    """Something that must be explained was not."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return _("This needs a reason: %(what)s. Write one and try again.") % {"what": self.what}


class BadMoment(Exception):
    """A time at which nothing can come back."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until

    def __str__(self) -> str:
        return _("A post cannot come back on %(until)s; choose a time within %(days)d days from now.") % {
            "until": f"{timezone.localtime(self.until):%d-%m-%Y %H:%M}",
            "days": LONGEST.days,
        }


class NoStanding(Exception):
    """A standing that accounts do not have."""

    def __init__(self, standing: str) -> None:
        super().__init__(standing)
        self.standing = standing

    def __str__(self) -> str:
        known = ", ".join(Author.Standing.values)
        return _("An account cannot be “%(standing)s”. Choose one of these, or nothing: %(known)s.") % {
            "standing": self.standing,
            "known": known,
        }


def answer(
    case: Case, question: str, choice: str, *, by: User, now: datetime, seen: State | None = None
) -> policy.Judgement:
    """Store one answer; the last one completes the assessment and moves the case to assessed.

    `choice` joins several by "+". Raises UnknownAnswer for what the scheme does not offer and
    CaseChanged when the case no longer stands at this question, or is past judging.
    """
    with audit.step():
        held = lock(case, seen=seen)
        if held.state != State.NEW:
            raise CaseChanged(case.pk, State.NEW, held.state)
        step = policy.judgement(held).step
        if not isinstance(step, Question) or step.id != question:
            raise CaseChanged(case.pk, question, held.scheme_node)
        before = actions.snapshot(held)
        assessment = _open_assessment(held, by=by, now=now)
        step = _store(held, assessment, {**assessment.answers, question: choice}, by=by, now=now)
        facts = {"question": question, "answer": choice, "scheme": str(held.scheme)}
        audit.append(audit.subject_of(case.pk), "answered", by=by, now=now, facts=facts)
        result = policy.Judgement(assessment, step)
        if isinstance(result.step, Advice):
            _complete(held, assessment, result.step, by=by, now=now)
            actions.remember(by, held, "judged", before, now=now)
    _copy(held, case)
    return result


def step_back(case: Case, *, by: User, now: datetime, seen: State | None = None) -> policy.Judgement:
    """Take the last answer back. A judged case is judged again: its assessment is kept."""
    with transaction.atomic():
        held = lock(case, seen=seen)
        newest = policy.judgement(held).assessment
        answers = dict(newest.answers) if newest else {}
        asked = [node for node in on_route(policy.scheme_of(held), answers) if not _is_toggle(held, node)]
        kept = {node: answers[node] for node in asked[:-1]}
        if held.state == State.ASSESSED:
            move(held, State.NEW, by=by, now=now, reason="judge again", seen=State.ASSESSED)
            Case.objects.filter(pk=held.pk).update(category="")
            held.category = ""
            clocks.set_due(held)
            counting.rejudged([held.pk], now=now)
        if held.state != State.NEW:
            raise CaseChanged(case.pk, State.NEW, held.state)
        assessment = _open_assessment(held, by=by, now=now)
        _store(held, assessment, kept, by=by, now=now)
        audit.append(audit.subject_of(case.pk), "answer taken back", by=by, now=now, facts={"left": kept})
        result = policy.judgement(held)
    _copy(held, case)
    return result


def toggle(case: Case, toggle_id: str, *, on: bool, by: User, now: datetime) -> policy.Judgement:
    """Switch a fact beside the advice on or off (a positive post that holds a suggestion)."""
    with transaction.atomic():
        held = lock(case, seen=State.ASSESSED)
        assessment = held.assessments.latest("n")
        answers = {**assessment.answers, toggle_id: "yes" if on else "no"}
        advice = _store(held, assessment, answers, by=by, now=now)
        if isinstance(advice, Advice):
            assessment.has_suggestion, assessment.advice_nodes = advice.suggestion, list(advice.nodes)
            assessment.save(update_fields=["has_suggestion", "advice_nodes"])
        facts = {"question": toggle_id, "answer": answers[toggle_id]}
        audit.append(audit.subject_of(case.pk), "answered", by=by, now=now, facts=facts)
        result = policy.judgement(held)
    _copy(held, case)
    return result


def judge_again(case: Case, *, by: User, now: datetime, reason: str = "", seen: State | None = None) -> None:
    """Start over with an empty assessment; the old one is kept. Closed cases are reopened by it.

    Raises MoveRefused for a case that communications must decide about, as for every other lack of a move.
    """
    state = State(seen or case.state)
    if state is State.COMMS:
        raise MoveRefused(case.pk, state, State.NEW, allowed=MOVES[state] - {State.NEW})
    with transaction.atomic():
        move(case, State.NEW, by=by, now=now, reason=reason, seen=seen)
        forget_judgement(case, now=now)


def forget_judgement(case: Case, *, now: datetime) -> None:
    """Put a case that is new again at its first open question, in the caller's transaction.

    That is the scheme's first, unless the case was taken away half judged: such work survives.
    """
    case.scheme_node, case.category, case.outcome = node_of(policy.judgement(case).step), "", ""
    case.save(update_fields=["scheme_node", "category", "outcome"])
    clocks.set_due(case)
    counting.rejudged([case.pk], now=now)


def dismiss(case: Case, *, reason: str, by: User, now: datetime, seen: State | None = None) -> None:
    """Not about us, spam or our own post: out of the inbox, with the reason on record."""
    if not reason.strip():
        raise ReasonMissing(_("why this post is not for us"))
    with transaction.atomic():
        before = actions.snapshot(lock(case, seen=seen))
        Case.objects.filter(pk=case.pk).update(category="not_relevant", outcome="dismissed")
        move(case, State.DISMISSED, by=by, now=now, reason=reason, seen=seen)
        counting.rejudged([case.pk], now=now)
        actions.remember(by, case, "dismissed", before, now=now)


def snooze(case: Case, *, until: datetime, by: User, now: datetime, seen: State | None = None) -> None:
    """Out of sight until a time; it comes back by itself, and the clock runs on. Raises BadMoment."""
    if not now < until <= now + LONGEST:
        raise BadMoment(until)
    with transaction.atomic():
        held = lock(case, seen=seen)
        before = actions.snapshot(held)
        Case.objects.filter(pk=case.pk).update(snoozed_until=until)
        facts = {"until": until.isoformat()}
        audit.append(audit.subject_of(case.pk), "snoozed", by=by, now=now, facts=facts)
        actions.remember(by, held, "snoozed", before, now=now)
    case.snoozed_until = until


def wake(case: Case, *, by: User, now: datetime) -> None:
    """Back in sight before its time. A case that is not out of sight stays as it is."""
    with transaction.atomic():
        held = lock(case)
        before = actions.snapshot(held)
        if Case.objects.filter(pk=case.pk, snoozed_until__gt=now).update(snoozed_until=None):
            audit.append(audit.subject_of(case.pk), "woken", by=by, now=now)
            actions.remember(by, held, "woken", before, now=now)
    case.snoozed_until = None


def set_standing(case: Case, standing: str, *, by: User, now: datetime) -> None:
    """Say what is known of the account behind a post: press, an authority, a politician …; "" = nothing.

    Watches in which it takes part are judged with it. Raises ReasonMissing and NoStanding.
    """
    author = case.post.author
    if author is None:
        raise ReasonMissing(_("whose account this is; the post names none"))
    if standing not in {"", *Author.Standing.values}:
        raise NoStanding(standing)
    with transaction.atomic():
        list(Author.objects.select_for_update().filter(pk=author.pk))  # before its case, as a poll does
        lock(case)
        if Author.objects.filter(pk=author.pk).exclude(standing=standing).update(standing=standing):
            facts = {"press": standing in PRESS, "standing": standing, "before": author.standing}
            audit.append(audit.subject_of(case.pk), "press", by=by, now=now, facts=facts)
            counting.weigh(author.pk, standing, now=now)
    author.standing = standing


def mark_press(case: Case, *, is_press: bool, by: User, now: datetime) -> None:
    """Say that the account behind a post speaks for a newsroom, or that it does not after all."""
    author = case.post.author
    if author is None or author.is_press != is_press:
        set_standing(case, Author.Standing.PRESS if is_press else "", by=by, now=now)


def _open_assessment(case: Case, *, by: User, now: datetime) -> Assessment:
    newest = case.assessments.order_by("-n").first()
    if newest and newest.completed_at is None:
        return newest
    n = newest.n + 1 if newest else 1
    return Assessment.objects.create(case=case, n=n, by=by, started_at=now)


def _store(
    case: Case, assessment: Assessment, answers: dict[str, str], *, by: User, now: datetime
) -> Question | Advice:
    """Keep the answers that count, and on the case the node where its judgement stands."""
    scheme = policy.scheme_of(case)
    assessment.answers = on_route(scheme, answers)
    assessment.by = by
    assessment.save(update_fields=["answers", "by"])
    step = next_step(scheme, assessment.answers)
    case.scheme_node = node_of(step)
    Case.objects.filter(pk=case.pk).update(scheme_node=case.scheme_node)
    return step


def _complete(case: Case, assessment: Assessment, advice: Advice, *, by: User, now: datetime) -> None:
    assessment.completed_at = now
    assessment.categories, assessment.advice_nodes = list(advice.categories), list(advice.nodes)
    assessment.has_suggestion = advice.suggestion
    assessment.save()
    Case.objects.filter(pk=case.pk).update(category=advice.primary)
    case.category = advice.primary
    clocks.set_due(case)
    counting.rejudged([case.pk], now=now)
    facts: dict[str, Any] = {"categories": SEPARATOR.join(advice.categories), "advice": list(advice.nodes)}
    move(case, State.ASSESSED, by=by, now=now, seen=State.NEW, facts=facts)
    routing.route_judged(case, advice.categories, now=now)


def _is_toggle(case: Case, node: str) -> bool:
    return node in {toggle.id for toggle in policy.scheme_of(case).toggles}


def _copy(held: Case, case: Case) -> None:
    """Let the caller's object show what was written."""
    for name in ("state", "scheme_node", "category", "assessed_at", "due_at"):
        setattr(case, name, getattr(held, name))
