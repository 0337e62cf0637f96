"""Lists for programs: newest first, page by page behind a number, so that nothing shifts between pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from cases import duty
from cases.models import Case, Escalation, User, Watch
from cases.reads.watches import with_states
from cases.rules.permissions import MAY, Need
from cases.rules.workflow import OPEN, State
from monitoring.models import Post

M = TypeVar("M", bound=Model)

ESCALATION_STATUSES = [str(status) for status in Escalation.Status.values]


class UnknownPerson(Exception):
    """A name that nobody here has, or somebody whose role does not allow what is asked of them."""

    def __init__(self, username: str, need: Need) -> None:
        super().__init__(username, need)
        self.username, self.need = username, need

    def __str__(self) -> str:
        return _("There is no colleague '%(name)s' who may do this: %(need)s.") % {
            "name": self.username,
            "need": self.need.value,
        }


@dataclass(frozen=True, slots=True)
class Paged(Generic[M]):
    """One page. `before`: the number below which the next page starts; None = this is the last."""

    rows: Sequence[M]
    before: int | None


@dataclass(frozen=True, slots=True)
class Span:
    """Which page: at most `limit` rows with a number below `before`."""

    before: int | None = None
    limit: int = 40


@dataclass(frozen=True, slots=True)
class CasesWanted:
    state: str = ""
    category: str = ""
    is_mine: bool = False
    conversation: int | None = None


def person_named(username: str, need: Need) -> User:
    """The colleague with this name who may do this. Raises UnknownPerson."""
    found = User.objects.filter(username=username, is_active=True, role__in=MAY[need]).first()
    if found is None:
        raise UnknownPerson(username, need)
    return found


def cases_page(user: User, wanted: CasesWanted, span: Span, *, now: datetime) -> Paged[Case]:
    """Cases, newest number first. Mine: assigned to this person or taken now, and still to be done."""
    cases = Case.objects.select_related("post__author", "scheme", "assignee", "taken_by")
    if wanted.state:
        cases = cases.filter(state=wanted.state)
    if wanted.category:
        cases = cases.filter(category=wanted.category)
    if wanted.conversation is not None:
        cases = cases.filter(conversation=wanted.conversation)
    if wanted.is_mine:
        at_it = Q(assignee=user) | Q(taken_by=user, taken_until__gt=now)
        cases = cases.filter(at_it, state__in=OPEN - {State.WATCHING})
    return _page(cases, span)


def posts_page(span: Span, *, platform: str = "", thread_id: str = "") -> Paged[Post]:
    """Posts, newest number first; a whole conversation with `platform` and `thread_id`."""
    posts = Post.objects.select_related("author", "case")
    if platform:
        posts = posts.filter(platform=platform)
    if thread_id:
        posts = posts.filter(thread_id=thread_id)
    return _page(posts, span)


def watches_page(
    user: User, span: Span, *, now: datetime, is_mine: bool = False, is_open: bool | None = None
) -> Paged[Watch]:
    found = Watch.objects.select_related("watcher", "post", "profile")
    if is_mine:
        here = duty.shifts_now(now=now).filter(person=user).values("post")
        found = found.filter(Q(watcher=user) | Q(post__in=here))
    if is_open is not None:
        found = found.filter(ended_at__isnull=is_open)
    paged = _page(found, span)
    with_states(paged.rows, now=now)
    return paged


def escalations_page(span: Span, *, status: str = "", case_id: int | None = None) -> Paged[Escalation]:
    escalations = Escalation.objects.select_related("raised_by", "acknowledged_by", "offered_to")
    if status:
        escalations = escalations.filter(status=status)
    if case_id is not None:
        escalations = escalations.filter(case_id=case_id)
    return _page(escalations, span)


def _page(found: QuerySet[M], span: Span) -> Paged[M]:
    if span.before is not None:
        found = found.filter(pk__lt=span.before)
    rows = list(found.order_by("-pk")[: span.limit + 1])
    more = len(rows) > span.limit
    rows = rows[: span.limit]
    return Paged(rows, rows[-1].pk if more else None)
