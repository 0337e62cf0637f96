"""One case, post, watch or escalation as a program reads it, in a bounded number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, prefetch_related_objects

from cases import policy, wording
from cases.models import (
    Assessment,
    AuditEvent,
    Case,
    CommsDecision,
    Escalation,
    Response,
    User,
    Watch,
    WatchCheck,
)
from cases.reads.case import Outlet, history, open_escalation, outlet
from cases.reads.watches import with_states
from cases.reasons import strongest
from cases.rules.mandate import Covered, Grant, answerable, covers_all
from cases.rules.scheme import (
    REPLIES,
    Advice,
    Extension,
    Option,
    Question,
    deviations,
    node_of,
    open_extensions,
)
from cases.rules.workflow import OPEN, State
from monitoring.models import Post, PostVersion


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the judgement stands: a question to answer, or the advice that the answers lead to.

    `exits`: the ways out of the scheme that are open now; `toggles_on`: what was switched on.
    """

    node: str
    answers: dict[str, str]
    question: Question | None
    advice: Advice | None
    deviations: Sequence[Option]
    toggles_on: Sequence[str]
    exits: Sequence[Extension]


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """One case with all that belongs to it. `n_thread`: posts in its conversation, itself included.

    `may_answer`: the categories that the reader may answer from its account now; `proposals`: the options
    whose reply must be approved first.
    """

    case: Case
    judgement: Standing
    assessments: Sequence[Assessment]
    responses: Sequence[Response]
    watches: Sequence[Watch]
    escalation: Escalation | None
    decisions: Sequence[CommsDecision]
    history: Sequence[AuditEvent]
    outlet: Outlet
    n_thread: int
    has_mandate: bool
    may_answer: Sequence[str]
    proposals: Sequence[str]


def case_record(case: Case, *, viewer: User, now: datetime) -> CaseRecord:
    """The whole case for one reader. `case` comes from `access.case_for`."""
    assessments = list(case.assessments.select_related("by").order_by("n"))
    categories = policy.answered_categories(assessments[-1] if assessments else None)
    thread = Post.objects.filter(platform=case.post.platform, thread_id=case.post.thread_id)
    grants, asked = policy.grants_of(viewer), policy.ask_about(case)
    return CaseRecord(
        case=case,
        judgement=standing(case),
        assessments=assessments,
        responses=list(case.responses.select_related("author").order_by("pk")),
        watches=with_states(
            list(case.watches.select_related("watcher", "post", "profile").order_by("pk")), now=now
        ),
        escalation=open_escalation(case),
        decisions=list(case.decisions.select_related("by").order_by("pk")),
        history=history(case),
        outlet=outlet(case),
        n_thread=thread.count(),
        has_mandate=isinstance(covers_all(grants, categories=categories, on=now, ask=asked), Covered),
        may_answer=sorted(answerable(grants, on=now, ask=asked)),
        proposals=_proposals(case, grants, categories, now=now),
    )


def _watches(case: Case) -> list[Watch]:
    return list(case.watches.select_related("watcher", "post", "profile").order_by("pk"))


def _proposals(case: Case, grants: list[Grant], categories: list[str], *, now: datetime) -> list[str]:
    """The ways of answering offered here that this reader may only propose, and a colleague approves."""
    step = policy.judgement(case).step
    if case.state != State.ASSESSED or not isinstance(step, Advice):
        return []
    ways = [
        each for each in (*step.options, *deviations(policy.scheme_of(case), step)) if each.action in REPLIES
    ]
    asked = {option.id: policy.ask_about(case, option.action) for option in ways}
    return [
        option_id
        for option_id, ask in asked.items()
        if not isinstance(covers_all(grants, categories=categories, on=now, ask=ask), Covered)
    ]


def standing(case: Case) -> Standing:
    """A question while the case is new, the advice after that; neither for a case that left by an exit."""
    scheme, found = policy.scheme_of(case), policy.judgement(case)
    is_new = case.state == State.NEW
    shown = found.step if isinstance(found.step, Question) == is_new else None
    question = shown if isinstance(shown, Question) else None
    advice = shown if isinstance(shown, Advice) else None
    is_assessed = advice is not None and case.state == State.ASSESSED
    exits = [e for e in open_extensions(scheme) if is_new or (not e.switchable and case.state in OPEN)]
    answers = dict(found.assessment.answers) if found.assessment else {}
    return Standing(
        node=node_of(shown) if shown else case.scheme_node,
        answers=answers,
        question=question,
        advice=advice,
        deviations=deviations(scheme, advice) if advice and is_assessed else (),
        toggles_on=[toggle.id for toggle in advice.toggles if toggle.id in advice.nodes] if advice else [],
        exits=exits,
    )


def watch_record(watch: Watch, *, now: datetime) -> Watch:
    """A watch with how it stands and what people saw last, newest first."""
    with_states([watch], now=now)
    checks = WatchCheck.objects.select_related("by").order_by("-at")[:50]
    prefetch_related_objects([watch], Prefetch("checks", checks, to_attr="recent_checks"))
    return watch


def post_record(post: Post) -> Post:
    """A post with its last earlier texts, newest first."""
    versions = PostVersion.objects.order_by("-replaced_at")[:50]
    prefetch_related_objects([post], Prefetch("versions", versions, to_attr="earlier"))
    return post


def verdict_sentence(watch: Watch) -> str:
    """What the counts of a watch said last; "" when they were never judged."""
    return strongest(watch.verdict)


def alarm_sentence(escalation: Escalation) -> str:
    return wording.alarm(escalation)
