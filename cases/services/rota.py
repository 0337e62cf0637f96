"""The duty plan: posts that somebody always fills, and whose shift it is, all in the trail of the post."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cases.models import DutyPost, LeftOut, Shift, User
from cases.rules.ladders import Function
from cases.rules.shifts import MOST_WEEKS, Pattern, Span, overlap, spans
from cases.services import audit


class RotaRefused(Exception):
    """A duty plan that cannot be: what is wrong and what to do, in one sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class ShiftChanged(Exception):
    """Somebody changed or removed the shift after it was shown."""

    def __init__(self, shift_id: int) -> None:
        super().__init__(shift_id)
        self.shift_id = shift_id

    def __str__(self) -> str:
        return _("This shift was changed or removed after you opened it. Look at the plan again.")


@dataclass(frozen=True, slots=True)
class PostPlan:
    """What a duty post is. Who has a shift at an approving post is asked to approve first.

    `function`: which alarms reach it (`cases.rules.ladders.Function`); "": none.
    """

    name: str
    is_approver: bool = False
    is_active: bool = True
    function: str = ""


@dataclass(frozen=True, slots=True)
class ShiftSeen:
    """A shift as the page showed it: whose, from when, until when, working or on call."""

    person_id: int
    starts_at: datetime
    ends_at: datetime
    is_on_call: bool = False


def seen_as(shift: Shift) -> ShiftSeen:
    """A shift as it is now."""
    return ShiftSeen(shift.person_id, shift.starts_at, shift.ends_at, shift.is_on_call)


def subject_of(post_id: int) -> str:
    return f"duty:{post_id}"


def add_post(plan: PostPlan, *, by: User, now: datetime) -> DutyPost:
    """A new duty post. Raises RotaRefused for a name that is missing or taken."""
    with transaction.atomic():
        post = DutyPost(name=_free_name(plan.name), is_approver=plan.is_approver, is_active=plan.is_active)
        post.function = _function(plan.function)
        post.save()
        audit.append(subject_of(post.pk), "duty post added", by=by, now=now, facts=_post_facts(post))
    return post


def change_post(post_id: int, plan: PostPlan, *, by: User, now: datetime) -> DutyPost:
    """Rename a post, let it approve or not, put it out of use. Its past shifts stay on record."""
    with transaction.atomic():
        post = held(post_id)
        before = _post_facts(post)
        post.name = post.name if plan.name.strip() == post.name else _free_name(plan.name)
        post.is_approver, post.is_active = plan.is_approver, plan.is_active
        post.function = _function(plan.function)
        changed = differences(before, _post_facts(post))
        if changed:
            post.save()
            audit.append(subject_of(post_id), "duty post changed", by=by, now=now, facts=changed)
    return post


def plan_shifts(
    post_id: int, person: User, pattern: Pattern, *, by: User, now: datetime, is_on_call: bool = False
) -> list[Shift]:
    """Plan one shift, or those of some weeks at once: all of them or none.

    Times are those of the clocks here. Raises RotaRefused when there is none, when one is over
    already, or when this person has a shift at this post then.
    """
    if not 1 <= pattern.weeks <= MOST_WEEKS:
        raise RotaRefused(_("Plan between 1 and %(n)d weeks at once.") % {"n": MOST_WEEKS})
    wanted = spans(pattern, timezone.get_default_timezone())
    if not wanted:
        raise RotaRefused(_("These days and times hold no shift. Choose a day of the week that is in them."))
    with transaction.atomic():
        post = in_use(held(post_id))
        for span in wanted:
            _check(post, person, span, now=now)
        shifts = Shift.objects.bulk_create(
            [
                Shift(post=post, person=person, starts_at=start, ends_at=end, is_on_call=is_on_call)
                for start, end in wanted
            ]
        )
        facts = {
            "person": str(person),
            "on call": is_on_call,
            "shifts": [[start.isoformat(), end.isoformat()] for start, end in wanted],
        }
        audit.append(subject_of(post_id), "shifts planned", by=by, now=now, facts=facts)
    return shifts


