"""The one door to a case: who may not see it gets 404, who may not act gets 403."""

from typing import TypeVar

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from cases.models import (
    Absence,
    AssignmentRule,
    Batch,
    Calendar,
    Case,
    Claim,
    Contact,
    DutyPost,
    Escalation,
    Exercise,
    FactSource,
    HandOver,
    Inject,
    Mandate,
    Notification,
    Picture,
    PublicMessage,
    ReplyTemplate,
    Response,
    RotaPattern,
    SavedView,
    Shift,
    Situation,
    Swap,
    Target,
    Task,
    User,
    VettedAnswer,
    Watch,
    WatchProfile,
)
from cases.rules.permissions import Need, may
from monitoring.models import Post, Query, Source

M = TypeVar("M", bound=Model)

LARGEST_ID = 2**63 - 1
"""What a database can count to; a larger number is nobody's."""


def case_for(user: User, case_id: int, need: Need = Need.SEE) -> Case:
    """The case with its post, author and source, for somebody who may see it and do `need`."""
    people = ("assignee", "taken_by")
    cases = Case.objects.select_related("post__author", "post__source", "scheme", "situation", *people)
    return _one(cases, user, case_id, need)


def response_for(user: User, response_id: int, need: Need = Need.DRAFT) -> Response:
    responses = Response.objects.select_related("case__post__source", "author", "submitted_by")
    return _one(responses, user, response_id, need)


def response_to_return(user: User, response_id: int) -> Response:
    """A submitted reply that this person may give back: one they wrote, or anybody's for an approver."""
    found = response_for(user, response_id, Need.DRAFT)
    if user.pk not in found.writers | {found.author_id}:
        require(user, Need.APPROVE)
    return found


def task_for(user: User, task_id: int) -> Task:
    """Something promised, for who may keep promises."""
    return _one(Task.objects.select_related("case", "response", "assignee"), user, task_id, Need.PROMISE)


def watch_for(user: User, watch_id: int, need: Need = Need.WATCH) -> Watch:
    rows = Watch.objects.select_related(
        "case__post__author", "situation", "query", "watcher", "post", "profile", "floor_by"
    )
    return _one(rows, user, watch_id, need)


def escalation_for(user: User, escalation_id: int, need: Need = Need.ACKNOWLEDGE) -> Escalation:
    alarms = Escalation.objects.select_related(
        "case__post", "situation", "query", "watch", "acknowledged_by", "offered_to"
    )
    return _one(alarms, user, escalation_id, need)


def post_for(user: User, post_id: int) -> Post:
    """A post as heard, for who may see cases; a bare boost is a post without a case."""
    return _one(Post.objects.select_related("author", "case"), user, post_id, Need.SEE)


def query_for(user: User, query_id: int, need: Need = Need.SEE_SOURCES) -> Query:
    """A query with its grounds, for who may see what is listened for; 403 for who may not."""
    require(user, need)
    return _existing(Query.objects.select_related("owner", "approved_by"), query_id)


def duty_post_for(user: User, post_id: int, need: Need = Need.RUN_TEAM) -> DutyPost:
    require(user, need)
    return _existing(DutyPost.objects.all(), post_id)


def shift_for(user: User, shift_id: int) -> Shift:
    """A shift, for who plans."""
    require(user, Need.RUN_TEAM)
    return _existing(Shift.objects.select_related("post", "person"), shift_id)


def pattern_for(user: User, pattern_id: int, need: Need = Need.RUN_TEAM) -> RotaPattern:
    """A pattern of turns, for who plans."""
    require(user, need)
    return _existing(RotaPattern.objects.select_related("post"), pattern_id)


def planned_shift_for(user: User, shift_id: int) -> Shift:
    """A shift, for who may ask for a swap; whose it is, the service says."""
    require(user, Need.SWAP)
    return _existing(Shift.objects.select_related("post", "person"), shift_id)


def swap_for(user: User, swap_id: int) -> Swap:
    """A swap that was asked, for who may swap; whether it is theirs to decide, the service says."""
    require(user, Need.SWAP)
    return _existing(Swap.objects.all(), swap_id)


def absence_for(user: User, absence_id: int) -> Absence:
    """An absence, for who can have shifts; whose it is to remove, the service says."""
    require(user, Need.SWAP)
    return _existing(Absence.objects.all(), absence_id)


def hand_over_for(user: User, hand_over_id: int) -> HandOver:
    """What a shift left, for who may hand over and accept; whose it is, the service says."""
    require(user, Need.HAND_OVER)
    return _existing(HandOver.objects.select_related("by", "to", "post"), hand_over_id)


def rule_for(user: User, rule_id: int, need: Need = Need.RUN_TEAM) -> AssignmentRule:
    require(user, need)
    return _existing(AssignmentRule.objects.select_related("to_person", "to_post"), rule_id)


def mandate_for(user: User, mandate_id: int, need: Need = Need.SEE_TEAM) -> Mandate:
    """A mandate, for who may see who may say what; whose it is to end or hand on, the service says."""
    require(user, need)
    return _existing(Mandate.objects.all(), mandate_id)


def template_for(user: User, template_id: int, need: Need = Need.WRITE_TEMPLATE) -> ReplyTemplate:
    """A text to begin a reply with, for who writes them or (`need`) uses them."""
    require(user, need)
    return _existing(ReplyTemplate.objects.all(), template_id)


