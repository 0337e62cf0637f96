"""Keeping a watch: checks that are logged, pauses, and whose it is."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import DutyPost, User, Watch, WatchCheck, WatchProfile
from cases.services import audit
from cases.services.subjects import hold

LONGEST_PAUSE = timedelta(hours=72)


class WatchRefused(Exception):
    """Something that this watch cannot do: why, and what to do, in a sentence."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault

    def __str__(self) -> str:
        return {
            "ended": _("This watch has ended. Start another one on the case, the situation or the query."),
            "pause": _("A pause must end within %(hours)d hours from now; choose a time before that.")
            % {"hours": LONGEST_PAUSE // timedelta(hours=1)},
            "reason": _("This needs a reason. Write one and try again."),
            "nobody": _("A watch must be kept by somebody. Choose a person or a duty post."),
            "gone": _("This person or duty post is not in use any more. Choose another one."),
            "not open": _("This situation is not open, so it is not watched. Open it first."),
            "rests": _(
                "Nothing is heard for this query any more, so it cannot be watched. Start it again first."
            ),
            "level": _("A level is a number from 0 to 4. Choose one of those."),
        }[self.fault]


def log_check(watch: Watch, *, by: User, now: datetime, note: str = "") -> WatchCheck:
    """Somebody looked: the next check is due one interval from now."""
    with transaction.atomic():
        hold(watch.subject, watch.case)
        check = WatchCheck.objects.create(watch=watch, by=by, at=now, note=note)
        watch.next_check_at = watch.remind_at = now + timedelta(seconds=watch.check_every_s)
        watch.save(update_fields=["next_check_at", "remind_at"])
        facts = {"watch": watch.pk, "note": note}
        audit.append(watch.subject.trail, "checked", by=by, now=now, facts=facts)
    return check


def pause(watch: Watch, *, until: datetime, by: User, now: datetime, reason: str = "") -> None:
    """No alarms from this watch until a time; it is never silent without an end.

    What rises in a pause rings after it. Raises WatchRefused for a time that is over or too far ahead.
    """
    if not now < until <= now + LONGEST_PAUSE:
        raise WatchRefused("pause")
    with transaction.atomic():
        hold(watch.subject, watch.case)
        held = held_now(watch)
        held.paused_until, held.pause_reason = until, reason[:500]
        held.save(update_fields=["paused_until", "pause_reason"])
        facts = {"watch": watch.pk, "until": until.isoformat(), "reason": reason}
        audit.append(watch.subject.trail, "watch paused", by=by, now=now, facts=facts)
    show(held, watch)


def resume(watch: Watch, *, by: User, now: datetime) -> bool:
    """End a pause before its time; what rose in it rings now. False when there was none."""
    with transaction.atomic():
        hold(watch.subject, watch.case)
        held = held_now(watch)
        if held.paused_until is None or held.paused_until <= now:
            return False
        held.paused_until = held.evaluate_at = now
        held.save(update_fields=["paused_until", "evaluate_at"])
        audit.append(held.subject.trail, "watch resumed", by=by, now=now, facts={"watch": held.pk})
    show(held, watch)
    return True


def hand(
    watch: Watch,
    *,
    by: User,
    now: datetime,
    watcher: User | None = None,
    post: DutyPost | None = None,
    note: str = "",
) -> None:
    """Give a watch to another person, another duty post, or both. Raises WatchRefused without either."""
    if watcher is None and post is None:
        raise WatchRefused("nobody")
    if (watcher and not watcher.is_active) or (post and not post.is_active):
        raise WatchRefused("gone")
    with transaction.atomic():
        hold(watch.subject, watch.case)
        held = held_now(watch)
        before = str(held.watcher or held.post)
        held.watcher, held.post = watcher, post
        held.save(update_fields=["watcher", "post"])
        facts = {"watch": held.pk, "before": before, "after": str(watcher or post), "note": note}
        audit.append(held.subject.trail, "watch handed on", by=by, now=now, facts=facts)
    watch.watcher, watch.post = watcher, post


def choose_profile(watch: Watch, profile: WatchProfile | None, *, by: User, now: datetime) -> None:
    """Let other thresholds count for a watch from now on; None is the default profile."""
    with transaction.atomic():
        hold(watch.subject, watch.case)
        held = held_now(watch)
        before = str(held.profile or "")
        held.profile, held.evaluate_at = profile, now
        held.save(update_fields=["profile", "evaluate_at"])
        facts = {"watch": held.pk, "before": before, "after": str(profile or "")}
        audit.append(held.subject.trail, "watch profile chosen", by=by, now=now, facts=facts)
    watch.profile = profile


def held_now(watch: Watch) -> Watch:
    """The watch as it is now, held until the transaction ends. Raises WatchRefused when it has ended."""
    held = Watch.objects.select_for_update().get(pk=watch.pk)
    if held.ended_at:
        raise WatchRefused("ended")
    return held


def show(held: Watch, watch: Watch) -> None:
    """Let the caller's object show what was written."""
    for name in ("floor", "floor_by", "level", "level_state", "paused_until", "pause_reason", "evaluate_at"):
        setattr(watch, name, getattr(held, name))
