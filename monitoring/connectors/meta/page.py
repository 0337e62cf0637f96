"""What the two kinds of own page on Meta have in common: polling, deliveries, keys."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from requests.adapters import BaseAdapter

from monitoring.connectors.base import (
    Budget,
    Cursor,
    Mention,
    Page,
    Problem,
    Rejected,
    SourceConfig,
    Visibility,
)
from monitoring.connectors.errors import Refused, Unreadable
from monitoring.connectors.lists import UNREADABLE, Edge, Window, arrived
from monitoring.connectors.meta import webhooks
from monitoring.connectors.meta.graph import Graph
from monitoring.connectors.plain import clean, clean_json
from monitoring.connectors.run import Run
from monitoring.connectors.shape import reason_of


class OwnPage(ABC):
    """An account of ours on Meta. `transport` is the adapter that requests go through."""

    secret_names = ("page_token", "app_secret", "verify_token")
    object_kind = ""  # what Meta calls it in a delivery
    account_setting = ""
    direct_in_bytes = False

    def __init__(self, transport: BaseAdapter | None = None) -> None:
        self._transport = transport

    @abstractmethod
    def _edges(self, source: SourceConfig) -> Mapping[str, Edge]:
        """What is read of the account; `comments` is what a changed post leads to."""

    @abstractmethod
    def _lists(self) -> tuple[str, ...]:
        """The edges that every run starts with, in this order."""

    @abstractmethod
    def _change(self, source: SourceConfig, change: Mapping[str, Any], *, now: datetime) -> list[Mention]:
        """The mentions in one change of a delivery. Raises ValueError and its like."""

    def poll(self, source: SourceConfig, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        """The lists, then the comments of what changed; goes on with a run that was cut short."""
        run = Run(self._edges(source), self._lists(), self._graph(source), _window(source))
        yield from run.pages(cursor, budget, now=now)

    def own_part(self, cursor: Cursor) -> Cursor:
        """All of it: a page of ours is read whatever the queries ask."""
        return cursor

    def normalise(self, source: SourceConfig, raw: str, *, now: datetime) -> Mention:
        """One entry of a list or one change of a delivery, as it was put aside."""
        try:
            told = json.loads(raw)
            if "field" in told:
                found = self._change(source, told, now=now)
            else:
                found = self._edges(source)[str(told["edge"])].mentions(told["entry"], told)
        except UNREADABLE as error:
            raise Unreadable(reason_of(error)) from None
        if not found:
            raise Unreadable("it is ours, or nothing that people wrote")
        return arrived(found[0], now=now)

    def receive(
        self, source: SourceConfig, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> Page:
        """What Meta reports. A source error means: answer 503, so that Meta delivers it again."""
        told = webhooks.verified(source, headers, body)
        found: dict[str, Mention] = {}
        rejected = []
        account_id = self._account(source)
        for change in webhooks.changes(told, kind=self.object_kind, account_id=account_id):
            try:
                read = self._change(source, change, now=now)
            except UNREADABLE as error:
                raw = clean(json.dumps(clean_json(change), ensure_ascii=False))
                rejected.append(Rejected(raw, reason_of(error)))
            else:
                found |= {mention.canonical_id: arrived(mention, now=now) for mention in read}
        return Page(tuple(found.values()), {}, tuple(rejected))

    def handshake(self, source: SourceConfig, params: Mapping[str, str]) -> str | None:
        """What to answer when Meta asks whether this address is ours; None = refuse."""
        return webhooks.handshake(source, params)

    def reply_length(self, text: str, visibility: Visibility = "public") -> int:
        """Characters; of a private message on Instagram bytes."""
        in_bytes = self.direct_in_bytes and visibility == "direct"
        return len(text.encode("utf-8", "replace")) if in_bytes else len(text)

    def check(self, source: SourceConfig) -> list[Problem]:
        """Missing keys and settings."""
        problems = []
        try:
            self._account(source)
        except Refused as refused:
            problems.append(Problem(str(refused)))
        try:
            self._graph(source)
        except Refused as refused:
            problems.append(Problem(str(refused)))
        if not source.secrets.get("app_secret"):
            problems.append(
                Problem("The app secret is not set: deliveries by Meta cannot be trusted.", blocking=False)
            )
        elif not source.secrets.get("verify_token"):
            problems.append(
                Problem("The verify token is not set: Meta cannot be told to deliver here.", blocking=False)
            )
        return problems

    def _account(self, source: SourceConfig) -> str:
        """The number of our account. Raises Refused without one."""
        account_id = str(source.settings.get(self.account_setting) or "")
        if not (account_id.isascii() and account_id.isdigit()):
            raise Refused(f"its {self.account_setting} is not set, or not a number")
        return account_id

    def _graph(self, source: SourceConfig) -> Graph:
        return Graph(source, self._transport)


def days(source: SourceConfig, name: str, default: int) -> timedelta:
    """A setting in days, within a year."""
    told = source.settings.get(name)
    return timedelta(days=told if isinstance(told, int) and 0 < told <= 365 else default)


def _window(source: SourceConfig) -> Window:
    return Window(first=days(source, "first_days", 7), comments=days(source, "comment_days", 30))
