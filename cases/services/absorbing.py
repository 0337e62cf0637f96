"""Where an alarm of a case rings: for the case itself, or for the situation that it belongs to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from cases.models import Case, Situation, Watch
from cases.rules.ladders import SAID_WORSE
from cases.services.ringing import WORSENED

BLIND = "blind"

ABSORBED = frozenset({WORSENED, BLIND, SAID_WORSE})
"""What a watch finds, or who keeps it. What is asked of communications for one case stays with that case."""


def watch_above(case: Case, cause: str, evidence: Mapping[str, Any], *, now: datetime) -> Watch | None:
    """The watch of the open situation of a case that takes this alarm upon itself.

    Never a danger to life, a threat, an address or a call to gather: those ring for the case at once. A watch
    that is paused takes nothing: its pause says nothing about this case.
    """
    if case.situation_id is None or cause not in ABSORBED or evidence.get("triggers"):
        return None
    running = Watch.objects.filter(situation=case.situation_id, situation__status=Situation.Status.OPEN)
    awake = Q(paused_until=None) | Q(paused_until__lte=now)
    return running.filter(awake, ended_at=None).first()
