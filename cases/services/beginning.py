"""A watch begins, on whatever it is; and the one of a situation ends with it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import Case, DutyPost, Situation, User, Watch, WatchProfile, subject
from cases.models.subject import Kind, Subject
from cases.rules.ladders import Function
from cases.services import audit, series
from cases.services.escalation import resolve
from cases.services.evaluation import end
from cases.services.keeping import WatchRefused
from cases.services.subjects import hold_situation
from monitoring.models import Post, PostMatch, Query


class AlreadyWatched(Exception):
    """One open watch a case, a situation or a query."""

    def __init__(self, about: Subject, watcher: str) -> None:
        super().__init__(about, watcher)
        self.about, self.watcher = about, watcher

    def __str__(self) -> str:
        facts = {"case": self.about.number, "watcher": self.watcher}
        return {
            Kind.CASE: _("Case %(case)d is already watched by %(watcher)s."),
            Kind.SITUATION: _("This situation is already watched by %(watcher)s."),
            Kind.QUERY: _("This query is already watched by %(watcher)s."),
        }[self.about.kind] % facts


@dataclass(frozen=True, slots=True)
class Plan:
    """Who watches, what would be worse, how often to look, and until when.

    Kept by a person, by whoever is on duty at a post, or by both; without either by the post that is
    an officer's. Without a profile the default one counts.
    """

    watcher: User | None = None
    rule: str = ""
    check_every: timedelta = timedelta(hours=1)
    ends_at: datetime | None = None
    post: DutyPost | None = None
    profile: WatchProfile | None = None


DAYS = 7

SITUATION_LASTS = timedelta(days=365)
"""A situation is watched until somebody closes it; this is only when its watch ends if nobody ever does."""

LOOKED_AT = 1000
"""Of so many newest posts the platforms are not new to a watch that begins."""


def begin(about: Subject, plan: Plan, *, after_post: int, by: User, now: datetime) -> Watch:
    """The row of a watch with its event; what it is on is held. Raises AlreadyWatched."""
    running = Watch.objects.filter(**about.named, ended_at=None).select_related("watcher", "post").first()
    if running:
        raise AlreadyWatched(about, str(running.watcher or running.post))
    watcher, post = _kept_by(plan, by=by)
    ends_at = plan.ends_at or now + timedelta(days=DAYS)
    watch = Watch.objects.create(
        **{f"{about.kind}_id": about.number},
        watcher=watcher,
        post=post,
        profile=plan.profile,
        rule=plan.rule,
        check_every_s=int(plan.check_every.total_seconds()),
        next_check_at=now + plan.check_every,
        remind_at=now + plan.check_every,
        ends_at=ends_at,
        started_at=now,
        evaluate_at=now,
        after_post=after_post,
    )
    facts = {"watch": watch.pk, "watcher": str(watcher or post), "until": ends_at.isoformat()}
    audit.append(about.trail, "watch started", by=by, now=now, facts=facts)
    return watch


def _newest_of_all() -> int:
    """What is stored by now stands there already and does not count."""
    return Post.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _begin_platforms(watch: Watch, names: Iterable[str]) -> None:
    """Platforms on which it was heard before are not new."""
    watch.platforms = {name: list(series.ALWAYS) for name in sorted(set(names))}
    watch.save(update_fields=["platforms"])


def _kept_by(plan: Plan, *, by: User) -> tuple[User | None, DutyPost | None]:
    """Who keeps the watch: as planned, or the post of the officers, or else who starts it."""
    if plan.watcher or plan.post:
        return plan.watcher, plan.post
    post = DutyPost.objects.filter(function=Function.OFFICER, is_active=True).order_by("pk").first()
    return (None, post) if post else (by, None)


def start_on_situation(situation: Situation, *, by: User, now: datetime, plan: Plan | None = None) -> Watch:
    """Start the watch of a situation: the posts of its cases count from now on, also of those that join.

    By the profile of the situation, kept by the post of the officers, until the situation closes. Raises
    AlreadyWatched, and WatchRefused for a situation that is not open.
    """
    with transaction.atomic():
        held = hold_situation(situation.pk)
        if held.status != Situation.Status.OPEN:
            raise WatchRefused("not open")
        plan = plan or Plan(ends_at=now + SITUATION_LASTS)
        plan = replace(plan, profile=plan.profile or held.profile)
        watch = begin(subject.situation(held.pk), plan, after_post=_newest_of_all(), by=by, now=now)
        cases = Case.objects.filter(situation=held.pk).order_by("-opened_at")
        _begin_platforms(watch, cases.values_list("post__platform", flat=True)[:LOOKED_AT])
    return watch


def start_on_query(query: Query, plan: Plan, *, by: User, now: datetime) -> Watch:
    """Start a watch on all that a query hears from now on.

    Raises AlreadyWatched, and WatchRefused for a query that is over.
    """
    with transaction.atomic():
        held = Query.objects.select_for_update().get(pk=query.pk)
        if held.ends_at <= now:
            raise WatchRefused("rests")
        watch = begin(subject.query(held.pk), plan, after_post=_newest_of_all(), by=by, now=now)
        matched = PostMatch.objects.filter(query=held.pk).order_by("-post_id")
        _begin_platforms(watch, matched.values_list("post__platform", flat=True)[:LOOKED_AT])
    return watch


def end_on_situation(situation: Situation, *, by: User | None, now: datetime, reason: str) -> bool:
    """A situation that closes takes its watch and its alarm along; from now on its cases ring for themselves.

    In the caller's transaction. False when it had neither.
    """
    about = subject.situation(situation.pk)
    with transaction.atomic():
        hold_situation(situation.pk)
        watch = Watch.objects.filter(situation=situation.pk, ended_at=None).first()
        was_watched = watch is not None and end(watch, by=by, now=now, reason=reason)
        return resolve(about, by=by, now=now, resolution=reason) or was_watched
