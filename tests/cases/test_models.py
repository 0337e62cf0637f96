"""What the database itself refuses, whoever asks."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError

from cases.models import (
    Assessment,
    Case,
    CommsDecision,
    Escalation,
    Mandate,
    Notification,
    Response,
    SchemeVersion,
    User,
    Watch,
    WatchCount,
)
from cases.rules.permissions import Role
from cases.rules.workflow import State
from monitoring.models import Author, Post, PostIdentity, PostMatch, Query, Source
from tests.cases.steps import watched
from tests.world import Desk, mention, person

pytestmark = pytest.mark.django_db


def refused(name: str, model: type[models.Model], /, **fields: Any) -> None:
    """The row is refused, and by the constraint of this name where the database says which."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        model._default_manager.create(**fields)
    said = str(refusal.value)
    assert name in said or said.startswith(("UNIQUE constraint failed", "NOT NULL constraint failed"))


def a_query(desk: Desk, **changes: Any) -> dict[str, Any]:
    whole = {
        "name": "another",
        "terms": "brand",
        "purpose": "answer questions",
        "legal_basis": Query.LegalBasis.PUBLIC_TASK,
        "owner": desk.lead,
        "starts_at": desk.now,
        "ends_at": desk.now + timedelta(days=1),
        "created_at": desk.now,
    }
    return whole | changes


def a_response(case: Case, desk: Desk, **changes: Any) -> dict[str, Any]:
    whole = {"case": case, "option": "P3", "author": desk.officer, "key": "k", "created_at": desk.now}
    return whole | changes


def an_escalation(case: Case, desk: Desk, **changes: Any) -> dict[str, Any]:
    whole = {"case": case, "cause": "danger", "level": 3, "ladder": [], "raised_at": desk.now}
    return whole | changes


# ── a query has its grounds, or is not there ────────────────────────────────
@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("a_query_has_a_purpose", {"purpose": ""}),
        ("a_query_has_a_legal_basis", {"legal_basis": ""}),
        ("a_query_has_terms", {"terms": ""}),
        ("purpose", {"purpose": None}),
        ("legal_basis", {"legal_basis": None}),
        ("ends_at", {"ends_at": None}),
        ("owner_id", {"owner": None}),
    ],
)
def test_a_query_without_its_grounds_is_refused(name: str, changes: dict[str, Any], desk: Desk) -> None:
    refused(name, Query, **a_query(desk, **changes))


def test_a_query_ends_after_it_starts(desk: Desk) -> None:
    refused("a_query_ends_after_it_starts", Query, **a_query(desk, ends_at=desk.now))
    Query.objects.create(**a_query(desk))


def test_two_queries_have_two_names(desk: Desk) -> None:
    refused("name", Query, **a_query(desk, name=desk.query.name))


# ── cases ───────────────────────────────────────────────────────────────────
def test_a_case_is_in_a_known_state(case: Case) -> None:
    with pytest.raises(IntegrityError, match="a_case_is_in_a_known_state"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state="lost")


def test_a_merged_case_has_a_lead(case: Case, desk: Desk) -> None:
    with pytest.raises(IntegrityError, match="a_merged_case_has_a_lead"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state=State.MERGED)
    lead = desk.hear(mention(2, at=desk.now))[0]
    Case.objects.filter(pk=case.pk).update(state=State.MERGED, lead=lead)


