"""Tests may empty the audit tables; nobody else may, and the triggers are back afterwards."""

from datetime import datetime

import pytest
from django.db import DatabaseError, transaction

from cases.models import AuditEvent
from cases.services import audit


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", [1, 2])
def test_a_test_that_commits_audit_events_leaves_no_events_and_a_closed_trail(
    run: int, noon: datetime
) -> None:
    assert not AuditEvent.objects.exists()
    audit.append("case:1", "opened", by=None, now=noon)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEvent.objects.update(action="forged")
