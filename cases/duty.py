"""Who is on duty, who may approve, and who is meant by "the officers": people as they are now."""

from datetime import datetime

from django.db.models import Q, QuerySet

from cases.models import DutyPost, Escalation, Shift, User
from cases.rules.permissions import MAY, Need, Role


def people_for(escalation: Escalation, who: str) -> list[User]:
    """The people a step of the ladder means, and who can be reached."""
    if who == "watcher":
        watcher = escalation.watch.watcher if escalation.watch else None
        return [watcher] if watcher and watcher.is_active else []
    role = Role.OFFICER if who == "officers" else Role.LEAD
    return list(User.objects.filter(is_active=True, role=role).order_by("pk"))


def shifts_now(*, now: datetime) -> QuerySet[Shift]:
    """The shifts that run now, at posts in use, of people who can sign in. The end is excluded."""
    running = Shift.objects.filter(starts_at__lte=now, ends_at__gt=now)
    return running.filter(post__is_active=True, person__is_active=True)


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