def change_shift(
    shift_id: int,
    person: User,
    span: Span,
    *,
    seen: ShiftSeen,
    by: User,
    now: datetime,
    is_on_call: bool | None = None,
) -> Shift:
    """Give a shift to somebody else, or other times; one that runs keeps its start.

    `is_on_call` None: as it was. What is changed stays so when its pattern is written out again.
    Raises ShiftChanged when it is not the one that was seen, RotaRefused when it is over or
    would overlap.
    """
    with transaction.atomic():
        shift = _held_shift(shift_id, seen)
        if shift.ends_at <= now:
            raise RotaRefused(_("This shift is over; what was is not changed."))
        if shift.starts_at <= now and span[0] != shift.starts_at:
            raise RotaRefused(_("This shift runs already: its start stays. Change its end or plan another."))
        before = _shift_facts(shift)
        if span[1] <= span[0]:
            raise RotaRefused(_("A shift ends after it starts. Give a later end."))
        _check(shift.post, person, span, now=now, but=shift_id)
        shift.person, (shift.starts_at, shift.ends_at) = person, span
        shift.is_on_call = shift.is_on_call if is_on_call is None else is_on_call
        changed = differences(before, _shift_facts(shift))
        if changed:
            shift.is_by_hand = True
            shift.save()
            facts = {"shift": before, **changed}
            audit.append(subject_of(shift.post_id), "shift changed", by=by, now=now, facts=facts)
    return shift


def remove_shift(shift_id: int, *, seen: ShiftSeen, by: User, now: datetime) -> None:
    """Take a shift that has not started out of the plan; its pattern leaves it out from now on.

    Raises as `change_shift`.
    """
    with transaction.atomic():
        shift = _held_shift(shift_id, seen)
        if shift.starts_at <= now:
            raise RotaRefused(_("This shift has started. End it earlier instead of removing it."))
        facts = {"shift": _shift_facts(shift)}
        audit.append(subject_of(shift.post_id), "shift removed", by=by, now=now, facts=facts)
        if shift.pattern_id and shift.turn_n and shift.day:
            LeftOut.objects.create(pattern_id=shift.pattern_id, turn_n=shift.turn_n, day=shift.day)
        shift.delete()


def held(post_id: int) -> DutyPost:
    """The post with its row held: who plans at it, and who writes in its trail, waits for each other."""
    return DutyPost.objects.select_for_update().get(pk=post_id)


def _held_shift(shift_id: int, seen: ShiftSeen) -> Shift:
    """A shift as it was seen, the row of its post held. Raises ShiftChanged."""
    post_id = Shift.objects.filter(pk=shift_id).values_list("post", flat=True).first()
    if post_id is None:
        raise ShiftChanged(shift_id)
    post = held(post_id)
    shift = Shift.objects.filter(pk=shift_id).select_related("person").first()
    if shift is None or seen != seen_as(shift):
        raise ShiftChanged(shift_id)
    shift.post = post
    return shift


def in_use(post: DutyPost) -> DutyPost:
    """The post, when shifts can be planned there. Raises RotaRefused."""
    if not post.is_active:
        raise RotaRefused(
            _("The duty post %(post)s is out of use. Put it in use first.") % {"post": post.name}
        )
    return post


def _function(name: str) -> str:
    """What a ladder calls a post by. Raises RotaRefused for what no ladder knows."""
    if name and name not in list(Function):
        raise RotaRefused(
            _("There is no function %(name)s. Choose one of: %(all)s.")
            % {"name": name, "all": ", ".join(Function)}
        )
    return name


def _free_name(name: str) -> str:
    name = name.strip()[:100]
    if not name:
        raise RotaRefused(_("A duty post needs a name."))
    if DutyPost.objects.filter(name__iexact=name).exists():
        raise RotaRefused(_("There is already a duty post with this name; choose another name."))
    return name


def _check(post: DutyPost, person: User, span: Span, *, now: datetime, but: int | None = None) -> None:
    """Raises RotaRefused for a shift that is over, or that this person has at this post already."""
    if span[1] <= now:
        raise RotaRefused(_("A shift until %(until)s is over already.") % {"until": said(span[1])})
    known = Shift.objects.filter(post=post, person=person, starts_at__lt=span[1], ends_at__gt=span[0])
    others = known.exclude(pk=but) if but else known
    known_span = overlap(span, list(others.values_list("starts_at", "ends_at")))
    if known_span:
        raise RotaRefused(
            _("%(who)s has a shift at %(post)s already, from %(from)s until %(until)s. Change that one.")
            % {"who": person, "post": post.name, "from": said(known_span[0]), "until": said(known_span[1])}
        )


def said(moment: datetime) -> str:
    """A moment in a sentence."""
    return date_format(timezone.localtime(moment), "j F H:i")


def _post_facts(post: DutyPost) -> dict[str, Any]:
    facts = {"name": post.name, "approves": post.is_approver, "in use": post.is_active}
    return facts | {"function": post.function}


def _shift_facts(shift: Shift) -> dict[str, Any]:
    moments = {"from": shift.starts_at, "until": shift.ends_at}
    spoken = {name: moment.astimezone(UTC).isoformat() for name, moment in moments.items()}
    return {"person": str(shift.person), "on call": shift.is_on_call, **spoken}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {"before": before[name], "after": value}
        for name, value in after.items()
        if value != before[name]
    }
