"""Pages of messages to many: written, let go, the list and the count, answered, and stopped."""

from datetime import datetime

import pytest
from django.test import Client

from cases.models import Batch, Case, PublicMessage
from cases.services import answering, batches, messages
from cases.services.messages import Words
from tests.world import Desk, mention

pytestmark = pytest.mark.django_db


def test_a_message_is_written_registered_and_answers_what_was_listed(desk: Desk, noon: datetime) -> None:
    cases = desk.hear(*(mention(n, at=noon) for n in range(3)))
    Case.objects.filter(pk=cases[0].pk).update(is_urgent=True)
    client = Client()
    client.force_login(desk.officer)
    written = {"text": "Het water is veilig.", "category": "untruth", "replies_to": "nobody"}
    client.post("/public-messages/new/", written)
    message = PublicMessage.objects.get()
    place = f"/public-messages/{message.pk}/"
    refused = client.post(f"{place}publish/", {"seen": 1}, follow=True)
    assert "Kies het account" in refused.content.decode()
    client.post(f"{place}publish/", {"seen": 1, "url": "https://vr.example/water"})
    shown = client.get(f"{place}?text=brandweer")
    assert "2 zaken worden beantwoord" in shown.content.decode()
    assert "3 berichten gekozen; zaken die erbuiten blijven: 1." in shown.content.decode()
    as_of = shown.context["as_of"]
    client.post(f"{place}answer/", {"as_of": as_of, "text": "brandweer"})
    batch = Batch.objects.get()
    batches.carry_on(batch.pk, {Batch.Kind.ANSWER: answering.carry_out}, now=batch.started_at)
    assert "2 van 2 zaken beantwoord" in client.get(place).content.decode()
    assert client.get(f"/cases/{cases[1].pk}/").status_code == 200
    assert "Het water is veilig." in client.get("/public-messages/").content.decode()
    client.post(f"{place}stop/")
    assert client.post(f"{place}take-back/").status_code == 302


def test_who_may_not_publish_reads_only(desk: Desk, noon: datetime) -> None:
    message = messages.write(Words("Rustig", "positive"), by=desk.officer, now=noon)
    client = Client()
    client.force_login(desk.employee)
    assert client.get("/public-messages/new/").status_code == 403
    assert client.post(f"/public-messages/{message.pk}/publish/", {"seen": 1}).status_code == 403
