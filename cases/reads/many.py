"""What many cases are done to: the cases picked, those alike, and each as a line on the page."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from cases.models import Case, SavedView, User
from cases.reads.searching import Filter, newest
from cases.rules.alike import MOST
from cases.rules.workflow import OPEN, State
from cases.suggestions.leads import stories_of
from cases.suggestions.stories import is_copy

LOOKED_AT = 1000
"""Newest cases to judge that are compared with one case, to propose those alike."""


@dataclass(frozen=True, slots=True)
class Line:
    """One case in a long list."""

    id: int
    state: str
    author: str
    text: str
    language: str


def lines(case_ids: Collection[int]) -> list[Line]:
    """These cases, the newest first, each in a line."""
    cases = Case.objects.filter(pk__in=list(case_ids)).select_related("post__author")
    return [
        Line(
            case.pk,
            case.state,
            (case.post.author.name or case.post.author.handle) if case.post.author else "",
            case.post.text,
            case.post.language,
        )
        for case in cases.order_by("-posted_at", "-pk")
    ]


def matching(user: User, wanted: Filter, *, now: datetime) -> tuple[list[int], bool]:
    """The newest cases that match, at most MOST, and whether there are more."""
    found = [pk for pk, _at in newest(user, wanted, now=now, most=MOST + 1)]
    return found[:MOST], len(found) > MOST


def alike(case: Case) -> list[int]:
    """The open cases that can be done together with this one: its conversation, and nearly the same words."""
    waiting = Case.objects.filter(state__in=[*OPEN])
    beside = Q(conversation=case.conversation) if case.conversation else Q(pk=case.pk)
    found = list(waiting.filter(beside | Q(pk=case.pk)).order_by("pk").values_list("pk", flat=True)[:MOST])
    fresh = Case.objects.filter(state=State.NEW).order_by("-pk").values_list("pk", flat=True)[:LOOKED_AT]
    told = stories_of({case.pk, *fresh})
    mine = told.get(case.pk)
    near = [pk for pk, story in told.items() if mine and is_copy(mine, story)]
    return list(dict.fromkeys([case.pk, *found, *near]))[:MOST]


def views_of(user: User) -> list[SavedView]:
    """One's own views and those that colleagues share, by name."""
    return list(SavedView.objects.filter(Q(owner=user) | Q(is_shared=True)).select_related("owner")[:100])
