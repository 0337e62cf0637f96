"""Situations in every state that their pages look different in."""

from datetime import datetime, timedelta

from cases.models import Case, Situation
from cases.services import claims, closing, joining, logging, situations
from cases.services.situations import Plan
from tests.world import Desk, mention


def every_situation(desk: Desk, now: datetime) -> list[str]:
    """The pages of a situation with topics in every section, of a proposal, and of one that is over."""
    plan = Plan("Brand De Loswal", key_message="Sluit ramen en deuren.")
    opened = situations.open_situation(plan, by=desk.officer, now=now)
    words = "Er komt zwarte rook uit de loods aan de Loswal, houd ramen en deuren dicht"
    told = [mention(f"sf{n}", words, at=now) for n in range(8)]
    cases = desk.hear(*told, *(mention(f"so{n}", at=now) for n in range(4)), now=now)
    joining.join(opened, [case.pk for case in cases], by=desk.officer, now=now)
    alone = [case.pk for case in cases if case.state == "new" and not case.n_copies]
    Case.objects.filter(pk=alone[0]).update(is_urgent=True)
    Case.objects.filter(pk=alone[1]).update(asks=True)
    carrier = Case.objects.get(pk=alone[2])
    claims.open_claim("De rook is giftig", by=desk.officer, now=now, case=carrier, situation=opened)
    situations.lock_voice(opened, by=desk.lead, now=now)
    logging.note(opened, "De pers staat voor de deur", by=desk.officer, now=now, is_decision=True)
    Situation.objects.filter(pk=opened.pk).update(word_due_at=now - timedelta(minutes=3))
    Situation.objects.create(
        name="Stroomstoring", status="proposed", story=carrier, began_at=now, created_at=now
    )
    over = situations.open_situation(Plan("Voorbij"), by=desk.officer, now=now)
    closing.close(over, {}, up_to=0, reason="Het is over", by=desk.officer, now=now)
    batch = closing.close_unread(opened, up_to=2**62, reason="Herhaling", by=desk.officer, now=now)
    pages = (
        "",
        "topics/",
        "topics/?new=1",
        "topics/close/",
        "close/",
        "hand-over/",
        "timeline/",
        "wall/",
        "targets/",
    )
    return [
        "/situations/",
        "/scale/",
        *(f"/situations/{opened.pk}/{page}" for page in pages),
        f"/situations/{over.pk}/",
        f"/situations/batches/{batch.pk}/",
        f"/cases/{carrier.pk}/situation/",
    ]
