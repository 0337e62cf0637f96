"""Conversations: which cases share one, and what happens when the author of a case says more in it.

Everything is looked up for a page at once, in the transaction that opens its cases. Two workers that hear
the first two posts of a conversation in the same instant leave both alone; the next post of it joins them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection

from cases.models import Case, Response, Situation
from cases.policy import judgement
from cases.rules.scheme import node_of
from cases.rules.workflow import State
from cases.services import clocks, counting
from cases.services.transitions import move
from monitoring import bulk
from monitoring.connectors.base import Mention
from monitoring.models import Post
from monitoring.store import StoredPost

AGAIN = timedelta(days=14)
"""How long after we were done with a case its author's next words open it again."""

REASON = "the author reacts"

AT_REST = frozenset({State.RESPONDED, State.CLOSED, State.DISMISSED})
"""A watched case stays watched: the new post is judged by itself, and the watch counts it."""

Thread = tuple[str, str]
"""(platform, thread id) of a conversation."""

THREAD = ("platform", "thread_id")

_FIRST = """
WITH wanted(platform, thread_id) AS ({wanted})
SELECT platform, thread_id, (
  SELECT known.post_id FROM monitoring_post AS post
  JOIN cases_case AS known ON known.post_id = post.identity_id
  WHERE post.platform = wanted.platform AND post.thread_id = wanted.thread_id
  ORDER BY post.posted_at LIMIT 1
) FROM wanted
"""

_MEMBERS = """
WITH wanted(platform, thread_id) AS ({wanted})
SELECT post.platform, post.thread_id, known.post_id, known.conversation FROM wanted
CROSS JOIN monitoring_post AS post CROSS JOIN cases_case AS known
WHERE post.platform = wanted.platform AND post.thread_id = wanted.thread_id
  AND known.post_id = post.identity_id
"""

# An author's posts in one conversation are few, all of the conversation or of the author may be many:
# `|| ''` keeps the index of the conversation out of it.
_BY_AUTHOR = """
WITH wanted(identity_id) AS ({wanted})
SELECT wanted.identity_id, post.identity_id FROM wanted
CROSS JOIN monitoring_post AS mine CROSS JOIN monitoring_post AS post CROSS JOIN cases_case AS known
WHERE mine.identity_id = wanted.identity_id AND post.author_id = mine.author_id
  AND post.thread_id = mine.thread_id AND post.platform || '' = mine.platform
  AND post.posted_at <= mine.posted_at
  AND known.post_id = post.identity_id AND known.state <> 'merged'
ORDER BY post.posted_at, post.identity_id
"""


@dataclass(slots=True)
class Around:
    """What stands around the new posts of a page.

    `numbers`: of conversations with cases before this page, their number. `joining`: cases that stood alone
    until now. `earlier`: per (conversation, author) the author's last case in it, before this page.
    `places`: of conversations that belong to a situation, which and by which inflow.
    """

    numbers: dict[Thread, int] = field(default_factory=dict)
    joining: dict[Thread, list[int]] = field(default_factory=dict)
    earlier: dict[tuple[Thread, str], int] = field(default_factory=dict)
    places: dict[Thread, tuple[int | None, int | None]] = field(default_factory=dict)

    @property
    def cases(self) -> set[int]:
        """The cases that may be written: the caller holds them before anything is."""
        return {*self.earlier.values(), *(pk for alone in self.joining.values() for pk in alone)}


def look(heard: Sequence[StoredPost]) -> Around:
    """Which conversations the new posts belong to, and what their authors said in them before."""
    threads = {_thread(post) for post in heard}
    around = Around()
    if not threads:
        return around
    first = {(row[0], row[1]): int(row[2]) for row in _ask(_FIRST, THREAD, sorted(threads)) if row[2]}
    if not first:
        return around
    fields, keys = ("post_id", "conversation", "situation_id", "inflow_id"), [(n,) for n in first.values()]
    numbers: dict[int, int | None] = {}
    threads_of = {pk: thread for thread, pk in first.items()}
    for pk, number, situation, inflow in bulk.find(Case, fields, by=("post_id",), keys=keys):
        numbers[pk] = number
        if situation:
            around.places[threads_of[pk]] = (situation, inflow)
    _leave_closed(around)
    around.numbers = {thread: number for thread, pk in first.items() if (number := numbers[pk])}
    _find_alone(around, first.keys() - around.numbers.keys())
    _find_earlier(around, [post for post in heard if _thread(post) in around.numbers])
    return around


def place(around: Around, heard: Sequence[StoredPost]) -> dict[int, int]:
    """The conversation of each new post that does not stand alone; cases that did until now join it."""
    together: dict[Thread, list[int]] = defaultdict(list)
    for post in heard:
        together[_thread(post)].append(post.id)
    numbers = {thread: min(ids) for thread, ids in together.items() if len(ids) > 1} | around.numbers
    rows = [(numbers[thread], pk) for thread, alone in around.joining.items() for pk in alone]
    if rows:
        bulk.update(Case, ("conversation",), sorted(rows, key=lambda row: row[1]))
    return {post.id: numbers[thread] for post in heard if (thread := _thread(post)) in numbers}


