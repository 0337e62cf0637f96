"""Reading lists of a platform in one run after another, so that an interruption leaves no hole.

For platforms that give their lists newest first. A run is a queue of steps, kept in the cursor: first
the lists, then what has changed in them (the comments of a post, the answers to a comment). A step holds
where it goes on. Its mark moves when it has been read to its end. Cursor: `queue`, `marks` (per list),
`posts` (per post: what it looked like, the mark of its comments, the run that last saw it), `run`,
`started`, `closed` (lists that could not be read), `kept` (what the one who fetches remembers).
"""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from monitoring.connectors.base import Budget, Cursor, Gap, Mention, Page, Quota, Rejected
from monitoring.connectors.errors import Refused, SourceError
from monitoring.connectors.lists import (
    CLOCK_SKEW,
    UNREADABLE,
    Absent,
    Answer,
    Closed,
    Edge,
    Entry,
    Fetcher,
    Step,
    Window,
    arrived,
    envelope,
)
from monitoring.connectors.shape import reason_of

OVERLAP_S = 600  # posts are found late; storing one twice changes nothing
PAGE_SIZE = 100
MAX_EMPTY_PAGES = 3
MAX_POSTS = 500  # that are watched for what comes under them
CLOSED_S = 86_400  # a list that could not be read is tried again after a day

State = dict[str, Any]


