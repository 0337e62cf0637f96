"""Gaps in the duty plan: posts that take alarms and have nobody, told to the leads ahead of time, once."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction

from cases import duty
from cases.models import DutyPost, Notification, Shift
from cases.rules.shifts import Span, gaps, parts
from cases.services import notifications, rota

STAGES: Mapping[str, timedelta] = {"week": timedelta(days=7), "day": timedelta(hours=24)}
"""How long before it begins a gap is told, and told again while it stands."""

SEEN_AHEAD = timedelta(days=28)
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The end of a gap that lasts as far as the plan is looked at: it does not grow by the day."""


def posts_to_look_at() -> list[int]:
    """Posts that take alarms: nobody there means nobody is called."""
    found = DutyPost.objects.filter(is_active=True).exclude(function="")
    return list(found.order_by("pk").values_list("pk", flat=True))


def tell(post_id: int, *, now: datetime) -> int:
    """Tell the leads of gaps at a post that come within a week, and within a day; how many are new.

    A gap is told once for each, also when it shrinks, is cut in two or begins. One that grows, or was
    filled and opens again, is a new one.
    """
    with transaction.atomic():
        post = rota.held(post_id)
        coming = open_gaps(post, now=now)
        n_new, told = 0, {}
        for stage, ahead in STAGES.items():
            known = _read(post.told_gaps.get(stage, []))
            old = [gap for gap in coming if _is_known(gap, known)]
            fresh = [gap for gap in coming if gap not in old and gap[0] <= now + ahead]
            for gap in fresh:
                n_new += _tell(post, gap, stage, now=now)
            told[stage] = [[start.isoformat(), end.isoformat()] for start, end in sorted([*old, *fresh])]
        if told != post.told_gaps:
            DutyPost.objects.filter(pk=post_id).update(told_gaps=told)
    return n_new


def open_gaps(post: DutyPost, *, now: datetime) -> list[Span]:
    """When nobody is at a post in the coming weeks, by shift and by absence; one that runs begins now."""
    horizon = now + SEEN_AHEAD
    shifts = Shift.objects.filter(post=post, ends_at__gt=now, starts_at__lt=horizon, person__is_active=True)
    away = duty.absences(since=now, until=horizon)
    covered = [
        part
        for person, start, end in shifts.values_list("person", "starts_at", "ends_at")
        for part in parts((start, end), away.get(person, ()))
    ]
    found = gaps(covered, since=now, until=horizon)
    return [(start, FOREVER if end == horizon else end) for start, end in found]


def _is_known(gap: Span, known: Sequence[Span]) -> bool:
    """Whether it was told of already, as a whole or as a part of a longer one."""
    return any(start <= gap[0] and gap[1] <= end for start, end in known)


def _read(stored: Sequence[Sequence[str]]) -> list[Span]:
    return [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in stored]


def _tell(post: DutyPost, gap: Span, stage: str, *, now: datetime) -> int:
    facts: dict[str, object] = {"post": post.name, "function": post.function, "stage": stage}
    facts |= {"from": gap[0].isoformat(), "until": gap[1].isoformat(), "is_now": gap[0] <= now}
    facts["is_endless"] = gap[1] == FOREVER
    return notifications.tell(
        duty.leads_or_officers(),
        Notification.Kind.DUTY_GAP,
        f"duty:{post.pk}",
        facts=facts,
        now=now,
        occasion=f"{stage} {gap[0].isoformat()} {now.isoformat()}",
    )
