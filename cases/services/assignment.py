"""Who is at a case now (taken, for a while) and who should do it (assigned, until changed)."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, Notification, User
from cases.rules.workflow import OPEN, State
from cases.services import audit, notifications
from cases.services.transitions import hold, lock

IDLE = timedelta(minutes=15)

AT_ONCE = 20
"""How many of the best cases are read at once: more than there are people who may ask in one moment."""


class TakenByOther(Exception):
    """A colleague is at it."""

    def __init__(self, case_id: int, who: str, until: datetime) -> None:
        super().__init__(case_id, who, until)
        self.case_id, self.who, self.until = case_id, who, until

    def __str__(self) -> str:
        return _("Case %(case)d is with %(who)s until %(until)s; take it over if that cannot wait.") % {
            "case": self.case_id,
            "who": self.who,
            "until": f"{timezone.localtime(self.until):%H:%M}",
        }


class NothingWaits(Exception):
    """There is no case to take next."""

    def __str__(self) -> str:
        return _("No case waits that nobody is at. New posts appear in the inbox by themselves.")


def take(case: Case, *, by: User, now: datetime, over: bool = False, seen_holder: int | None = None) -> None:
    """Take a case for 15 minutes, or keep it. Compare-and-swap: the second of two is refused.

    `over` takes it from a colleague, which is written down; with `seen_holder` only from the colleague
    whom the officer saw at it. Raises TakenByOther.
    """
    free = Q(taken_by=None) | Q(taken_by=by) | Q(taken_until__lte=now)
    if over:
        free = Q(taken_by=seen_holder) | free if seen_holder else Q()
    wanted = Case.objects.filter(pk=case.pk)
    with transaction.atomic():
        before = lock(case)
        if not wanted.filter(free).update(taken_by=by, taken_until=now + IDLE):
            who = str(before.taken_by)
            raise TakenByOther(case.pk, who, before.taken_until or now)
        if before.taken_by_id != by.pk:
            facts = {"from": str(before.taken_by)} if over and before.taken_by else {}
            audit.append(audit.subject_of(case.pk), "taken", by=by, now=now, facts=facts)
    case.taken_by, case.taken_until = by, now + IDLE


def take_next(*, by: User, now: datetime) -> Case:
    """Take the best case that nobody is at, for 15 minutes: of two who ask, each gets another one.

    Urgent ones come first, then what this officer should do, then what is nobody's in particular; in each
    what is due first. Cases of colleagues stay theirs, unless they are urgent. Raises NothingWaits.
    """
    for case_id in _best(by, now=now):
        with transaction.atomic():
            case = hold([case_id]).get(case_id)
            if case and case.state == State.NEW and _is_free(case, now=now):
                Case.objects.filter(pk=case_id).update(taken_by=by, taken_until=now + IDLE)
                audit.append(audit.subject_of(case_id), "taken", by=by, now=now, facts={"next": True})
                return case
    raise NothingWaits


def release(case: Case, *, by: User, now: datetime) -> None:
    """Let go of a case that one has taken; of somebody else's nothing changes."""
    with transaction.atomic():
        lock(case)
        if Case.objects.filter(pk=case.pk, taken_by=by).update(taken_by=None, taken_until=None):
            audit.append(audit.subject_of(case.pk), "released", by=by, now=now)
    case.taken_by = case.taken_until = None


def assign(case: Case, to: User | None, *, by: User, now: datetime) -> None:
    """Say who should do a case (None: nobody in particular). Somebody else than who says so is told."""
    with transaction.atomic():
        held = lock(case)
        if held.assignee_id == (to.pk if to else None):
            return
        _assign(case, to, by=by, now=now)
        if to and to.pk != by.pk:
            facts = {"case": case.pk, "by": str(by)}
            subject, kind = audit.subject_of(case.pk), Notification.Kind.ASSIGNED
            channels, occasion = [Notification.Channel.IN_APP], now.isoformat()
            notifications.tell(
                [to], kind, subject, facts=facts, now=now, occasion=occasion, channels=channels
            )
    case.assignee = to


def hand_on(case_ids: Collection[int], *, of: User, to: User, hand_over: int, now: datetime) -> list[int]:
    """Give the open cases of one person to another, in the caller's transaction; returns which.

    A case that was given to somebody else meanwhile, or is done, stays as it is.
    """
    given = []
    for pk, case in hold(case_ids).items():
        if case.assignee_id == of.pk and case.state in OPEN:
            _assign(case, to, by=to, now=now, hand_over=hand_over)
            given.append(pk)
    return given


def _assign(case: Case, to: User | None, *, by: User, now: datetime, **why: int) -> None:
    Case.objects.filter(pk=case.pk).update(assignee=to)
    facts = {"to": str(to) if to else "", **why}
    audit.append(audit.subject_of(case.pk), "assigned", by=by, now=now, facts=facts)


def _best(by: User, *, now: datetime) -> Iterator[int]:
    """Numbers of cases to take next, the best first; somebody may be at one by the time it is asked for."""
    awake = Q(snoozed_until=None) | Q(snoozed_until__lte=now)
    free = Q(taken_by=None) | Q(taken_until__lte=now)
    waiting = Case.objects.filter(awake, free, state=State.NEW).order_by("due_at", "pk")
    urgent, asked = waiting.filter(is_urgent=True), set[int]()
    for queue in (
        urgent.filter(assignee=by),
        urgent,
        waiting.filter(assignee=by),
        waiting.filter(assignee=None),
    ):
        while ids := list(queue.exclude(pk__in=asked).values_list("pk", flat=True)[:AT_ONCE]):
            asked.update(ids)
            yield from ids


def _is_free(case: Case, *, now: datetime) -> bool:
    return case.taken_by_id is None or case.taken_until is None or case.taken_until <= now
