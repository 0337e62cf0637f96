"""An Instagram account of ours: comments under our posts, posts and comments that name us, our answers.

Settings of a source: `ig_user_id`, `username` (our account's name), `page_id` (the Facebook page that
the account hangs on, for private messages), `graph_version`, `comment_days`, `first_days`. Secrets:
`page_token`; `app_secret` and `verify_token` for deliveries by Meta.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from monitoring.connectors.base import (
    Capabilities,
    Gone,
    Live,
    Mention,
    No,
    Published,
    Reply,
    SourceConfig,
    Unknown,
    Visibility,
    Yes,
)
from monitoring.connectors.errors import Refused, Unreadable
from monitoring.connectors.lists import UNREADABLE, Absent, Edge, arrived
from monitoring.connectors.meta import instagram_posts as posts
from monitoring.connectors.meta import instagram_sending as sending
from monitoring.connectors.meta import private
from monitoring.connectors.meta.answers import GraphError
from monitoring.connectors.meta.graph import MAX_BATCH, Graph
from monitoring.connectors.meta.instagram_sending import MAX_COMMENT_CHARS, listed
from monitoring.connectors.meta.page import OwnPage
from monitoring.connectors.meta.values import identity, moment
from monitoring.connectors.shape import Fault, reason_of

DEEP_PAGES = 20  # of 25 comments: in those, new answers to old comments are found as well
_LINK = re.compile(
    r"https?://(?:www\.)?instagram\.com/(?:[\w.]+/)?(?:p|reel|tv)/(?P<code>[\w-]+)(?:/c/(?P<c>\d+)(?:/r/(?P<r>\d+))?)?/?(?:\?.*)?",
    re.ASCII,
)


class InstagramConnector(OwnPage):
    """A professional account of ours on Instagram."""

    name = "instagram"
    object_kind = "instagram"
    account_setting = "ig_user_id"
    direct_in_bytes = True
    capabilities = Capabilities(
        own_mentions=True,
        thread=True,
        refresh=True,
        reply=True,
        direct=True,
        receive=True,
        max_reply_chars=MAX_COMMENT_CHARS,
        max_direct_chars=sending.MAX_DIRECT_BYTES,
        direct_days=private.DAYS,
    )

    def refresh(
        self, source: SourceConfig, ids: Sequence[str], *, now: datetime
    ) -> dict[str, Live | Gone | Unknown]:
        """How comments under our posts stand now.

        Those elsewhere are shown to us only by the way they name us: nothing can be concluded.
        """
        graph, account_id = self._graph(source), self._account(source)
        found: dict[str, Live | Gone | Unknown] = {
            i: Unknown("Instagram does not show single posts of others") for i in ids
        }
        wanted = [i for i in ids if i.isascii() and i.isdigit()]
        for start in range(0, len(wanted), MAX_BATCH - 1):
            asked = wanted[start : start + MAX_BATCH - 1]
            fields = f"{posts.COMMENT_FIELDS},media{{id,permalink}}"
            own, *answers = graph.batch([(account_id, "id"), *((i, fields) for i in asked)], now=now)
            if isinstance(own, Mapping):  # else it does not even show our own account
                pairs = zip(asked, answers, strict=True)
                found |= {i: _standing(answer, account_id, now=now) for i, answer in pairs}
        return found

    def thread(self, source: SourceConfig, mention: Mention, *, now: datetime) -> tuple[Mention, ...]:
        """The newest comments under our post, and the answers to them."""
        if not mention.thread_id.isdigit():
            return ()
        edge = self._edges(source)["comments"]
        step = {"of": mention.thread_id, "url": mention.url.partition("/c/")[0]}
        try:
            body = self._graph(source).get(edge.path.format(of=mention.thread_id), edge.params, now=now)
        except Absent:
            return ()
        found: list[Mention] = []
        for entry in listed(body):
            try:
                found += edge.mentions(entry, step)
            except UNREADABLE:
                continue
        newest = sorted(found, key=lambda m: m.posted_at, reverse=True)
        return tuple({m.canonical_id: arrived(m, now=now) for m in newest[:100]}.values())

    def claims(self, url: str) -> bool:
        """Whether this is an address of one post or comment on Instagram."""
        return _LINK.fullmatch(url.strip()) is not None

    def resolve(self, source: SourceConfig, url: str, *, now: datetime) -> Mention | None:
        """A comment under our post by its number, or one of the newest posts that tag us."""
        link, account_id = _LINK.fullmatch(url.strip()), self._account(source)
        if link is None:
            return None
        graph = self._graph(source)
        try:
            if comment_id := link["r"] or link["c"]:
                fields = f"{posts.COMMENT_FIELDS},media{{id,permalink}}"
                answer = graph.get(comment_id, {"fields": fields}, now=now)
                standing = _standing(answer, account_id, now=now)
                return standing.mention if isinstance(standing, Live) else None
            edge = self._edges(source)["tags"]
            for entry in listed(graph.get(edge.path, edge.params, now=now)):
                if f"/{link['code']}/" in f"{entry.get('permalink')}/":
                    return arrived(posts.tag_of(entry)[0], now=now)
        except (Absent, *UNREADABLE):
            return None
        return None

    def can_reply(
        self, source: SourceConfig, mention: Mention, visibility: Visibility = "public"
    ) -> Yes | No:
        """Whatever names us, with a page token; in private only who commented under our post."""
        if not source.secrets.get("page_token"):
            return No("The page token is not set", mention.url)
        return _in_private(source, mention) if visibility == "direct" else Yes()

    def publish(self, source: SourceConfig, reply: Reply, *, key: str) -> Published:
        """An answer under the comment or post, or one private message to the writer of a comment."""
        if reply.visibility == "direct":
            return sending.message(self._graph(source), _page_of(source), reply)
        return sending.answer(self._graph(source), self._account(source), reply)

    def find_reply(self, source: SourceConfig, key: str, reply: Reply) -> Published | None:
        """Our answer with this text at the same place, or our private message with it."""
        if reply.visibility == "direct":
            return private.find(self._graph(source), _page_of(source), "instagram", reply)
        return sending.find(self._graph(source), self._account(source), _our_name(source), reply)

    def _edges(self, source: SourceConfig) -> Mapping[str, Edge]:
        account_id = self._account(source)
        return {
            "tags": Edge(
                f"{account_id}/tags",
                {"fields": posts.TAG_FIELDS, "limit": "50"},
                lambda entry, step: _others(source, posts.tag_of(entry)),
                time=_stamped,
            ),
            "media": Edge(
                f"{account_id}/media",
                {"fields": posts.OWN_MEDIA_FIELDS, "limit": "50"},
                lambda entry, step: [],
                watched=posts.watched,
                time=_stamped,
            ),
            "comments": Edge(
                "{of}/comments",
                {"fields": posts.COMMENTS_FIELDS, "limit": "25"},
                lambda entry, step: _others(source, posts.comments_of(entry, step, account_id)),
                more=posts.more_answers,
                deep=DEEP_PAGES,
                time=_stamped,
            ),
            "replies": Edge(
                "{of}/replies",
                {"fields": posts.COMMENT_FIELDS, "limit": "50"},
                lambda entry, step: _others(source, posts.answers_of(entry, step, account_id)),
                deep=DEEP_PAGES,
                time=_stamped,
            ),
        }

    def _lists(self) -> tuple[str, ...]:
        return ("tags", "media")

    def _change(self, source: SourceConfig, change: Mapping[str, Any], *, now: datetime) -> list[Mention]:
        field, value = str(change["field"]), change["entry"]
        if field not in ("comments", "mentions"):
            return []
        if not isinstance(value, Mapping):
            raise Unreadable("a change without a value")
        account_id = self._account(source)
        if field == "comments":
            mention = posts.reported_comment(value, moment(change.get("time")), account_id)
            return [mention] if mention and not _is_by(mention, _our_name(source)) else []
        return _naming(self._graph(source), account_id, value, now=now)


def _in_private(source: SourceConfig, mention: Mention) -> Yes | No:
    """Whether Meta takes a private message to who wrote this."""
    if not mention.canonical_id.isdigit():
        return No("Meta takes a private message only to who commented under our own post", mention.url)
    if not _page_of(source).isdigit():
        return No("The page that private messages go through is not set", mention.url)
    return Yes()


def _page_of(source: SourceConfig) -> str:
    """The page that the account hangs on."""
    return str(source.settings.get("page_id") or "")


def _our_name(source: SourceConfig) -> str:
    return str(source.settings.get("username") or "").lstrip("@")


def _others(source: SourceConfig, found: list[Mention]) -> list[Mention]:
    ours = _our_name(source)
    return [mention for mention in found if not _is_by(mention, ours)]


def _is_by(mention: Mention, username: str) -> bool:
    """Whether this account wrote it: Instagram does not always tell the number of who wrote."""
    handle = mention.author.handle if mention.author else ""
    return bool(username) and handle.casefold() == username.casefold()


def _naming(graph: Graph, account_id: str, value: Mapping[str, Any], *, now: datetime) -> list[Mention]:
    """The post or comment that names us: the delivery holds only its number."""
    if value.get("comment_id"):
        asked = f"mentioned_comment.comment_id({identity(value['comment_id'])})"
        told = _ask(
            graph,
            account_id,
            asked,
            ("id,text,timestamp,like_count,username", "media{id,permalink,owner}"),
            ("id,text,timestamp,like_count", "media{id}"),
            now=now,
        )
        entry = {"media": {"id": value.get("media_id")}, **told.get("mentioned_comment", {})}
        return [posts.naming_comment(entry, account_id)]
    asked = f"mentioned_media.media_id({identity(value['media_id'])})"
    told = _ask(graph, account_id, asked, (posts.TAG_FIELDS,), ("id,caption,timestamp,username",), now=now)
    return posts.tag_of(told["mentioned_media"])


def _stamped(entry: Mapping[str, Any]) -> datetime:
    return moment(entry["timestamp"])


def _ask(
    graph: Graph, account_id: str, asked: str, rich: Sequence[str], poor: Sequence[str], *, now: datetime
) -> Mapping[str, Any]:
    """What names us, with all its fields, or with the few that every version of the API has.

    What is gone already gives ValueError: it is put aside.
    """
    try:
        return graph.get(account_id, {"fields": f"{asked}{{{','.join(rich)}}}"}, now=now)
    except Refused as refused:
        if "nonexisting field" not in refused.reason:
            raise
        return graph.get(account_id, {"fields": f"{asked}{{{','.join(poor)}}}"}, now=now)
    except Absent as absent:
        raise Fault(f"it is gone already: {absent}") from None


def _standing(
    answer: Mapping[str, Any] | GraphError | None, account_id: str, *, now: datetime
) -> Live | Gone | Unknown:
    if isinstance(answer, GraphError):
        return Gone(str(answer)) if answer.is_absent else Unknown(str(answer))
    if answer is None:
        return Unknown("Meta said nothing of it")
    try:
        media = answer.get("media") or {}
        url = str(media.get("permalink") or "")
        mention = posts.comment_of(answer, str(media.get("id") or ""), url, account_id)
    except UNREADABLE as error:
        return Unknown(reason_of(error))
    return Live(arrived(mention, now=now)) if mention else Unknown("it is ours")
