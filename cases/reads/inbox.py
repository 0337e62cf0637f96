"""The inbox: which cases wait for whom, page by page, and what is new since the page was read."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Max, Q, QuerySet

from cases.models import Case, Escalation, Notification, Situation, User, Watch
from cases.reads.conversations import first_of_each, firsts, n_waiting
from cases.reads.tallies import counted
from cases.rules.permissions import Need, may
from cases.rules.workflow import OPEN, State

PAGE = 40
MANY = 1000
"""Counts stop here: nobody needs to know whether 4,000 or 4,100 posts wait, and counting them is slow."""

FEW = 8
"""Cases of a conversation that are shown beside the one that is open."""

MAX_ID = 2**63 - 1

VIEWS = ("new", "mine", "decide", "snoozed", "all", "situations")

BY_CONVERSATION = frozenset({"new", "mine", "decide"})
"""Views with one row for a conversation. Counts stay in cases: each is judged by itself."""


@dataclass(frozen=True, slots=True)
class Row:
    """One case in a list, as text that a page can print.

    In a view by conversation it stands for all of its conversation that wait there: `n_more` besides itself.
    """

    id: int
    state: str
    category: str
    platform: str
    author: str
    handle: str
    text: str
    language: str
    posted_at: datetime
    due_at: datetime
    is_urgent: bool
    is_answerable: bool
    n_replies: int
    n_shares: int
    n_copies: int
    taken_by: str
    snoozed_until: datetime | None
    conversation: int | None
    n_more: int


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of cases. `after` is where the next page starts; "" = this is the last."""

    rows: list[Row]
    after: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """What else waits in the conversation of a case: the first few, and how many in all."""

    rows: list[Row]
    n: int


def inbox(user: User, view: str, *, now: datetime, after: str = "") -> Listed:
    """One page of a view. What must be answered first stands first; all cases: newest first."""
    cases = _view(user, view, now=now)
    if view == "all":
        return _by_time(cases, after=after, user=user, now=now)
    if view not in BY_CONVERSATION:
        return _by_due(cases, after=after, user=user, now=now)
    heads = first_of_each(cases, now=now) if view == "new" else firsts(cases)
    listed = _by_due(heads, after=after, user=user, now=now)
    waiting = n_waiting(cases, {row.conversation for row in listed.rows if row.conversation})
    rows = [replace(row, n_more=waiting.get(row.conversation or 0, 1) - 1) for row in listed.rows]
    return Listed(rows, listed.after)


def beside(user: User, case: Case, view: str, *, now: datetime) -> Beside | None:
    """The other cases of a conversation that wait in a view, in its order; None when none do."""
    if case.conversation is None or view not in BY_CONVERSATION:
        return None
    waiting = _view(user, view, now=now)
    others = waiting.filter(conversation=case.conversation).exclude(pk=case.pk)
    n = others.order_by()[:MANY].count()
    if not n:
        return None
    rows = _with_post(others).order_by("-is_urgent", "due_at", "pk")[:FEW]
    return Beside([_row(each, user=user, now=now) for each in rows], n)


def rows_of(user: User, case_ids: Sequence[int], *, now: datetime) -> list[Row]:
    """These cases as rows, the newest first."""
    cases = _with_post(Case.objects.filter(pk__in=case_ids)).order_by("-posted_at", "-pk")
    return [_row(case, user=user, now=now) for case in cases]


def token_of(posted_at: datetime, case_id: int) -> str:
    """The token of a place on the way back in time."""
    return f"0_{posted_at.timestamp()}_{case_id}"


def place_of(token: str) -> tuple[datetime, int]:
    """When and which case the token names; one that is not ours names the beginning of time."""
    return _cursor(token)[1:]


def counts(user: User, *, now: datetime) -> dict[str, int]:
    """How many wait in each view, to at most MANY."""
    views = [
        view
        for view in VIEWS
        if view not in ("all", "situations") and (view != "decide" or may(user.role, Need.DECIDE))
    ]
    return counted({view: _view(user, view, now=now) for view in views}, most=MANY)


@dataclass(frozen=True, slots=True)
class News:
    """What the navigation shows, and the token of this moment. `n_new`: posts since the token given."""

    token: str
    counts: dict[str, int] = field(default_factory=dict)
    n_new: int = 0
    alarm: int | None = None


def news(user: User, *, now: datetime, since: str = "", situation: int | None = None) -> News:
    """The live counts. `alarm` is an escalation raised since the token that nobody has taken yet.

    `situation`: new are only the posts of that one.
    """
    ringing = Escalation.objects.filter(status=Escalation.Status.RUNNING)
    lists = {
        "inbox": _view(user, "new", now=now),
        "watches": Watch.objects.filter(ended_at=None),
        "alarms": ringing,
        "notifications": _unread(user),
    }
    waiting = counted(lists, most=MANY, highest={"newest": Case.objects.all()})
    newest = waiting.pop("newest")
    rung = ringing.aggregate(newest=Max("raised_at"))["newest"]
    rung_at = int(rung.timestamp()) if rung else 0
    token = f"{newest}.{rung_at}.{'.'.join(str(n) for n in waiting.values())}"
    seen_case, seen_alarm = _seen(since)
    if not since or since == token:
        return News(token, waiting)
    fresh = Case.objects.filter(pk__gt=seen_case, state=State.NEW)
    fresh = fresh.filter(situation=situation) if situation else fresh
    return News(
        token, waiting, fresh[:MANY].count(), _alarm_since(seen_alarm) if rung_at > seen_alarm else None
    )


