"""A pasted address is asked of its own platform: what comes back, and why nothing does."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from monitoring.asking import TooLate, ask_all
from monitoring.connectors import registry
from monitoring.connectors.base import Mention, SourceConfig
from monitoring.connectors.errors import CredentialRefused, Ended, RateLimited, Unavailable
from monitoring.models import Credential, Source
from monitoring.resolving import NotResolved, Resolved, WhyNot, resolve
from tests.monitoring.conftest import Platform
from tests.world import mention

URL = "https://paper.example/p/1"


@dataclass
class Square(Platform):
    """A platform where single posts can be asked for: `answer` gives what comes back."""

    name: str = "square"
    answer: Callable[[SourceConfig], Mention | None] = lambda config: None
    asked_by: list[str] = field(default_factory=list)

    def claims(self, url: str) -> bool:
        return url.startswith("https://paper.example/p/")

    def resolve(self, source: SourceConfig, url: str, *, now: datetime) -> Mention | None:
        self.asked_by.append(source.name)
        return self.answer(source)


@pytest.fixture
def square(monkeypatch: pytest.MonkeyPatch) -> Square:
    found = Square()
    monkeypatch.setitem(registry.CONNECTORS, found.name, found)
    return found


@pytest.fixture
def source(db: None, noon: datetime) -> Source:
    return Source.objects.create(name="plein", connector="square", next_poll_at=noon)


def fails(error: Exception) -> Callable[[SourceConfig], Mention | None]:
    def answer(config: SourceConfig) -> Mention | None:
        raise error

    return answer


def test_the_post_comes_with_its_own_identity_and_the_source_it_came_by(
    square: Square, source: Source, noon: datetime
) -> None:
    post = mention(1, at=noon, platform="square")
    square.answer = lambda config: post
    assert resolve(URL, now=noon) == Resolved(post, source.pk)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda config: None, WhyNot.NOT_FOUND),
        (fails(Ended("gone")), WhyNot.NOT_FOUND),
        (fails(CredentialRefused("401")), WhyNot.NOT_ALLOWED),
        (fails(RateLimited(None)), WhyNot.LIMITED),
        (fails(Unavailable("503")), WhyNot.UNAVAILABLE),
        (fails(RuntimeError("a bug of ours")), WhyNot.UNAVAILABLE),
    ],
    ids=["not there", "gone", "not for us", "too many", "down", "a bug"],
)
def test_why_there_is_no_post_is_known(
    square: Square, source: Source, noon: datetime, answer: Callable[[SourceConfig], None], why: WhyNot
) -> None:
    square.answer = answer
    assert resolve(URL, now=noon) == NotResolved(why, "square")


def test_an_address_of_no_platform_and_a_platform_without_a_source_are_told_apart(
    square: Square, db: None, noon: datetime
) -> None:
    assert resolve("https://forum.example/t/9", now=noon) == NotResolved(WhyNot.NO_PLATFORM)
    assert resolve(URL, now=noon) == NotResolved(WhyNot.NO_SOURCE, "square")


@pytest.mark.parametrize(
    "stands",
    [{"is_enabled": False}, {"health": "refused"}, {"refused": True}, {"limited": True}],
    ids=["switched off", "refused", "keys refused", "keys at their limit"],
)
def test_a_source_that_does_not_work_is_not_asked(
    square: Square, source: Source, noon: datetime, stands: dict[str, object]
) -> None:
    keys = Credential.objects.create(
        name="keys",
        connector="square",
        sealed="…",
        changed_at=noon,
        refused_at=noon if stands.pop("refused", False) else None,
        limited_until=noon + timedelta(hours=1) if stands.pop("limited", False) else None,
    )
    Source.objects.update(**stands or {"credential": keys})
    assert resolve(URL, now=noon) == NotResolved(WhyNot.NO_SOURCE, "square")
    assert square.asked_by == []


def test_what_one_account_may_not_see_another_may(square: Square, source: Source, noon: datetime) -> None:
    other = Source.objects.create(name="ander", connector="square", next_poll_at=noon)
    post = mention(1, at=noon)
    square.answer = lambda config: post if config.name == "ander" else None
    assert resolve(URL, now=noon) == Resolved(post, other.pk)


@pytest.fixture
def patience() -> Iterator[threading.Event]:
    """What a platform that never answers waits for, until the test is over."""
    event = threading.Event()
    yield event
    event.set()


def test_a_platform_that_does_not_answer_is_left_alone_in_time(
    square: Square, source: Source, noon: datetime, patience: threading.Event
) -> None:
    def never(config: SourceConfig) -> Mention | None:
        patience.wait(20)
        return None

    square.answer = never
    assert resolve(URL, now=noon, limit_s=0.05) == NotResolved(WhyNot.TOO_LATE, "square")


def test_who_is_late_holds_up_nobody_else(patience: threading.Event) -> None:
    late, quick, wrong = ask_all([lambda: patience.wait(20), lambda: True, lambda: bool(1 / 0)], limit_s=0.1)
    assert (type(late), quick, type(wrong)) == (TooLate, True, ZeroDivisionError)
