"""The desk of the real installation, copied so that people work in an exercise as they do every day.

Read in a process of its own that only reads (`copied`), written to a file, and put into the space by another
process that cannot reach the real database (`put_in`). Never copied: credentials, sources, queries, cases,
posts, contacts, messages and e-mail addresses.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core import serializers
from django.db import transaction
from django.db.models import Model, QuerySet

from cases.models import (
    Absence,
    AssignmentRule,
    Calendar,
    CuePhrase,
    DutyPost,
    Ladder,
    Mandate,
    ReplyTemplate,
    SchemeVersion,
    Shift,
    SituationLevel,
    SpecialDay,
    Target,
    User,
    WatchProfile,
)

AROUND = timedelta(days=14)
"""So much of the duty plan is copied, back and ahead."""

LEFT_OUT: dict[type[Model], dict[str, Any]] = {
    User: {"last_login": None},
    Shift: {"pattern": None, "turn_n": None, "day": None, "is_by_hand": True},
    Absence: {"reason": Absence.Reason.OTHER},
}
"""What a copy does not say, and what stands there instead."""

COPIED: tuple[type[Model], ...] = (
    *(User, DutyPost, Shift, Absence, Mandate, SchemeVersion, Calendar, SpecialDay, Target),
    *(Ladder, WatchProfile, CuePhrase, ReplyTemplate, AssignmentRule, SituationLevel),
)


def read_only(database: dict[str, Any]) -> None:
    """Make the settings of a database such that nothing can be written through them."""
    if database["ENGINE"].endswith("sqlite3"):
        database["NAME"] = f"file:{database['NAME']}?mode=ro"
        database["OPTIONS"] = {"uri": True, "timeout": 20}
    else:
        kept = {name: value for name, value in database["OPTIONS"].items() if name != "pool"}
        database["OPTIONS"] = {**kept, "options": "-c default_transaction_read_only=on"}


def copied(*, now: datetime) -> list[dict[str, Any]]:
    """The rows of the desk, each with its own number, ready to be put into a space."""
    rows: list[dict[str, Any]] = []
    for model in COPIED:
        fields = [field.name for field in model._meta.concrete_fields]
        found = json.loads(serializers.serialize("json", _rows(model, now=now), fields=fields))
        rows += [{**row, "fields": {**row["fields"], **LEFT_OUT.get(model, {})}} for row in found]
    return [_inside(row) for row in rows]


def put_in(rows: Iterable[dict[str, Any]]) -> int:
    """Fill an empty space with what was copied; how many rows. What a new database holds itself gives way."""
    with transaction.atomic():
        for model in reversed(COPIED):
            model._default_manager.all().delete()
        n_rows = 0
        for row in serializers.deserialize("python", rows):
            row.save()
            n_rows += 1
    return n_rows


def _rows(model: type[Model], *, now: datetime) -> QuerySet[Any]:
    """Which rows: what holds now, and nothing that belongs to one real situation."""
    rows = model._default_manager.order_by("pk")
    if model in (Shift, Absence):
        return rows.filter(ends_at__gt=now - AROUND, starts_at__lt=now + AROUND)
    if model is Mandate:
        return rows.filter(situation=None, valid_until__gt=now)
    return rows.filter(situation=None) if model is Target else rows


def _inside(row: dict[str, Any]) -> dict[str, Any]:
    """A row with nothing in it that leads out of the space."""
    fields = row["fields"]
    if row["model"] == User._meta.label_lower:
        fields["email"] = f"person-{row['pk']}@exercise.invalid"
    if row["model"] == Mandate._meta.label_lower:
        fields["accounts"] = ["*" if ":" in name else name for name in fields["accounts"]]
    return row
