"""Row 17 of the failure catalogue: replies on X through the outbox, the real tweepy, and a real database."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from cases.models import Case, Response
from cases.services import intake, outbox
from cases.services.responses import Draft
from monitoring import credentials, usage
from monitoring.connectors import registry
from monitoring.connectors.base import Budget
from monitoring.connectors.x import XConnector
from monitoring.connectors.x.posts import first_id_at
from monitoring.models import Source, SourceDay
from tests.cases.steps import queued
from tests.monitoring.connectors.fake_x import Answer, FakeX, answer, posts
from tests.monitoring.polls import poll
from tests.monitoring.stage import Stage

pytestmark = pytest.mark.django_db
SENT_AFTER = timedelta(seconds=10)
KEYS = {
    "bearer_token": "b",
    "consumer_key": "ck",
    "consumer_secret": "cs",
    "access_token": "4242-at",
    "access_token_secret": "as",
}
TEXT = "Dank voor de melding"


class Wall:
    """What stands on X under our name; `says` takes over what X answers to a reply."""

    def __init__(self) -> None:
        self.ours: list[dict[str, Any]] = []
        self.says: list[Answer] = []
        self.n_sent = 0

    def __call__(self, request: requests.PreparedRequest) -> Answer:
        if request.method == "POST":
            self.n_sent += 1
            return self.says.pop(0) if self.says else answer({"data": {"id": "77", "text": TEXT}}, 201)
        return {"data": self.ours, "meta": {"result_count": len(self.ours)}}


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def x_source(stage: Stage, wall: Wall, noon: datetime, monkeypatch: pytest.MonkeyPatch) -> Source:
    """A source on X with one post in it that names us."""
    asked = posts(first_id_at(noon) - 1, text="@vr_loswal, wat is er bij #loswal?")
    monkeypatch.setitem(registry.CONNECTORS, "x", XConnector(FakeX(search=[asked], other=wall)))
    source = Source.objects.create(
        name="X",
        connector="x",
        settings={"organisation": "other", "handle": "vr_loswal", "user_id": "4242"},
        credential=credentials.change("our X", platform="x", secrets=KEYS, now=noon),
        next_poll_at=noon,
        dollars_per_day=1,
    )
    source.queries.add(stage.desk.query)
    assert poll(source, now=noon, on_page=intake.open_cases) == 1
    return source


def reply(stage: Stage, text: str, *, now: datetime) -> Response:
    case = Case.objects.select_related("post__source").get()
    return queued(case, by=stage.desk.officer, now=now, draft=Draft(text))


def dollars(source: Source) -> Decimal:
    return SourceDay.objects.get(source=source).dollars


@pytest.mark.parametrize(
    ("text", "price"),
    [
        (TEXT, "0.015"),
        (f"{TEXT}, zie https://vr.example/brand", "0.20"),
        (f"{TEXT}, zie veiligheidsregio.nl", "0.20"),
    ],
    ids=["words", "an address", "an address without https"],
)
def test_what_a_reply_costs_is_counted_with_its_source_and_an_address_costs_more(
    text: str, price: str, stage: Stage, x_source: Source, noon: datetime
) -> None:
    before = dollars(x_source)
    response = reply(stage, text, now=noon)
    assert outbox.deliver(response.pk, now=noon + SENT_AFTER)
    assert dollars(x_source) - before == Decimal(price)
    left = usage.left_today(x_source, now=noon)
    assert left == Budget(max_cost=1 - dollars(x_source))


def test_a_reply_that_arrived_in_the_dark_is_found_paid_once_and_not_sent_again(
    stage: Stage, x_source: Source, wall: Wall, noon: datetime
) -> None:
    before = dollars(x_source)
    response = reply(stage, TEXT, now=noon)
    wall.says = [requests.exceptions.ReadTimeout()]
    assert not outbox.deliver(response.pk, now=noon + SENT_AFTER)
    assert dollars(x_source) == before
    parent = Case.objects.get().post.canonical_id
    answers = [{"type": "replied_to", "id": parent}]
    wall.ours = posts(first_id_at(noon), text=f"@iemand {TEXT}", referenced_tweets=answers)["data"]
    assert outbox.deliver(response.pk, now=noon + timedelta(minutes=5))
    assert (wall.n_sent, dollars(x_source) - before) == (1, Decimal("0.015"))
    assert Response.objects.get().status == "sent"


def test_a_refused_reply_comes_back_with_its_text_and_costs_nothing(
    stage: Stage, x_source: Source, wall: Wall, noon: datetime
) -> None:
    before = dollars(x_source)
    response = reply(stage, TEXT, now=noon)
    wall.says = [answer({"detail": "You are not permitted to reply to this post"}, 403)]
    assert not outbox.deliver(response.pk, now=noon + SENT_AFTER)
    kept = Response.objects.get()
    assert (kept.status, kept.text) == ("draft", TEXT)
    assert "not permitted" in kept.error
    assert dollars(x_source) == before
