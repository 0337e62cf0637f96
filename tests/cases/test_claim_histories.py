"""Whatever officers do in whatever order: what is over, or was not read since it changed, never leaves."""

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cases import carried
from cases.models import Case, Claim, Response, VettedAnswer
from cases.rules import one_voice
from cases.services import answers, audit, claims, copies, linking, outbox, responses
from cases.services.answers import AnswerPlan
from cases.services.claims import ClaimChanged, ClaimRefused, SourcePlan, Verdict
from cases.services.copies import MergeRefused
from cases.services.drafts import CannotSend, Draft, Seen
from cases.services.transitions import CaseChanged, MoveRefused
from cases.suggestions import leads
from tests.cases.steps import drafting
from tests.world import Desk, mention

REFUSED = (ClaimRefused, ClaimChanged, CannotSend, CaseChanged, MoveRefused, MergeRefused)
N_CLAIMS, N_CASES = 3, 3
words = st.sampled_from(["Het water is veilig.", "Wij zoeken het uit.", "Iedereen is in orde."])
which = st.integers(0, 2)


class Officers(RuleBasedStateMachine):
    """Two officers, three claims and three cases with a reply in hand."""

    desk: ClassVar[Desk]

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.now, self.read = self.desk.now, dict[int, int]()
        leads.known = leads.KnownLeads()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @initialize()
    def replies_in_hand(self) -> None:
        self.cases = self.desk.hear(*(mention(n, at=self.now) for n in range(N_CASES)))
        self.claims = [
            claims.open_claim(f"Gerucht {n}", by=self.desk.officer, now=self.now) for n in range(N_CLAIMS)
        ]
        for case in self.cases:
            response = drafting(
                case, by=self.desk.officer, now=self.now, kind="untruth", option="reply_public"
            )
            self.read[case.pk] = response.claim_revision or 0

    @rule(minutes=st.integers(1, 90))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(n=which, status=st.sampled_from(["true", "false", "unknown", "unverified"]))
    def decide(self, n: int, status: str) -> None:
        claim = self._claim(n)
        fact = SourcePlan("Meting") if status in ("true", "false") else SourcePlan("")
        self._try(
            claims.decide_on, claim, Verdict(status, "Gezien"), fact, by=self.desk.lead, seen=claim.revision
        )

    @rule(n=which, m=which, off=st.booleans())
    def link(self, n: int, m: int, off: bool) -> None:
        act = linking.unlink if off else linking.link
        self._try(act, Case.objects.get(pk=self.cases[m].pk), self._claim(n), by=self.desk.officer)

    @rule(n=which, m=which)
    def merge_claims(self, n: int, m: int) -> None:
        claim = self._claim(n)
        self._try(linking.merge, claim, self._claim(m), by=self.desk.lead, seen=claim.revision)

    @rule(n=which)
    def part_claims(self, n: int) -> None:
        self._try(linking.part, self._claim(n), by=self.desk.lead)

    @rule(n=which, text=words, hours=st.integers(1, 3))
    def vet(self, n: int, text: str, hours: int) -> None:
        plan = AnswerPlan(text, "nl", valid_until=self.now + timedelta(hours=hours))
        try:
            proposed = answers.write(self._claim(n), plan, by=self.desk.officer, now=self.now)
        except REFUSED:
            return
        self._try(answers.vet, proposed, by=self.desk.lead)

    @rule(n=which)
    def withdraw(self, n: int) -> None:
        found = VettedAnswer.objects.filter(claim=self._claim(n), withdrawn_at=None).last()
        if found:
            self._try(answers.withdraw, found, reason="Oud", by=self.desk.lead)

    @rule(m=which)
    def use(self, m: int) -> None:
        response, claims_on = self._draft(m), carried.claims_on(self.cases[m])
        answer = VettedAnswer.objects.in_force(now=self.now).filter(claim__in=claims_on).first()
        if response and answer:
            self._try(answers.use, response, answer, Draft(""), by=self.desk.officer)

    @rule(m=which)
    def read_the_page(self, m: int) -> None:
        self.read[self.cases[m].pk] = carried.standing_of(self.cases[m])

    @rule(m=which, text=words)
    def send(self, m: int, text: str) -> None:
        response = self._draft(m)
        if response:
            typed = Draft(response.text or text, claim="Gerucht", fact_source="Meting")
            seen = Seen(claims=self.read[self.cases[m].pk])
            self._try(responses.queue, response, typed, by=self.desk.officer, seen=seen)

    @rule(m=which, n=which)
    def merge_and_detach(self, m: int, n: int) -> None:
        case = Case.objects.get(pk=self.cases[m].pk)
        if case.state == "merged":
            self._try(copies.detach, case, by=self.desk.officer)
        else:
            self._try(copies.merge, case, Case.objects.get(pk=self.cases[n].pk), by=self.desk.officer)

    @rule()
    def deliver(self) -> None:
        """What leaves now is held against the register as it stands at this moment."""
        self.now += timedelta(seconds=11)
        for pk in outbox.due_responses(now=self.now):
            response = Response.objects.select_related("case__post__source").get(pk=pk)
            over = self._over(response)
            was_read = self.read[response.case_id] == carried.standing_of(response.case)
            is_sent = outbox.deliver(pk, now=self.now)
            assert not (is_sent and over), response.text
            assert not is_sent or was_read

    @invariant()
    def the_trail_holds(self) -> None:
        assert audit.verify() == []

    def _over(self, response: Response) -> bool:
        """Worked out from the rows alone: an answer to what the case carries is over, and no other holds."""
        ids = {claim.pk for claim in carried.claims_on(response.case)}
        rows = [a for a in VettedAnswer.objects.exclude(vetted_at=None) if a.claim_id in ids]
        same = [a for a in rows if one_voice.is_same(response.text, a.text)]
        holding = [
            a for a in same if not a.withdrawn_at and (a.valid_until is None or a.valid_until > self.now)
        ]
        return bool(same) and not holding

    def _claim(self, n: int) -> Claim:
        return Claim.objects.select_related("merged_into").get(pk=self.claims[n].pk)

    def _draft(self, m: int) -> Response | None:
        drafts = Response.objects.select_related("case__post__source", "vetted__claim")
        return drafts.filter(case=self.cases[m], status="draft").first()

    def _try(self, act: Any, *args: Any, **how: Any) -> None:
        try:
            act(*args, **how, now=self.now)
        except REFUSED:
            return


# Over 0.5 s: histories of fifteen steps, each with the whole trail verified.
@pytest.mark.usefixtures("english")
def test_nothing_that_is_over_or_was_not_read_leaves(desk: Desk) -> None:
    Officers.desk = desk
    ways = settings(max_examples=5, stateful_step_count=15, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Officers, settings=ways)
