"""The head of the trail leaves the house once a day, by mail."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage

from cases.models import AuditEvent
from cases.rules.chain import heads_in
from cases.services import audit
from cases.services.publishing import mail_head

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(settings: Any) -> str:
    settings.AUDIT_HEAD_TO = "archief@elders.example"
    return str(settings.AUDIT_HEAD_TO)


def test_the_head_is_mailed_once_a_day_and_the_trail_holds_it(
    address: str, noon: datetime, mailoutbox: list[EmailMessage]
) -> None:
    audit.append("case:1", "opened", by=None, now=noon)
    left = [mail_head(now=noon + timedelta(hours=hours)) for hours in (0, 1, 23, 24)]
    assert left == [True, False, False, True]
    assert [mail.to for mail in mailoutbox] == [[address], [address]]
    heads = [head for mail in mailoutbox for head in heads_in(str(mail.body))]
    assert [head.n_events for head in heads] == [2, 3]
    assert list(audit.findings(audit.StoredTrail(), published=heads)) == []


def test_without_an_address_nothing_is_mailed(noon: datetime, mailoutbox: list[EmailMessage]) -> None:
    audit.append("case:1", "opened", by=None, now=noon)
    assert mail_head(now=noon) is False
    assert (mailoutbox, AuditEvent.objects.count()) == ([], 1)


def test_a_mail_server_that_is_away_is_asked_again_after_a_quarter_of_an_hour(
    address: str, noon: datetime, settings: Any, mailoutbox: list[EmailMessage]
) -> None:
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens there
    assert mail_head(now=noon) is False
    settings.EMAIL_BACKEND = working
    assert mail_head(now=noon + timedelta(minutes=14)) is False
    assert mail_head(now=noon + timedelta(minutes=15)) is True
    assert len(mailoutbox) == 1
    results = AuditEvent.objects.filter(subject="audit").order_by("seq").values_list("result", flat=True)
    assert list(results) == ["done", "failed", "done"]
