"""The one clock of a situation: by then people hear from us again."""

from datetime import datetime, timedelta

from cases.models import Situation


def spoke(situation_id: int, *, now: datetime) -> None:
    """People heard from us just now: the clock starts again, in the caller's transaction."""
    held = Situation.objects.select_for_update(no_key=True).get(pk=situation_id)
    if held.status == Situation.Status.OPEN:
        held.word_due_at = now + timedelta(seconds=held.word_every_s)
        held.save(update_fields=["word_due_at"])
