"""What grows is proposed as a situation, for a person to open; owners hear when people wait for word."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Min

from cases import duty
from cases.models import Case, Notification, Situation, User
from cases.rules.permissions import Need, may
from cases.rules.workflow import OPEN, State
from cases.services import audit, notifications
from cases.services.joining import subject_of

WITHIN = timedelta(hours=1)
MANY, PEOPLE = 30, 10
"""So many posts within an hour by so many people: fewer than this a desk of three reads one by one."""

TWICE = 2
"""What was declined is proposed again when it has grown so many times."""

NAME = 60
Status = Situation.Status


@dataclass(frozen=True, slots=True)
class Growing:
    """What grows: the lead that stands for it, and how many posts by how many people in the last hour."""

    lead_id: int
    n_posts: int
    n_people: int


def propose(*, now: datetime) -> int:
    """Propose what grows and is in no situation yet; returns how many. Safe to run twice at once."""
    return sum(_propose(each, now=now) for each in growing(now=now))


def remind_of_word(*, now: datetime) -> int:
    """Tell owners, once each time, that people should have heard from us by now; returns how many."""
    late = Situation.objects.filter(status=Status.OPEN, word_due_at__lte=now).select_related("owner")
    n_told = 0
    for situation in late:
        if situation.owner is None or situation.word_due_at is None:
            continue
        due_at = situation.word_due_at.isoformat()
        about, kind = subject_of(situation.pk), Notification.Kind.WORD_DUE
        facts = {"name": situation.name, "due_at": due_at}
        n_told += notifications.tell([situation.owner], kind, about, facts=facts, now=now, occasion=due_at)
    return n_told


def growing(*, now: datetime) -> list[Growing]:
    """Stories and conversations outside every situation that grow, by two quick queries."""
    fresh = Case.objects.filter(opened_at__gt=now - WITHIN, situation=None).order_by()
    people = Count("post__author", distinct=True)
    told = fresh.filter(state=State.MERGED, lead__isnull=False).values_list("lead")
    stories = told.annotate(n=Count("pk"), people=people).filter(n__gte=MANY - 1, people__gte=PEOPLE)
    found = [Growing(lead_id, n + 1, people) for lead_id, n, people in stories if lead_id]
    known = {each.lead_id for each in found}
    said = fresh.filter(state__in=[*OPEN], conversation__isnull=False).values_list("conversation")
    talks = said.annotate(n=Count("pk"), people=people, first=Min("pk")).filter(
        n__gte=MANY, people__gte=PEOPLE
    )
    found += [Growing(first, n, people) for _talk, n, people, first in talks if first not in known]
    return found


def _propose(each: Growing, *, now: datetime) -> bool:
    with transaction.atomic():
        lead = Case.objects.select_for_update(of=("self",)).select_related("post").get(pk=each.lead_id)
        before = Situation.objects.filter(story=lead).order_by("-pk").first()
        if lead.situation_id or (before and not _grew_on(before, each)):
            return False
        minutes = WITHIN // timedelta(minutes=1)
        evidence = {"posts": each.n_posts, "authors": each.n_people, "minutes": minutes}
        name = " ".join(lead.post.text.split())[:NAME].strip() or f"#{lead.pk}"
        proposed = Situation.objects.create(
            name=name,
            status=Status.PROPOSED,
            story=lead,
            evidence=evidence,
            began_at=lead.posted_at,
            created_at=now,
        )
        facts = {"case": lead.pk, **evidence}
        audit.append(subject_of(proposed.pk), "situation proposed", by=None, now=now, facts=facts)
        notifications.tell(
            _who_decides(now=now),
            Notification.Kind.SITUATION_PROPOSED,
            subject_of(proposed.pk),
            facts=evidence | {"name": name},
            now=now,
            channels=[Notification.Channel.IN_APP],
        )
    return True


def _grew_on(before: Situation, each: Growing) -> bool:
    return before.status == Status.DECLINED and each.n_posts >= TWICE * int(before.evidence.get("posts", 0))


def _who_decides(*, now: datetime) -> list[User]:
    """Who is on duty and may open a situation; everybody who may, when nobody is."""
    here = [person for person in duty.on_duty(now=now) if may(person.role, Need.RUN_SITUATION)]
    return here or duty.leads_or_officers()
