"""Random histories of near-copies: whatever is heard, detached, merged and undone, the counts hold."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cases.models import Case
from cases.rules.workflow import State
from cases.services import audit, copies, triage, undo
from cases.services.copies import MergeRefused
from cases.services.transitions import CaseChanged, MoveRefused
from cases.services.undo import NothingToUndo
from cases.suggestions import leads
from tests.world import Desk, mention

REFUSALS = (CaseChanged, MergeRefused, MoveRefused, NothingToUndo)
STORIES = (
    "Grote brand bij de Loswal, hou ramen en deuren dicht tot de rook weg is",
    "Help ons alsjeblieft, we zitten ingesloten bij de Loswal en de rook komt binnen",
    "Dank jullie wel!",
)
stories = st.sampled_from(STORIES)
picks = st.integers(0, 30)


class CopyHistories(RuleBasedStateMachine):
    """Plays one desk; every history is rolled back at its end."""

    desk: ClassVar[Desk]

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.now: datetime = self.desk.now
        self.n_heard = 0
        leads.known = leads.KnownLeads()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def picked(self, pick: int) -> Case:
        ids = list(Case.objects.order_by("pk").values_list("pk", flat=True))
        return Case.objects.get(pk=ids[pick % len(ids)])

    def tried(self, act: Callable[..., Any], *args: Any, **more: Any) -> None:
        """A refusal is a fine answer; anything else that is raised is a bug."""
        self.now += timedelta(milliseconds=1)
        with contextlib.suppress(*REFUSALS):
            act(*args, **more, by=self.desk.officer, now=self.now)

    @initialize()
    def the_first_post_is_heard(self) -> None:
        self.a_page_is_heard(told=[STORIES[0]])

    @rule(told=st.lists(stories, max_size=4))
    def a_page_is_heard(self, told: list[str]) -> None:
        first, self.n_heard = self.n_heard, self.n_heard + len(told)
        page = [mention(first + n, text, at=self.now) for n, text in enumerate(told)]
        self.desk.hear(*page, now=self.now)

    @rule(pick=picks, text=stories)
    def a_post_is_edited(self, pick: int, text: str) -> None:
        number = self.picked(pick).post.canonical_id.removeprefix("m")
        self.now += timedelta(seconds=1)
        edit = replace(mention(number, text, at=self.now), version=self.now.isoformat())
        self.desk.hear(edit, now=self.now)

    @rule(pick=picks)
    def a_copy_is_detached(self, pick: int) -> None:
        self.tried(copies.detach, self.picked(pick))

    @rule(pick=picks, into=picks)
    def a_case_is_merged(self, pick: int, into: int) -> None:
        self.tried(copies.merge, self.picked(pick), self.picked(into))

    @rule(pick=picks)
    def a_case_is_dismissed(self, pick: int) -> None:
        self.tried(triage.dismiss, self.picked(pick), reason="spam")

    @rule(pick=picks)
    def a_case_is_judged_again(self, pick: int) -> None:
        self.tried(triage.judge_again, self.picked(pick))

    @rule()
    def the_last_action_is_undone(self) -> None:
        self.now += timedelta(milliseconds=1)
        with contextlib.suppress(*REFUSALS):
            undo.undo(self.desk.officer, now=self.now)

    @rule()
    def the_process_starts_again(self) -> None:
        leads.known = leads.KnownLeads()

    # ── what always holds ──
    @invariant()
    def a_lead_counts_the_cases_merged_into_it(self) -> None:
        for case in Case.objects.all():
            assert case.n_copies == Case.objects.filter(lead=case, state=State.MERGED).count()
            assert (case.lead_id is not None) == (case.state == State.MERGED)

    @invariant()
    def no_copy_has_copies(self) -> None:
        assert not Case.objects.filter(lead__state=State.MERGED).exists()

    @invariant()
    def nothing_is_heard_without_a_case(self) -> None:
        assert Case.objects.count() == self.n_heard

    @invariant()
    def danger_is_never_hidden_in_a_case_without(self) -> None:
        assert not Case.objects.filter(state=State.MERGED, is_urgent=True, lead__is_urgent=False).exists()

    @invariant()
    def the_trail_holds(self) -> None:
        assert audit.verify() == []


@pytest.mark.django_db
def test_the_counts_of_copies_hold_over_random_histories(desk: Desk) -> None:
    """Takes some seconds: thirty histories of twenty acts."""
    CopyHistories.desk = desk
    run_state_machine_as_test(
        CopyHistories,
        settings=settings(
            max_examples=30,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
