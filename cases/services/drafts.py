"""What somebody typed for a reply, what they saw while typing, and what keeps it from leaving."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from cases import carried, policy
from cases.models import Case, Response, User
from cases.rules import placeholders
from cases.rules.mandate import Ask, Covered, NotCovered
from cases.rules.permissions import Role
from cases.rules.scheme import Action
from cases.rules.workflow import State
from cases.services import promises
from cases.services.transitions import lock
from monitoring import replies
from monitoring.connectors.base import No
from monitoring.models import Post

TYPED = ("text", "claim", "fact_source", "inquiry", "what_we_do", "audience", "holding_until")

SKIPPED = "skipped"
"""A core element that the author did not tick: recorded as such, and never a reason to block."""


class CannotSend(Exception):
    """A reply that may not leave yet: every reason at once, so that it is mended in one go."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(reasons)
        self.reasons = reasons

    def __str__(self) -> str:
        return " ".join(self.reasons)


class ReplyChanged(Exception):
    """Somebody changed the reply after the page was opened: what was typed there is not stored."""

    def __init__(self, case_id: int) -> None:
        super().__init__(case_id)
        self.case_id = case_id

    def __str__(self) -> str:
        return _(
            "This reply was changed after you opened the page. Nothing was sent or kept; "
            "read the reply as it is now and try again."
        )


@dataclass(frozen=True, slots=True)
class Draft:
    """What the author typed: the text, and what the scheme asks beside it.

    `holding_until`: this only says that we are finding out, and promises an answer by then. `claim`: what
    the post says that is not so. `promise`: what else is promised here, until `promise_due_at`.
    """

    text: str
    claim: str = ""
    fact_source: str = ""
    inquiry: str = ""
    what_we_do: str = ""
    audience: str = ""
    holding_until: datetime | None = None
    promise: str = ""
    promise_due_at: datetime | None = None
    elements: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """What stood on the officer's page: the revision of the reply, how many posts the conversation had,
    the version (the edit) of the post, and how its claims stood (`carried.standing`).

    None: the page did not say, and nothing is held against it.
    """

    revision: int | None = None
    thread: int | None = None
    version: str | None = None
    claims: int | None = None


NOTHING = Seen()


def no_way_out(response: Response, case: Case, *, now: datetime) -> list[str]:
    """A post that its platform, or its capture, gives no way to answer from here, or not in this way."""
    if not isinstance(replies.can_reply(case.post, response.visibility, now=now), No):
        return []
    if response.visibility == "direct" and not isinstance(replies.can_reply(case.post), No):
        return [
            _(
                "A direct message cannot be sent from here. Change the option, or send it on the platform "
                "and record it as answered elsewhere."
            )
        ]
    return [
        _(
            "This post cannot be answered from here. Answer it where it stands, "
            "then record it as answered elsewhere."
        )
    ]


def one_voice(response: Response, case: Case, *, by: User | None, now: datetime) -> list[str]:
    """A situation that is locked to one voice: a vetted answer passes as it is, all else needs the duty lead.

    `by`: who lets it go.
    """
    situation = case.situation
    if situation is None or not situation.is_locked or situation.status != situation.Status.OPEN:
        return []
    if (by and by.role == Role.LEAD) or carried.is_unaltered(response, now=now):
        return []
    return [
        _(
            "“%(name)s” speaks with one voice (locked by %(who)s). A vetted answer may leave as it is; "
            "anything else a duty lead lets go. Submit it for approval."
        )
        % {"name": situation.name, "who": situation.locked_by}
    ]


def missing(response: Response, *, now: datetime) -> list[str]:
    """What the scheme asks of this reply and is not there yet.

    A holding reply needs no source yet, nor what exactly is not so: that is being found out.
    """
    until = response.holding_until
    asked = [
        ("fact_source", response.claim, _("Write down what the post says that is not so.")),
        ("fact_source", response.fact_source, _("Name the source of the facts you correct with.")),
        ("inquiry", response.inquiry, _("Write down what you found out about what happened.")),
        ("what_we_do", response.what_we_do, _("Say what will be done with the suggestion.")),
    ]
    reasons = [
        sentence
        for need, value, sentence in asked
        if need in response.requires and not value.strip() and not (need == "fact_source" and until)
    ]
    reasons += unfilled(response.text)
    if until and until <= now:
        reasons.append(_("The promised time is over already; promise a later one."))
    if not response.text.strip():
        reasons.insert(0, _("The reply is empty."))
    return reasons


def unfilled(text: str) -> list[str]:
    """The gaps of a template that nobody filled in: nobody outside may read them."""
    gaps = placeholders.unfilled(text)
    if not gaps:
        return []
    return [
        _("The text still has gaps: %(gaps)s. Fill them in or take them out.") % {"gaps": ", ".join(gaps)}
    ]


def too_long(response: Response) -> list[str]:
    limit, length = replies.measure(response.case.post, response.text, response.visibility)
    if limit is None or length <= limit:
        return []
    facts = {"length": length, "limit": limit, "over": length - limit}
    return [_("The reply counts %(length)d characters and %(limit)d fit; shorten it by %(over)d.") % facts]


