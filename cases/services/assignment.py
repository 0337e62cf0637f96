"""Who is at a case now (taken, for a while) and who should do it (assigned, until changed)."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, Notification, User
from cases.rules.workflow import OPEN
from cases.services import audit, notifications
from cases.services.transitions import hold, lock

IDLE = timedelta(minutes=15)


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


def take(case: Case, *, by: User, now: datetime, over: bool = False) -> None:
    """Take a case for 15 minutes, or keep it. Compare-and-swap: the second of two is refused.

    `over` takes it from a colleague, which is written down. Raises TakenByOther.
    """
    free = Q(taken_by=None) | Q(taken_by=by) | Q(taken_until__lte=now)
    wanted = Case.objects.filter(pk=case.pk)
    with transaction.atomic():
        before = lock(case)
        if not wanted.filter(Q() if over else free).update(taken_by=by, taken_until=now + IDLE):
            who = str(before.taken_by)
            raise TakenByOther(case.pk, who, before.taken_until or now)
        if before.taken_by_id != by.pk:
            facts = {"from": str(before.taken_by)} if over and before.taken_by else {}
            audit.append(audit.subject_of(case.pk), "taken", by=by, now=now, facts=facts)
    case.taken_by, case.taken_until = by, now + IDLE


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
