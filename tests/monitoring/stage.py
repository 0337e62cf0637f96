"""A desk that listens to a small server of our own: real polls, the real Mastodon.py, real sockets."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cases.models import Case
from cases.services import intake
from monitoring.connectors.mastodon import MastodonConnector
from monitoring.fetch import Network
from monitoring.models import Post, RejectedMention, Source
from tests.faults.platform import FIRST_ID, SERVER, Raw, Weather, status
from tests.monitoring.polls import again, poll
from tests.world import Desk

NEARBY = Network(allow_private=True)


@dataclass
class Stage:
    """The desk, its source, and the server: what it has, and how it is today."""

    desk: Desk
    source: Source
    posts: list[Any]
    weather: Weather
    url: str

    def write(self, n: int, *, at: datetime, text: str = "", **fields: Any) -> Any:
        """The server has `n` posts more, one a second, the last of them at `at`; returns that one."""
        for back in reversed(range(n)):
            made = status(len(self.posts), at=at - timedelta(seconds=back), text=text)
            self.posts.append(json.loads(json.dumps(made).replace(SERVER, self.url)) | fields)
        return self.posts[-1]

    def poll(self, *, now: datetime, on_page: Callable[..., object] = intake.open_cases) -> int:
        return poll(self.source, now=now, on_page=on_page)

    @property
    def now(self) -> Source:
        """The source as it stands."""
        return again(self.source)

    def fails(self, with_: Raw, *, after: int = 0) -> None:
        """From now on the server gives this answer, when it has answered so many requests well."""
        n_well = iter(range(after))
        self.weather.answer = lambda path: None if next(n_well, None) is not None else with_

    def mends(self) -> None:
        """The server is well again."""
        self.weather.answer = lambda path: None

    def has_all_once(self) -> bool:
        """Whether every readable post of the server is here once, each with one case."""
        here = list(Post.objects.filter(source=self.source).values_list("canonical_id", flat=True))
        there = [post["uri"] for post in self.posts]
        return sorted(here) == sorted(there) and Case.objects.filter(
            post__canonical_id__in=there
        ).count() == len(there)


def nearby() -> MastodonConnector:
    """The real connector, let through to this machine."""
    return MastodonConnector(network=NEARBY)


def reasons() -> list[str]:
    """Why posts were set aside, in the order in which they were."""
    return list(RejectedMention.objects.order_by("pk").values_list("reason", flat=True))


def server_id(n: int) -> str:
    """The id that the server gave its nth post."""
    return str(FIRST_ID + n)


def asked_for(path: str) -> dict[str, str]:
    """What a request asked for, by name."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(path).query).items()}
