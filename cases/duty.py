"""Who is on duty, who may approve, and who is meant by "the officers": people as they are now."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from cases.models import Absence, AssignmentRule, Case, DutyPost, Escalation, HandOver, Shift, User
from cases.rules.division import Asked, Fitting, chosen, first_fitting
from cases.rules.ladders import EVERYBODY, PROPOSE, Function
from cases.rules.permissions import MAY, Need, Role, may
from cases.rules.shifts import Span, parts
from cases.rules.workflow import OPEN, State

LOOKED_AHEAD = timedelta(days=28)
"""Who begins later is not yet "next" at a post."""


def people_for(escalation: Escalation, who: str, *, now: datetime) -> list[User]:
    """The people a step of a ladder means, as the rota stands now, who may take an alarm.

    A function is whoever has a shift at a post with that function, working or on call. Without anybody
    there it falls to the role that answers for it: never silently to nobody.
    """
    kind, _colon, number = who.partition(":")
    if kind == "watcher":
        return _keeping_watch(escalation, now=now)
    if kind == "person":
        return list(_takers().filter(pk=int(number)))
    if kind == "post":
        return list(_takers().filter(pk__in=shifts_now(now=now).filter(post=int(number)).values("person")))
    if kind == EVERYBODY:
        return list(_takers().filter(pk__in=shifts_now(now=now).values("person"))) or _in_charge(now=now)
    functions = [Function.HEAD, Function.CRISIS] if kind == PROPOSE else [kind]
    at_posts = shifts_now(now=now).filter(post__function__in=functions)
    here = list(_takers().filter(pk__in=at_posts.values("person")))
    is_officer = kind in (Function.OFFICER, "officers")
    return here or _of_role(Role.OFFICER if is_officer else Role.LEAD, now=now) or _in_charge(now=now)


def at_work(*, now: datetime) -> list[User]:
    """Who has a shift now, is not merely on call, and may take an alarm."""
    working = shifts_now(now=now).filter(is_on_call=False)
    return list(_takers().filter(pk__in=working.values("person")))


def _keeping_watch(escalation: Escalation, *, now: datetime) -> list[User]:
    """The watcher by name, or else whoever is on duty at the post that keeps this watch."""
    watch = escalation.watch
    if watch is None:
        return []
    named = list(_takers().filter(pk=watch.watcher_id)) if watch.watcher_id else []
    if named or not watch.post_id:
        return named
    return list(_takers().filter(pk__in=shifts_now(now=now).filter(post=watch.post_id).values("person")))


def _takers() -> QuerySet[User]:
    return User.objects.filter(is_active=True, role__in=MAY[Need.ACKNOWLEDGE]).order_by("pk")


def _in_charge(*, now: datetime) -> list[User]:
    return _of_role(Role.LEAD, now=now) + _of_role(Role.OFFICER, now=now)


def _of_role(role: Role, *, now: datetime) -> list[User]:
    """Who has this role and is not away; everybody who has it when all are."""
    people = list(User.objects.filter(is_active=True, role=role).order_by("pk"))
    away = set(Absence.objects.filter(starts_at__lte=now, ends_at__gt=now).values_list("person", flat=True))
    return [person for person in people if person.pk not in away] or people


def shifts_now(*, now: datetime) -> QuerySet[Shift]:
    """The shifts that run now, at posts in use, of people who can sign in and are not away.

    The end is excluded.
    """
    away = Absence.objects.filter(person=OuterRef("person"), starts_at__lte=now, ends_at__gt=now)
    running = Shift.objects.filter(~Exists(away), starts_at__lte=now, ends_at__gt=now)
    return running.filter(post__is_active=True, person__is_active=True)


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody's turn at a post. `is_on_call`: may be called, and is not at work."""

    person: User
    since: datetime
    until: datetime
    is_on_call: bool


@dataclass(frozen=True, slots=True)
class NowAndNext:
    """Who is at a post now, and who comes after: all whose turn begins at `next_at`, if anybody's does."""

    post: DutyPost
    now: Sequence[OnDuty]
    next: Sequence[OnDuty]
    next_at: datetime | None


def now_and_next(post: DutyPost, *, now: datetime) -> NowAndNext:
    """Who is at this post now and who is next, within the coming weeks; two queries."""
    return now_and_next_of([post], now=now)[post.pk]


def now_and_next_of(posts: Collection[DutyPost], *, now: datetime) -> dict[int, NowAndNext]:
    """As `now_and_next`, for many posts in the same two queries."""
    coming: dict[int, list[OnDuty]] = {post.pk: [] for post in posts}
    horizon = now + LOOKED_AHEAD
    shifts = Shift.objects.filter(post__in=coming, ends_at__gt=now, starts_at__lt=horizon)
    shifts = shifts.filter(post__is_active=True, person__is_active=True).select_related("person")
    away = absences(since=now, until=horizon)
    for shift in shifts.order_by("starts_at", "pk"):
        for start, end in parts((shift.starts_at, shift.ends_at), away.get(shift.person_id, ())):
            coming[shift.post_id].append(OnDuty(shift.person, start, end, shift.is_on_call))
    return {post.pk: _now_and_next(post, coming[post.pk], now=now) for post in posts}