class Run:
    """One poll: goes on with the run in the cursor, or starts one."""

    def __init__(
        self, edges: Mapping[str, Edge], lists: tuple[str, ...], fetcher: Fetcher, window: Window
    ) -> None:
        self._edges, self._lists, self._fetcher, self._window = edges, lists, fetcher, window

    def pages(self, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        """What was found, page by page; requests that brought nothing are told with what follows."""
        state = self._resumed(cursor, now=now)
        n_left, untold = budget.max_items, _Turn(units=0)
        for n in range(_most_requests(budget)):
            if not state["queue"] or n_left < (PAGE_SIZE if n else 1):
                break
            before = deepcopy(state)
            try:
                turn = self._turn(state, now=now)
            except SourceError:
                yield from _silence(untold, before)
                raise
            untold = replace(turn, units=turn.units + untold.units)
            if turn.is_silent:
                continue
            pages = _portions(untold, before, state, n_left)
            yield from pages
            if "portion" in pages[-1].cursor:
                return
            n_left, untold = n_left - len(turn.mentions), _Turn(units=0)
        yield from _silence(untold, state)

    def _resumed(self, cursor: Cursor, *, now: datetime) -> State:
        """The run in the cursor, or a new one. A list that is read no longer is left where it is."""
        state = deepcopy(dict(cursor))
        state.pop("portion", None)
        state["queue"] = [step for step in state.get("queue", ()) if step["edge"] in self._edges]
        if not state["queue"]:
            self._begin(state, now=now)
        return state

    def _begin(self, state: dict[str, Any], *, now: datetime) -> None:
        """The queue of a new run. Posts that the run before did not see are watched no longer."""
        marks, run = state.setdefault("marks", {}), int(state.get("run", 0))
        state["posts"] = {k: v for k, v in state.get("posts", {}).items() if v[2] == run}
        state |= {"run": run + 1, "started": int(now.timestamp()), "is_first": not marks, "queue": []}
        first = _ago(now, self._window.first)
        for name in self._lists:
            if int(now.timestamp()) - state.get("closed", {}).get(name, 0) < CLOSED_S:
                continue
            mark = floor = marks.get(name, first) - OVERLAP_S
            if self._edges[name].watched:
                floor = min(floor, _ago(now, self._window.comments))
            # What is told late (a tag put on an older post) is wanted as well, within the first window.
            state["queue"].append({"edge": name, "floor": floor, "mark": mark, "wanted": min(mark, first)})

    def _turn(self, state: dict[str, Any], *, now: datetime) -> "_Turn":
        """One request: what it gave; `state` has moved on behind it."""
        step = state["queue"][0]
        edge = self._edges[step["edge"]]
        try:
            answer = self._fetch(edge, step, now=now)
        except Absent as absent:
            if not step.get("of"):
                raise Refused(f"it is not there for these keys: {absent}") from None
            state["posts"].pop(step["of"], None)
            state["queue"].pop(0)
            return _Turn()
        except Closed as closed:
            return _close(state, step, closed, now=now)
        finally:
            state["kept"] = self._fetcher.kept
        mentions, rejected = self._read(edge, answer.entries, step, state, now=now)
        times = [time for time in (_time(entry, edge) for entry in answer.entries) if time is not None]
        sane = [time for time in times if time <= (now + CLOCK_SKEW).timestamp()]
        step["pages"] = step.get("pages", 0) + 1
        step["seen"] = step.get("seen", 0) + len(answer.entries)
        step["empty"] = 0 if answer.entries else step.get("empty", 0) + 1
        step["newest"] = max([step.get("newest", 0), *sane])
        gaps: tuple[Gap, ...] = ()
        if answer.going_on and answer.going_on in (step.get("next"), step.get("once")):
            twice = "the platform gave the same page twice; reading stopped there"
            rejected += (Rejected(json.dumps(answer.going_on), twice),)
            state["queue"].pop(0)  # its mark stays: the next run reads this stretch again
        elif not answer.going_on or _is_enough(step, edge, times):
            gaps = _gaps(state, step, edge, times) if not answer.going_on else ()
            _finish(state, step, edge)
        elif step["empty"] >= MAX_EMPTY_PAGES:
            state["queue"].pop(0)
        else:
            step["next"] = dict(answer.going_on)
            if (
                step["pages"].bit_count() == 1
            ):  # a place to know again: a circle of any size comes back to one
                step["once"] = step["next"]
        return _Turn(mentions, rejected, gaps, answer.quota, answer.units)

    def _fetch(self, edge: Edge, step: Step, *, now: datetime) -> Answer:
        """One page; a place that the platform no longer knows is dropped: read from the start."""
        params = dict(edge.params) | dict(edge.since(max(step["floor"], 0)))
        path = edge.path.format(of=step.get("of", ""))
        try:
            return self._fetcher.fetch(path, params | step.get("next", {}), now=now)
        except Refused as refused:
            if "next" not in step or type(refused) is not Refused:
                raise
            del step["next"]
            return self._fetcher.fetch(path, params, now=now)

    def _read(
        self, edge: Edge, entries: list[Any], step: Step, state: dict[str, Any], *, now: datetime
    ) -> tuple[tuple[Mention, ...], tuple[Rejected, ...]]:
        """The mentions of a page, each identity once, and what could not be read."""
        found: dict[str, Mention] = {}
        rejected = []
        for entry in entries:
            try:
                is_changed = self._watch(edge, entry, step, state) if edge.watched else True
                read = edge.mentions(entry, step) if is_changed else []
                more = edge.more(entry, step) if edge.more else None
            except UNREADABLE as error:
                rejected.append(Rejected(envelope(step, entry), reason_of(error)))
                continue
            if more:
                state["queue"].append(more)
            for mention in read:
                if mention.posted_at.timestamp() >= (step["wanted"] if "wanted" in step else step["floor"]):
                    found.setdefault(mention.canonical_id, arrived(mention, now=now))
        return tuple(found.values()), tuple(rejected)

    def _watch(self, edge: Edge, entry: Entry, step: Step, state: dict[str, Any]) -> bool:
        """Whether a post is new or changed; then what stands under it is read in this run."""
        post = edge.watched(entry) if edge.watched else None
        if post is None:
            return False
        step["n"] = step.get("n", 0) + 1
        if step["n"] > MAX_POSTS:
            return True
        look, mark, _ = state["posts"].get(post.post_id, ("", None, 0))
        state["posts"][post.post_id] = [post.look, mark, state["run"]]
        if look == post.look:
            return False
        if post.n_comments:
            first = state["started"] - int(self._window.first.total_seconds()) if state["is_first"] else 0
            floor = mark - OVERLAP_S if mark is not None else first
            state["queue"].append(
                {"edge": edge.leads_to, "of": post.post_id, "url": post.url, "floor": floor}
            )
        return True


@dataclass(frozen=True, slots=True)
class _Turn:
    """What one request gave."""

    mentions: tuple[Mention, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    gaps: tuple[Gap, ...] = ()
    quota: Quota | None = None
    units: int = 1

    @property
    def is_silent(self) -> bool:
        return not (self.mentions or self.rejected or self.gaps)


def _most_requests(budget: Budget) -> int:
    return budget.max_pages if budget.max_units is None else min(budget.max_pages, max(budget.max_units, 0))


def _silence(turn: _Turn, state: State) -> Iterator[Page]:
    """That there were requests which brought nothing, so that they count and are not made again."""
    if turn.units:
        yield Page((), deepcopy(state), last=not state["queue"], quota=turn.quota, units=turn.units)


def _portions(turn: _Turn, before: State, state: State, room: int) -> list[Page]:
    """At most 100 mentions each, `room` together; `state` is true only with the last of them.

    Of what is more than the room nothing is settled: it comes again from its start.
    """
    fitting = turn.mentions[:room]
    starts = range(0, max(len(fitting), 1), PAGE_SIZE)
    pages = [  # with a cursor of their own: the same one twice is a platform that goes in circles
        Page(fitting[n : n + PAGE_SIZE], deepcopy(before) | {"portion": n}, last=False, units=0)
        for n in starts
    ]
    if len(turn.mentions) > room:
        return [*pages[:-1], replace(pages[-1], units=turn.units)]
    settled = Page(fitting[starts[-1] :], deepcopy(state), turn.rejected, gaps=turn.gaps, units=turn.units)
    return [*pages[:-1], replace(settled, quota=turn.quota, last=not state["queue"])]


def _gaps(state: dict[str, Any], step: Step, edge: Edge, times: list[int]) -> tuple[Gap, ...]:
    """What lies between the mark and the oldest entry of a list that was given as far as it goes."""
    has_mark = step["edge"] in state["marks"]
    if not (edge.reach and has_mark and times and step["seen"] >= edge.reach and min(times) > step["mark"]):
        return ()
    from_at, until_at = (datetime.fromtimestamp(t, UTC) for t in (step["mark"], min(times)))
    return (Gap(from_at, until_at, f"the platform gives no more than {edge.reach} entries back"),)


def _finish(state: dict[str, Any], step: Step, edge: Edge) -> None:
    """The step has been read to its end: only now its mark moves."""
    state["queue"].pop(0)
    if edge.watched:
        state["marks"][step["edge"]] = state["started"]
    elif "mark" in step:  # one of the lists that every run begins with
        state["marks"][step["edge"]] = max(step["newest"], step["mark"] + OVERLAP_S)
    elif step["of"] in state["posts"]:
        look, mark, run = state["posts"][step["of"]]
        state["posts"][step["of"]] = [look, max(step["newest"], mark or 0), run]
    state.get("closed", {}).pop(step["edge"], None)


def _close(state: dict[str, Any], step: Step, closed: Closed, *, now: datetime) -> _Turn:
    """Leave a list alone for a day; it is said only once."""
    state["queue"].pop(0)
    known = state.setdefault("closed", {})
    said = step["edge"] in known
    known[step["edge"]] = int(now.timestamp())
    return _Turn(
        rejected=() if said else (Rejected(json.dumps({"edge": step["edge"]}), closed.reason[:500]),)
    )


def _is_enough(step: Step, edge: Edge, times: list[int]) -> bool:
    """Whether a page was old enough to end its list; only a page with times can tell."""
    if not times or step["pages"] <= edge.deep:
        return False
    is_full = step.get("n", 0) >= MAX_POSTS and max(times) < step.get("mark", 0)
    return bool(max(times) < step["floor"] or is_full)


def _time(entry: Any, edge: Edge) -> int | None:
    try:
        return int(edge.time(entry).timestamp())
    except UNREADABLE:
        return None


def _ago(now: datetime, span: timedelta) -> int:
    return int((now - span).timestamp())