def held(user: User, case_ids: Sequence[int], *, now: datetime) -> dict[int, str]:
    """Of these cases those that a colleague is at now, with the colleague's name."""
    ids = [pk for pk in case_ids if pk <= MAX_ID][: 2 * PAGE]
    taken = Case.objects.filter(pk__in=ids, taken_until__gt=now).exclude(taken_by=user)
    return {case.pk: str(case.taken_by) for case in taken.select_related("taken_by").order_by("pk")}


def unread(user: User) -> int:
    """In-app messages that somebody has not read."""
    return _unread(user)[:MANY].count()


def _unread(user: User) -> QuerySet[Notification]:
    return Notification.objects.filter(recipient=user, channel=Notification.Channel.IN_APP, read_at=None)


def oldest_waiting(*, now: datetime) -> datetime | None:
    """When the post was opened that has waited longest to be judged."""
    waiting = Case.objects.filter(_awake(now), state=State.NEW)
    return waiting.order_by("opened_at").values_list("opened_at", flat=True).first()


def _awake(now: datetime) -> Q:
    return Q(snoozed_until=None) | Q(snoozed_until__lte=now)


def _view(user: User, view: str, *, now: datetime) -> QuerySet[Case]:
    cases = Case.objects.all()
    if view in ("new", "situations"):
        running = Q(situation__in=Situation.objects.filter(status=Situation.Status.OPEN).values("pk"))
        apart = running if view == "situations" else Q(situation=None) | ~running
        return cases.filter(_awake(now), apart, state=State.NEW)
    if view == "mine":
        at_it = Q(assignee=user) | Q(taken_by=user, taken_until__gt=now)
        return cases.filter(at_it, state__in=[*OPEN]).exclude(state=State.WATCHING)
    if view == "decide":
        return cases.filter(state__in=[State.COMMS, State.APPROVAL])
    if view == "snoozed":
        return cases.filter(snoozed_until__gt=now, state__in=[*OPEN])
    return cases


def _by_due(cases: QuerySet[Case], *, after: str, user: User, now: datetime) -> Listed:
    if after:
        urgent, due_at, pk = _cursor(after)
        later = Q(due_at__gt=due_at) | Q(due_at=due_at, pk__gt=pk)
        cases = cases.filter(Q(is_urgent=urgent) & later | Q(is_urgent__lt=urgent))
    found = list(_with_post(cases).order_by("-is_urgent", "due_at", "pk")[: PAGE + 1])
    more = found[PAGE - 1] if len(found) > PAGE else None
    token = f"{int(more.is_urgent)}_{more.due_at.timestamp()}_{more.pk}" if more else ""
    return Listed([_row(case, user=user, now=now) for case in found[:PAGE]], token)


def _by_time(cases: QuerySet[Case], *, after: str, user: User, now: datetime) -> Listed:
    if after:
        _urgent, posted_at, pk = _cursor(after)
        cases = cases.filter(Q(posted_at__lt=posted_at) | Q(posted_at=posted_at, pk__lt=pk))
    found = list(_with_post(cases).order_by("-posted_at", "-pk")[: PAGE + 1])
    more = found[PAGE - 1] if len(found) > PAGE else None
    token = f"0_{more.posted_at.timestamp()}_{more.pk}" if more else ""
    return Listed([_row(case, user=user, now=now) for case in found[:PAGE]], token)


def _cursor(after: str) -> tuple[bool, datetime, int]:
    """Where the last page ended; a token that is not ours starts at the beginning of time."""
    parts = after.split("_")
    try:
        urgent, moment, pk = int(parts[0]), float(parts[1]), int(parts[2])
        return bool(urgent), datetime.fromtimestamp(moment).astimezone(), max(0, min(pk, MAX_ID))
    except (IndexError, ValueError, OverflowError, OSError):
        return True, datetime.fromtimestamp(0).astimezone(), 0


def _seen(token: str) -> tuple[int, int]:
    parts = token.split(".")
    known = [int(part) for part in parts[:2] if part.isdecimal() and len(part) < 12]
    return (known[0], known[1]) if len(known) == 2 else (0, 0)


def _alarm_since(seconds: int) -> int | None:
    since = datetime.fromtimestamp(seconds + 1).astimezone()
    fresh = Escalation.objects.filter(status=Escalation.Status.RUNNING, raised_at__gte=since)
    return fresh.order_by("-level", "-raised_at").values_list("pk", flat=True).first()


def _with_post(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.select_related("post__author", "taken_by")


def _row(case: Case, *, user: User, now: datetime) -> Row:
    post: Any = case.post
    author = post.author
    is_held = case.taken_until is not None and case.taken_until > now and case.taken_by_id != user.pk
    return Row(
        id=case.pk,
        state=case.state,
        category=case.category,
        platform=post.platform,
        author=(author.name or author.handle) if author else "",
        handle=author.handle if author else "",
        text=post.text,
        language=post.language,
        posted_at=post.posted_at,
        due_at=case.due_at,
        is_urgent=case.is_urgent,
        is_answerable=case.responded_at is None and case.closed_at is None and case.state in OPEN,
        n_replies=post.n_replies,
        n_shares=post.n_shares,
        n_copies=case.n_copies,
        taken_by=str(case.taken_by) if is_held else "",
        snoozed_until=case.snoozed_until if case.snoozed_until and case.snoozed_until > now else None,
        conversation=case.conversation,
        n_more=0,
    )