def _now_and_next(post: DutyPost, turns: Sequence[OnDuty], *, now: datetime) -> NowAndNext:
    later = [turn for turn in turns if turn.since > now]
    next_at = min((turn.since for turn in later), default=None)
    here = [turn for turn in turns if turn.since <= now < turn.until]
    return NowAndNext(post, here, [turn for turn in later if turn.since == next_at], next_at)


def absences(*, since: datetime, until: datetime) -> dict[int, list[Span]]:
    """Per person the stretches of a period in which they are away."""
    found: dict[int, list[Span]] = {}
    away = Absence.objects.filter(starts_at__lt=until, ends_at__gt=since)
    for person, start, end in away.values_list("person", "starts_at", "ends_at"):
        found.setdefault(person, []).append((start, end))
    return found


def on_duty(post: DutyPost | None = None, *, now: datetime) -> list[User]:
    """Who has a shift now: at one post, or (without one) at any. Each person once, by number."""
    running = shifts_now(now=now)
    if post is not None:
        running = running.filter(post=post)
    return list(User.objects.filter(pk__in=running.values("person")).order_by("pk"))


def approvers(*, now: datetime) -> list[User]:
    """Whom a text goes to: who is on duty at a post that approves, or else everybody who may approve."""
    able = _who_may_approve()
    at_post = shifts_now(now=now).filter(post__is_approver=True)
    return list(able.filter(pk__in=at_post.values("person"))) or list(able)


def leads() -> list[User]:
    """Who answers for the duty: told when nobody takes what must be taken."""
    return list(User.objects.filter(is_active=True, role=Role.LEAD).order_by("pk"))


def leads_or_officers() -> list[User]:
    """Who hears of what is late: the leads, and where there are none the officers, never nobody."""
    return leads() or list(User.objects.filter(is_active=True, role=Role.OFFICER).order_by("pk"))


def is_alone(user: User, *, now: datetime) -> bool:
    """Whether nobody else is there to approve what this person writes.

    That is so when a rota is planned for now and nobody else who may approve has a shift, or when
    nobody else here may approve at all. Without a rota for now, every approver counts as there.
    """
    others = _who_may_approve().filter(~Q(pk=user.pk))
    running = shifts_now(now=now)
    if running.exists():
        others = others.filter(pk__in=running.values("person"))
    return not others.exists()


def _who_may_approve() -> QuerySet[User]:
    return User.objects.filter(is_active=True, role__in=MAY[Need.APPROVE]).order_by("pk")


def loads(people: Collection[int]) -> dict[int, int]:
    """Per person how many open cases are theirs; what rests under a watch asks nothing of them."""
    mine = Case.objects.filter(assignee__in=people, state__in=OPEN - {State.WATCHING})
    return dict(mine.order_by().values_list("assignee").annotate(n=Count("pk")))


def may_accept(left: HandOver, user: User) -> bool:
    """Whether this person can take over: the one it is for, anybody without a name, or the duty lead."""
    if left.by_id == user.pk or left.accepted_by_id or not may(user.role, Need.HAND_OVER):
        return False
    return left.to_id in (None, user.pk) or may(user.role, Need.RUN_TEAM)


@dataclass(slots=True)
class Rules:
    """The rules in use with whom they mean now. Who gets a case has one more: a page is divided too."""

    list: Sequence[Fitting]
    people: Mapping[int, Sequence[User]]
    loads: dict[int, int]

    def decide(self, asked: Asked) -> tuple[Fitting, User | None] | None:
        """The rule that fits first and who gets it; nobody, when nobody whom it means is there."""
        rule = first_fitting(self.list, asked)
        if rule is None:
            return None
        people = {person.pk: person for person in self.people[rule.id]}
        found = chosen(list(people), self.loads, by_load=rule.by_load)
        if found is None:
            return rule, None
        self.loads[found] = self.loads.get(found, 0) + 1
        return rule, people[found]


def rules(*, now: datetime) -> Rules:
    """The rules in use in their order, with the people they mean who may judge and are there."""
    found = list(AssignmentRule.objects.filter(is_active=True).select_related("to_person").order_by("n"))
    if not found:
        return Rules([], {}, {})
    at_post: dict[int, list[User]] = {}
    running = shifts_now(now=now).filter(person__role__in=MAY[Need.JUDGE])
    for shift in running.select_related("person").order_by("starts_at", "pk"):
        here = at_post.setdefault(shift.post_id, [])
        if shift.person not in here:
            here.append(shift.person)
    meant = {rule.pk: _meant(rule, at_post) for rule in found}
    ids = {person.pk for people in meant.values() for person in people}
    return Rules([_fitting(rule) for rule in found], meant, loads(ids) if ids else {})


def _meant(rule: AssignmentRule, at_post: Mapping[int, list[User]]) -> list[User]:
    person = rule.to_person
    if person is not None:
        return [person] if person.is_active and may(person.role, Need.JUDGE) else []
    return at_post.get(rule.to_post_id or 0, [])


def _fitting(rule: AssignmentRule) -> Fitting:
    return Fitting(
        id=rule.pk,
        name=rule.name,
        words=rule.words,
        languages=tuple(rule.languages),
        platforms=tuple(rule.platforms),
        categories=tuple(rule.categories),
        by_load=rule.by_load,
    )
