"""YouTube: comments on our channel and under chosen videos, answers to them, and now and then a search.

Settings of a source: `channel_id` (ours), `video_ids` (a list, of anybody), `searches_per_day` (default
0), `reply_days` (how long new answers to a comment are looked for, default 7), `quota_units` (default
10,000). Secrets: `api_key` to read; `client_id`, `client_secret` and `refresh_token` to answer.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from monitoring.connectors.alternatives import alternatives
from monitoring.connectors.base import (
    Budget,
    Capabilities,
    Cursor,
    Gone,
    Live,
    Mention,
    No,
    Page,
    Problem,
    Published,
    Reply,
    SourceConfig,
    Unknown,
    Visibility,
    Yes,
)
from monitoring.connectors.errors import NothingToRead, PublishFailed, Unavailable, Unreadable
from monitoring.connectors.lists import UNREADABLE, Edge, Entry, Step, Window, arrived
from monitoring.connectors.run import Run
from monitoring.connectors.shape import reason_of
from monitoring.connectors.youtube import comments
from monitoring.connectors.youtube.client import SENDING_SECRETS, YoutubeClient

MAX_CHARS = 10_000
LOOK_UP_SIZE = 50
MAX_SEARCHES = 100
MAX_PAGES = 20  # of a thread in which our reply is looked for: their order is not documented
OUR_ANSWERS, ANSWERS = "our answers", "answers"
_THREADS = {"part": "snippet,replies", "order": "time", "maxResults": "100", "textFormat": "plainText"}
_ANSWERS = {"part": "snippet", "maxResults": "100", "textFormat": "plainText"}


class YoutubeConnector:
    """The platform YouTube. `http` is what requests go through, the real one by default."""

    name = "youtube"
    secret_names = ("api_key", *SENDING_SECRETS)
    capabilities = Capabilities(
        search=True, own_mentions=True, thread=True, refresh=True, reply=True, max_reply_chars=MAX_CHARS
    )

    def __init__(self, http: Any = None) -> None:
        self._http = http

    def poll(self, source: SourceConfig, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        """Comments newest first, then answers where there are more than before, then a due search."""
        kept = cursor.get("kept")
        client = YoutubeClient(source, self._http, kept if isinstance(kept, Mapping) else None)
        edges = _edges(source) | _search_edge(source, client.kept, now=now)
        lists = tuple(name for name in edges if name not in (OUR_ANSWERS, ANSWERS))
        if not lists and not _n_searches(source):
            raise NothingToRead("it has neither a channel nor videos nor searches to read")
        is_pending = any(step["edge"] == "search" for step in cursor.get("queue", ()))
        if not _is_due(source, client.kept, now=now) and not is_pending:
            lists = tuple(name for name in lists if name != "search")
        days = source.settings.get("reply_days")
        window = Window(timedelta(days=7), timedelta(days=days if isinstance(days, int) and days > 0 else 7))
        yield from Run(edges, lists, client, window).pages(cursor, budget, now=now)

    def normalise(self, source: SourceConfig, raw: str, *, now: datetime) -> Mention:
        """A thread, comment or video as it was put aside."""
        edges = _edges(source) | _search_edge(source, {}, now=now)
        try:
            told = json.loads(raw)
            found = edges[str(told["edge"])].mentions(told["entry"], told)
        except UNREADABLE as error:
            raise Unreadable(reason_of(error)) from None
        if not found:
            raise Unreadable("it is ours")
        return arrived(found[0], now=now)

    def refresh(
        self, source: SourceConfig, ids: Sequence[str], *, now: datetime
    ) -> dict[str, Live | Gone | Unknown]:
        """How comments and videos stand now; Gone what two look-ups in a row do not have."""
        client = YoutubeClient(source, self._http)
        found: dict[str, Live | Gone | Unknown] = {i: Unknown("it is no id of YouTube") for i in ids}
        kinds = {
            "comments": [i for i in ids if comments.COMMENT.fullmatch(i)],
            "videos": [i for i in ids if comments.VIDEO.fullmatch(i)],
        }
        for resource, wanted in kinds.items():
            for start in range(0, len(wanted), LOOK_UP_SIZE):
                asked = wanted[start : start + LOOK_UP_SIZE]
                live = _look_up(client, source, resource, asked, now=now)
                missing = [i for i in asked if i not in live]
                if missing:
                    live |= _look_up(client, source, resource, missing, now=now)
                found |= {i: live.get(i, Gone("YouTube does not have it, asked twice")) for i in asked}
        return found

    def thread(self, source: SourceConfig, mention: Mention, *, now: datetime) -> tuple[Mention, ...]:
        """The answers to the comment, or to the comment that it answers."""
        root = mention.thread_id or mention.canonical_id
        if not comments.COMMENT.fullmatch(root):
            return ()
        client, found = YoutubeClient(source, self._http), dict[str, Mention]()
        for entry in client.shown("comments", _ANSWERS | {"parentId": root}, now=now):
            try:
                answer = comments.comment_of(entry, _video_in(mention), _channel(source), is_addressed=False)
            except UNREADABLE:
                continue
            if answer:
                found[answer.canonical_id] = arrived(answer, now=now)
        return tuple(found.values())[:100]

    def claims(self, url: str) -> bool:
        """Whether this is the address of a video, or of a comment under one."""
        return comments.link(url) is not None

    def resolve(self, source: SourceConfig, url: str, *, now: datetime) -> Mention | None:
        """The comment that the address points at, else the video."""
        link = comments.link(url)
        if link is None:
            return None
        video_id, comment_id = link
        client = YoutubeClient(source, self._http)
        resource, asked = ("comments", comment_id) if comment_id else ("videos", video_id)
        standing = _look_up(client, source, resource, [asked], now=now).get(asked)
        found = standing.mention if isinstance(standing, Live) else None
        return found and replace(found, url=found.url or comments.address(video_id, comment_id))

    def can_reply(
        self, source: SourceConfig, mention: Mention, visibility: Visibility = "public"
    ) -> Yes | No:
        """Comments, with the keys of our channel; a video is answered on YouTube itself."""
        if not comments.COMMENT.fullmatch(mention.canonical_id):
            return No("A video can be answered on YouTube itself", mention.url)
        has_keys = all(source.secrets.get(name) for name in SENDING_SECRETS)
        return Yes() if has_keys else No("The keys to send from our account are not set", mention.url)

    def reply_length(self, text: str, visibility: Visibility = "public") -> int:
        """Characters."""
        return len(text)

    def publish(self, source: SourceConfig, reply: Reply, *, key: str) -> Published:
        """An answer in the thread: YouTube has one level, so an answer to an answer stands beside it."""
        if reply.visibility != "public":
            raise PublishFailed("YouTube has no private messages")
        if len(reply.text) > MAX_CHARS:
            raise PublishFailed(f"it has {len(reply.text)} of {MAX_CHARS} characters")
        if not comments.COMMENT.fullmatch(reply.parent_id):
            raise PublishFailed("only a comment can be answered")
        body = YoutubeClient(source, self._http).insert(reply.parent_id.partition(".")[0], reply.text)
        return Published(url="", external_id=str(body.get("id") or ""))

    def find_reply(self, source: SourceConfig, key: str, reply: Reply) -> Published | None:
        """An answer of our channel in the thread with the same text."""
        channel_id = _channel(source)
        if not channel_id:
            raise Unavailable("our channel_id is not set, so our reply cannot be looked for")
        client, token = YoutubeClient(source, self._http), ""
        asked = _ANSWERS | {"parentId": reply.parent_id.partition(".")[0]}
        for _ in range(MAX_PAGES):
            entries, token = client.page(
                "comments", asked | ({"pageToken": token} if token else {}), now=None
            )
            for entry in entries:
                if _is_reply(entry, channel_id, reply.text):
                    return Published(url="", external_id=str(entry.get("id") or ""))
            if not token:
                return None
        raise Unavailable("the thread is too long to look for our reply in")

    def check(self, source: SourceConfig) -> list[Problem]:
        """Missing keys, and a source that has nothing to read."""
        problems = []
        if not source.secrets.get("api_key"):
            problems.append(Problem("The API key is not set: nothing can be read from YouTube."))
        if not _edges(source) and not _n_searches(source):
            problems.append(Problem("It has no channel, no videos and no searches: give at least one."))
        if not all(source.secrets.get(name) for name in SENDING_SECRETS):
            message = "The keys to send are not set: replies must be sent by hand."
            problems.append(Problem(message, blocking=False))
        return problems


def _is_reply(entry: Any, channel_id: str, text: str) -> bool:
    """Whether this is the answer of our channel with that text."""
    try:
        snippet = entry["snippet"]
        by = snippet["authorChannelId"]["value"]
        written = str(snippet.get("textOriginal") or snippet["textDisplay"])
    except UNREADABLE:
        return False
    return bool(by == channel_id) and " ".join(written.split()) == " ".join(text.split())


def _edges(source: SourceConfig) -> dict[str, Edge]:
    """The lists of comments, ours first, and the answers that they lead to."""
    channel_id, edges = _channel(source), dict[str, Edge]()
    given = source.settings.get("video_ids")
    video_ids = [v for v in given if isinstance(v, str)] if isinstance(given, list) else []
    asked = {f"video:{v}": {"videoId": v} for v in video_ids if comments.VIDEO.fullmatch(v)}
    if channel_id:
        asked = {"channel": {"allThreadsRelatedToChannelId": channel_id}} | asked
    for name, which in asked.items():
        is_ours = name == "channel"
        leads_to = OUR_ANSWERS if is_ours else ANSWERS
        threads = partial(comments.thread_of, channel_id=channel_id, is_addressed=is_ours)
        edges[name] = Edge(
            "commentThreads",
            _THREADS | which,
            threads,
            comments.thread_time,
            comments.watched,
            leads_to=leads_to,
        )
        answers = partial(comments.answers_of, channel_id=channel_id, is_addressed=is_ours)
        # Their order is not documented: only the end of the list says that all were read.
        edges[leads_to] = Edge("comments/{of}", _ANSWERS, answers, comments.comment_time, deep=20)
    return edges


def _search_edge(source: SourceConfig, kept: Mapping[str, Any], *, now: datetime) -> dict[str, Edge]:
    """The next of our searches, which take turns."""
    words, per_day, channel_id = (
        alternatives(source.terms, between="|"),
        _n_searches(source),
        _channel(source),
    )
    if not words or not per_day:
        return {}
    back = timedelta(days=2 + len(words) / per_day)  # since its last turn, and two days for what is late
    params = {
        "part": "snippet",
        "type": "video",
        "order": "date",
        "maxResults": "50",
        "q": words[int(kept.get("search", 0)) % len(words)],
        "publishedAfter": (now - back).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }

    def video(entry: Entry, step: Step) -> list[Mention]:
        is_ours = bool(channel_id) and entry["snippet"].get("channelId") == channel_id
        return [] if is_ours else [comments.video_of(entry)]

    return {"search": Edge("search", params, video, comments.comment_time)}


def _is_due(source: SourceConfig, kept: Mapping[str, Any], *, now: datetime) -> bool:
    """Whether it is time for a search: they are spread over the day."""
    per_day = _n_searches(source)
    return bool(per_day) and now.timestamp() - int(kept.get("searched_at", 0)) >= 86_400 / per_day


def _n_searches(source: SourceConfig) -> int:
    told = source.settings.get("searches_per_day")
    return min(max(told, 0), MAX_SEARCHES) if isinstance(told, int) else 0


def _channel(source: SourceConfig) -> str:
    return str(source.settings.get("channel_id") or "")


def _video_in(mention: Mention) -> str:
    link = comments.link(mention.url)
    return link[0] if link else ""


def _look_up(
    client: YoutubeClient, source: SourceConfig, resource: str, ids: Sequence[str], *, now: datetime
) -> dict[str, Live | Gone | Unknown]:
    """What one look-up has; what it has and cannot be read is Unknown."""
    part = "snippet,statistics" if resource == "videos" else "snippet"
    found: dict[str, Live | Gone | Unknown] = {}
    for entry in client.read(resource, {"part": part, "id": ",".join(ids)}, now=now):
        entry_id = str(entry.get("id")) if isinstance(entry, Mapping) else ""
        if entry_id not in ids:
            continue
        found[entry_id] = Unknown("it is ours, or cannot be read")
        try:
            told = _read(entry, resource, _channel(source))
        except UNREADABLE:
            continue
        if told:
            found[entry_id] = Live(arrived(told, now=now))
    return found


def _read(entry: Entry, resource: str, channel_id: str) -> Mention | None:
    if resource == "videos":
        return comments.video_of(entry)
    return comments.comment_of(entry, "", channel_id, is_addressed=False)
