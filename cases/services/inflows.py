"""What brings cases into a situation by itself: a query, or a story."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q
from django.utils.translation import gettext as _

from cases.models import Case, Inflow, Situation, User
from cases.rules.workflow import State
from cases.services import audit, joining
from cases.services.joining import subject_of
from cases.suggestions.leads import Found
from monitoring.models import PostMatch, Query
from monitoring.store import StoredPost

Thread = tuple[str, str]
Place = tuple[int | None, int | None]
"""The situation a case belongs to, and the inflow that brought it there."""

NOWHERE: Place = (None, None)

AT_ONCE = 200
"""Cases in one transaction of the walk back."""

SETTLED = timedelta(minutes=5)
"""No page takes longer to commit: what was opened while an inflow began is looked at once more after it."""

AGAIN = 0
"""`Inflow.reached` of one whose walk is done but for that second look."""


class InflowRefused(Exception):
    """An inflow that cannot be: says why and what to do."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return self.why


def add(
    situation: Situation,
    *,
    query: Query | None = None,
    story: Case | None = None,
    since: datetime,
    by: User,
    now: datetime,
) -> Inflow:
    """Let what a query hears, or a story, join from now on, and what was posted since `since` as well.

    A query or a story flows into one situation at a time. Raises InflowRefused or SituationOver.
    """
    story = story.lead if story and story.state == State.MERGED and story.lead else story
    with transaction.atomic():
        held = _open(situation)
        if (query is None) == (story is None):
            raise InflowRefused(_("Choose a query or a case whose story belongs here."))
        _refuse_elsewhere(query, story)
        newest = Case.objects.aggregate(newest=Max("pk"))["newest"] or 0
        try:
            with transaction.atomic():
                inflow = Inflow.objects.create(
                    situation=held,
                    query=query,
                    story=story,
                    since=since,
                    reached=newest + 1,
                    by=by,
                    started_at=now,
                )
        except IntegrityError:  # somebody let it flow elsewhere at this moment
            _refuse_elsewhere(query, story)
            raise
        facts = {"inflow": inflow.pk, "query": str(query or ""), "story": story.pk if story else None}
        audit.append(subject_of(held.pk), "inflow added", by=by, now=now, facts=facts)
    return inflow


def _refuse_elsewhere(query: Query | None, story: Case | None) -> None:
    running = Inflow.objects.filter(ended_at=None).select_related("situation")
    taken = running.filter(query=query) if query else running.filter(story=story)
    if other := taken.first():
        raise InflowRefused(
            _("This flows into the situation “%(name)s” already; stop it there first.")
            % {"name": other.situation.name}
        )


def stop(inflow: Inflow, *, by: User, now: datetime) -> bool:
    """Let it bring nothing more; what it brought stays. False when it was stopped before."""
    with transaction.atomic():
        Situation.objects.select_for_update(no_key=True).get(pk=inflow.situation_id)
        if not Inflow.objects.filter(pk=inflow.pk, ended_at=None).update(ended_at=now, reached=None):
            return False
        facts = {"inflow": inflow.pk, "joined": inflow.n_joined}
        audit.append(subject_of(inflow.situation_id), "inflow stopped", by=by, now=now, facts=facts)
    inflow.ended_at = now
    return True


def places(
    heard: Sequence[StoredPost],
    found: Mapping[int, Found],
    held: Mapping[int, Case],
    talking: Mapping[Thread, Place],
) -> dict[int, Place]:
    """Where the new posts of a page belong: with their lead, else in their conversation, else by a query.

    `held`: the leads from before this page. A copy follows its lead whatever it matched.
    """
    matched = by_query()
    placed: dict[int, Place] = {}
    for post in heard:  # the oldest first, so that a lead of this page comes before its copies
        copy = found.get(post.id)
        if copy is not None:
            lead = held.get(copy.lead_id)
            place = (lead.situation_id, lead.inflow_id) if lead else placed.get(copy.lead_id, NOWHERE)
        else:
            thread = (post.mention.platform, post.thread_id)
            hits = (matched[query] for query in sorted(post.query_ids) if query in matched)
            place = talking.get(thread) or next(hits, NOWHERE)
        if place != NOWHERE:
            placed[post.id] = place
    return placed


def by_query() -> Mapping[int, Place]:
    """Per query that flows into a situation: (situation, inflow). One quick query a page."""
    rows = Inflow.objects.filter(ended_at=None, query__isnull=False).values_list(
        "query_id", "situation_id", "pk"
    )
    return {query_id: (situation_id, pk) for query_id, situation_id, pk in rows if query_id}


def to_walk(*, now: datetime) -> list[int]:
    """Inflows that still have cases of before to look at."""
    waiting = Inflow.objects.filter(ended_at=None, reached__isnull=False)
    due = waiting.filter(Q(reached__gt=AGAIN) | Q(started_at__lte=now - SETTLED))
    return list(due.order_by("pk").values_list("pk", flat=True))


def walk(inflow_id: int, *, now: datetime) -> bool:
    """Join the next cases of before, the newest first; False when there are none left.

    How far it came moves in the transaction that joins them: a crash repeats a bit and skips none. When its
    situation closes meanwhile there is nothing more to bring.
    """
    with suppress(joining.SituationOver), transaction.atomic():
        # The row is read before cases are held and moved on by what was read: two walkers go one way.
        inflow = Inflow.objects.select_related("situation", "by").get(pk=inflow_id)
        if inflow.ended_at or inflow.reached is None:
            return False
        found = _before(inflow, now=now)
        joined = joining.join(inflow.situation, found, by=None, now=now, inflow=inflow) if found else []
        reached = _next(inflow, found, joined)
        moved = Inflow.objects.filter(pk=inflow.pk, reached=inflow.reached, ended_at=None)
        if not moved.update(reached=reached, n_joined=F("n_joined") + len(joined)):
            transaction.set_rollback(True)
            return False
        return reached is not None and (reached > AGAIN or inflow.reached == AGAIN)
    return False


def _before(inflow: Inflow, *, now: datetime) -> list[int]:
    """The next cases that this inflow would have brought, had it been there when they came."""
    if inflow.story_id:
        return [inflow.story_id] if inflow.reached else []
    matched = PostMatch.objects.filter(query=inflow.query_id).order_by("-post_id")
    if inflow.reached == AGAIN:
        # In a flood thousands came meanwhile, most of them in by now: only who is nowhere, some at a time.
        nowhere = matched.filter(post__case__isnull=False, post__case__situation=None)
        recent = nowhere.filter(post__fetched_at__gte=inflow.started_at - SETTLED)
        posts = recent.filter(post__fetched_at__lte=inflow.started_at + SETTLED)[:AT_ONCE]
    else:
        posts = matched.filter(post__lt=inflow.reached, post__posted_at__gte=inflow.since)[:AT_ONCE]
    return list(posts.values_list("post_id", flat=True))


def _next(inflow: Inflow, found: list[int], joined: list[int]) -> int | None:
    if inflow.reached == AGAIN:  # who joined is not found again; when nobody does there is nobody left
        return AGAIN if joined and len(found) == AT_ONCE else None
    return found[-1] if len(found) == AT_ONCE else AGAIN


def _open(situation: Situation) -> Situation:
    held = Situation.objects.select_for_update(no_key=True).get(pk=situation.pk)
    if held.status != Situation.Status.OPEN:
        raise joining.SituationOver(held)
    return held
