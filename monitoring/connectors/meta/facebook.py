"""A Facebook page of ours: posts on it and about it, comments, recommendations, and our answers.

Settings of a source: `page_id`, `graph_version`, `comment_days` (posts younger than this have their
comments read, default 30), `first_days` (how far the first poll goes back, default 7). Secrets:
`page_token`; `app_secret` and `verify_token` for deliveries by Meta.
"""

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
from monitoring.connectors.errors import Unreadable
from monitoring.connectors.lists import UNREADABLE, Absent, Edge, Entry, Step, arrived
from monitoring.connectors.meta import facebook_links, private
from monitoring.connectors.meta import facebook_sending as sending
from monitoring.connectors.meta.answers import GraphError
from monitoring.connectors.meta.facebook_posts import (
    COMMENT_FIELDS,
    POST_FIELDS,
    RATING_FIELDS,
    change_of,
    comment_of,
    looked_up,
    post_of,
    rating_of,
    watched,
)
from monitoring.connectors.meta.facebook_sending import COMMENTS, MAX_COMMENT_CHARS, listed
from monitoring.connectors.meta.graph import MAX_BATCH, Graph
from monitoring.connectors.meta.page import OwnPage
from monitoring.connectors.meta.values import moment
from monitoring.connectors.shape import reason_of


class FacebookConnector(OwnPage):
    """A page of ours on Facebook."""

    name = "facebook"
    object_kind = "page"
    account_setting = "page_id"
    capabilities = Capabilities(
        own_mentions=True,
        thread=True,
        refresh=True,
        reply=True,
        direct=True,
        receive=True,
        max_reply_chars=MAX_COMMENT_CHARS,
        max_direct_chars=sending.MAX_DIRECT_CHARS,
        direct_days=private.DAYS,
    )

    def refresh(
        self, source: SourceConfig, ids: Sequence[str], *, now: datetime
    ) -> dict[str, Live | Gone | Unknown]:
        """How posts and comments stand now; Gone only when Meta says so while it does show our page."""
        graph, page_id = self._graph(source), self._account(source)
        found: dict[str, Live | Gone | Unknown] = {i: Unknown("Meta said nothing of it") for i in ids}
        wanted = [i for i in ids if i.isascii() and i.replace("_", "").isdigit()]
        for start in range(0, len(wanted), MAX_BATCH - 1):
            asked = {i: not i.startswith(f"{page_id}_") for i in wanted[start : start + MAX_BATCH - 1]}
            answers = _look_up(graph, page_id, asked, now=now)
            # Only Meta knows which of the two an id is: what has other fields is asked again as such.
            other = {
                i: not asked[i]
                for i, a in answers.items()
                if isinstance(a, GraphError) and a.is_field_unknown
            }
            if other:
                answers |= _look_up(graph, page_id, other, now=now)
            kinds = asked | other
            found |= {i: _standing(a, page_id, as_comment=kinds[i], now=now) for i, a in answers.items()}
        return found

    def thread(self, source: SourceConfig, mention: Mention, *, now: datetime) -> tuple[Mention, ...]:
        """The newest comments of the post, on all levels."""
        post_id = mention.thread_id or mention.canonical_id
        if not post_id.replace("_", "").isdigit():
            return ()
        try:
            body = self._graph(source).get(f"{post_id}/comments", COMMENTS, now=now)
        except Absent:
            return ()
        found: dict[str, Mention] = {}
        for entry in listed(body):
            try:
                found |= {
                    m.canonical_id: arrived(m, now=now)
                    for m in comment_of(entry, post_id, self._account(source))
                }
            except UNREADABLE:
                continue
        return tuple(found.values())[:100]

    def claims(self, url: str) -> bool:
        """Whether this is an address of one post or comment on Facebook."""
        return facebook_links.read(url) is not None

    def resolve(self, source: SourceConfig, url: str, *, now: datetime) -> Mention | None:
        """A post or comment on our own page; None for any other, which Meta does not show us."""
        link, page_id = facebook_links.read(url), self._account(source)
        if link is None or not link.story_id:
            return None
        post_id = f"{page_id}_{link.story_id}"
        asked, fields = (
            (f"{link.story_id}_{link.comment_id}", COMMENT_FIELDS)
            if link.comment_id
            else (post_id, POST_FIELDS)
        )
        try:
            entry = self._graph(source).get(asked, {"fields": fields}, now=now)
            mention = looked_up(entry, post_id, page_id, as_comment=bool(link.comment_id))
        except (Absent, *UNREADABLE):
            return None
        return arrived(mention, now=now) if mention else None

    def can_reply(
        self, source: SourceConfig, mention: Mention, visibility: Visibility = "public"
    ) -> Yes | No:
        """Whatever has an id of its own, with a page token; in private only who wrote on our page."""
        if not source.secrets.get("page_token"):
            return No("The page token is not set", mention.url)
        if not mention.canonical_id.replace("_", "").isdigit():
            return No("This recommendation can only be answered on Facebook itself", mention.url)
        place = mention.thread_id or mention.canonical_id
        if visibility == "direct" and not place.startswith(f"{self._account(source)}_"):
            return No("Meta takes a private message only to who wrote on our own page", mention.url)
        return Yes()

    def publish(self, source: SourceConfig, reply: Reply, *, key: str) -> Published:
        """A comment of the page under the post or comment, or one private message to its writer."""
        graph = self._graph(source)
        if reply.visibility == "direct":
            return sending.message(graph, self._account(source), reply)
        return sending.comment(graph, reply)

    def find_reply(self, source: SourceConfig, key: str, reply: Reply) -> Published | None:
        """The newest comment of our page with this text, under the parent or beside it; or our message."""
        if reply.visibility == "direct":
            return private.find(self._graph(source), self._account(source), "messenger", reply)
        return sending.find(self._graph(source), self._account(source), reply)

    def _edges(self, source: SourceConfig) -> Mapping[str, Edge]:
        page_id = self._account(source)
        posts, ratings = {"fields": POST_FIELDS, "limit": "100"}, {"fields": RATING_FIELDS, "limit": "100"}

        def others(entry: Entry, step: Step) -> list[Mention]:
            return post_of(entry, page_id)

        def comments(entry: Entry, step: Step) -> list[Mention]:
            return comment_of(entry, str(step["of"]), page_id)

        return {
            "tagged": Edge(f"{page_id}/tagged", posts, others, _created, since=_since),
            "ratings": Edge(f"{page_id}/ratings", ratings, lambda entry, step: rating_of(entry), _created),
            "feed": Edge(f"{page_id}/feed", posts, others, _created, watched, since=_since),
            "comments": Edge("{of}/comments", COMMENTS, comments, _created),
        }

    def _lists(self) -> tuple[str, ...]:
        return ("tagged", "ratings", "feed")

    def _change(self, source: SourceConfig, change: Mapping[str, Any], *, now: datetime) -> list[Mention]:
        field, value = str(change["field"]), change["entry"]
        if field not in ("feed", "mention", "ratings"):
            return []
        if not isinstance(value, Mapping):
            raise Unreadable("a change without a value")
        return change_of(field, {"created_time": change.get("time"), **value}, self._account(source))