def followed(around: Around, heard: Sequence[StoredPost], copies: Collection[int]) -> dict[int, int]:
    """For each new post the last case of its author in the conversation. `heard`: the oldest first.

    A near-copy (`copies`) says nothing new: it is linked to nothing but its lead.
    """
    last, found = dict(around.earlier), {}
    for post in heard:
        if post.id in copies or (key := _said_by(post)) is None:
            continue
        if key in last:
            found[post.id] = last[key]
        last[key] = post.id
    return found


def on_reaction(
    around: Around, heard: Sequence[StoredPost], copies: Mapping[int, int], *, now: datetime
) -> list[Case]:
    """Open the cases again whose author says more after we were done with them; returns those cases.

    Within AGAIN of our answer, closing or dismissal; later the new case is only linked. A near-copy opens
    nothing again, unless its author says the same again to our answer. The caller holds the cases.
    """
    said: dict[int, list[StoredPost]] = defaultdict(list)
    for post in heard:
        target = around.earlier.get(_said_by(post) or (("", ""), ""))
        if target and copies.get(post.id, target) == target:
            said[target].append(post)
    rested = (
        Case.objects.filter(pk__in=said, state__in=AT_REST).select_related("post", "scheme").order_by("pk")
    )
    reopened = []
    for case in rested:
        in_time = [post for post in said[case.pk] if _is_in_time(case, post.mention)]
        if in_time and not _is_ours(case, in_time[0].mention):
            _reopen(case, in_time[0].id, now=now)
            reopened.append(case)
    return reopened


def _reopen(case: Case, post_id: int, *, now: datetime) -> None:
    move(case, State.NEW, by=None, now=now, reason=REASON, facts={"post": post_id})
    case.snoozed_until = None
    case.scheme_node, case.category, case.outcome = node_of(judgement(case).step), "", ""
    case.save(update_fields=["snoozed_until", "scheme_node", "category", "outcome"])
    clocks.set_due(case)
    counting.rejudged([case.pk], now=now)


def _is_in_time(case: Case, mention: Mention) -> bool:
    done_at = case.responded_at if case.state == State.RESPONDED else case.closed_at
    return done_at is not None and done_at < mention.posted_at <= done_at + AGAIN


def _is_ours(case: Case, mention: Mention) -> bool:
    """Whether the words are our own: a reply of ours that a source brought back."""
    addresses = {case.post.url, mention.url} - {""}
    ours = Response.objects.filter(case__conversation=case.conversation, permalink__in=addresses)
    return case.conversation is not None and ours.exists()


def _leave_closed(around: Around) -> None:
    """Nothing joins a situation that is over: what is said after it waits in the inbox."""
    numbers = {number for number, _inflow in around.places.values() if number}
    if numbers:
        running = Situation.objects.filter(pk__in=numbers, status=Situation.Status.OPEN)
        open_now = set(running.values_list("pk", flat=True))
        around.places = {thread: place for thread, place in around.places.items() if place[0] in open_now}


def _find_alone(around: Around, threads: Collection[Thread]) -> None:
    """Number the conversations in which nothing had a number yet: by their smallest case."""
    members: dict[Thread, list[int]] = defaultdict(list)
    numbers: dict[Thread, set[int]] = defaultdict(set)
    for platform, thread_id, pk, number in _ask(_MEMBERS, THREAD, sorted(threads)):
        numbers[platform, thread_id].add(number or pk)
        if number is None:
            members[platform, thread_id].append(pk)
    around.numbers |= {thread: min(found) for thread, found in numbers.items()}
    around.joining = dict(members)


def _find_earlier(around: Around, heard: Sequence[StoredPost]) -> None:
    asked: dict[int, tuple[Thread, str]] = {}
    for post in sorted(heard, key=lambda post: post.mention.posted_at):
        if key := _said_by(post):
            asked[post.id] = key
    newest = {key: pk for pk, key in asked.items()}  # one look-up for all that one author says here
    rows = _ask(_BY_AUTHOR, ("identity_id",), [(pk,) for pk in sorted(newest.values())])
    for new, earlier in rows:  # the last one stands last
        around.earlier[asked[new]] = earlier


def _ask(sql: str, fields: Sequence[str], keys: Iterable[Sequence[object]]) -> list[bulk.Row]:
    given = bulk.encoded(list(keys))
    if given == bulk.NOTHING:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql.format(wanted=bulk.as_rows(Post, fields)), [given])
        return list(cursor.fetchall())


def _thread(post: StoredPost) -> Thread:
    return post.mention.platform, post.thread_id


def _said_by(post: StoredPost) -> tuple[Thread, str] | None:
    author = post.mention.author
    return (_thread(post), author.external_id) if author else None
