"""Steps with claims, for tests that begin further on: always by the services themselves."""

from datetime import datetime, timedelta

from cases.models import Case, Claim, User, VettedAnswer
from cases.services import answers, claims, linking
from cases.services.answers import AnswerPlan
from cases.services.claims import SourcePlan, Verdict
from tests.world import Desk

STATEMENT = "Het drinkwater rond de Loswal is vergiftigd"
ANSWER = "Het drinkwater is veilig. Meetploegen hebben het vannacht onderzocht."


def rumour(desk: Desk, *cases: Case, now: datetime, statement: str = STATEMENT) -> Claim:
    """A claim in the register that these cases carry."""
    claim = claims.open_claim(statement, by=desk.officer, now=now)
    for case in cases:
        linking.link(case, claim, by=desk.officer, now=now)
    return claim


def decided(claim: Claim, status: str, *, by: User, now: datetime) -> Claim:
    """The claim, decided on a source of its own."""
    source = claims.add_source(claim, SourcePlan("Meetrapport 02:00"), by=by, now=now)
    verdict = Verdict(status, "De metingen zijn binnen", [source.pk])
    claims.decide(claim, verdict, by=by, now=now, seen=claim.revision)
    claim.refresh_from_db()
    return claim


def vetted(
    claim: Claim, desk: Desk, *, now: datetime, text: str = ANSWER, hours: float = 4, language: str = "nl"
) -> VettedAnswer:
    """An answer in force: written by the officer, vetted by the lead."""
    plan = AnswerPlan(text, language, valid_until=now + timedelta(hours=hours))
    answer = answers.write(claim, plan, by=desk.officer, now=now)
    answers.vet(answer, by=desk.lead, now=now)
    return answer
