"""Fills a demo: a desk with people and mandates, one query, and the incident that plays on it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.db import transaction

from cases import policy
from cases.models import Case, DutyPost, User
from cases.rules.permissions import Role
from cases.rules.scheme import Action, Advice, Question
from cases.services import audit, decisions, intake, listening, triage, watching
from config.demo.alarms import seed_alarms, seed_blind
from config.demo.crisis import seed_crisis
from config.demo.ears import CALM, seed_ears
from config.demo.register import seed_claims
from config.demo.team import seed_posts, seed_team
from config.demo.texts import seed_texts
from config.demo.work import seed_rules, seed_work
from monitoring import polling
from monitoring.models import Query, Source

PASSWORD = "weerwoord-demo"  # nosec B105 - printed at every start; a demo listens on this machine only
INCIDENT = "loswal"
SPEED = 60
LENGTH = timedelta(seconds=14_400 / SPEED)
FIRST_POST_AFTER = timedelta(seconds=5)
WATCHED = "insult-watch"
LEFT_UNJUDGED = 6
TERMS = (
    "veiligheidsregio, brandweer, loswal, vrmiddendelta, deltahaven, kadestraat, deltaweg, "
    'meldkamer, nl-alert, rookwolk, "safety region", "fire brigade"'
)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works at the demo desk."""

    username: str
    name: str
    role: Role


DESK = (
    Colleague("sanne", "Sanne de Wit", Role.OFFICER),
    Colleague("bram", "Bram Okafor", Role.LEAD),
    Colleague("ilse", "Ilse Vermeer", Role.OFFICER),
    Colleague("anouk", "Anouk Smit", Role.EMPLOYEE),
    Colleague("joris", "Joris Baan", Role.WATCHER),
    Colleague("petra", "Petra Mulder", Role.PRIVACY),
    Colleague("beheer", "Hanna Beheer", Role.ADMINISTRATOR),
)


def seed(*, now: datetime, outbox: Path) -> None:
    """Make or refresh the demo; a run that still plays goes on, one that is over starts again."""
    with transaction.atomic():
        people = people_of_the_desk(now=now)
        seed_rules(people, now=now)
        policy.publish(policy.SHIPPED_SCHEME.read_text(encoding="utf-8"), now=now)
        query = _query(people["bram"], now=now)
        source, is_new_run = _source(query, now=now, outbox=outbox)
    if is_new_run:
        _hear_history(source, now=now)
        webcare = seed_posts(people, now=now)
        _judge_history(people["ilse"], webcare, now=now)
        seed_team(people, webcare, now=now)
        seed_alarms(people, now=now)
        seed_work(people, now=now)
        seed_texts(people["ilse"], now=now)
        seed_crisis(people, source, now=now)  # before the source that fails: it was not there last week
        broken = seed_ears(query, owner=people["bram"], outbox=outbox, now=now)
        seed_blind(people, broken, now=now)
        seed_claims(Source.objects.get(name=CALM), people, now=now)
        audit.checkpoint(now=now)


def people_of_the_desk(*, now: datetime) -> dict[str, User]:
    """Everybody who works at the demo desk, by user name."""
    return {colleague.username: _person(colleague, now=now) for colleague in DESK}


@cache
def _hashed() -> str:
    """The password everybody at this desk has, hashed once: seven times would take two seconds."""
    return make_password(PASSWORD)


def _person(colleague: Colleague, *, now: datetime) -> User:
    first, _, last = colleague.name.partition(" ")
    user, is_new = User.objects.get_or_create(
        username=colleague.username,
        defaults={
            "first_name": first,
            "last_name": last,
            "email": f"{colleague.username}@vrmiddendelta.example",
            "role": colleague.role,
            "is_staff": colleague.role is Role.ADMINISTRATOR,
            "is_superuser": colleague.role is Role.ADMINISTRATOR,
        },
    )
    if is_new:
        user.password = _hashed()
        user.save(update_fields=["password"])
    return user


