"""Promises to whom we answered: each a task with a due time, kept or dropped before its case ends."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from cases import duty
from cases.models import Case, Notification, Response, Task, User
from cases.rules.workflow import State
from cases.services import audit, notifications
from cases.services.transitions import ENDED, lock, open_promises
from cases.services.transitions import OpenPromises as OpenPromises

OVERDUE_AFTER = timedelta(hours=1)
"""How long after its time a promise is the lead's business too."""

FORGOTTEN = timedelta(days=7)
"""A promise that was due longer ago, while nothing ran here, is no news: it stands on the list in red."""

LONGEST = 500


class PromiseRefused(Exception):
    """A promise that cannot be made or changed like this; the sentence says why and what now."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


class PromiseChanged(Exception):
    """Somebody kept, dropped or moved the promise after the page was opened."""

    def __init__(self, task_id: int, case_id: int) -> None:
        super().__init__(task_id, case_id)
        self.task_id, self.case_id = task_id, case_id

    def __str__(self) -> str:
        return _(
            "This promise on case %(case)d was settled or moved after you opened the page; look again."
        ) % {"case": self.case_id}


def promise(
    case: Case,
    what: str,
    *,
    due_at: datetime,
    by: User,
    now: datetime,
    assignee: User | None = None,
    response: Response | None = None,
) -> Task:
    """Write down what was promised, by when and by whom it is done (default: who promised).

    Raises PromiseRefused without words, with a time that is over, or where the case or its lead has ended.
    """
    with transaction.atomic():
        held = lock(case)
        if _has_ended(held):
            raise PromiseRefused(_("This case is closed. Open it again before you promise something."))
        words, due_at = _words(what), _later(due_at, now=now)
        # A form that is sent twice is one promise.
        if said := open_tasks(held).filter(what=words, due_at=due_at, created_by=by).first():
            return said
        return _promise(
            held,
            words,
            due_at=due_at,
            by=by,
            now=now,
            assignee=assignee,
            response=response,
        )


def keep(task: Task, *, by: User, now: datetime, note: str = "") -> None:
    """The promise was kept. Raises PromiseChanged when it was settled already."""
    with transaction.atomic():
        lock(task.case)
        _settle(task, by=by, now=now, note=note)
        facts = _facts(task) | {"note": note}
        audit.append(audit.subject_of(task.case_id), "promise kept", by=by, now=now, facts=facts)


def drop(task: Task, *, reason: str, by: User, now: datetime) -> None:
    """The promise will not be kept, and why. Raises PromiseRefused without a reason, PromiseChanged."""
    if not reason.strip():
        raise PromiseRefused(_("Say why this promise is not kept; whoever it was made to may ask."))
    with transaction.atomic():
        lock(task.case)
        _settle(task, by=by, now=now, note=reason.strip(), is_dropped=True)
        facts = _facts(task) | {"reason": reason.strip()}
        audit.append(audit.subject_of(task.case_id), "promise dropped", by=by, now=now, facts=facts)


def change_due(
    task: Task, *, due_at: datetime, by: User, now: datetime, seen_due: datetime | None = None
) -> None:
    """Another time for a promise. `seen_due`: the time on the page, held against what is stored.

    Raises PromiseRefused for a time that is over, PromiseChanged when others were first.
    """
    _later(due_at, now=now)
    with transaction.atomic():
        lock(task.case)
        _move(task, due_at=due_at, by=by, now=now, seen_due=seen_due or task.due_at)


def open_tasks(case: Case) -> QuerySet[Task]:
    """What is still promised on a case, due first."""
    return Task.objects.filter(case=case, done_at=None).order_by("due_at", "pk")


def holds_open(case: Case) -> bool:
    """Whether the case cannot end yet: something is promised on it, or on one of its copies."""
    return open_promises(case).exists()


def on_delivered(response: Response, case: Case, *, now: datetime) -> None:
    """A reply stands on its platform: a holding reply makes its promise, a full answer keeps it.

    In the transaction that writes down the delivery, under the lock of the case. A second holding reply
    moves the promise of the first.
    """
    if response.holding_until is None:
        keep_answered(case, by=None, now=now)
        return
    task = _promised_by_holding(case).first()
    if task is not None:
        until = response.holding_until
        _move(task, due_at=until, by=None, now=now, seen_due=task.due_at, response=response)
        return
    with translation.override(response.author.language):
        what = _("Send the full answer that the holding reply promised.")
    due_at, author = response.holding_until, response.author
    _promise(case, what, due_at=due_at, by=None, now=now, assignee=author, response=response)


def keep_answered(case: Case, *, by: User | None, now: datetime) -> None:
    """The full answer was given: what a holding reply promised is kept. Under the lock of the case."""
    for task in _promised_by_holding(case):
        _settle(task, by=by, now=now)
        facts = _facts(task) | {"by answer": True}
        audit.append(audit.subject_of(case.pk), "promise kept", by=by, now=now, facts=facts)


def warn(*, now: datetime) -> int:
    """Tell whose promise is due, and the leads an hour later; returns how many messages are new.

    A promise without a person is the leads' at once (the officers', where there is no lead). Each is told
    once for each time that was promised.
    """
    due = Task.objects.filter(done_at=None, due_at__lte=now, due_at__gt=now - FORGOTTEN)
    leads, n_new = duty.leads_or_officers(), 0
    for task in due.select_related("assignee").order_by("due_at", "pk"):
        is_late = task.due_at <= now - OVERDUE_AFTER
        mine = [task.assignee] if task.assignee and task.assignee.is_active else []
        n_new += _tell(task, mine or leads, now=now)
        if is_late:
            n_new += _tell(task, leads, now=now, is_late=True)
    return n_new


def _has_ended(case: Case) -> bool:
    """Whether nobody looks at a case any more: it ended itself, or its lead did. The caller holds both."""
    if case.state == State.MERGED:
        return Case.objects.filter(pk=case.lead_id, state__in=ENDED).exists()
    return case.state in ENDED


def _tell(task: Task, people: Iterable[User], *, now: datetime, is_late: bool = False) -> int:
    return notifications.tell(
        people,
        Notification.Kind.TASK_DUE,
        f"case:{task.case_id}",
        facts={
            "case": task.case_id,
            "what": task.what,
            "due_at": task.due_at.isoformat(),
            "is_late": is_late,
            "who": str(task.assignee) if task.assignee else "",
        },
        now=now,
        occasion=f"{task.pk} {task.due_at.isoformat()} {'late' if is_late else 'due'}",
    )


def _promise(
    case: Case,
    what: str,
    *,
    due_at: datetime,
    by: User | None,
    now: datetime,
    assignee: User | None,
    response: Response | None,
) -> Task:
    task = Task.objects.create(
        case=case,
        response=response,
        what=what,
        due_at=due_at,
        assignee=assignee or by,
        created_by=by,
        created_at=now,
    )
    facts = _facts(task) | {"assignee": str(task.assignee) if task.assignee else ""}
    audit.append(audit.subject_of(case.pk), "promised", by=by, now=now, facts=facts)
    return task


def _promised_by_holding(case: Case) -> QuerySet[Task]:
    return open_tasks(case).filter(response__holding_until__isnull=False)


def _settle(task: Task, *, by: User | None, now: datetime, note: str = "", is_dropped: bool = False) -> None:
    changes = {"done_at": now, "done_by": by, "note": note[:LONGEST], "is_dropped": is_dropped}
    if not Task.objects.filter(pk=task.pk, done_at=None).update(**changes):
        raise PromiseChanged(task.pk, task.case_id)
    for name, value in changes.items():
        setattr(task, name, value)


def _move(
    task: Task,
    *,
    due_at: datetime,
    by: User | None,
    now: datetime,
    seen_due: datetime,
    response: Response | None = None,
) -> None:
    changes = {"due_at": due_at, "response": response or task.response}
    if not Task.objects.filter(pk=task.pk, done_at=None, due_at=seen_due).update(**changes):
        raise PromiseChanged(task.pk, task.case_id)
    task.due_at = due_at
    facts = _facts(task) | {"due before": seen_due.isoformat()}
    audit.append(audit.subject_of(task.case_id), "promise moved", by=by, now=now, facts=facts)


def _words(what: str) -> str:
    if not what.strip():
        raise PromiseRefused(_("Say what is promised."))
    if len(what.strip()) > LONGEST:
        raise PromiseRefused(_("Say what is promised in at most 500 characters."))
    return " ".join(what.split())


def _later(due_at: datetime, *, now: datetime) -> datetime:
    if due_at <= now:
        raise PromiseRefused(_("The promised time is over already; promise a later one."))
    return due_at


def _facts(task: Task) -> dict[str, str | int]:
    return {"task": task.pk, "what": task.what, "due": task.due_at.isoformat()}
