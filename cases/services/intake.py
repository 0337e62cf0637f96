"""Every post that was heard becomes a case, in the transaction that stores the post."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from cases import policy, targets
from cases.cuelist import has_hard_trigger
from cases.models import Case, User
from cases.rules.asking import asks
from cases.rules.workflow import State
from cases.services import audit, clocks, copies, counting, inflows, reactions
from cases.services.inflows import NOWHERE, Place
from cases.services.routing import Routed, route_new
from cases.services.transitions import hold, hold_all
from cases.suggestions import leads
from cases.suggestions.leads import Found, Told
from monitoring import bulk
from monitoring.connectors.base import Kind, Mention
from monitoring.language import spoken
from monitoring.models import Post, PostVersion
from monitoring.store import Stored, StoredPost, upsert_posts

CASE_FIELDS = (
    "post_id",
    "state",
    "scheme_id",
    "scheme_node",
    "category",
    "outcome",
    "is_urgent",
    "posted_at",
    "opened_at",
    "due_at",
    "lead_id",
    "n_copies",
    "assignee_id",
    "conversation",
    "follows_id",
    "situation_id",
    "inflow_id",
    "asks",
)


PLACING = ("state", "lead", "is_urgent", "n_copies", "situation", "inflow")
"""What is read of a case to see whether posts of a page are copies of it."""


@dataclass(frozen=True, slots=True)
class _Opening:
    """What the cases of one page have in common."""

    scheme_id: int
    start: str
    routed: Mapping[int, Routed]
    numbers: Mapping[int, int]
    follows: Mapping[int, int]
    places: Mapping[int, Place]
    now: datetime
    due_at: Mapping[tuple[bool, int | None], datetime]
    """By whether a post is urgent, and its situation."""


def open_cases(stored: Stored, *, now: datetime) -> int:
    """Open a case for every new post, write its first event and add it to the watches' counts.

    A bare boost is reach: it is counted and opens nothing. A near-copy of an open case opens as
    merged into it. Cases of one conversation share its number; the author of a case that says more
    opens it again. Edits are written down with the case of their post. Returns the number of cases
    opened.
    """
    heard = [post for post in stored.new if post.mention.kind is not Kind.BOOST]
    # The oldest first: of a story that stands twice on the page it is the lead.
    heard.sort(key=lambda post: (post.mention.posted_at, post.id))
    told = _told(heard, now=now)
    # Leads and edited cases at once, in the order of their numbers and before any watch, as everywhere.
    around = reactions.look(heard)
    asked = around.cases | {pk for post in told for pk in post.near}
    held = _hold(asked, stored.edited)
    copied: dict[int, int] = {}
    placed: dict[int, int] = {}
    if heard:
        found = leads.place(told, held)
        gained = copies.counted(found)
        places = inflows.places(heard, found, held, around.places)
        _open(heard, told, found, gained, around, places, now=now)
        copies.add_to_leads({pk: n for pk, n in gained.items() if pk in held}, held)
        copied = {pk: copy.lead_id for pk, copy in found.items()}
        placed = {pk: number for pk, (number, _inflow) in places.items() if number}
        reactions.on_reaction(around, heard, copied, now=now)
    if stored.edited:
        _note_edits([held[pk] for pk in sorted(stored.edited) if pk in held], now=now)
    counting.count(stored.new, now=now, copied=copied, placed=placed, matched=stored.matched)
    return len(heard)


def capture(mention: Mention, *, by: User, now: datetime) -> tuple[Case, bool]:
    """Open a case for a post that somebody pasted or was told; (case, False) when it was known."""
    with transaction.atomic():
        stored = upsert_posts([spoken(mention)], now=now)
        open_cases(stored, now=now)
        case = Case.objects.get(post__platform=mention.platform, post__canonical_id=mention.canonical_id)
        if stored.new:
            audit.append(audit.subject_of(case.pk), "captured", by=by, now=now, facts={"url": mention.url})
    return case, bool(stored.new)


def _hold(asked: Collection[int], edited: Collection[int]) -> dict[int, Case]:
    """The cases that a page touches, with the leads that its edited copies have by now."""
    if edited:
        return hold_all(lambda: {*asked, *edited, *copies.leads_of(edited)}, only=PLACING)
    return hold(asked, only=PLACING) if asked else {}


def _told(heard: Sequence[StoredPost], *, now: datetime) -> list[Told]:
    return leads.tell(
        [
            (
                post.id,
                post.mention.text,
                leads.conversation_of(post.mention.kind, post.mention.platform, post.thread_id),
                has_hard_trigger(post.mention.text),
            )
            for post in heard
        ],
        now=now,
    )


def _open(
    heard: Sequence[StoredPost],
    told: Sequence[Told],
    found: Mapping[int, Found],
    gained: Mapping[int, int],
    around: reactions.Around,
    places: Mapping[int, Place],
    *,
    now: datetime,
) -> None:
    version = policy.current_version()
    routed = route_new((post for post in heard if post.id not in found), now=now)
    follows = reactions.followed(around, heard, found)
    numbers = reactions.place(around, heard)
    due_at = {
        (is_urgent, situation): targets.due(
            start=now, priority=targets.URGENT if is_urgent else targets.NORMAL, situation=situation
        )
        for is_urgent in {said.is_urgent for said in told}
        for situation in {None, *(place[0] for place in places.values())}
    }
    start = policy.scheme_from(version).start
    opening = _Opening(version.pk, start, routed, numbers, follows, places, now, due_at)
    rows = (
        _row(post, opening, said.is_urgent, found.get(post.id), gained.get(post.id, 0))
        for post, said in zip(heard, told, strict=True)
    )
    bulk.insert(Case, CASE_FIELDS, rows)
    facts = ((audit.subject_of(post.id), _facts(post, found.get(post.id), opening)) for post in heard)
    audit.append_first(facts, "opened", now=now)


def _note_edits(edited: Sequence[Case], *, now: datetime) -> None:
    """Say on their cases that posts were edited; one that speaks of danger by now becomes urgent.

    A copy that no longer tells what its lead tells stands on its own. The cases and their leads are held.
    """
    keys = [(case.pk,) for case in edited]
    kept = bulk.find(PostVersion, ("id", "post_id", "version"), by=("post_id",), keys=keys)
    before = {post_id: version for _, post_id, version in sorted(kept, key=lambda row: int(row[0]))}
    posts = bulk.find(Post, ("identity_id", "text", "version"), by=("identity_id",), keys=keys)
    texts = {pk: (text, version) for pk, text, version in posts}
    noted: dict[str, dict[str, Any]] = {}
    for case in edited:
        text, version = texts[case.pk]
        becomes_urgent = not case.is_urgent and has_hard_trigger(text)
        if asks(text) != case.asks:
            Case.objects.filter(pk=case.pk).update(asks=not case.asks)
        if becomes_urgent:
            Case.objects.filter(pk=case.pk).update(is_urgent=True)
            case.is_urgent = True
            clocks.set_due(case)
        facts = {"before": before[case.pk], "after": version, "becomes urgent": becomes_urgent}
        noted[audit.subject_of(case.pk)] = facts
    audit.append_next(noted, "post edited", now=now)
    leads.known.learn([case.pk for case in edited if leads.is_lead(case)])
    copies.let_go([case for case in edited if case.state == State.MERGED], now=now)
    counting.edited([case.pk for case in edited], now=now)


def _row(
    post: StoredPost, opening: _Opening, is_urgent: bool, copy: Found | None, n_copies: int
) -> tuple[Any, ...]:
    posted_at, now = post.mention.posted_at, opening.now
    state = State.MERGED if copy else State.NEW
    judged = (post.id, state.value, opening.scheme_id, opening.start, "", "", is_urgent)
    assigned = opening.routed.get(post.id)
    whose = (copy.lead_id if copy else None, n_copies, assigned.to if assigned else None)
    talk = (opening.numbers.get(post.id), opening.follows.get(post.id))
    place = opening.places.get(post.id, NOWHERE)
    return (
        *judged,
        posted_at,
        now,
        opening.due_at[is_urgent, place[0]],
        *whose,
        *talk,
        *place,
        asks(post.mention.text),
    )


def _facts(post: StoredPost, copy: Found | None, opening: _Opening) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "platform": post.mention.platform,
        "post": post.mention.canonical_id,
        "queries": list(post.query_ids),
    }
    if post.id in opening.follows:
        facts["follows"] = opening.follows[post.id]
    if place := opening.places.get(post.id):
        facts["situation"] = place[0]
    if routed := opening.routed.get(post.id):
        facts["assigned"] = routed.facts
    return facts | {"lead": copy.lead_id, "similarity": round(copy.similarity, 2)} if copy else facts
