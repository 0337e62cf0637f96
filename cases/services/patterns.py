"""Turns that come back: kept as patterns of some weeks, and written out into the duty plan ahead."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import targets
from cases.models import Calendar, LeftOut, RotaPattern, Shift, Turn, User
from cases.rules.patterns import (
    Changes,
    Key,
    OnHolidays,
    Planned,
    Slot,
    Stint,
    Weeks,
    changes,
    same_turns,
    written_out,
)
from cases.rules.permissions import MAY, Need
from cases.rules.shifts import DAYS_IN_WEEK, MOST_WEEKS
from cases.services import audit, rota
from cases.services.rota import RotaRefused

AHEAD = timedelta(days=12 * DAYS_IN_WEEK)
"""So far ahead shifts are written out: people plan their leave by them."""

MOST_TURNS = 200


class PatternChanged(Exception):
    """Somebody changed or ended the pattern after it was shown."""

    def __str__(self) -> str:
        return _("This pattern was changed or ended after you opened it. Look at the plan again.")


@dataclass(frozen=True, slots=True)
class PatternPlan:
    """A pattern as somebody wants it, its turns without numbers. `calendar_id`: whose holidays count."""

    weeks: Weeks
    calendar_id: int | None = None


def preview(post_id: int, plan: PatternPlan, *, now: datetime, pattern_id: int | None = None) -> Changes:
    """What saving this would do to the plan; nothing is written. Raises RotaRefused."""
    weeks = _numbered(_checked(plan), pattern_id)
    return _changes(post_id, pattern_id, weeks, plan.calendar_id, now=now)


def add_pattern(post_id: int, plan: PatternPlan, *, by: User, now: datetime) -> tuple[RotaPattern, Changes]:
    """Begin a pattern at a post and write its shifts out. Raises RotaRefused."""
    with transaction.atomic():
        post = rota.in_use(rota.held(post_id))
        weeks = _numbered(_checked(plan), None)
        pattern = RotaPattern(post=post)
        _store(pattern, weeks, plan.calendar_id)
        done = _write(pattern, weeks, now=now)
        facts = _facts(pattern, weeks) | _counts(done)
        audit.append(rota.subject_of(post_id), "pattern added", by=by, now=now, facts=facts)
    return pattern, done


def change_pattern(pattern_id: int, plan: PatternPlan, *, seen: int, by: User, now: datetime) -> Changes:
    """Other turns from now on: shifts that begin later follow, but those changed by hand or swapped.

    `seen`: the version on the page. Raises PatternChanged, RotaRefused.
    """
    with transaction.atomic():
        pattern = _held(pattern_id, seen)
        rota.in_use(pattern.post)
        before = _facts(pattern, weeks_of(pattern))
        weeks = _numbered(_checked(plan), pattern_id)
        pattern.version += 1
        _store(pattern, weeks, plan.calendar_id)
        done = _write(pattern, weeks, now=now)
        changed = rota.differences(before, _facts(pattern, weeks))
        facts = {"pattern": pattern.pk, **changed, **_counts(done)}
        audit.append(rota.subject_of(pattern.post_id), "pattern changed", by=by, now=now, facts=facts)
    return done


def end_pattern(pattern_id: int, last: date, *, seen: int, by: User, now: datetime) -> Changes:
    """Let a pattern count until a day; its later shifts go, but those changed by hand or swapped.

    A pattern that would end before it begins is removed. Raises as `change_pattern`.
    """
    with transaction.atomic():
        pattern = _held(pattern_id, seen)
        weeks = weeks_of(pattern)
        is_over = last < pattern.first
        done = _write(pattern, replace(weeks, slots=()) if is_over else replace(weeks, last=last), now=now)
        facts = {"pattern": pattern.pk, "until": last.isoformat(), **_counts(done)}
        audit.append(rota.subject_of(pattern.post_id), "pattern ended", by=by, now=now, facts=facts)
        if is_over:
            pattern.delete()
        else:
            RotaPattern.objects.filter(pk=pattern_id).update(last=last, version=pattern.version + 1)
    return done


def due_patterns(*, now: datetime) -> list[int]:
    """The patterns that may have shifts to write out: those that still count."""
    today = timezone.localdate(now)
    running = RotaPattern.objects.exclude(last__lt=today).filter(post__is_active=True)
    return list(running.order_by("pk").values_list("pk", flat=True))


def write_out(pattern_id: int, *, now: datetime) -> int:
    """Write the shifts of a pattern out some months ahead; how many changed. A second time: none."""
    with transaction.atomic():
        post_id = RotaPattern.objects.filter(pk=pattern_id).values_list("post", flat=True).first()
        if post_id is None:
            return 0
        rota.held(post_id)
        pattern = RotaPattern.objects.select_related("post").filter(pk=pattern_id).first()
        if pattern is None:
            return 0
        done = _write(pattern, weeks_of(pattern), now=now)
        if done.n:
            facts = {"pattern": pattern_id, **_counts(done)}
            audit.append(rota.subject_of(post_id), "pattern written out", by=None, now=now, facts=facts)
    return done.n


def weeks_of(pattern: RotaPattern) -> Weeks:
    """A stored pattern as the rules read it."""
    slots = tuple(slot_of(turn) for turn in Turn.objects.filter(pattern=pattern))
    holidays = OnHolidays(pattern.on_holidays)
    return Weeks(pattern.first, slots, pattern.n_weeks, pattern.last, holidays)


def slot_of(turn: Turn) -> Slot:
    """A stored turn as the rules read it."""
    return Slot(turn.n, turn.week, turn.weekday, turn.begin, turn.end, turn.person_id, turn.is_on_call)


def _held(pattern_id: int, seen: int) -> RotaPattern:
    """A pattern as it was seen, the row of its post held. Raises PatternChanged."""
    post_id = RotaPattern.objects.filter(pk=pattern_id).values_list("post", flat=True).first()
    if post_id is None:
        raise PatternChanged
    rota.held(post_id)
    pattern = RotaPattern.objects.select_related("post").filter(pk=pattern_id, version=seen).first()
    if pattern is None:
        raise PatternChanged
    return pattern


def _checked(plan: PatternPlan) -> Weeks:
    """The weeks of a plan that can be. Raises RotaRefused with what is wrong."""
    weeks = plan.weeks
    if not 1 <= weeks.n_weeks <= MOST_WEEKS:
        raise RotaRefused(_("A pattern lasts between 1 and %(n)d weeks.") % {"n": MOST_WEEKS})
    if not 1 <= len(weeks.slots) <= MOST_TURNS:
        raise RotaRefused(_("A pattern has between 1 and %(n)d turns.") % {"n": MOST_TURNS})
    if weeks.last and weeks.last < weeks.first:
        raise RotaRefused(_("A pattern ends after it begins. Give a later last day."))
    if any(slot.weekday is not None and slot.week >= weeks.n_weeks for slot in weeks.slots):
        raise RotaRefused(_("A turn is in a week that this pattern does not have. Choose another week."))
    if any(slot.weekday is None for slot in weeks.slots) != (weeks.on_holidays is OnHolidays.OTHER_TURNS):
        raise RotaRefused(_("Turns for holidays go with “other turns” on holidays. Choose both, or neither."))
    people = {slot.person for slot in weeks.slots}
    if User.objects.filter(pk__in=people, is_active=True, role__in=MAY[Need.HAND_OVER]).count() != len(
        people
    ):
        raise RotaRefused(_("Choose a colleague whose role can have a shift."))
    if plan.calendar_id and not Calendar.objects.filter(pk=plan.calendar_id).exists():
        raise RotaRefused(_("That calendar is not there any more. Choose another one."))
    return weeks


def _numbered(weeks: Weeks, pattern_id: int | None) -> Weeks:
    """Turns that were there keep their number; new ones get one that this pattern never used."""
    known = list(Turn.objects.filter(pattern=pattern_id).order_by("n")) if pattern_id else []
    numbers = same_turns(weeks.slots, [slot_of(turn) for turn in known])
    rows = (Shift.objects, LeftOut.objects)
    used = [row.filter(pattern=pattern_id).aggregate(n=Max("turn_n"))["n"] or 0 for row in rows]
    following = max([*(turn.n for turn in known), *used], default=0)
    slots = []
    for slot, n in zip(weeks.slots, numbers, strict=True):
        following += n is None
        slots.append(replace(slot, n=following if n is None else n))
    return replace(weeks, slots=tuple(slots))


def _store(pattern: RotaPattern, weeks: Weeks, calendar_id: int | None) -> None:
    pattern.first, pattern.last, pattern.n_weeks = weeks.first, weeks.last, weeks.n_weeks
    pattern.on_holidays, pattern.calendar_id = weeks.on_holidays.value, calendar_id
    pattern.save()
    Turn.objects.filter(pattern=pattern).delete()
    Turn.objects.bulk_create(
        Turn(
            pattern=pattern,
            n=slot.n,
            week=slot.week,
            weekday=slot.weekday,
            begin=slot.begin,
            end=slot.end,
            person_id=slot.person,
            is_on_call=slot.is_on_call,
        )
        for slot in weeks.slots
    )


def _changes(
    post_id: int, pattern_id: int | None, weeks: Weeks, calendar_id: int | None, *, now: datetime
) -> Changes:
    """What writing this out comes to, beside what is planned at the post."""
    zone, today = timezone.get_default_timezone(), timezone.localdate(now)
    coming = Shift.objects.filter(Q(ends_at__gt=now) | Q(day__gte=today), post=post_id)
    planned: dict[Key, Planned] = {}
    others: list[Stint] = []
    for shift in coming:
        stint = Stint(shift.person_id, (shift.starts_at, shift.ends_at), shift.is_on_call)
        if shift.pattern_id is not None and shift.pattern_id == pattern_id and shift.day and shift.turn_n:
            planned[shift.turn_n, shift.day] = Planned(stint, shift.is_by_hand or shift.starts_at <= now)
        else:
            others.append(stint)
    until = max([today + AHEAD, *(day + timedelta(days=1) for _n, day in planned)])
    able = User.objects.filter(is_active=True, role__in=MAY[Need.HAND_OVER]).values_list("pk", flat=True)
    is_free = targets.free_days(calendar_id)
    wanted = written_out(weeks, since=today, until=until, is_free=is_free, zone=zone)
    there = set(able)
    wanted = {key: stint for key, stint in wanted.items() if stint.person in there}
    left_out = set(LeftOut.objects.filter(pattern=pattern_id).values_list("turn_n", "day"))
    return changes(wanted, planned, others=others, left_out=left_out, now=now)


def _write(pattern: RotaPattern, weeks: Weeks, *, now: datetime) -> Changes:
    """Bring the shifts of a pattern in line. The row of its post is held."""
    found = _changes(pattern.post_id, pattern.pk, weeks, pattern.calendar_id, now=now)
    ours = Shift.objects.filter(pattern=pattern, is_by_hand=False, starts_at__gt=now)
    rows = {(shift.turn_n, shift.day): shift for shift in ours} if found.changed or found.removed else {}
    gone = [rows[key].pk for key in found.removed]
    Shift.objects.filter(pk__in=gone).delete()
    for key, stint in found.changed.items():
        shift = rows[key]
        shift.person_id, (shift.starts_at, shift.ends_at) = stint.person, stint.span
        shift.is_on_call = stint.is_on_call
        shift.save()
    Shift.objects.bulk_create(_shift(pattern, key, stint) for key, stint in found.added.items())
    return found


def _shift(pattern: RotaPattern, key: Key, stint: Stint) -> Shift:
    turn_n, day = key
    return Shift(
        post_id=pattern.post_id,
        person_id=stint.person,
        starts_at=stint.span[0],
        ends_at=stint.span[1],
        is_on_call=stint.is_on_call,
        pattern=pattern,
        turn_n=turn_n,
        day=day,
        is_by_hand=False,
    )


def _counts(done: Changes) -> dict[str, Any]:
    counts = {"n added": len(done.added), "n changed": len(done.changed), "n removed": len(done.removed)}
    return counts | {"n kept": done.n_kept}


def _facts(pattern: RotaPattern, weeks: Weeks) -> dict[str, Any]:
    names = {person.pk: str(person) for person in User.objects.filter(pk__in={s.person for s in weeks.slots})}
    turns = [
        [s.week, s.weekday, f"{s.begin:%H:%M}", f"{s.end:%H:%M}", names.get(s.person, ""), s.is_on_call]
        for s in weeks.slots
    ]
    days = {"first": weeks.first.isoformat(), "last": weeks.last.isoformat() if weeks.last else ""}
    return {**days, "weeks": weeks.n_weeks, "holidays": weeks.on_holidays.value, "turns": turns}
