"""What else the demo listens to, so that a newcomer sees every page of listening at work.

Nothing here asks a network: the forum that gives no answer is a replay that plays a fault.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cases.models import User
from cases.services import intake, listening
from monitoring import polling
from monitoring.models import Query, Source

CALM, BROKEN = "Wijkberichten Rietveld", "Havenforum"
LONG = timedelta(days=180)
INTERVAL_S = 60


def seed_ears(query: Query, *, owner: User, outbox: Path, now: datetime) -> Source:
    """A source with copies and a line that nothing can read, one that fails, and a query that waits.

    The answer is the one that fails.
    """
    played = {"incident": "rietveld", "started_at": now.isoformat(), "run": "demo", "outbox": str(outbox)}
    calm = _source(CALM, played, now=now)
    broken = _source(BROKEN, played | {"fail": "unavailable"}, now=now)
    for source, is_new in (calm, broken):
        source.queries.add(query)
        taken = polling.take_source(source.pk, now=now) if is_new else None
        if taken:
            polling.poll(taken, on_page=intake.open_cases, now=now)
    if not Query.objects.filter(is_on_person=True).exists():
        _ask_for_a_person(owner, [calm[0].pk], now=now)
    return broken[0]


def _source(name: str, settings: dict[str, Any], *, now: datetime) -> tuple[Source, bool]:
    defaults = {"connector": "replay", "settings": settings, "interval_s": INTERVAL_S, "next_poll_at": now}
    return Source.objects.get_or_create(name=name, defaults=defaults)


def _ask_for_a_person(owner: User, source_ids: list[int], *, now: datetime) -> None:
    """A query on a person, which brings nothing before the privacy officer has approved it."""
    plan = listening.QueryPlan(
        name="Burgemeester Van Dalen",
        terms='"burgemeester van dalen", @bgm_vandalen, -carnaval',
        purpose="Geruchten en bedreigingen rond de burgemeester zien tijdens incidenten",
        legal_basis=Query.LegalBasis.PUBLIC_TASK,
        starts_at=now,
        ends_at=now + LONG,
        source_ids=source_ids,
        is_on_person=True,
    )
    listening.start_query(plan, owner=owner, by=owner, now=now)
