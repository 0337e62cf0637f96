"""What people said in the power cut of last week, and a rumour of today: invented, like all of the demo.

Texts stand in the order in which they came, minutes after the first one; some are told on by others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from cases.models import Case
from cases.services import intake
from monitoring.connectors.base import AuthorRef, Mention
from monitoring.models import Source
from monitoring.store import upsert_posts


@dataclass(frozen=True, slots=True)
class Said:
    """One post: minutes after the first, where, by whom, and what."""

    key: str
    minute: int
    platform: str
    name: str
    text: str


POWER_CUT = (
    Said(
        "knal", 0, "x", "Dirk van de Plas", "Doffe klap in Rietveld en nu is het overal donker. Wat is dit?"
    ),
    Said(
        "hoelang", 2, "x", "Kim Reitsma", "Hele wijk Rietveld zonder stroom. Weet iemand hoe lang het duurt?"
    ),
    Said(
        "gerucht",
        4,
        "facebook",
        "Buurtnieuws Rietveld",
        "Het alarmnummer doet het niet in Rietveld door de stroomstoring, loop bij nood naar de kazerne.",
    ),
    Said(
        "gerucht-2",
        6,
        "x",
        "Youssef uit de wijk",
        "Het alarmnummer doet het niet in Rietveld door de stroomstoring. Loop bij nood naar de kazerne!",
    ),
    Said(
        "gerucht-3",
        7,
        "mastodon",
        "Linda de Groot",
        "LET OP het alarmnummer doet het niet in Rietveld door de stroomstoring, loop bij nood naar de "
        "kazerne.",
    ),
    Said(
        "gerucht-4",
        9,
        "facebook",
        "Bewoners Wilgenhof",
        "Het alarmnummer doet het niet in Rietveld door de stroomstoring, loop bij nood naar de kazerne. "
        "Delen!",
    ),
    Said(
        "klopt-1", 10, "x", "Marijke Bos", "Klopt het dat het alarmnummer plat ligt? Mijn moeder is alleen."
    ),
    Said("klopt-2", 12, "bluesky", "Sem Postma", "Kan ik het alarmnummer nu wel of niet bellen, brandweer?"),
    Said("vriezer", 15, "x", "Truus Kok", "Wanneer is er weer stroom in Rietveld? De vriezer loopt leeg."),
    Said(
        "winkel",
        18,
        "facebook",
        "Bakker Huls",
        "Winkel dicht, kassa doet niets. Brood ligt buiten, pak maar.",
    ),
    Said(
        "klopt-3", 22, "x", "Fatima Aziz", "Moet ik met mijn buurman naar de kazerne of kan ik gewoon bellen?"
    ),
    Said("ploeg", 41, "x", "Jan Wiersma", "Brandweer stond er binnen vier minuten. Petje af voor die ploeg."),
    Said("licht", 88, "x", "Kim Reitsma", "Het licht is weer aan in de Wilgenhof, bedankt monteurs!"),
)

BARRACKS = (
    Said(
        "kazerne",
        0,
        "facebook",
        "Rietveld Leeft",
        "Gehoord van een brandweerman: de kazerne in Rietveld gaat per 1 januari dicht.",
    ),
    Said(
        "kazerne-2",
        19,
        "x",
        "Wouter Blok",
        "Gehoord van een brandweerman: de kazerne in Rietveld gaat per 1 januari dicht!",
    ),
    Said(
        "kazerne-3",
        33,
        "x",
        "Mama van drie",
        "Gehoord van een brandweerman, de kazerne in Rietveld gaat per 1 januari dicht. Schande",
    ),
    Said(
        "kazerne-4",
        38,
        "mastodon",
        "Tineke H",
        "Gehoord van een brandweerman: de kazerne in Rietveld gaat per 1 januari dicht...",
    ),
    Said(
        "kazerne-5",
        41,
        "facebook",
        "Oud-Rietvelders",
        "GEHOORD van een brandweerman: de kazerne in Rietveld gaat per 1 januari dicht",
    ),
    Said(
        "kazerne-6",
        43,
        "x",
        "Gerrit Jan",
        "gehoord van een brandweerman: de kazerne in Rietveld gaat per 1 januari dicht. Delen",
    ),
    Said(
        "kazerne-7",
        44,
        "x",
        "Samira B",
        "Gehoord van een brandweerman: de kazerne in Rietveld gaat per 1 januari dicht. Triest",
    ),
)


def hear(said: Sequence[Said], source: Source, *, first_at: datetime) -> dict[str, Case]:
    """Open the cases of these posts, all heard when the last one was said; answers them by key."""
    heard_at = first_at + timedelta(minutes=said[-1].minute)
    mentions = [_mention(one, first_at=first_at) for one in said]
    with transaction.atomic():
        stored = upsert_posts(mentions, now=heard_at, source_id=source.pk)
        intake.open_cases(stored, now=heard_at)
    numbers = {post.mention.canonical_id: post.id for post in stored.new}
    cases = Case.objects.select_related("post", "scheme").in_bulk(numbers.values())
    return {one.key: cases[numbers[_number(one)]] for one in said if _number(one) in numbers}


def _mention(said: Said, *, first_at: datetime) -> Mention:
    handle = said.name.lower().replace(" ", "_")
    return Mention(
        platform=said.platform,
        canonical_id=_number(said),
        url=f"https://{said.platform}.example/{handle}/{said.key}",
        text=said.text,
        posted_at=first_at + timedelta(minutes=said.minute),
        author=AuthorRef(f"week-{handle}", handle, said.name, 120),
        language="nl",
    )


def _number(said: Said) -> str:
    return f"rietveld-{said.key}"