def thread_changed(response: Response, case: Case, seen: Seen) -> list[str]:
    n_seen = response.n_thread_posts if seen.thread is None else seen.thread
    n_new = thread_size(case) - n_seen
    if n_new <= 0:
        return []
    return [
        _("The conversation has %(n)d new posts since you started; read them and send again.") % {"n": n_new}
    ]


def post_changed(response: Response, case: Case, seen: Seen = NOTHING) -> list[str]:
    """The post says something else than when its answer was written."""
    read = response.post_version if seen.version is None else seen.version
    if case.post.version == read:
        return []
    return [_("The post was edited since this answer was started; read it and send again.")]


def claims_changed(response: Response, *, now: datetime, seen: Seen = NOTHING) -> list[str]:
    """What is known of the claims of the case is not what it was, or the answer put in here is over."""
    return carried.changed(response, read=seen.claims) + carried.answer_is_over(response, now=now)


def cite(response: Response) -> None:
    """Facts are collected once: what nobody typed of claim and source is what the register has of them."""
    typed = response.claim.strip() if isinstance(response.claim, str) else ""  # none in a row just begun
    if "fact_source" not in response.requires or (typed and response.fact_source.strip()):
        return
    claim, source = carried.cited(carried.claims_on(response.case))
    response.claim = response.claim if typed else claim
    response.fact_source = response.fact_source if response.fact_source.strip() else source


def thread_size(case: Case) -> int:
    return Post.objects.filter(platform=case.post.platform, thread_id=case.post.thread_id).count()


def save_draft(response: Response, draft: Draft, *, by: User, now: datetime, seen: Seen = NOTHING) -> None:
    """Keep what was typed; nothing is checked yet, so nothing can be lost.

    Raises ReplyChanged when somebody else saved after the page was opened.
    """
    with transaction.atomic():
        case = hold(response, Response.Status.DRAFT, state=State.DRAFTING, seen=seen)
        if draft.text != response.text:
            rewritten(response, by)
        for name in TYPED:
            setattr(response, name, getattr(draft, name))
        elements = policy.scheme_of(response.case).elements
        response.elements = {e.id: draft.elements.get(e.id) or SKIPPED for e in elements}
        if seen.version is not None:
            response.post_version = seen.version
        if seen.claims is not None:
            response.claim_revision = seen.claims
        cite(response)
        response.approved_by, response.solo_reason, response.review_due_at = None, "", None
        response.revision += 1
        response.save()
    if draft.promise.strip():  # after the words were kept: a promise that is refused loses none of them
        _promise(response, draft, case, by=by, now=now)


def _promise(response: Response, draft: Draft, case: Case, *, by: User, now: datetime) -> None:
    """What is promised beside the words becomes a task at once: whoever reads along sees it on the case."""
    due_at = draft.promise_due_at
    if due_at is None:
        raise CannotSend([_("Say by when you promise this.")])
    promises.promise(case, draft.promise, due_at=due_at, by=by, now=now, response=response)


def rewritten(response: Response, by: User) -> None:
    """The words are (also) theirs now: whoever wrote any of them does not approve them."""
    before = [response.written_by_id] if response.written_by_id else []
    response.written_by, response.wrote = by, sorted({*response.wrote, *before, by.pk})


def hold(response: Response, status: Response.Status, *, state: State, seen: Seen = NOTHING) -> Case:
    """The case with its row held, and the reply as it is stored now.

    Raises CaseChanged; CannotSend when this reply was put aside for another one meanwhile; and
    ReplyChanged when it is not the revision that was seen.
    """
    case = lock(response.case, seen=state)
    response.refresh_from_db()
    if response.status != status:
        raise CannotSend([_("This reply was put aside meanwhile; open the case again.")])
    if seen.revision is not None and seen.revision != response.revision:
        raise ReplyChanged(case.pk)
    return case


def enqueue(response: Response, covered: Covered | NotCovered, *, now: datetime) -> None:
    response.status = Response.Status.QUEUED
    response.send_at = now + timedelta(seconds=settings.UNDO_WINDOW_S)
    response.error = ""
    response.revision += 1
    response.mandate_id = covered.grant.number if isinstance(covered, Covered) else None
    response.save()


def categories_of(case: Case) -> list[str]:
    return policy.answered_categories(case.assessments.order_by("-n").first())


def ask_of(response: Response, case: Case) -> Ask:
    """What sending this reply asks of a mandate."""
    is_direct = response.visibility == Response.Visibility.DIRECT
    return policy.ask_about(case, Action.REPLY_DIRECT if is_direct else Action.REPLY_PUBLIC)


def mandate_for(response: Response, case: Case, *, by: User, now: datetime) -> Covered | NotCovered:
    """Whether somebody may say this now, with all that it asks."""
    return policy.mandate_of(by, categories_of(case), now=now, ask=ask_of(response, case))


def facts_of(response: Response) -> dict[str, Any]:
    return {
        "response": response.pk,
        "text": response.text,
        "option": response.option,
        "fact source": response.fact_source,
        "elements": response.elements,
        "by mandate": response.mandate_id,
    }
