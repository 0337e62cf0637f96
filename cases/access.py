"""The one door to a case: who may not see it gets 404, who may not act gets 403."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from cases.models import Case, Escalation, Notification, Response, User, Watch
from cases.rules.permissions import Need, may
from monitoring.models import Post

LARGEST_ID = 2**63 - 1
"""What a database can count to; a larger number is nobody's."""


def case_for(user: User, case_id: int, need: Need = Need.SEE) -> Case:
    """The case with its post, author and source, for somebody who may see it and do `need`."""
    _require_sight(user, case_id)
    case = (
        Case.objects.select_related("post__author", "post__source", "scheme", "assignee", "taken_by")
        .filter(pk=case_id)
        .first()
    )
    if case is None:
        raise Http404
    require(user, need)
    return case


def response_for(user: User, response_id: int, need: Need = Need.DRAFT) -> Response:
    _require_sight(user, response_id)
    found = (
        Response.objects.select_related("case__post__source", "author", "submitted_by")
        .filter(pk=response_id)
        .first()
    )
    if found is None:
        raise Http404
    require(user, need)
    return found


def response_to_return(user: User, response_id: int) -> Response:
    """A submitted reply that this person may give back: one they wrote, or anybody's for an approver."""
    found = response_for(user, response_id, Need.DRAFT)
    if user.pk not in found.writers | {found.author_id}:
        require(user, Need.APPROVE)
    return found


def watch_for(user: User, watch_id: int, need: Need = Need.WATCH) -> Watch:
    _require_sight(user, watch_id)
    found = Watch.objects.select_related("case__post__author", "watcher").filter(pk=watch_id).first()
    if found is None:
        raise Http404
    require(user, need)
    return found


def escalation_for(user: User, escalation_id: int, need: Need = Need.ACKNOWLEDGE) -> Escalation:
    _require_sight(user, escalation_id)
    found = Escalation.objects.select_related("case__post", "watch").filter(pk=escalation_id).first()
    if found is None:
        raise Http404
    require(user, need)
    return found


def post_for(user: User, post_id: int) -> Post:
    """A post as heard, for who may see cases; a bare boost is a post without a case."""
    _require_sight(user, post_id)
    found = Post.objects.select_related("author", "case").filter(pk=post_id).first()
    if found is None:
        raise Http404
    return found


def notification_for(user: User, notification_id: int) -> Notification:
    """Somebody's own notification; another person's does not exist."""
    mine = Notification.objects.filter(recipient=user)
    found = mine.filter(pk=notification_id).first() if notification_id <= LARGEST_ID else None
    if found is None:
        raise Http404
    return found


def require(user: User, need: Need) -> None:
    """Raises PermissionDenied, with the sentence the page shows, unless the role may do this."""
    if not may(user.role, need):
        raise PermissionDenied(
            _("Your role (%(role)s) may not do this: %(need)s. Ask an administrator.")
            % {"role": user.role, "need": need.value}
        )


def _require_sight(user: User, number: int) -> None:
    if number > LARGEST_ID or not may(user.role, Need.SEE):
        raise Http404