def _query(owner: User, *, now: datetime) -> Query:
    name = "Veiligheidsregio Midden-Delta"
    plan = listening.QueryPlan(
        name=name,
        terms=TERMS,
        purpose="Vragen beantwoorden en geruchten rechtzetten bij incidenten",
        legal_basis=Query.LegalBasis.PUBLIC_TASK,
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=180),
    )
    found = Query.objects.filter(name=name).first()
    return found or listening.start_query(plan, owner=owner, by=owner, now=now)


def _source(query: Query, *, now: datetime, outbox: Path) -> tuple[Source, bool]:
    """The replay source, and whether a new run of the incident starts with it."""
    starts_at = now + FIRST_POST_AFTER
    settings = {
        "incident": INCIDENT,
        "speed": SPEED,
        "started_at": starts_at.isoformat(),
        "run": uuid4().hex[:8],
        "outbox": str(outbox),
    }
    source, is_new = Source.objects.get_or_create(
        name="Oefening Loswal",
        defaults={"connector": "replay", "settings": settings, "interval_s": 2, "next_poll_at": now},
    )
    source.queries.add(query)
    if not is_new:
        started_at = datetime.fromisoformat(source.settings["started_at"])
        if now < started_at + LENGTH:
            return source, False
        Source.objects.filter(pk=source.pk).update(settings=settings, next_poll_at=now)
        source.refresh_from_db()
    return source, True


def _hear_history(source: Source, *, now: datetime) -> None:
    """The calm posts of the day before, so that the first page is not empty."""
    taken = polling.take_source(source.pk, now=now)
    if taken:
        polling.poll(taken, on_page=intake.open_cases, now=now)
        Source.objects.filter(pk=source.pk).update(next_poll_at=now)


def _judge_history(officer: User, webcare: DutyPost, *, now: datetime) -> None:
    """What the desk did before you came: most of the calm posts are judged, one insult is watched."""
    cases = list(Case.objects.filter(state="new").select_related("post", "scheme").order_by("posted_at"))
    watched = [case for case in cases if case.post.canonical_id.endswith(f":{WATCHED}")]
    for case in watched + [case for case in cases if case not in watched][:-LEFT_UNJUDGED]:
        _judge(case, officer, webcare, now=now)


def _judge(case: Case, officer: User, webcare: DutyPost, *, now: datetime) -> None:
    """Judge one post as the incident's author would, through the same door as an officer."""
    expected = case.post.raw.get("expect", {})
    if not expected:  # heard by another source than the incident: a person judges it
        return
    if expected.get("extension") or expected.get("q1") == "none":
        exit_id = {"question": "", "neutral": "neutral", "not_relevant": "not_relevant"}
        if found := exit_id.get(expected.get("extension") or "neutral", ""):
            decisions.take_exit(case, found, by=officer, now=now)
        return
    answers = {
        "Q1": expected.get("q1", ""),
        "Q2": "+".join(expected.get("categories", [])),
        "Q2b_liked": "no",
    }
    step = policy.judgement(case).step
    while isinstance(step, Question):
        step = triage.answer(case, step.id, answers[step.id], by=officer, now=now).step
    _follow(case, step, officer, webcare, now=now)


def _follow(case: Case, advice: Advice, officer: User, webcare: DutyPost, *, now: datetime) -> None:
    """Watch or let stand as advised; what needs a reply waits for a person."""
    option = next((o for o in advice.options if o.action in (Action.WATCH, Action.LET_STAND)), None)
    if option is None or advice.refer:
        return
    chosen = decisions.Chosen(
        option.id,
        reason="Een dank je wel is hier genoeg." if "reason" in option.requires else "",
        plan=watching.Plan(
            post=webcare,
            rule="Meer mensen vallen bij, of het gaat over personen",
            check_every=timedelta(hours=1),
            ends_at=now + timedelta(days=7),
        ),
    )
    decisions.choose(case, chosen, by=officer, now=now)