def test_a_taken_case_is_taken_until_a_time(case: Case, desk: Desk) -> None:
    with pytest.raises(IntegrityError, match="a_taken_case_is_taken_until_a_time"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(taken_by=desk.officer)


def test_a_post_has_one_case(case: Case, desk: Desk) -> None:
    case.pk = case.post_id
    with pytest.raises(IntegrityError), transaction.atomic():
        case.save(force_insert=True)


def test_the_assessments_of_a_case_are_numbered(case: Case, desk: Desk) -> None:
    fields = {"case": case, "n": 1, "started_at": desk.now}
    Assessment.objects.create(**fields)
    refused("assessments_of_a_case_are_numbered", Assessment, **fields)


def test_a_case_keeps_its_post_and_its_scheme(case: Case) -> None:
    with pytest.raises(ProtectedError):
        case.post.delete()
    with pytest.raises(ProtectedError):
        case.scheme.delete()


# ── one of a kind that is open ──────────────────────────────────────────────
def test_a_case_has_one_open_watch(case: Case, desk: Desk, noon: datetime) -> None:
    watch = watched(desk, case, now=noon)
    fields = {
        "case": case,
        "watcher": desk.officer,
        "next_check_at": noon,
        "started_at": noon,
        "ends_at": noon + timedelta(days=1),
    }
    refused("one_open_watch_per_case", Watch, **fields)
    Watch.objects.filter(pk=watch.pk).update(ended_at=noon)
    Watch.objects.create(**fields)
    refused("a_watch_ends_after_it_starts", Watch, **fields | {"ends_at": noon, "ended_at": noon})
    refused("a_watch_level_is_0_to_4", Watch, **fields | {"level": 5, "ended_at": noon})


@pytest.mark.parametrize("status", Response.PENDING)
def test_a_case_has_one_reply_that_is_pending(status: str, case: Case, desk: Desk, noon: datetime) -> None:
    Response.objects.create(**a_response(case, desk, status=status, send_at=noon))
    refused("one_pending_response_per_case", Response, **a_response(case, desk, key="other"))
    for n, past in enumerate(("sent", "elsewhere", "withdrawn")):
        Response.objects.create(**a_response(case, desk, status=past, key=f"k{n}"))


def test_the_pending_statuses_are_those_of_the_constraint() -> None:
    over = {status.value for status in Response.Status} - set(Response.PENDING)
    assert over == {"sent", "elsewhere", "withdrawn"}


@pytest.mark.parametrize("status", ["queued", "sending", "unknown"])
def test_a_reply_that_will_leave_has_a_time(status: str, case: Case, desk: Desk) -> None:
    refused("a_queued_response_has_a_time", Response, **a_response(case, desk, status=status))


def test_two_replies_have_two_keys(case: Case, desk: Desk) -> None:
    Response.objects.create(**a_response(case, desk, status="sent"))
    refused("key", Response, **a_response(case, desk))


def test_a_case_has_one_open_escalation(case: Case, desk: Desk, noon: datetime) -> None:
    first = Escalation.objects.create(**an_escalation(case, desk))
    refused("one_open_escalation_per_case", Escalation, **an_escalation(case, desk))
    Escalation.objects.filter(pk=first.pk).update(resolved_at=noon, status="resolved")
    Escalation.objects.create(**an_escalation(case, desk))


@pytest.mark.parametrize("level", [0, 5])
def test_an_escalation_has_a_level_from_1_to_4(level: int, case: Case, desk: Desk) -> None:
    refused("an_escalation_level_is_1_to_4", Escalation, **an_escalation(case, desk, level=level))


@pytest.mark.parametrize("status", ["acknowledged", "resolved"])
def test_only_a_running_escalation_has_a_next_step(status: str, case: Case, desk: Desk) -> None:
    fields = an_escalation(case, desk, status=status, next_step_at=desk.now)
    refused("only_a_running_escalation_has_a_next_step", Escalation, **fields)


def test_nobody_is_told_the_same_step_twice(case: Case, desk: Desk) -> None:
    fields = {
        "escalation": Escalation.objects.create(**an_escalation(case, desk)),
        "round": 1,
        "step": 0,
        "recipient": desk.officer,
        "channel": "email",
        "created_at": desk.now,
    }
    Notification.objects.create(**fields, key="a")
    refused("nobody_is_told_the_same_step_twice", Notification, **fields, key="b")
    refused("key", Notification, **fields | {"step": 1}, key="a")


def test_a_decision_of_communications_has_a_reason(case: Case, desk: Desk) -> None:
    fields = {"case": case, "approach": "watch", "by": desk.lead, "at": desk.now}
    refused("a_decision_has_a_reason", CommsDecision, **fields, reason="")


def test_a_watch_has_one_count_a_bucket(case: Case, desk: Desk, noon: datetime) -> None:
    watch = watched(desk, case, now=noon)
    WatchCount.objects.create(watch=watch, bucket=7)
    refused("one_count_per_watch_and_bucket", WatchCount, watch=watch, bucket=7)


# ── people and schemes ──────────────────────────────────────────────────────
def test_a_mandate_ends_after_it_starts(desk: Desk, noon: datetime) -> None:
    fields = {"holder": desk.officer, "categories": ["*"], "valid_from": noon, "valid_until": noon}
    refused("a_mandate_ends_after_it_starts", Mandate, **fields)


def test_a_user_has_a_known_role(desk: Desk) -> None:
    refused("a_user_has_a_known_role", User, username="mayor", role="mayor")


@pytest.mark.parametrize("role", list(Role))
def test_every_known_role_can_be_given(role: Role, desk: Desk) -> None:
    assert person(f"somebody-{role}", role).role == role


def test_one_scheme_is_current(desk: Desk, noon: datetime) -> None:
    fields = {"scheme_id": "s", "toml": "", "published_at": noon}
    refused("one_scheme_is_current", SchemeVersion, **fields, version="2", checksum="c", is_current=True)
    SchemeVersion.objects.create(**fields, version="2", checksum="c")
    refused("a_scheme_version_is_published_once", SchemeVersion, **fields, version="2", checksum="d")


def test_who_wrote_a_reply_or_keeps_a_watch_cannot_be_deleted(case: Case, desk: Desk, noon: datetime) -> None:
    watched(desk, case, now=noon)
    Response.objects.create(**a_response(case, desk, author=desk.colleague))
    for kept in (desk.officer, desk.colleague, desk.lead):
        with pytest.raises(ProtectedError):
            kept.delete()


# ── what was heard ──────────────────────────────────────────────────────────
def test_a_platform_id_is_one_post_and_one_author(case: Case) -> None:
    refused("one_post_per_platform_id", PostIdentity, platform="x", canonical_id="m1")
    refused("one_author_per_platform_id", Author, platform="x", external_id="a1", handle="other")


def test_a_post_matches_a_query_once(case: Case, desk: Desk) -> None:
    PostMatch.objects.create(post=case.post, query=desk.query)
    refused("one_match_per_post_and_query", PostMatch, post=case.post, query=desk.query)


def test_a_source_waits_between_two_polls(desk: Desk, noon: datetime) -> None:
    refused(
        "a_source_waits_between_polls", Source, name="s", connector="rss", interval_s=0, next_poll_at=noon
    )


def test_posts_outlive_their_source_and_matches_their_query(case: Case, desk: Desk) -> None:
    PostMatch.objects.create(post=case.post, query=desk.query)
    for kept in (desk.source, desk.query):
        with pytest.raises(ProtectedError):
            kept.delete()
    assert Post.objects.count() == 1


def test_rows_name_themselves(case: Case, desk: Desk, noon: datetime) -> None:
    watch = watched(desk, case, now=noon)
    assert str(case) == f"case {case.pk}"
    assert str(case.post) == "x:m1"
    assert str(watch) == f"watch {watch.pk} on case {case.pk}"
    assert str(desk.officer) == "Sanne"
    assert str(Mandate.objects.get(holder=desk.lead)) == "Bram: * until 2026-04-01"
    with pytest.raises(FieldError):
        Case.objects.filter(nickname="x")
