"""Reminders that nobody has looked at a watch in time: once a due time, and never an alarm by themselves."""

from datetime import datetime, timedelta

from django.db import transaction

from cases import duty, naming, profiles
from cases.models import Notification, Situation, User, Watch
from cases.services import notifications

MOST = 500
WITH = ("watcher", "post", "case__situation", "situation", "query")


def due_reminders(*, now: datetime) -> list[int]:
    """Open watches of which it is time to say that their check is overdue."""
    due = Watch.objects.filter(ended_at=None, remind_at__lte=now)
    return list(due.order_by("remind_at").values_list("pk", flat=True)[:MOST])


def remind(watch_id: int, *, now: datetime) -> int:
    """Tell who keeps a watch that its check is overdue; after one more interval the leads too.

    Each is told once a due time; a logged check sets the next one. In a pause it waits for its end. The cases
    of a watched situation are one message to who keeps that. Returns how many messages are new.
    """
    with transaction.atomic():
        found = Watch.objects.select_for_update(of=("self",)).select_related(*WITH)
        watch = found.filter(pk=watch_id, ended_at=None, remind_at__lte=now).first()
        if watch is None:
            return 0
        if watch.paused_until and watch.paused_until > now:
            Watch.objects.filter(pk=watch_id).update(remind_at=watch.paused_until)
            return 0
        patience = timedelta(minutes=profiles.of(watch).overdue_minutes[0])
        if now < watch.next_check_at + patience:
            Watch.objects.filter(pk=watch_id).update(remind_at=watch.next_check_at + patience)
            return 0
        above = _above(watch)
        if above:
            every = timedelta(seconds=watch.check_every_s)
            Watch.objects.filter(pk=watch_id).update(remind_at=now + every)
            return _tell_of_cases(above, every, now=now)
        again_at = watch.next_check_at + max(timedelta(seconds=watch.check_every_s), patience)
        is_last = now >= again_at
        Watch.objects.filter(pk=watch_id).update(remind_at=None if is_last else again_at)
        n = _tell(watch, keepers(watch, now=now), "first", now=now)
        return n + _tell(watch, duty.leads_or_officers(), "leads", now=now) if is_last else n


def _above(watch: Watch) -> Watch | None:
    """The open watch on the open situation of a watched case."""
    situation = watch.case.situation if watch.case else None
    if situation is None or situation.status != Situation.Status.OPEN:
        return None
    return situation.watches.filter(ended_at=None).select_related(*WITH).first()


def _tell_of_cases(above: Watch, every: timedelta, *, now: datetime) -> int:
    """Once in so much time: how many watched cases of a situation wait for a look."""
    late = Watch.objects.filter(case__situation=above.situation_id, ended_at=None, next_check_at__lte=now)
    oldest = late.order_by("next_check_at").values_list("next_check_at", flat=True).first() or now
    facts = {
        **above.subject.named,
        "about": naming.own_name(above),
        "n_cases": late.count(),
        "due_at": oldest.isoformat(),
    }
    occasion = f"cases/{int(now.timestamp()) // max(int(every.total_seconds()), 1)}"
    kind = Notification.Kind.CHECK_OVERDUE
    people = keepers(above, now=now)
    return notifications.tell(people, kind, above.subject.trail, facts=facts, now=now, occasion=occasion)


def keepers(watch: Watch, *, now: datetime) -> list[User]:
    """Who keeps a watch now: its person, and whoever is on duty at its post. Nobody there: the leads."""
    people = [watch.watcher] if watch.watcher and watch.watcher.is_active else []
    if watch.post:
        people += [person for person in duty.on_duty(watch.post, now=now) if person not in people]
    return people or duty.leads_or_officers()


def _tell(watch: Watch, people: list[User], stage: str, *, now: datetime) -> int:
    facts = {
        **watch.subject.named,
        "about": naming.own_name(watch),
        "watch": watch.pk,
        "due_at": watch.next_check_at.isoformat(),
        "kept_by": str(watch.watcher or watch.post),
    }
    about, occasion = watch.subject.trail, f"{watch.pk}/{facts['due_at']}/{stage}"
    kind = Notification.Kind.CHECK_OVERDUE
    return notifications.tell(people, kind, about, facts=facts, now=now, occasion=occasion)
