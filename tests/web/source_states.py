"""Sources in every state that their pages look different in, and files in every state of an import."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from cases.services import imports, intake
from monitoring import polling
from monitoring.credentials import change
from monitoring.models import BlindSpell, Credential, RejectedMention, Source, SourceDay
from tests.world import Desk

HEALTHS: dict[str, dict[str, Any]] = {
    "works": {"health": "working"},
    "behind": {"health": "behind"},
    "waits": {"health": "waiting", "error": "nothing asked"},
    "limited": {"health": "limited", "error": "429"},
    "fails": {"health": "failing", "error": "time-out", "n_failures": 4},
    "refused": {"health": "refused", "error": "401"},
    "over": {"health": "ended", "is_enabled": False},
    "off": {"is_enabled": False},
}
GOOD = "tekst;datum\n" + "".join(f"Rook {n};2-3-2026 9:05\n" for n in range(8))


def every_source(desk: Desk, now: datetime) -> list[str]:
    """The pages of sources, of what could not be read, and of imports, in every state."""
    keys = change("sleutels", platform="x", secrets={"bearer_token": "abcdefgh"}, now=now)
    Credential.objects.filter(pk=keys.pk).update(refused_at=now)
    near: dict[str, Any] = {"last_success_at": now - timedelta(minutes=20), "next_poll_at": now}
    sources = [
        Source.objects.create(name=f"bron {name}", connector="rss", interval_s=3600, **near | stands)
        for name, stands in HEALTHS.items()
    ]
    door = Source.objects.create(name="deur", connector="webhook", next_poll_at=now)
    paid = Source.objects.create(
        name="duur", connector="x", credential=keys, health="refused", dollars_per_day=Decimal(2), **near
    )
    paid.queries.add(desk.query)
    SourceDay.objects.create(source=paid, day=now.date(), n_polls=4, units=9, dollars=Decimal("1.985"))
    Source.objects.filter(pk=paid.pk).update(quota={"remaining": 12, "limit": 450, "resets_at": None})
    for n, is_lost in ((3, True), (1, False)):
        since = now - timedelta(hours=n)
        until = since + timedelta(minutes=30) if is_lost else None
        BlindSpell.objects.create(
            source=paid, from_at=since, until_at=until, is_lost=is_lost, reason="the platform was away"
        )
    for n in range(3):
        raw = json.dumps({"id": str(n), "text": "<b>Brand</b> " + "a" * 400})
        RejectedMention.objects.create(source=door, raw=raw, reason="posted_at is empty", at=now)
    pages = [f"/sources/{source.pk}/" for source in (*sources, door, paid)]
    return ["/sources/", f"/sources/quarantine/?source={door.pk}", *pages, *every_import(desk, now)]


def every_import(desk: Desk, now: datetime) -> list[str]:
    """Imports that were prepared, are being read, and were read to their end."""
    contents = (GOOD, GOOD + "Zonder tijd;\n", "tekst;datum;Afdeling\nCafé;1-3-2026;x\n".encode("cp1252"))
    found = []
    for n, content in enumerate(contents):
        given = content if isinstance(content, bytes) else content.encode()
        found.append(imports.prepare(f"posts-{n}.csv", given, by=desk.lead, now=now))
    imports.start(found[0], by=desk.lead, now=now + timedelta(hours=1))
    imports.start(found[1], by=desk.lead, now=now)
    taken = polling.take_source(found[1], now=now)
    assert taken is not None
    polling.poll(taken, on_page=intake.open_cases, now=now)
    return [f"/import/{source_id}/" for source_id in found]