def claim_for(user: User, claim_id: int, need: Need = Need.SEE) -> Claim:
    """A claim of the register, for who may see cases or (`need`) change it."""
    require(user, need)
    return _existing(Claim.objects.select_related("decided_by", "merged_into", "situation"), claim_id)


def fact_for(user: User, fact_id: int, need: Need = Need.CHECK_CLAIM) -> FactSource:
    """A source that a claim rests on, for who checks claims."""
    require(user, need)
    return _existing(FactSource.objects.select_related("claim"), fact_id)


def answer_for(user: User, answer_id: int, need: Need = Need.CHECK_CLAIM) -> VettedAnswer:
    """An answer to a claim, for who vets them or (`need`) uses them."""
    require(user, need)
    return _existing(VettedAnswer.objects.select_related("claim"), answer_id)


def message_for(user: User, message_id: int, need: Need = Need.SEE) -> PublicMessage:
    """A message of ours to many, for who may see cases or (`need`) write one."""
    require(user, need)
    found = PublicMessage.objects.select_related("by", "source__credential", "situation", "claim", "mandate")
    return _existing(found, message_id)


def profile_for(user: User, profile_id: int, need: Need = Need.SET_WATCHING) -> WatchProfile:
    """A watch profile, for who may change it or (`need`) see or choose it."""
    require(user, need)
    return _existing(WatchProfile.objects.all(), profile_id)


def target_for(user: User, target_id: int) -> Target:
    """A target, for who may change it."""
    require(user, Need.RUN_TEAM)
    return _existing(Target.objects.all(), target_id)


def calendar_for(user: User, calendar_id: int) -> Calendar:
    """A calendar, for who may change it."""
    require(user, Need.RUN_TEAM)
    return _existing(Calendar.objects.all(), calendar_id)


def exercise_for(user: User, need: Need | None = None) -> Exercise:
    """The exercise of this space, for everybody in it; a real installation has none (404)."""
    found = Exercise.objects.select_related("source", "ended_by").order_by("pk").first()
    if found is None:
        raise Http404
    if need is not None:
        require(user, need)
    return found


def inject_for(user: User, inject_id: int) -> Inject:
    """What happened in the exercise: whoever is in it may deal with it."""
    return _existing(Inject.objects.filter(exercise=exercise_for(user)), inject_id)


def view_for(user: User, view_id: int) -> SavedView:
    """One's own kept search; another person's does not exist to be changed."""
    require(user, Need.SEE)
    return _existing(SavedView.objects.filter(owner=user), view_id)


def source_for(user: User, source_id: int, need: Need = Need.SEE_SOURCES) -> Source:
    """A source, for who may see what is listened to; 403 for who may not."""
    require(user, need)
    return _existing(Source.objects.all(), source_id)


def notification_for(user: User, notification_id: int) -> Notification:
    """Somebody's own notification; another person's does not exist."""
    return _existing(Notification.objects.filter(recipient=user), notification_id)


def require(user: User, need: Need) -> None:
    """Raises PermissionDenied, with the sentence the page shows, unless the role may do this."""
    if not may(user.role, need):
        raise PermissionDenied(
            _("Your role (%(role)s) may not do this: %(need)s. Ask an administrator.")
            % {"role": user.role, "need": need.value}
        )


def _one(rows: QuerySet[M], user: User, number: int, need: Need) -> M:
    """The row with this number: 404 for who may not see cases or where there is none, 403 without `need`."""
    if not may(user.role, Need.SEE):
        raise Http404
    found = _existing(rows, number)
    require(user, need)
    return found


def _existing(rows: QuerySet[M], number: int) -> M:
    if number > LARGEST_ID:
        raise Http404
    try:
        return rows.get(pk=number)
    except ObjectDoesNotExist as error:
        raise Http404 from error


def contact_for(user: User, contact_id: int) -> Contact:
    """A way of reaching somebody: their own, or of a post for who runs the team."""
    contacts = Contact.objects.select_related("post")
    contact = contacts.filter(pk=min(contact_id, LARGEST_ID)).first()
    if contact is None or not (contact.person_id == user.pk or contact.post_id):
        raise Http404
    if contact.post_id:
        require(user, Need.RUN_TEAM)
    return contact


def situation_for(user: User, situation_id: int, need: Need = Need.SEE) -> Situation:
    """A situation, for who may see cases or (`need`) run it."""
    require(user, need)
    people = ("owner", "locked_by", "opened_by", "closed_by")
    rows = Situation.objects.select_related("level", "profile", *people)
    return _existing(rows, situation_id)


def batch_for(user: User, batch_id: int, need: Need = Need.SEE) -> Batch:
    """An act on many cases, for who may see cases or (`need`) stop it."""
    require(user, need)
    return _existing(Batch.objects.select_related("situation", "by", "stopped_by"), batch_id)


def situation_to_picture(user: User, situation_id: int, need: Need = Need.SEE_PICTURE) -> Situation:
    """A situation, for who may see or (`need`) make pictures of it: administrators see no cases of it."""
    require(user, need)
    return _existing(Situation.objects.select_related("level", "owner"), situation_id)


def picture_for(user: User, situation_id: int, n: int, need: Need = Need.SEE_PICTURE) -> Picture:
    """A picture by its number within its situation, for who may see or (`need`) sign it."""
    require(user, need)
    rows = Picture.objects.select_related("situation", "made_by", "signed_by")
    found = rows.filter(situation=min(situation_id, LARGEST_ID), n=min(n, 2**31 - 1)).first()
    if found is None:
        raise Http404
    return found
