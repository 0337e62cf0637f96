"""What touches more than one case, or what stands beside it: many at once, promises, and the authors."""

from datetime import timedelta

from django.db import transaction

from cases.models import Case, Task
from cases.services import assignment, intake, many, promises
from cases.services.many import Act, Verb
from monitoring.connectors.base import AuthorRef, Kind, Mention
from monitoring.store import upsert_posts
from tests.faults.day import LATER, Day

DONE = {Verb.DISMISS: "moved to dismissed", Verb.JUDGE: "", Verb.ASSIGN: "", Verb.SNOOZE: "snoozed"}
"""The event in the trail of each case that was done."""


def does_many(day: Day, case: Case) -> list[tuple[str, int]]:
    """One act on some cases, as they were a moment ago."""
    case_ids = day.chance.sample(day.case_ids, 6)
    verb = day.chance.choice(list(Verb))
    route = day.chance.choice(many.routes_offered()).id if verb is Verb.JUDGE else ""
    proposal = many.propose(case_ids, verb, by=day.officer, now=day.now)
    act = Act(verb, reason="so", route=route, assignee=day.officer, until=day.now + LATER)
    outcome = many.carry_out(proposal.seen, act, by=day.officer, now=day.now)
    return [(DONE[verb], case_id) for case_id in outcome.done]


def takes_next(day: Day, case: Case) -> list[tuple[str, int]]:
    taken = assignment.take_next(by=day.officer, now=day.now)
    return [("taken", taken.pk)]


def promises_something(day: Day, case: Case) -> str:
    promises.promise(case, "We call you back", due_at=day.now + LATER, by=day.officer, now=day.now)
    return "promised"


def keeps(day: Day, case: Case) -> list[tuple[str, int]]:
    if (task := _task(day)) is None:
        return []
    promises.keep(task, by=day.officer, now=day.now)
    return [("promise kept", task.case_id)]


def drops(day: Day, case: Case) -> list[tuple[str, int]]:
    if (task := _task(day)) is None:
        return []
    promises.drop(task, reason="no need", by=day.officer, now=day.now)
    return [("promise dropped", task.case_id)]


def author_reacts(day: Day, case: Case) -> str:
    """More in the conversation of a case by its author: now and then the same words, which make a copy."""
    again = day.chance.random() < 0.3
    words = case.post.text if again else f"En nu? {day.chance.random()}"
    name = f"{day.officer.username}-{case.pk}-{day.now.isoformat()}"
    _hear(case, words, canonical_id=name, kind=Kind.REPLY, day=day)
    return ""


def author_edits(day: Day, case: Case) -> str:
    """A copy whose words become others stands on its own."""
    words = f"Toch niet {day.chance.random()}"
    _hear(case, words, canonical_id=case.post.canonical_id, kind=Kind(case.post.kind), day=day)
    return ""


def _hear(case: Case, words: str, *, canonical_id: str, kind: Kind, day: Day) -> None:
    post, author = case.post, case.post.author
    assert author is not None
    mention = Mention(
        platform=post.platform,
        canonical_id=canonical_id,
        url=f"https://social.example/{canonical_id}",
        text=words,
        posted_at=post.posted_at if canonical_id == post.canonical_id else day.now + timedelta(seconds=1),
        author=AuthorRef(author.external_id, author.handle, author.name, 100),
        kind=kind,
        thread_id=post.thread_id,
        language="nl",
    )
    with transaction.atomic():
        intake.open_cases(upsert_posts([mention], now=day.now, source_id=post.source_id), now=day.now)


def _task(day: Day) -> Task | None:
    return (
        Task.objects.filter(done_at=None, case__in=day.case_ids).order_by("pk").select_related("case").first()
    )
