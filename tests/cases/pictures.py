"""A situation with posts, copies and claims in it, to make pictures of."""

from datetime import datetime, timedelta

from cases.models import Case, CaseClaim, Claim, KeyMessage, Picture, Situation
from cases.reads.picture_content import collect
from cases.services import pictures
from cases.services.pictures import make
from tests.world import Desk, mention

TEXTS = (
    "Er ligt gif in de brandweer Loswal, zegt @buurman_jan. Bel 06-12345678 of zie https://x.example/p/1",
    "Dank aan de brandweer bij de Loswal, jullie zijn helden! Groet van piet@huis.example",
    "De brandweer bij de Loswal doet niets, schandalig. Auto met kenteken GX-123-B staat in de weg",
)


def fire(desk: Desk, *, now: datetime, n_copies: int = 3) -> Situation:
    """The fire at the Loswal: three topics, the first repeated, with a claim and a key message."""
    situation = Situation.objects.create(
        name="Brand op de Loswal",
        owner=desk.lead,
        began_at=now - timedelta(hours=1),
        created_at=now,
        opened_at=now,
    )
    return fill(situation, desk, now=now, n_copies=n_copies)


def fill(situation: Situation, desk: Desk, *, now: datetime, n_copies: int = 3) -> Situation:
    cases = desk.hear(*(mention(f"s{n}", text, at=now) for n, text in enumerate(TEXTS)), now=now)
    again = [mention(f"c{n}", TEXTS[0], at=now) for n in range(n_copies)]
    desk.hear(*again, now=now)
    Case.objects.filter(post__text__in=TEXTS).update(situation=situation)
    claim = Claim.objects.create(
        situation=situation, statement="Er ligt gif op de Loswal", opened_by=desk.officer, opened_at=now
    )
    CaseClaim.objects.create(case=cases[0], claim=claim, by=desk.officer, at=now)
    KeyMessage.objects.create(
        situation=situation, n=1, text="Blijf uit de rook. Sluit ramen en deuren.", by=desk.lead, at=now
    )
    return situation


def made(situation: Situation, desk: Desk, *, now: datetime, names: str = "") -> Picture:
    return make(situation, collect=collect, by=desk.officer, now=now, reason_for_names=names)


def signed(situation: Situation, desk: Desk, *, now: datetime) -> Picture:
    picture = made(situation, desk, now=now)
    pictures.write_advice(
        picture, "Zeg dat de rook niet giftig is.", "Mensen zijn bang.", "", by=desk.lead, revision=1, now=now
    )
    pictures.sign(picture, by=desk.lead, revision=picture.revision, now=now)
    return picture
