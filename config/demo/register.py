"""Claims in the register of the demo: one true, one false whose answer is over, one that grows unchecked."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from cases.models import Case, Claim, User
from cases.services import answers, claims, linking
from cases.services.answers import AnswerPlan
from cases.services.claims import SourcePlan, Verdict
from config.demo.week import BARRACKS, hear
from monitoring.models import Source

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SIREN = "Morgenochtend wordt in Rietveld de sirene getest."
SIREN_ANSWER = (
    "Ja, dat klopt: morgenochtend om 10.00 uur testen we de sirene in Rietveld. De test duurt één minuut. "
    "Ramen en deuren hoeven niet dicht."
)
ALARM_NUMBER = "Het alarmnummer 112 is in Rietveld niet bereikbaar door de stroomstoring."
ALARM_ANSWER = (
    "112 is in Rietveld gewoon bereikbaar, ook nu de stroom uit is. U hoeft niet naar de kazerne te lopen."
)
CLOSING = "De brandweerkazerne in Rietveld gaat per 1 januari dicht."


def told_false(case: Case, people: Mapping[str, User], *, at: datetime) -> Claim:
    """Found false within ten minutes; its answer held until the next morning."""
    claim = claims.open_claim(ALARM_NUMBER, by=people["sanne"], now=at, case=case)
    fact = SourcePlan(
        "Meldkamer Midden-Delta, chef van dienst",
        says="Alle 112-lijnen werken; mobiel en vast komen binnen uit Rietveld.",
    )
    verdict = Verdict(Claim.Status.FALSE, "De meldkamer neemt nu 112-gesprekken uit Rietveld aan.")
    claims.decide_on(claim, verdict, fact, by=people["ilse"], now=at + 6 * MINUTE, seen=claim.revision)
    plan = AnswerPlan(ALARM_ANSWER, "nl", valid_until=at + 12 * HOUR)
    _vetted(claim, plan, people, at=at + 9 * MINUTE)
    return claim


def seed_claims(source: Source, people: Mapping[str, User], *, now: datetime) -> None:
    """The claims of today, once."""
    if Claim.objects.filter(statement=SIREN).exists():
        return
    _siren(source, people, now=now)
    heard = hear(BARRACKS, source, first_at=now - BARRACKS[-1].minute * MINUTE - MINUTE)
    _barracks(heard["kazerne"], people, now=now)


def _siren(source: Source, people: Mapping[str, User], *, now: datetime) -> None:
    """True, on two sources, with an answer in force; a message that went round carries it, and a question."""
    carriers = Case.objects.filter(post__source=source, post__text__contains="sirene", lead=None)
    at = now - 50 * MINUTE
    claim = claims.open_claim(SIREN, by=people["ilse"], now=at)
    linking.link_many(claim, list(carriers.values_list("pk", flat=True)), by=people["ilse"], now=at)
    planning = SourcePlan(
        "Onderhoudsplanning sirenes Midden-Delta",
        url="https://vrmiddendelta.example/sirenes/onderhoud",
        says="Rietveld: proef om 10.00 uur, één minuut.",
    )
    claims.add_source(claim, planning, by=people["ilse"], now=at + 4 * MINUTE)
    claim.refresh_from_db()
    phoned = SourcePlan("Teamleider techniek, telefonisch", says="De proef gaat door, ook bij slecht weer.")
    found = list(claim.sources.values_list("pk", flat=True))
    verdict = Verdict(Claim.Status.TRUE, "Staat in de planning en is telefonisch nagevraagd.", found)
    claims.decide_on(claim, verdict, phoned, by=people["ilse"], now=at + 9 * MINUTE, seen=claim.revision)
    _vetted(claim, AnswerPlan(SIREN_ANSWER, "nl", valid_until=now + 20 * HOUR), people, at=at + 12 * MINUTE)


def _barracks(case: Case, people: Mapping[str, User], *, now: datetime) -> None:
    """Nobody knows yet whether it is so, and it is told on ever faster."""
    claim = claims.open_claim(CLOSING, by=people["sanne"], now=now - 20 * MINUTE, case=case)
    hint = SourcePlan("Persvoorlichter van dienst", says="Weet van niets en vraagt het na bij de directie.")
    claims.add_source(claim, hint, by=people["sanne"], now=now - 8 * MINUTE)


def _vetted(claim: Claim, plan: AnswerPlan, people: Mapping[str, User], *, at: datetime) -> None:
    answer = answers.write(claim, plan, by=people["sanne"], now=at)
    answers.vet(answer, by=people["ilse"], now=at + 2 * MINUTE)
