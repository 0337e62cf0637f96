"""Environment pictures in every state that their pages look different in."""

from datetime import datetime, timedelta

from cases.models import Situation
from cases.services import mailing, pictures
from cases.services.mailing import Address
from tests.cases.pictures import fire, made, signed
from tests.world import Desk


def every_picture(desk: Desk, now: datetime) -> list[str]:
    """The list with and without pictures, a signed one, and a draft that carries advice over."""
    situation = fire(desk, now=now)
    empty = Situation.objects.create(name="Storing", began_at=now, created_at=now, opened_at=now)
    mailing.add_reader(situation, Address("raad@stad.example", "De raad"), by=desk.lead, now=now)
    pictures.schedule(situation, every_s=1800, by=desk.lead, now=now)
    signed(situation, desk, now=now - timedelta(minutes=30))
    made(situation, desk, now=now)
    at = f"/situations/{situation.pk}/pictures/"
    return [at, f"{at}1/", f"{at}2/", f"/situations/{empty.pk}/pictures/"]
