"""Everything the page of one case shows, in a bounded number of queries."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from cases import policy
from cases.models import (
    Assessment,
    AuditEvent,
    Case,
    CommsDecision,
    Escalation,
    Response,
    SchemeVersion,
    Watch,
    WatchCheck,
    case_subject,
)
from cases.reads.inbox import MAX_ID
from cases.rules.clocks import left
from cases.rules.elements import HINTED, Hint, machine_hint
from cases.rules.scheme import Scheme
from cases.rules.workflow import State
from monitoring import replies
from monitoring.connectors.base import No
from monitoring.models import Post, PostVersion

MOST_EVENTS, MOST_THREAD, MOST_COPIES = 100, 50, 20


@dataclass(frozen=True, slots=True)
class Outlet:
    """Whether and how a post can be answered through its platform. `most`: characters that fit."""

    is_open: bool
    why_not: str = ""
    intent_url: str = ""
    most: int | None = None


@dataclass(frozen=True, slots=True)
class CasePage:
    """One case with all that belongs to it.

    `thread`: the newest other posts of the conversation, in the order they were written; `n_thread`: how
    many there are in all, which is what a reply is held against.
    """

    case: Case
    assessment: Assessment | None
    thread: list[Post]
    n_thread: int
    earlier_texts: list[PostVersion]
    history: list[AuditEvent]
    watch: Watch | None
    checks: list[WatchCheck]
    escalation: Escalation | None
    response: Response | None
    sent: list[Response]
    decisions: list[CommsDecision]
    outlet: Outlet


def case_page(case: Case) -> CasePage:
    """The whole page. `case` comes from `access.case_for`."""
    responses = list(case.responses.select_related("author", "submitted_by").order_by("-pk"))
    response = next((r for r in responses if r.status in Response.PENDING), None)
    watch = case.watches.filter(ended_at=None).select_related("watcher").first()
    thread = conversation(case)
    return CasePage(
        case=case,
        assessment=case.assessments.order_by("-n").first(),
        thread=list(thread.order_by("-posted_at")[:MOST_THREAD])[::-1],
        n_thread=thread.count(),
        earlier_texts=list(PostVersion.objects.filter(post_id=case.pk).order_by("-replaced_at")[:5]),
        history=history(case),
        watch=watch,
        checks=list(watch.checks.select_related("by")[:3]) if watch else [],
        escalation=open_escalation(case),
        response=response,
        sent=[r for r in responses if r.status in (Response.Status.SENT, Response.Status.ELSEWHERE)],
        decisions=list(case.decisions.select_related("by").order_by("-at")),
        outlet=outlet(case, response.visibility if response else "public"),
    )


@dataclass(frozen=True, slots=True)
class Copies:
    """Some of the cases merged into a case, in the order of their numbers; `after`: where the next begin."""

    rows: list[Case]
    after: int | None


def copies_of(case: Case, *, after: int = 0) -> Copies:
    """The copies of a case with a higher number than `after`, at most MOST_COPIES."""
    if not case.n_copies:
        return Copies([], None)
    merged = case.copies.filter(state=State.MERGED, pk__gt=min(after, MAX_ID)).select_related("post__author")
    rows = list(merged.order_by("pk")[: MOST_COPIES + 1])
    more = len(rows) > MOST_COPIES
    rows = rows[:MOST_COPIES]
    return Copies(rows, rows[-1].pk if more else None)


def conversation(case: Case) -> QuerySet[Post]:
    """The other posts of the thread. Only the open conversation, never a person's history."""
    thread = Post.objects.filter(platform=case.post.platform, thread_id=case.post.thread_id)
    return thread.exclude(pk=case.pk).select_related("author")


def history(case: Case) -> list[AuditEvent]:
    """What happened, newest first."""
    events = AuditEvent.objects.filter(subject=case_subject(case.pk))
    return list(events.order_by("-seq")[:MOST_EVENTS])


def open_escalation(case: Case) -> Escalation | None:
    return case.escalations.filter(resolved_at=None).select_related("acknowledged_by", "watch").first()


def outlet(case: Case, visibility: str = "public") -> Outlet:
    """Whether this post can be answered through its source, in public or in a direct message."""
    allowed = replies.can_reply(case.post, visibility)
    most, _length = replies.measure(case.post, "", visibility)
    if isinstance(allowed, No):
        return Outlet(False, allowed.reason, allowed.intent_url)
    return Outlet(True, most=most)


def element_hints(opened: CasePage, *, now: datetime) -> dict[str, Hint]:
    """What the machine can say of the draft, by core element; the ticks stay a person's."""
    response = opened.response
    if response is None:
        return {}
    most, n_chars = replies.measure(opened.case.post, response.text, response.visibility)
    time_left = left(opened.case.due_at, now=now)
    found = (
        machine_hint(
            each,
            response.text,
            time_left=time_left,
            max_chars=most,
            n_chars=n_chars,
            language=opened.case.post.language,
        )
        for each in HINTED
    )
    return {hint.element: hint for hint in found if hint}


def current_scheme() -> Scheme | None:
    """The scheme that new cases are judged by, for the help page."""
    version = SchemeVersion.objects.filter(is_current=True).first()
    return policy.scheme_from(version) if version else None


@dataclass(frozen=True, slots=True)
class Measured:
    """A text as its platform counts it, with what the machine can say of the words."""

    n: int
    most: int | None
    platform: str
    hints: list[Hint]

    @property
    def is_over(self) -> bool:
        return self.most is not None and self.n > self.most


def measured(response: Response, text: str) -> Measured:
    """The same count that sending is held to."""
    post = response.case.post
    most, n = replies.measure(post, text, response.visibility)
    about = (
        machine_hint(each, text, max_chars=most, n_chars=n, language=post.language)
        for each in ("sources", "audience")
    )
    return Measured(n, most, post.platform, [hint for hint in about if hint])


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened to the post and its conversation since an answer was started."""

    is_edited: bool
    posts: list[Post]


def changes(opened: CasePage) -> Changes:
    response = opened.response
    if response is None:
        return Changes(False, [])
    n_new = max(0, opened.n_thread + 1 - response.n_thread_posts)
    newest = sorted(opened.thread, key=lambda post: post.pk)
    is_edited = response.post_version != opened.case.post.version
    return Changes(is_edited, newest[-n_new:] if n_new else [])