def _created(entry: Entry) -> datetime:
    return moment(entry["created_time"])


def _since(floor: int) -> Mapping[str, str]:
    return {"since": str(floor)}


def _look_up(
    graph: Graph, page_id: str, asked: Mapping[str, bool], *, now: datetime
) -> dict[str, Mapping[str, Any] | GraphError | None]:
    """The answer for each id, asked as a comment or as a post, beside our page as a touchstone."""
    wanted = [(page_id, "id"), *((i, COMMENT_FIELDS if kind else POST_FIELDS) for i, kind in asked.items())]
    page, *answers = graph.batch(wanted, now=now)
    if not isinstance(page, Mapping):
        return dict.fromkeys(asked)  # it does not even show our own page: it says nothing of the others
    return dict(zip(asked, answers, strict=True))


def _standing(
    answer: Mapping[str, Any] | GraphError | None, page_id: str, *, as_comment: bool, now: datetime
) -> Live | Gone | Unknown:
    if isinstance(answer, GraphError):
        return Gone(str(answer)) if answer.is_absent else Unknown(str(answer))
    if answer is None:
        return Unknown("Meta said nothing of it")
    try:
        mention = looked_up(answer, "", page_id, as_comment=as_comment)
    except UNREADABLE as error:
        return Unknown(reason_of(error))
    return Live(arrived(mention, now=now)) if mention else Unknown("it is ours")
