"""Deliveries: stored once however often, in whatever order, and only when they prove where they come from."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from cases.models import Case
from monitoring import intake
from monitoring.connectors.webhook import signed
from monitoring.credentials import change
from monitoring.models import Credential, Delivery, Post, RejectedMention, Source
from monitoring.polling import due_sources
from tests.cases.conftest import desk
from tests.web.conftest import at_noon
from tests.world import Desk

__all__ = ["at_noon", "desk"]
pytestmark = pytest.mark.django_db

SECRET = "a-secret-of-the-partner"


def post(number: int, text: str = "Brand bij de Loswal", **more: object) -> dict[str, object]:
    told = {"id": str(number), "platform": "facebook", "text": text, "posted_at": "2026-03-02T11:59:00Z"}
    return told | more


@pytest.fixture
def partner(desk: Desk, noon: datetime) -> Source:
    """A program of a partner that brings posts."""
    keys = change("partner", platform="webhook", secrets={"signing_secret": SECRET}, now=noon)
    return Source.objects.create(name="partner", connector="webhook", credential=keys, next_poll_at=noon)


def send(source_id: int, sent: object, *, at: datetime, secret: str = SECRET, **more: Any) -> tuple[int, Any]:
    """Deliver to the door, with a browser that has no session."""
    body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    headers = {"X-Weerwoord-Signature": signed(body, secret, at=at)} | more.pop("headers", {})
    kind = more.pop("content_type", "application/json")
    answer = Client(enforce_csrf_checks=True).post(
        f"/intake/{source_id}/", body, content_type=kind, headers=headers
    )
    assert not answer.cookies
    return answer.status_code, answer.json()


def test_a_signed_delivery_becomes_cases(partner: Source, noon: datetime) -> None:
    status, told = send(partner.pk, [post(1), post(2)], at=noon)
    assert (status, told) == (200, {"status": "taken", "n_posts": 2, "n_new": 2, "rejected": []})
    assert Case.objects.filter(post__platform="facebook").count() == 2
    partner.refresh_from_db()
    assert (partner.health, partner.last_success_at) == ("working", noon)


def test_the_same_delivery_again_is_known_and_stores_nothing(partner: Source, noon: datetime) -> None:
    send(partner.pk, post(1), at=noon)
    status, told = send(partner.pk, post(1), at=noon)
    assert (status, told["status"], told["n_new"]) == (200, "known", 0)
    assert (Post.objects.count(), Delivery.objects.count()) == (1, 1)


def test_a_delivery_signed_anew_doubles_nothing(partner: Source, noon: datetime) -> None:
    send(partner.pk, post(1), at=noon)
    status, told = send(partner.pk, post(1), at=noon + timedelta(seconds=1))
    assert (status, told["status"], told["n_new"]) == (200, "taken", 0)
    assert Case.objects.count() == 1


def test_deliveries_out_of_order_and_in_a_burst_each_arrive_once(partner: Source, noon: datetime) -> None:
    for number in (3, 1, 2, 3, 1):
        send(partner.pk, post(number), at=noon - timedelta(seconds=number))
    burst = [send(partner.pk, [post(n), post(n + 1)], at=noon)[0] for n in range(4, 24)]
    assert set(burst) == {200}
    assert sorted(int(pk) for pk in Post.objects.values_list("canonical_id", flat=True)) == list(range(1, 25))


def test_a_bad_post_is_set_aside_by_its_place_and_the_others_are_stored(
    partner: Source, noon: datetime
) -> None:
    status, told = send(partner.pk, [post(1), post(2, posted_at="soon"), post(3)], at=noon)
    assert (status, told["n_new"]) == (207, 2)
    assert told["rejected"] == [{"index": 1, "reason": 'posted_at is no date and time: "soon"'}]
    assert RejectedMention.objects.get().source == partner


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_delivery_and_one_from_the_future_are_refused(
    partner: Source, noon: datetime, seconds: int
) -> None:
    status, told = send(partner.pk, post(1), at=noon + timedelta(seconds=seconds))
    assert status == 401
    assert "5 minutes" in told["error"]
    assert not Post.objects.exists()


def test_a_bad_signature_is_refused(partner: Source, noon: datetime) -> None:
    assert send(partner.pk, post(1), at=noon, secret="another-secret")[0] == 401
    assert send(partner.pk, post(1), at=noon, headers={"X-Weerwoord-Signature": ""})[0] == 401
    assert not Delivery.objects.exists()


def test_a_source_without_a_secret_takes_nothing(partner: Source, noon: datetime) -> None:
    Source.objects.filter(pk=partner.pk).update(credential=None)
    status, told = send(partner.pk, post(1), at=noon, secret="")
    assert (status, told["error"]) == (
        401,
        "This delivery was refused: this source has no signing_secret.",
    )


@pytest.mark.parametrize(
    ("sent", "kind", "status"),
    [
        (b'"' + b"a" * 1_000_000 + b'"', "application/json", 413),
        (b'"' + b"a" * 3_000_000 + b'"', "application/json", 413),
        (b"{}", "text/csv", 415),
        (b"{", "application/json", 422),
        (json.dumps([{}] * 101).encode(), "application/json", 422),
    ],
)
def test_what_is_too_much_or_of_the_wrong_kind_is_refused_in_a_sentence(
    partner: Source, noon: datetime, sent: bytes, kind: str, status: int
) -> None:
    answered, told = send(partner.pk, sent, at=noon, content_type=kind)
    assert (answered, bool(told["error"])) == (status, True)
    assert not Delivery.objects.exists()


def test_there_is_no_door_where_nothing_is_received(desk: Desk, noon: datetime) -> None:
    for source_id in (desk.source.pk, 999_999, 10**30):
        assert send(source_id, post(1), at=noon)[0] == 404


def test_a_source_that_is_switched_off_keeps_nothing(partner: Source, noon: datetime) -> None:
    Source.objects.filter(pk=partner.pk).update(is_enabled=False)
    status, told = send(partner.pk, post(1), at=noon)
    assert (status, told["error"]) == (409, "This source is switched off; nothing was stored.")
    assert not Post.objects.exists()


def test_only_what_a_query_asks_for_is_kept_when_the_source_says_so(
    desk: Desk, partner: Source, noon: datetime
) -> None:
    Source.objects.filter(pk=partner.pk).update(settings={"keep": "matching"})
    partner.queries.add(desk.query)
    told = send(partner.pk, [post(1), post(2, "Mooi weer")], at=noon)[1]
    assert (told["n_posts"], told["n_new"]) == (2, 1)
    assert list(Post.objects.get().matches.values_list("query", flat=True)) == [desk.query.pk]


def test_a_visitor_and_another_verb_get_no_answer(partner: Source) -> None:
    assert Client().get(f"/intake/{partner.pk}/").status_code == 403
    assert Client().put(f"/intake/{partner.pk}/").status_code == 405


def test_a_source_that_only_receives_is_never_polled_and_never_missing(
    partner: Source, noon: datetime
) -> None:
    assert partner.pk not in due_sources(now=noon + timedelta(days=30))


def test_old_deliveries_are_forgotten_after_thirty_days(partner: Source, noon: datetime) -> None:
    send(partner.pk, post(1), at=noon)
    assert intake.forget_deliveries(now=noon + timedelta(days=29)) == 0
    assert intake.forget_deliveries(now=noon + timedelta(days=31)) == 1


def test_a_platform_that_asks_whether_this_is_our_address_gets_its_answer(noon: datetime) -> None:
    keys = change("page", platform="facebook", secrets={"verify_token": "asked-for"}, now=noon)
    page = Source.objects.create(name="page", connector="facebook", credential=keys, next_poll_at=noon)
    asked = {"hub.mode": "subscribe", "hub.verify_token": "asked-for", "hub.challenge": "158201444"}
    answer = Client().get(f"/intake/{page.pk}/", asked)
    assert (answer.status_code, answer.content) == (200, b"158201444")
    assert answer["Content-Type"].startswith("text/plain")
    wrong = Client().get(f"/intake/{page.pk}/", asked | {"hub.verify_token": "guessed"})
    assert wrong.status_code == 403


def test_a_credential_that_cannot_be_opened_asks_the_sender_to_come_back(
    partner: Source, noon: datetime
) -> None:
    Credential.objects.update(sealed="not a seal")
    status, told = send(partner.pk, post(1), at=noon)
    assert (status, told["error"]) == (503, "We cannot take deliveries here now; send it again later.")
