"""Cases of one conversation in a list: one row for all of them, and what waits behind it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Coalesce, RowNumber

from cases.models import Case
from cases.rules.workflow import OPEN

MOST = 10
"""Cases named beside another."""


def first_of_each(view: QuerySet[Case], *, now: datetime) -> QuerySet[Case]:
    """Of these cases of a long view those that stand first in their conversation, by the order of the view.

    Asked case by case, so that pages need not know what stood on those before them: no conversation
    comes twice, and none is lost. The index on conversations has those that nobody put aside together,
    what comes first in front: asked apart, thousands that sleep before one are not read.
    """
    same = Q(is_urgent=OuterRef("is_urgent"))
    sooner = Q(due_at__lt=OuterRef("due_at")) | Q(due_at=OuterRef("due_at"), pk__lt=OuterRef("pk"))
    before = view.filter(
        Q(is_urgent__gt=OuterRef("is_urgent")) | same & sooner, conversation=OuterRef("conversation")
    )
    awake, woken = Exists(before.filter(snoozed_until=None)), Exists(before.filter(snoozed_until__lte=now))
    return view.filter(Q(conversation=None) | ~awake & ~woken)


def firsts(view: QuerySet[Case]) -> QuerySet[Case]:
    """The same of a short view, whose cases lie scattered over their conversations."""
    apart = Coalesce(F("conversation"), -F("pk"))
    order = (F("is_urgent").desc(), F("due_at").asc(), F("pk").asc())
    ranked = view.order_by().annotate(rank=Window(RowNumber(), partition_by=apart, order_by=order))
    return view.filter(pk__in=ranked.filter(rank=1).values("pk"))


@dataclass(frozen=True, slots=True)
class Talk:
    """How a case hangs together with others of its conversation.

    `follows`: the case whose author says more here; `followed_by`: where this author said more;
    `leads`: open cases of the conversation that this one can be merged into.
    """

    follows: Case | None
    followed_by: Sequence[Case]
    leads: Sequence[Case]


def talk(case: Case) -> Talk:
    """What stands around a case in its conversation; a case that stands alone asks no database."""
    if case.conversation is None:
        return Talk(None, (), ())
    posts = Case.objects.select_related("post__author")
    leads = posts.filter(conversation=case.conversation, state__in=[*OPEN], lead=None).exclude(pk=case.pk)
    return Talk(
        follows=posts.filter(pk=case.follows_id).first() if case.follows_id else None,
        followed_by=list(posts.filter(follows=case).order_by("-pk")[:MOST]),
        leads=list(leads.order_by("pk")[:MOST]),
    )


def n_waiting(view: QuerySet[Case], numbers: Collection[int]) -> dict[int, int]:
    """How many cases of each conversation are in a view."""
    if not numbers:
        return {}
    counted = view.filter(conversation__in=numbers).order_by().values("conversation").annotate(n=Count("pk"))
    return {number: n for number, n in counted.values_list("conversation", "n") if number}
