"""A small desk to test in: people, a mandate, a query, and posts that came by a poll."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from cases import policy
from cases.models import Case, Mandate, User
from cases.rules.permissions import Role
from cases.services import intake
from monitoring import polling
from monitoring.connectors.base import AuthorRef, Kind, Mention
from monitoring.models import Query, Source
from monitoring.store import Stored, upsert_posts

SCHEMES = Path(policy.__file__).parent / "rules" / "schemes"
TERMS = "brandweer, loswal, veiligheidsregio"


@dataclass(slots=True)
class Desk:
    """Who is at work, and where the posts come from."""

    now: datetime
    officer: User
    colleague: User
    lead: User
    employee: User
    query: Query
    source: Source

    def hear(self, *mentions: Mention, now: datetime | None = None) -> list[Case]:
        """Store mentions and open their cases the way a poll does, without a platform in between."""
        stored = self.store(mentions, now=now or self.now)
        return list(Case.objects.filter(pk__in=[post.id for post in stored.new]).order_by("pk"))

    def store(self, mentions: Iterable[Mention], *, now: datetime) -> Stored:
        with transaction.atomic():
            stored = upsert_posts(list(mentions), now=now, source_id=self.source.pk)
            intake.open_cases(stored, now=now)
        return stored

    def poll(self, *, now: datetime) -> int:
        """Poll the desk's source for real: its incident file plays up to `now`."""
        Source.objects.filter(pk=self.source.pk).update(next_poll_at=now)
        taken = polling.take_source(self.source.pk, now=now)
        assert taken is not None
        return polling.poll(taken, on_page=intake.open_cases, now=now)


def mention(
    n: int | str,
    text: str = "",
    *,
    at: datetime,
    thread: str = "",
    platform: str = "x",
    kind: Kind = Kind.POST,
    followers: int = 100,
) -> Mention:
    """A mention number `n` by author number `n`. Without a text of its own it is no copy of another."""
    return Mention(
        platform=platform,
        canonical_id=f"m{n}",
        url=f"https://social.example/{n}",
        text=text or f"De brandweer is bij de Loswal. {n}, {n}, {n}",
        posted_at=at,
        author=AuthorRef(f"a{n}", f"author{n}", f"Author {n}", followers),
        kind=kind,
        thread_id=thread,
        language="nl",
    )


def person(username: str, role: Role, **extra: object) -> User:
    return User.objects.create_user(
        username,
        f"{username}@desk.example",
        "a long enough passphrase",
        role=role,
        first_name=username.capitalize(),
        **extra,
    )


def grant(holder: User, categories: list[str], *, now: datetime, days: int = 30) -> Mandate:
    return Mandate.objects.create(
        holder=holder,
        categories=categories,
        valid_from=now - timedelta(days=1),
        valid_until=now + timedelta(days=days),
    )


def open_desk(now: datetime, *, outbox: Path, incident: Path | None = None) -> Desk:
    """A desk with the shipped scheme; the officer and the lead may answer everything."""
    policy.publish((SCHEMES / "vdmmp-1.toml").read_text(encoding="utf-8"), now=now)
    officer, lead = person("sanne", Role.OFFICER), person("bram", Role.LEAD)
    colleague, employee = person("ilse", Role.OFFICER), person("anouk", Role.EMPLOYEE)
    for holder in (officer, lead, colleague):
        grant(holder, ["*"], now=now)
    query = Query.objects.create(
        name="the organisation",
        terms=TERMS,
        purpose="answer questions about the fire",
        legal_basis=Query.LegalBasis.PUBLIC_TASK,
        owner=lead,
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=90),
        created_at=now,
    )
    place = {"path": str(incident)} if incident else {"incident": "loswal"}
    source = Source.objects.create(
        name="practice",
        connector="replay",
        settings={**place, "speed": 1, "started_at": now.isoformat(), "run": "1", "outbox": str(outbox)},
        next_poll_at=now,
    )
    source.queries.add(query)
    return Desk(now, officer, colleague, lead, employee, query, source)
