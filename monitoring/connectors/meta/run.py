"""Reading the edges of a page in one run after another, so that an interruption leaves no hole.

A run is a queue of steps, kept in the cursor: first the lists (posts, tags, ratings), then the comments
of every post that has changed since the last run. A step holds where it goes on. Its mark moves when
it has been read to its end. Cursor: `queue`, `marks` (per list), `posts` (per post: what it looked like,
the mark of its comments, the run that last saw it), `run`, `started`.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from monitoring.connectors.base import Budget, Cursor, Mention, Page, Refused, Rejected, Unavailable
from monitoring.connectors.meta.graph import Absent, Graph
from monitoring.connectors.meta.values import moment
from monitoring.connectors.plain import clean, clean_json

OVERLAP_S = 600  # posts are found late; storing one twice changes nothing
CLOCK_SKEW = timedelta(minutes=5)
PAGE_SIZE = 100
MAX_EMPTY_PAGES = 3
MAX_POSTS = 500  # whose comments are watched
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)
_GO_ON = frozenset({"after", "until", "__paging_token", "offset"})

Step = dict[str, Any]
Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Watched:
    """A post whose comments we read: `look` changes when there may be new ones."""

    post_id: str
    look: str
    url: str
    n_comments: int


@dataclass(frozen=True, slots=True)
class Edge:
    """One list of the platform. `{of}` in `path` is the post that a step is about.

    `mentions` gives what is in one entry, nothing for what is ours. `watched` makes it a list of posts
    whose comments are read after it. `more` gives a step for what did not fit in an entry.
    `deep`: this many pages are read before a page with only old entries ends it.
    """

    path: str
    params: Mapping[str, str]
    mentions: Callable[[Entry, Step], list[Mention]]
    watched: Callable[[Entry], Watched | None] | None = None
    more: Callable[[Entry, Step], Step | None] | None = None
    takes_since: bool = False
    time: str = "created_time"
    deep: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """How far back the first run reads, and how old a post may be to have its comments read."""

    first: timedelta
    comments: timedelta


class Run:
    """One poll: goes on with the run in the cursor, or starts one."""

    def __init__(
        self, edges: Mapping[str, Edge], lists: tuple[str, ...], graph: Graph, window: Window
    ) -> None:
        self._edges, self._lists, self._graph, self._window = edges, lists, graph, window

    def pages(self, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        """One request at a time; an answer with more than 100 mentions is given in portions."""
        state = deepcopy(dict(cursor))
        if not state.get("queue"):
            self._begin(state, now=now)
        n_left = budget.max_items
        for _ in range(budget.max_pages):
            if not state["queue"] or n_left < PAGE_SIZE:
                return
            before = deepcopy(state)
            mentions, rejected = self._turn(state, now=now)
            portions = [mentions[n : n + PAGE_SIZE] for n in range(0, len(mentions), PAGE_SIZE)] or [()]
            for portion in portions[:-1]:
                n_left -= PAGE_SIZE
                if n_left < PAGE_SIZE:
                    return
                yield Page(portion, deepcopy(before), last=False, units=0)
            n_left -= len(portions[-1])
            yield Page(
                portions[-1],
                deepcopy(state),
                rejected,
                last=not state["queue"],
                quota=self._graph.quota,
            )

    def _begin(self, state: dict[str, Any], *, now: datetime) -> None:
        marks = state.setdefault("marks", {})
        state.setdefault("posts", {})
        state |= {"run": int(state.get("run", 0)) + 1, "started": int(now.timestamp())}
        state["is_first"] = not marks
        state["queue"] = []
        for name in self._lists:
            first = _ago(now, self._window.first)
            wanted = floor = marks.get(name, first) - OVERLAP_S
            if self._edges[name].watched:
                floor = min(floor, _ago(now, self._window.comments))
            # What is told late (a tag put on an older post) is wanted as well, within the first window.
            state["queue"].append({"edge": name, "floor": floor, "wanted": min(wanted, first)})

    def _turn(
        self, state: dict[str, Any], *, now: datetime
    ) -> tuple[tuple[Mention, ...], tuple[Rejected, ...]]:
        """One request: what it gave; `state` has moved on behind it."""
        step = state["queue"][0]
        edge = self._edges[step["edge"]]
        try:
            entries, going_on = self._fetch(edge, step, now=now)
        except Absent as absent:
            if not step.get("of"):
                raise Refused(f"the page is not there for this token: {absent}") from None
            state["queue"].pop(0)
            state["posts"].pop(step["of"], None)
            return (), ()
        mentions, rejected = self._read(edge, entries, step, state, now=now)
        step["pages"] = step.get("pages", 0) + 1
        step["empty"] = 0 if entries else step.get("empty", 0) + 1
        times = [time for time in (_time(entry, edge) for entry in entries) if time is not None]
        sane = [time for time in times if time <= (now + CLOCK_SKEW).timestamp()]
        step["newest"] = max([step.get("newest", 0), *sane])
        is_old = bool(times) and max(times) < step["floor"] and step["pages"] > edge.deep
        is_full = edge.watched is not None and step.get("n", 0) >= MAX_POSTS
        if going_on and going_on == step.get("next"):
            rejected += (
                Rejected(json.dumps(going_on), "Meta gave the same page twice; reading stopped there"),
            )
            state["queue"].pop(0)  # its mark stays: the next run reads this stretch again
        elif not going_on or is_old or is_full:
            self._finish(state, step, edge)
        elif step["empty"] >= MAX_EMPTY_PAGES:
            state["queue"].pop(0)
        else:
            step["next"] = going_on
        return mentions, rejected

    def _fetch(self, edge: Edge, step: Step, *, now: datetime) -> tuple[list[Any], dict[str, str]]:
        """The entries of one page, and the parameters of the next."""
        params = dict(edge.params) | ({"since": str(max(step["floor"], 0))} if edge.takes_since else {})
        path = edge.path.format(of=step.get("of", ""))
        try:
            body = self._graph.get(path, params | step.get("next", {}), now=now)
        except Refused as refused:
            if "next" not in step or type(refused) is not Refused:
                raise
            del step["next"]  # a place that Meta no longer knows: read from the start
            body = self._graph.get(path, params, now=now)
        entries = body.get("data")
        if not isinstance(entries, list):
            raise Unavailable("Meta answers without a list")
        return entries, _going_on(body.get("paging"))

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
                rejected.append(Rejected(envelope(step, entry), repr(error)[:500]))
                continue
            if more:
                state["queue"].append(more)
            for mention in read:
                if mention.posted_at.timestamp() >= (step["wanted"] if "wanted" in step else step["floor"]):
                    found.setdefault(mention.canonical_id, arrived(mention, now=now))
        return tuple(found.values()), tuple(rejected)

    def _watch(self, edge: Edge, entry: Entry, step: Step, state: dict[str, Any]) -> bool:
        """Whether a post is new or changed; then its comments are read in this run."""
        post = edge.watched(entry) if edge.watched else None
        if post is None:
            return False
        step["n"] = step.get("n", 0) + 1
        look, mark, _ = state["posts"].get(post.post_id, ("", None, 0))
        state["posts"][post.post_id] = [post.look, mark, state["run"]]
        if look == post.look:
            return False
        if post.n_comments:
            first = state["started"] - int(self._window.first.total_seconds()) if state["is_first"] else 0
            floor = mark - OVERLAP_S if mark is not None else first
            state["queue"].append({"edge": "comments", "of": post.post_id, "url": post.url, "floor": floor})
        return True

    def _finish(self, state: dict[str, Any], step: Step, edge: Edge) -> None:
        """The step has been read to its end: only now its mark moves."""
        state["queue"].pop(0)
        if edge.watched:
            state["marks"][step["edge"]] = state["started"]
            state["posts"] = {k: v for k, v in state["posts"].items() if v[2] == state["run"]}
        elif step["edge"] in self._lists:
            state["marks"][step["edge"]] = max(step["newest"], step["floor"] + OVERLAP_S)
        elif step["edge"] == "comments" and step["of"] in state["posts"]:
            look, mark, run = state["posts"][step["of"]]
            state["posts"][step["of"]] = [look, max(step["newest"], mark or 0), run]


def envelope(step: Step, entry: Any) -> str:
    """An entry with what is needed to read it again, as JSON."""
    kept = {name: step[name] for name in ("edge", "of", "post", "url") if name in step}
    return clean(json.dumps(kept | {"entry": clean_json(entry)}, ensure_ascii=False))


def arrived(mention: Mention, *, now: datetime) -> Mention:
    """The mention as it counts here; one stamped well ahead of our clock counts at arrival."""
    return mention if mention.posted_at <= now + CLOCK_SKEW else replace(mention, posted_at=now)


def _going_on(paging: Any) -> dict[str, str]:
    """How to ask for the next page; {} without one. Never its address, which holds the token."""
    address = paging.get("next") if isinstance(paging, Mapping) else None
    if not isinstance(address, str) or not address:
        return {}
    try:
        asked = dict(parse_qsl(urlsplit(address).query))
    except ValueError:
        return {}
    return {name: clean(value) for name, value in asked.items() if name in _GO_ON and len(value) <= 2000}


def _time(entry: Any, edge: Edge) -> int | None:
    try:
        return int(moment(entry[edge.time]).astimezone(UTC).timestamp())
    except UNREADABLE:
        return None


def _ago(now: datetime, span: timedelta) -> int:
    return int((now - span).timestamp())
