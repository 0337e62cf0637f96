"""Looking posts of Mastodon up again by the one id that is the same on every server."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from monitoring.connectors.base import Gone, Live, Unknown
from monitoring.connectors.mastodon.client import BATCH_SIZE, MastodonClient
from monitoring.connectors.mastodon.statuses import mention_of
from monitoring.connectors.shape import WRONG_SHAPE
from monitoring.fetch import FetchFailed, FetchRefused, Network, get

RESERVE = 60  # requests that are left for the next poll

Answers = dict[str, Live | Gone | Unknown]


class Looking:
    """One look at posts of our own server and of others."""

    def __init__(self, client: MastodonClient, network: Network, now: datetime) -> None:
        self._client = client
        self._network = network
        self._now = now

    def at(self, ids: Sequence[str]) -> Answers:
        """How each stands; posts of our own server are asked for by twenty, others one by one."""
        answers: Answers = {uri: Unknown("the server said nothing of it") for uri in ids}
        own = {local: uri for uri in ids if (local := self._client.local_id(uri))}
        answers |= self._own(own)
        for uri in ids:
            if uri in own.values() or not uri.startswith(("https://", "http://")):
                continue
            if self._is_nearly_used_up():
                break
            answers[uri] = self._elsewhere(uri)
        return answers

    def _own(self, own: dict[str, str]) -> Answers:
        """Posts of this server: what is not in the answer is asked for by itself, and only 404 is gone."""
        answers: Answers = {}
        local_ids = list(own)
        for start in range(0, len(local_ids), BATCH_SIZE):
            for status in self._client.statuses(local_ids[start : start + BATCH_SIZE], now=self._now):
                answers |= self._live(status)
        for local, uri in own.items():
            if uri in answers or self._is_nearly_used_up():
                continue
            status = self._client.status(local, now=self._now)
            answers |= (
                self._live(status) if status else {uri: Gone("the server answers that it is not there")}
            )
        return {uri: answer for uri, answer in answers.items() if uri in own.values()}

    def _elsewhere(self, uri: str) -> Live | Gone | Unknown:
        """A post of another server: our own finds it, or the other says itself that it is gone."""
        status = self._client.find(uri, now=self._now)
        if not self._client.has_token:
            return Unknown("posts of other servers are not shown without an access token")
        if status is not None:
            return self._live(status).get(uri) or Unknown("the server found another post")
        host = urlsplit(uri).hostname or ""
        try:
            answered = get(uri, network=self._network).status
        except (FetchFailed, FetchRefused) as error:
            return Unknown(f"{host}: {error.reason}")
        # Both agree: our server knows it no more, and its own server has it for nobody.
        return (
            Gone(f"{host} answers {answered}") if answered in (404, 410) else Unknown(f"{host} has it still")
        )

    def _live(self, status: Any) -> dict[str, Live]:
        try:
            mention = mention_of(status, {}, now=self._now)
        except WRONG_SHAPE:
            return {}
        return {mention.canonical_id: Live(mention)}

    def _is_nearly_used_up(self) -> bool:
        quota = self._client.traffic.quota()
        return quota is not None and quota.remaining < min(RESERVE, quota.limit // 2)
