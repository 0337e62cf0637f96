"""A pasted address: the post itself where its platform gives it, else a person types what it says."""

from dataclasses import dataclass, field
from datetime import datetime

import pytest

from cases.models import Case
from cases.services import capturing
from monitoring import webpage
from monitoring.connectors import registry
from monitoring.connectors.base import Kind, Mention, Problem, SourceConfig
from monitoring.connectors.errors import RateLimited, SourceError, Unavailable
from monitoring.connectors.readonly import ReadOnlyConnector
from monitoring.models import Post, Source
from tests.monitoring.hostile import response
from tests.monitoring.networks import Wire
from tests.web.paper import Paper
from tests.world import Desk, mention

URL = "https://square.example/p/7?utm_source=app"


@dataclass
class Square(ReadOnlyConnector):
    """A platform on paper that knows one post, or has its reasons."""

    name: str = "square"
    answer: Mention | SourceError | None = None
    asked: list[str] = field(default_factory=list)

    def claims(self, url: str) -> bool:
        return url.startswith("https://square.example/p/")

    def resolve(self, source: SourceConfig, url: str, *, now: datetime) -> Mention | None:
        self.asked.append(url)
        if isinstance(self.answer, SourceError):
            raise self.answer
        return self.answer

    def check(self, source: SourceConfig) -> list[Problem]:
        return []


@pytest.fixture
def square(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> Square:
    found = Square(answer=mention(7, "Er komt rook uit de loods.", at=desk.now, platform="square"))
    monkeypatch.setitem(registry.CONNECTORS, "square", found)
    Source.objects.create(name="plein", connector="square", next_poll_at=desk.now)
    return found


def paste(screen: Paper, **typed: str) -> Paper:
    return screen.open("/report/").press("Make it a case", also={"url": URL, **typed})


def test_the_post_itself_becomes_the_case_under_its_own_identity(screen: Paper, square: Square) -> None:
    paste(screen)
    post = Case.objects.latest("pk").post
    assert (post.platform, post.canonical_id, post.text) == ("square", "m7", "Er komt rook uit de loods.")
    assert post.source is not None and post.source.name == "plein"
    assert screen.url == f"/cases/{post.pk}/"
    assert "Er komt rook uit de loods." in screen.html
    assert "Sanne reported this post" in screen.html


def test_a_poll_that_brings_the_post_later_opens_no_second_case(
    screen: Paper, square: Square, desk: Desk
) -> None:
    paste(screen)
    n_cases = Case.objects.count()
    assert isinstance(square.answer, Mention)
    assert desk.hear(square.answer) == []
    assert Case.objects.count() == n_cases


def test_a_post_that_was_heard_or_typed_before_leads_to_its_case(
    screen: Paper, square: Square, desk: Desk
) -> None:
    assert isinstance(square.answer, Mention)
    (heard,) = desk.hear(square.answer)
    assert paste(screen).url == f"/cases/{heard.pk}/"
    assert "This post was known already" in screen.html


def test_what_was_typed_while_the_platform_was_away_stays_the_case(screen: Paper, square: Square) -> None:
    post, square.answer = square.answer, Unavailable("503")
    paste(screen, text="Rook uit de loods")
    typed = Case.objects.latest("pk")
    assert typed.post.platform == "manual"
    assert "The platform did not give the post; what you typed is used." in screen.html
    square.answer = post
    assert paste(screen).url == f"/cases/{typed.pk}/"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (None, "The platform does not show this post"),
        (RateLimited(None), "The platform asks us to wait."),
        (Unavailable("503"), "The platform gave no usable answer."),
    ],
    ids=["not there", "429", "503"],
)
def test_why_there_is_no_post_is_said_and_nothing_typed_is_lost(
    screen: Paper, square: Square, answer: SourceError | None, sentence: str
) -> None:
    square.answer = answer
    n_cases = Case.objects.count()
    paste(screen, author="Jan")
    assert screen.status == 422
    assert sentence in screen.html
    assert "Type what the post says." in screen.html
    assert 'value="Jan"' in screen.html
    assert URL in screen.html
    assert Case.objects.count() == n_cases
    screen.press("Make it a case", also={"text": "Rook uit de loods"})
    assert screen.url == f"/cases/{Case.objects.latest('pk').pk}/"
    assert len(square.asked) == 1  # the same address is not asked twice


def test_a_platform_without_a_source_of_ours_is_named_as_that(screen: Paper, square: Square) -> None:
    Source.objects.filter(name="plein").update(is_enabled=False)
    assert "We have no working source on this platform" in paste(screen).html
    assert square.asked == []


def test_a_page_of_no_platform_only_proposes_what_it_says_of_itself(
    screen: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    html = b"<title>Rook</title><meta name='description' content='Wie &lt;ziet&gt; het?'>"
    page = response(html, headers={"Content-Type": "text/html"})
    monkeypatch.setattr(webpage, "INTERNET", Wire(page).network)
    n_posts = Post.objects.count()
    screen.open("/report/").press("Make it a case", also={"url": "https://forum.example/t/9"})
    assert "Rook\n\nWie &lt;ziet&gt; het?</textarea>" in screen.html
    assert "The page says this of itself." in screen.html
    assert Post.objects.count() == n_posts
    screen.press("Make it a case")
    assert Case.objects.latest("pk").post.text == "Rook\n\nWie <ziet> het?"


def test_a_phone_tip_asks_no_platform(screen: Paper, square: Square) -> None:
    paste(screen, channel="phone", text="Mevrouw belt")
    assert square.asked == []
    assert Case.objects.latest("pk").post.raw["via"] == "phone"


def test_a_bare_boost_that_somebody_reports_is_a_case(screen: Paper, square: Square, desk: Desk) -> None:
    square.answer = mention(8, "RT", at=desk.now, platform="square", kind=Kind.BOOST)
    paste(screen)
    assert Case.objects.latest("pk").post.kind == "post"


def test_a_boost_that_was_heard_before_gets_the_case_of_what_was_typed(
    screen: Paper, square: Square, desk: Desk
) -> None:
    boost = mention(8, "RT", at=desk.now, platform="square", kind=Kind.BOOST)
    assert desk.hear(boost) == []
    square.answer = boost
    paste(screen, text="Hij deelt het bericht")
    assert Case.objects.latest("pk").post.text == "Hij deelt het bericht"


def test_a_page_inside_our_own_network_is_not_fetched(screen: Paper) -> None:
    assert capturing.proposal("http://127.0.0.1:8080/admin") is None
