"""Near-copies open as merged into their lead, follow it, and can be let go."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from cases.models import AuditEvent, Case, Watch
from cases.rules.workflow import State
from cases.services import audit, copies, intake, triage, undo
from cases.services.copies import MergeRefused
from cases.services.transitions import CaseChanged, MoveRefused, move
from cases.suggestions import leads
from monitoring.connectors.base import Kind, Mention
from monitoring.models import Post
from monitoring.store import upsert_posts
from tests.cases.steps import fresh, last_event, trail, watched
from tests.world import Desk, mention

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

FIRE = "Grote brand bij de Loswal, hou ramen en deuren dicht tot de rook weg is"
DANGER = "Help ons alsjeblieft, we zitten ingesloten bij de Loswal en de rook komt binnen"


def told(n: int, text: str = FIRE, *, at: datetime, kind: Kind = Kind.POST, thread: str = "") -> Mention:
    return mention(n, text, at=at, kind=kind, thread=thread)


def edited(n: int, text: str, *, at: datetime) -> Mention:
    return replace(told(n, text, at=at), version="v2")


def agree() -> None:
    """The count on every lead is the number of cases merged into it, and no copy has copies."""
    for case in Case.objects.all():
        assert case.n_copies == Case.objects.filter(lead=case, state=State.MERGED).count()
        assert (case.lead_id is not None) == (case.state == State.MERGED)
        assert not (case.state == State.MERGED and case.n_copies)


@pytest.fixture
def lead(desk: Desk, noon: datetime) -> Case:
    return desk.hear(told(1, at=noon))[0]


@pytest.fixture
def copy(lead: Case, desk: Desk, noon: datetime) -> Case:
    return desk.hear(told(2, f"RT @a: {FIRE}", at=noon))[0]


def test_a_near_copy_opens_as_merged_and_is_counted_on_its_lead(lead: Case, copy: Case) -> None:
    assert (copy.state, copy.lead_id, fresh(lead).n_copies) == ("merged", lead.pk, 1)
    event = AuditEvent.objects.get(subject=audit.subject_of(copy.pk))
    assert (event.action, event.facts["lead"], event.facts["similarity"]) == ("opened", lead.pk, 1.0)
    assert audit.verify() == []
    agree()


def test_copies_on_one_page_follow_the_oldest(desk: Desk, noon: datetime) -> None:
    page = [told(n, at=noon - timedelta(minutes=n)) for n in range(1, 5)]
    by_id = {case.post.canonical_id: case for case in desk.hear(*page)}
    assert by_id["m4"].n_copies == 3
    assert {by_id[f"m{n}"].lead_id for n in (1, 2, 3)} == {by_id["m4"].pk}
    agree()


def test_a_boost_is_no_case_and_a_copy_neither(lead: Case, desk: Desk, noon: datetime) -> None:
    assert desk.hear(told(2, at=noon, kind=Kind.BOOST)) == []
    assert fresh(lead).n_copies == 0


def test_what_speaks_of_danger_never_disappears_into_a_case_that_does_not(desk: Desk, noon: datetime) -> None:
    (calm,) = desk.hear(told(1, DANGER.replace("Help ons alsjeblieft", "Fijn hoor"), at=noon))
    Case.objects.filter(pk=calm.pk).update(is_urgent=False)
    first, second = desk.hear(told(2, DANGER, at=noon), told(3, DANGER, at=noon))
    assert (first.is_urgent, first.state, first.lead_id) == (True, "new", None)
    assert second.lead_id == first.pk


@pytest.mark.parametrize("state", [State.CLOSED, State.DISMISSED])
def test_a_copy_of_a_case_that_is_done_opens_as_a_new_lead(
    state: State, lead: Case, desk: Desk, noon: datetime
) -> None:
    move(lead, state, by=None, now=noon)
    (first,) = desk.hear(told(2, at=noon))
    (second,) = desk.hear(told(3, at=noon))
    assert (first.state, second.lead_id) == ("new", first.pk)


@pytest.mark.parametrize("state", [State.ASSESSED, State.COMMS])
def test_a_copy_follows_a_lead_that_is_being_worked_on(
    state: State, lead: Case, desk: Desk, noon: datetime
) -> None:
    move(lead, state, by=None, now=noon)
    assert desk.hear(told(2, at=noon))[0].lead_id == lead.pk


def test_a_lead_that_is_redacted_or_edited_into_something_else_gets_no_copies(
    lead: Case, desk: Desk, noon: datetime
) -> None:
    Post.objects.filter(pk=lead.pk).update(gone_at=noon)
    (second,) = desk.hear(told(2, at=noon))
    assert second.lead_id is None
    desk.hear(edited(2, "Morgen is de braderie bij de Loswal, kom allemaal kijken", at=noon))
    assert desk.hear(told(3, at=noon))[0].lead_id is None


def test_an_edited_lead_gathers_copies_of_what_it_says_now(lead: Case, desk: Desk, noon: datetime) -> None:
    party = "Morgen is de braderie bij de Loswal, kom allemaal kijken"
    desk.hear(edited(1, party, at=noon))
    assert desk.hear(told(2, party, at=noon))[0].lead_id == lead.pk


def test_after_three_days_a_story_starts_again(lead: Case, desk: Desk, noon: datetime) -> None:
    later = noon + timedelta(hours=73)
    leads.known = leads.KnownLeads()
    (case,) = desk.hear(told(2, at=later), now=later)
    assert case.lead_id is None


def test_a_process_that_starts_again_groups_as_before(lead: Case, desk: Desk, noon: datetime) -> None:
    desk.hear(told(2, at=noon))
    leads.known = leads.KnownLeads()
    assert desk.hear(told(3, at=noon))[0].lead_id == lead.pk
    assert fresh(lead).n_copies == 2


def test_a_lead_that_was_rolled_back_never_gets_copies(desk: Desk, noon: datetime) -> None:
    with transaction.atomic():
        stored = upsert_posts([told(1, at=noon)], now=noon)
        intake.open_cases(stored, now=noon)
        leads.known.catch_up(now=noon)  # as bad as it gets: the index has seen what never was
        transaction.set_rollback(True)
    (case,) = desk.hear(told(2, at=noon))
    assert (case.state, case.lead_id) == ("new", None)


def test_a_lead_numbered_before_and_committed_after_is_found(desk: Desk, noon: datetime) -> None:
    known = leads.KnownLeads()
    known.catch_up(now=noon)
    early, late = desk.hear(told(1, at=noon), mention(2, at=noon))
    Case.objects.filter(pk=early.pk).update(state=State.CLOSED)  # as a row that is not committed yet
    known.catch_up(now=noon)
    Case.objects.filter(pk=early.pk).update(state=State.NEW)
    known.catch_up(now=noon)
    assert len(known) == 1
    for _ in range(leads.EVERY):
        known.catch_up(now=noon)
    assert len(known) == 2
    assert early.pk < late.pk


def test_copies_still_count_for_the_watch_on_their_thread(lead: Case, desk: Desk, noon: datetime) -> None:
    watch = watched(desk, lead, now=noon)
    desk.hear(told(2, at=noon, kind=Kind.REPLY, thread="m1"))
    assert sum(watch.counts.values_list("n", flat=True)) == 1


def test_nothing_of_a_copy_is_rewritten_when_its_lead_is_dismissed(
    lead: Case, copy: Case, desk: Desk, noon: datetime
) -> None:
    triage.dismiss(lead, reason="spam", by=desk.officer, now=noon)
    assert trail(copy) == ["opened"]
    assert (fresh(copy).state, fresh(lead).n_copies) == ("merged", 1)
    undo.undo(desk.officer, now=noon)
    assert (fresh(copy).lead_id, fresh(lead).state) == (lead.pk, "new")


def test_a_detached_copy_is_new_with_a_clock_of_its_own(
    lead: Case, copy: Case, desk: Desk, noon: datetime
) -> None:
    later = noon + timedelta(hours=3)
    copies.detach(copy, by=desk.officer, now=later)
    free = fresh(copy)
    assert (free.state, free.lead_id, free.due_at) == ("new", None, later + timedelta(hours=24))
    assert last_event(copy).facts == {
        "before": "merged",
        "after": "new",
        "reason": "detached",
        "lead": lead.pk,
    }
    agree()


def test_one_key_takes_a_detaching_back(lead: Case, copy: Case, desk: Desk, noon: datetime) -> None:
    copies.detach(copy, by=desk.officer, now=noon)
    undo.undo(desk.officer, now=noon)
    assert (fresh(copy).state, fresh(copy).lead_id, fresh(lead).n_copies) == ("merged", lead.pk, 1)
    assert audit.verify() == []
    agree()


def test_a_detaching_is_not_taken_back_into_a_lead_that_is_a_copy_by_now(
    lead: Case, copy: Case, desk: Desk, noon: datetime
) -> None:
    (other,) = desk.hear(mention(9, at=noon))
    copies.detach(copy, by=desk.officer, now=noon)
    copies.merge(lead, other, by=desk.colleague, now=noon)
    with pytest.raises(MergeRefused, match="that case is a copy itself"):
        undo.undo(desk.officer, now=noon)
    agree()


def test_a_detaching_is_not_taken_back_of_what_took_copies_since(
    lead: Case, copy: Case, desk: Desk, noon: datetime
) -> None:
    (other,) = desk.hear(mention(9, at=noon))
    copies.detach(copy, by=desk.officer, now=noon)
    copies.merge(other, fresh(copy), by=desk.colleague, now=noon)
    with pytest.raises(undo.NothingToUndo, match="This case went on since then"):
        undo.undo(desk.officer, now=noon)
    assert (fresh(copy).state, fresh(other).lead_id) == ("new", copy.pk)
    agree()


def test_only_a_copy_can_be_detached_and_only_once(copy: Case, desk: Desk, noon: datetime) -> None:
    stale = fresh(copy)
    copies.detach(copy, by=desk.officer, now=noon)
    with pytest.raises(CaseChanged, match="was 'merged' when you opened it and is now 'new'"):
        copies.detach(stale, by=desk.officer, now=noon)
    agree()


def test_judging_a_copy_again_lets_it_go(lead: Case, copy: Case, desk: Desk, noon: datetime) -> None:
    triage.judge_again(copy, by=desk.officer, now=noon)
    assert (fresh(copy).state, fresh(lead).n_copies) == ("new", 0)
    agree()


def test_a_copy_that_goes_to_communications_is_a_case_of_its_own(
    lead: Case, copy: Case, desk: Desk, noon: datetime
) -> None:
    move(copy, State.COMMS, by=desk.officer, now=noon)
    assert (fresh(copy).lead_id, fresh(lead).n_copies) == (None, 0)
    agree()


def test_a_case_merged_by_hand_brings_its_copies(lead: Case, copy: Case, desk: Desk, noon: datetime) -> None:
    (other,) = desk.hear(mention(9, at=noon))
    copies.merge(lead, other, by=desk.officer, now=noon)
    assert (fresh(lead).state, fresh(lead).n_copies, fresh(other).n_copies) == ("merged", 0, 2)
    assert fresh(copy).lead_id == other.pk
    assert last_event(lead).facts["copies"] == 1
    agree()


def test_one_key_parts_a_merged_case_with_its_copies(
    lead: Case, copy: Case, desk: Desk, noon: datetime
) -> None:
    (other,) = desk.hear(mention(9, at=noon))
    (second,) = desk.hear(told(3, at=noon))
    assert fresh(lead).n_copies == 2
    copies.merge(lead, other, by=desk.officer, now=noon)
    copies.detach(fresh(second), by=desk.colleague, now=noon)  # let go since: it stays on its own
    undo.undo(desk.officer, now=noon)
    assert (fresh(lead).state, fresh(lead).n_copies, fresh(other).n_copies) == ("new", 1, 0)
    assert (fresh(copy).lead_id, fresh(second).state) == (lead.pk, "new")
    agree()


def test_one_key_takes_a_merge_back(lead: Case, desk: Desk, noon: datetime) -> None:
    (other,) = desk.hear(mention(9, at=noon))
    move(other, State.ASSESSED, by=None, now=noon)
    copies.merge(other, lead, by=desk.officer, now=noon)
    undo.undo(desk.officer, now=noon)
    assert (fresh(other).state, fresh(other).lead_id, fresh(lead).n_copies) == ("assessed", None, 0)
    agree()


def test_a_merge_says_what_stands_in_its_way(lead: Case, copy: Case, desk: Desk, noon: datetime) -> None:
    (urgent, other, done) = desk.hear(told(7, DANGER, at=noon), mention(8, at=noon), mention(9, at=noon))
    for case, into, why in [
        (lead, lead, "choose another case"),
        (lead, copy, "a copy itself; choose its lead"),
        (urgent, other, "speaks of danger"),
    ]:
        with pytest.raises(MergeRefused, match=why):
            copies.merge(case, into, by=desk.officer, now=noon)
    watched(desk, other, now=noon)
    with pytest.raises(MergeRefused, match="being watched"):
        copies.merge(other, lead, by=desk.officer, now=noon)
    move(done, State.CLOSED, by=None, now=noon)
    for closed in (done, copy):
        with pytest.raises(MoveRefused):
            copies.merge(fresh(closed), lead, by=desk.officer, now=noon)
    assert Watch.objects.filter(ended_at=None).count() == 1
    agree()


@pytest.mark.parametrize(
    ("text", "stays"),
    [(f"{FIRE} #loswal", True), ("Morgen is de braderie bij de Loswal, kom allemaal kijken", False)],
)
def test_a_copy_that_is_edited_into_something_else_detaches_itself(
    text: str, stays: bool, lead: Case, copy: Case, desk: Desk, noon: datetime
) -> None:
    desk.hear(edited(2, text, at=noon))
    assert (fresh(copy).lead_id == lead.pk) is stays
    assert fresh(lead).n_copies == stays
    assert "post edited" in trail(copy)
    assert audit.verify() == []
    agree()


def test_a_captured_copy_is_told_apart_by_its_lead(lead: Case, desk: Desk, noon: datetime) -> None:
    case, is_new = intake.capture(told(5, at=noon), by=desk.officer, now=noon)
    assert (is_new, case.state, case.lead_id) == (True, "merged", lead.pk)
    assert trail(case) == ["opened", "captured"]


def test_a_copy_that_was_put_aside_and_called_back_is_counted_once(
    lead: Case, copy: Case, desk: Desk, noon: datetime
) -> None:
    triage.snooze(copy, until=noon + timedelta(hours=1), by=desk.officer, now=noon)
    undo.undo(desk.officer, now=noon)
    assert (fresh(copy).state, fresh(lead).n_copies) == ("merged", 1)
