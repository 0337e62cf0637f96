"""tweepy for one source, with every outcome turned into an answer or a source error."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import requests
import tweepy
from requests.adapters import BaseAdapter

from monitoring.connectors.base import Mention, Reply, SourceConfig
from monitoring.connectors.errors import CredentialRefused, PublishFailed, PublishUnknown, Unavailable
from monitoring.connectors.x.posts import error_reason, mentions_in
from monitoring.connectors.x.stream import Fetch
from monitoring.connectors.x.traffic import XTraffic

# Both write keys and signatures to their log at level DEBUG.
for _name in ("tweepy", "oauthlib", "requests_oauthlib"):
    logging.getLogger(_name).setLevel(logging.INFO)

N_MESSAGES = 20  # each one read costs a cent
SENDING_SECRETS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
_FIELDS = {
    "tweet_fields": [
        "author_id",
        "conversation_id",
        "created_at",
        "edit_history_tweet_ids",
        "entities",
        "in_reply_to_user_id",
        "lang",
        "note_tweet",
        "public_metrics",
        "referenced_tweets",
    ],
    "user_fields": ["name", "public_metrics", "username"],
    "expansions": ["author_id"],
}
# What tweepy raises: its own errors, those of requests, and those of bodies it does not expect.
_ANY_FAILURE = (
    tweepy.TweepyException,
    requests.RequestException,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    OverflowError,
    RecursionError,
)


class XClient:
    """The calls that the connector makes. Never waits for a rate limit, never without a time limit."""

    def __init__(
        self, source: SourceConfig, transport: BaseAdapter | None, *, new_names: bool = False
    ) -> None:
        secrets = source.secrets
        if not secrets.get("bearer_token"):
            raise CredentialRefused("its bearer token is not set")
        self.traffic = XTraffic(transport, new_names=new_names)
        self._client = tweepy.Client(
            bearer_token=secrets["bearer_token"],
            **{name: secrets.get(name) for name in SENDING_SECRETS},
            return_type=dict,
            wait_on_rate_limit=False,
        )
        self._client.session.mount("https://", self.traffic)
        owner = str(secrets.get("access_token") or "").partition("-")[0]
        self.user_id = str(source.settings.get("user_id") or (owner if owner.isdigit() else ""))

    def search(self, query: str) -> Fetch:
        """Pages of recent search for `query`."""

        def fetch(params: Mapping[str, Any], *, now: datetime) -> Mapping[str, Any]:
            paged = {("next_token" if k == "pagination_token" else k): v for k, v in params.items()}
            return self._read(lambda: self._client.search_recent_tweets(query, **_FIELDS, **paged), now=now)

        return fetch

    def mentions(self, params: Mapping[str, Any], *, now: datetime) -> Mapping[str, Any]:
        """A page of the mentions of our account."""
        return self._read(lambda: self._client.get_users_mentions(self.user_id, **_FIELDS, **params), now=now)

    def look_up(self, ids: Sequence[str], *, now: datetime) -> Mapping[str, Any]:
        """At most 100 posts by their ids."""
        return self._read(lambda: self._client.get_tweets(list(ids), **_FIELDS), now=now, errors_suffice=True)

    def own_posts(self, *, since_id: str) -> list[Mention]:
        """Our newest posts after `since_id`, newest first; Unavailable when X does not tell."""
        if not self.user_id:
            raise Unavailable("the account that sends is not known")
        body = self._read(
            lambda: self._client.get_users_tweets(
                self.user_id, **_FIELDS, since_id=since_id, max_results=100
            ),
            now=None,
        )
        return mentions_in(body)[0]

    def create(self, reply: Reply) -> str:
        """Post a reply, or a post of our own; returns its id.

        Raises PublishFailed when X refused it, PublishUnknown when it may have arrived, and the
        source error for a limit or a key that no longer works.
        """
        return self._sent(
            lambda: self._client.create_tweet(text=reply.text, in_reply_to_tweet_id=reply.parent_id or None),
            "id",
        )

    def message(self, person: str, text: str) -> str:
        """Send a direct message; returns its id. Raises what `create` raises."""
        return self._sent(
            lambda: self._client.create_direct_message(participant_id=person, text=text), "dm_event_id"
        )

    def messages(self, person: str) -> list[Mapping[str, Any]]:
        """The newest messages of our conversation with an account.

        Raises PublishUnknown when our keys may not read them: that says nothing of reading posts.
        """
        try:
            body = self._read(
                lambda: self._client.get_direct_message_events(
                    participant_id=person,
                    dm_event_fields=["created_at", "event_type", "sender_id", "text"],
                    event_types="MessageCreate",
                    expansions="sender_id",
                    max_results=N_MESSAGES,
                ),
                now=None,
            )
        except CredentialRefused as refused:
            if self.traffic.status != 403:
                raise
            raise PublishUnknown(f"our direct messages cannot be read ({refused.reason})") from refused
        return [event for event in body["data"] if isinstance(event, Mapping)]

    def _sent(self, call: Callable[[], Any], name: str) -> str:
        """The id under `name` in the answer to sending something."""
        try:
            return str(int(call()["data"][name]))
        except requests.exceptions.ConnectTimeout:
            raise Unavailable("X could not be reached in time") from None
        except _ANY_FAILURE as failure:
            status = self.traffic.status
            if status in (400, 403, 404):
                raise PublishFailed(self.traffic.reason()) from failure
            if status in (401, 402, 429):
                raise self.traffic.error(now=None) from failure
            raise PublishUnknown(f"status {status}" if status else "no answer in time") from failure

    def _read(
        self, call: Callable[[], Any], *, now: datetime | None, errors_suffice: bool = False
    ) -> Mapping[str, Any]:
        """The answer to one question, asked again by the new names when X does not know the old."""
        try:
            body = call()
        except _ANY_FAILURE as failure:
            if (
                self.traffic.status == 400
                and not self.traffic.new_names
                and "fields" in self.traffic.reason()
            ):
                self.traffic.new_names = True
                return self._read(call, now=now, errors_suffice=errors_suffice)
            raise self.traffic.error(now=now) from failure
        shaped = _shaped(body)
        if shaped["data"] or shaped["meta"] or (errors_suffice and shaped["errors"]):
            return shaped
        errors = shaped["errors"] or ["no data"]
        raise Unavailable(f"X answers without posts: {error_reason(errors[0])}")


def _shaped(body: Any) -> dict[str, Any]:
    """The four parts of an answer, each of the type it should have, empty where it is not there."""
    shapes: dict[str, type] = {"data": list, "includes": dict, "errors": list, "meta": dict}
    if not isinstance(body, dict):
        raise Unavailable("X answers with nothing that can be read")
    parts = {name: body.get(name) or shape() for name, shape in shapes.items()}
    if not all(isinstance(parts[name], shape) for name, shape in shapes.items()):
        raise Unavailable("X answers with nothing that can be read")
    return parts
