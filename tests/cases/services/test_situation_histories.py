"""Random nights: whatever officers, rules and workers do to situations, a plain model says the same."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from django.db import transaction
from django.db.models import Count
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cases import carried
from cases.models import (
    AuditEvent,
    Batch,
    BatchCase,
    Case,
    Claim,
    Inflow,
    Response,
    Situation,
    SituationLevel,
    User,
    VettedAnswer,
)
from cases.reads import inbox, topics
from cases.reads import situations as pages
from cases.rules.closing import CLOSABLE, Way
from cases.rules.permissions import Role
from cases.rules.workflow import OPEN, State
from cases.services import (
    answers,
    approvals,
    audit,
    batches,
    claims,
    closing,
    copies,
    inflows,
    intake,
    joining,
    linking,
    outbox,
    proposing,
    responses,
    situations,
    triage,
)
from cases.services.answers import AnswerPlan
from cases.services.batches import CarryOut
from cases.services.claims import SourcePlan, Verdict
from cases.services.drafts import Draft
from cases.services.situations import Plan
from cases.services.transitions import ENDED
from cases.suggestions import leads
from config.errors import REFUSALS
from monitoring.store import upsert_posts
from tests.cases.situation_model import Answer, Flow, Model, Proposal
from tests.cases.steps import drafting
from tests.world import Desk, mention

REFUSED = tuple(REFUSALS)
ACTS: Mapping[str, CarryOut] = {
    Batch.Kind.CLOSE: closing.carry_out,
    Batch.Kind.LEAVE: closing.carry_out_leaving,
}
MANY = PEOPLE = MOST = 3
SETTLED = inflows.SETTLED.total_seconds()
WORDS = ("Het water is veilig.", "Wij zoeken het uit.", "Iedereen is in orde.")
STORIES = (
    "Grote brand bij de Loswal, hou ramen en deuren dicht tot de rook weg is",
    "Help ons alsjeblieft, we zitten ingesloten bij de Loswal en de rook komt binnen",
    "Is het waar dat er asbest vrijkomt bij de Loswal, mijn kinderen spelen buiten",
    "",
)
JOINS = ("joined situation", "left situation")

picks = st.integers(0, 40)
words = st.sampled_from(WORDS)
heard = st.tuples(st.sampled_from(STORIES), st.sampled_from(["", "", "t1", "t2"]), st.booleans())


class _Night(RuleBasedStateMachine):
    """One desk, its clock, and the model beside it; every history is rolled back at its end."""

    desk: ClassVar[Desk]

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.now: datetime = self.desk.now
        self.model, self.n_looks = Model(), 0
        leads.known = leads.KnownLeads()

    def teardown(self) -> None:
        try:
            assert audit.verify() == []
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

    def tried(self, act: Callable[..., Any], *args: Any, by: User | None = None, **more: Any) -> Any:
        """What it gave back, or None: a refusal is a fine answer, and leaves all as it was."""
        self.now += timedelta(milliseconds=1)
        try:
            return act(*args, **more, by=by or self.desk.officer, now=self.now) or True
        except REFUSED:
            return None

    def case(self, pick: int) -> Case:
        numbers = sorted(self.model.places)
        return Case.objects.select_related("lead").get(pk=numbers[pick % len(numbers)])

    def one(self, model: Any, pick: int, **asked: Any) -> Any:
        rows = list(model.objects.filter(**asked).order_by("pk"))
        return rows[pick % len(rows)] if rows else None


class _Posts(_Night):
    """What is heard, and which of it is one topic."""

    @rule(told=st.lists(heard, min_size=1, max_size=4))
    def a_page_is_heard(self, told: Sequence[tuple[str, str, bool]]) -> None:
        page, queries, talks = [], {}, self.model.talks()
        for n, (text, thread, is_match) in enumerate(told, len(self.model.places)):
            self.now += timedelta(milliseconds=1)
            page.append(mention(n, text, at=self.now, thread=thread))
            queries[page[-1].platform, page[-1].canonical_id] = [self.desk.query.pk] if is_match else []
        with transaction.atomic():
            stored = upsert_posts(page, now=self.now, source_id=self.desk.source.pk, queries=queries)
            intake.open_cases(stored, now=self.now)
        new = sorted(stored.new, key=lambda post: post.mention.posted_at)
        for post, (_text, thread, is_match) in zip(new, told, strict=True):
            lead = Case.objects.values_list("lead_id", flat=True).get(pk=post.id)
            if is_match:
                self.model.matched[post.id] = self.now
            talk = talks.get(thread) if thread else None
            self.model.heard(post.id, lead=lead, thread=thread, talk=talk, at=self.now)

    @rule(pick=picks, into=picks)
    def a_case_is_merged(self, pick: int, into: int) -> None:
        case, other = self.case(pick), self.case(into)
        if self.tried(copies.merge, case, other):
            self.model.merge(case.pk, other.pk)

    @rule(pick=picks)
    def a_copy_is_detached(self, pick: int) -> None:
        case = self.case(pick)
        if self.tried(copies.detach, case):
            del self.model.leads[case.pk]

    @rule(pick=picks)
    def a_topic_is_judged(self, pick: int) -> None:
        """Its copies follow: not one of them has a judgement or an end of its own."""
        case = self.case(pick)
        if self.tried(triage.dismiss, case, reason="spam"):
            rows = Case.objects.filter(pk__in=self.model.topic(case.pk)).exclude(pk=case.pk)
            assert set(rows.values_list("state", "closed_at")) <= {(State.MERGED, None)}


class _Situations(_Posts):
    """Situations that are opened, filled, graded and closed."""

    def opened(self, situation: Situation, *, key_message: str = "") -> None:
        self.model.open.add(situation.pk)
        self.model.trail[situation.pk].append("situation opened")
        if key_message:
            self.say(situation.pk, key_message)

    def say(self, situation: int, text: str) -> None:
        self.model.said[situation].append(text)
        self.model.trail[situation].append("key message")

    def brought(self, situation: int, case: int, together: set[int]) -> None:
        self.model.join(situation, together)
        self.flows_now(situation, self.model.lead(case), since=self.now)

    def flows_now(self, situation: int, story: int | None, *, since: datetime) -> None:
        """The inflow that was just added."""
        newest = Inflow.objects.latest("pk")
        self.model.flows[newest.pk] = Flow(situation, story, since, max(self.model.places), self.now)
        self.model.trail[situation].append("inflow added")

    @rule(name=st.sampled_from(["Brand", "Storing", " "]), text=st.sampled_from(["", WORDS[0]]))
    def one_is_opened_by_hand(self, name: str, text: str) -> None:
        if len(self.model.open) > MOST:
            return
        if made := self.tried(situations.open_situation, Plan(name, key_message=text)):
            self.opened(made, key_message=text)

    @rule(pick=picks)
    def one_is_opened_around_a_case(self, pick: int) -> None:
        case = self.case(pick)
        together = self.model.together(case.pk)
        if len(self.model.open) > MOST:
            return
        if made := self.tried(situations.open_from_case, case, Plan("Brand")):
            self.opened(made)
            self.brought(made.pk, case.pk, together)

    @rule()
    def the_rule_proposes(self) -> None:
        awake = set(Case.objects.filter(state__in=[*OPEN]).values_list("pk", flat=True))
        found = self.model.growing(awake, since=self.now - proposing.WITHIN, many=MANY, people=PEOPLE)
        assert proposing.propose(now=self.now) == len(found)
        for story, n_posts in found.items():
            made = Situation.objects.filter(story=story, status="proposed").get()
            self.model.proposals[made.pk] = Proposal(story, n_posts)
            self.model.trail[made.pk].append("situation proposed")

    @rule(pick=picks)
    def a_proposal_is_opened(self, pick: int) -> None:
        """Also one that somebody decided on already: whoever comes second is refused."""
        found = self.one(Situation, pick, story__isnull=False)
        if found is None:
            return
        proposal = self.model.proposals[found.pk]
        together = self.model.together(proposal.story)
        if self.tried(situations.open_proposed, found, Plan("Brand")):
            assert proposal.status == "proposed"
            proposal.status = "open"
            self.opened(found)
            self.brought(found.pk, proposal.story, together)

    @rule(pick=picks)
    def a_proposal_is_declined(self, pick: int) -> None:
        found = self.one(Situation, pick, story__isnull=False)
        if found is None:
            return
        proposal = self.model.proposals[found.pk]
        is_done = self.tried(situations.decline, found, reason="one neighbour")
        assert bool(is_done) == (proposal.status == "proposed")
        if is_done:
            proposal.status = "declined"
            self.model.trail[found.pk].append("situation declined")

    @rule(pick=picks, n=st.integers(1, 6), is_old=st.booleans())
    def it_is_graded(self, pick: int, n: int, is_old: bool) -> None:
        found = self.one(Situation, pick)
        if found is None:
            return
        level, seen = SituationLevel.objects.get(n=n), found.revision - is_old
        is_done = self.tried(situations.set_level, found, level, reason="smoke", revision=seen)
        assert bool(is_done) == (found.pk in self.model.open and not is_old)
        if is_done:
            self.model.levels[found.pk] = level.name
            self.model.trail[found.pk].append("level set")

    @rule(pick=picks, text=words, is_old=st.booleans())
    def a_key_message_is_written(self, pick: int, text: str, is_old: bool) -> None:
        found = self.one(Situation, pick)
        if found is None:
            return
        after = len(self.model.said[found.pk]) - is_old
        is_done = self.tried(situations.say_key_message, found, text, after=after)
        assert bool(is_done) == (found.pk in self.model.open and not is_old)
        if is_done:
            self.say(found.pk, text)


class _Comings(_Situations):
    """Cases that join and leave: by hand, by an inflow, and when their situation closes."""

    @rule(case=picks, pick=picks)
    def a_case_joins(self, case: int, pick: int) -> None:
        found, joined = self.one(Situation, pick), self.case(case)
        if found and self.tried(joining.join, found, [joined.pk]):
            assert found.pk in self.model.open
            self.model.join(found.pk, [joined.pk])

    @rule(case=picks)
    def a_case_leaves(self, case: int) -> None:
        left = self.case(case)
        assert self.tried(joining.leave, [left.pk])
        self.model.leave([left.pk])

    @rule(pick=picks, minutes=st.integers(0, 90))
    def a_query_flows_in(self, pick: int, minutes: int) -> None:
        found, since = self.one(Situation, pick), self.now - timedelta(minutes=minutes)
        taken = self.model.is_flowing(None)
        if found and self.tried(inflows.add, found, query=self.desk.query, since=since):
            assert found.pk in self.model.open and not taken
            self.flows_now(found.pk, None, since=since)

    @rule(pick=picks, case=picks)
    def a_story_flows_in(self, pick: int, case: int) -> None:
        found, story = self.one(Situation, pick), self.case(case)
        lead = self.model.lead(story.pk)
        taken = self.model.is_flowing(lead)
        if found and self.tried(inflows.add, found, story=story, since=self.now):
            assert found.pk in self.model.open and not taken
            self.flows_now(found.pk, lead, since=self.now)

    @rule(pick=picks, is_taken_out=st.booleans())
    def an_inflow_stops(self, pick: int, is_taken_out: bool) -> None:
        inflow = self.one(Inflow, pick)
        if inflow is None:
            return
        is_stopped = inflows.stop(inflow, by=self.desk.officer, now=self.now)
        assert is_stopped != self.model.flows[inflow.pk].is_over
        self.model.stop(inflow.pk)
        brought = [pk for pk, place in self.model.places.items() if place == (inflow.situation_id, inflow.pk)]
        if is_taken_out and brought:
            closing.take_out(inflow, by=self.desk.officer, now=self.now)
            self.model.trail[inflow.situation_id].append("batch started")

    @rule()
    def a_worker_comes_by(self) -> None:
        """What flowed in before, and acts on many."""
        while waiting := inflows.to_walk(now=self.now):
            for pk in waiting:
                inflows.walk(pk, now=self.now)
        for pk in sorted(self.model.flows):
            self.model.walk(pk, now=self.now, settled=SETTLED)
        for pk in batches.due(now=self.now):
            batch = Batch.objects.get(pk=pk)
            batches.carry_on(pk, ACTS, now=self.now)
            if batch.kind == Batch.Kind.LEAVE:
                rows = batch.cases.values_list("case_id", "case__state", "outcome")
                assert {state for _, state, outcome in rows if outcome != "done"} <= ENDED
                self.model.leave([pk for pk, _, outcome in rows if outcome == "done"], of=batch.situation_id)

    @rule(pick=picks, reason=st.sampled_from(["read in the flood", ""]))
    def what_nobody_read_is_closed(self, pick: int, reason: str) -> None:
        found = self.one(Situation, pick)
        if found and self.tried(closing.close_unread, found, up_to=max(self.model.places), reason=reason):
            self.model.trail[found.pk].append("batch started")

    @rule(pick=picks, way=st.sampled_from(Way))
    def a_situation_closes(self, pick: int, way: Way) -> None:
        found = self.one(Situation, pick)
        if found is None:
            return
        n_before = Batch.objects.count()
        ways, newest = dict.fromkeys(CLOSABLE, way), max(self.model.places)
        is_done = self.tried(closing.close, found, ways, up_to=newest, reason="out", by=self.desk.lead)
        assert (is_done is not None) == (found.pk in self.model.open)
        if is_done:
            self.model.trail[found.pk] += ["batch started"] * (Batch.objects.count() - n_before)
            self.model.close(found.pk)


class _Claims(_Comings):
    """What is true, and what may be said of it."""

    @rule(case=picks, n=st.integers(0, 9))
    def a_claim_is_opened(self, case: int, n: int) -> None:
        found = self.case(case)
        made = self.tried(claims.open_claim, f"Gerucht {n}", case=found)
        assert bool(made) != (found.pk in self.model.leads)
        if made:
            self.model.statuses[made.pk] = "unverified"
            self.model.links[made.pk].add(found.pk)

    @rule(case=picks, pick=picks)
    def a_case_is_linked(self, case: int, pick: int) -> None:
        found, claim = self.case(case), self.one(Claim, pick)
        if claim and self.tried(linking.link, found, claim):
            self.model.links[claim.pk].add(found.pk)

    @rule(case=picks, pick=picks)
    def a_case_is_unlinked(self, case: int, pick: int) -> None:
        found, claim = self.case(case), self.one(Claim, pick)
        if claim and self.tried(linking.unlink, found, claim):
            for each in (claim.pk, *(pk for pk, into in self.model.merged.items() if into == claim.pk)):
                self.model.links[each].discard(found.pk)

    @rule(pick=picks, into=picks)
    def claims_are_merged(self, pick: int, into: int) -> None:
        claim, other = self.one(Claim, pick), self.one(Claim, into)
        if claim and self.tried(linking.merge, claim, other, seen=claim.revision, by=self.desk.lead):
            of_it = {pk for pk, to in self.model.merged.items() if to == claim.pk}
            self.model.merged |= dict.fromkeys({claim.pk, *of_it}, other.pk)

    @rule(pick=picks, status=st.sampled_from(["true", "false", "unknown"]), is_old=st.booleans())
    def a_claim_is_decided(self, pick: int, status: str, is_old: bool) -> None:
        claim = self.one(Claim, pick)
        if claim is None:
            return
        verdict, fact = Verdict(status, "Gemeten"), SourcePlan("Meting")
        seen = claim.revision - is_old
        is_done = self.tried(claims.decide_on, claim, verdict, fact, by=self.desk.lead, seen=seen)
        assert bool(is_done) == (claim.pk not in self.model.merged and not is_old)
        if is_done:
            self.model.decide(claim.pk, status)

    @rule(pick=picks, text=words, minutes=st.integers(5, 120))
    def an_answer_is_vetted(self, pick: int, text: str, minutes: int) -> None:
        claim, until = self.one(Claim, pick), self.now + timedelta(minutes=minutes)
        if claim is None or claim.merged_into_id:
            return
        answer = self.tried(answers.write, claim, AnswerPlan(text, "nl", valid_until=until))
        assert not self.tried(answers.vet, answer)  # nobody vets their own
        assert self.tried(answers.vet, answer, by=self.desk.lead)
        self.model.vet(answer.pk, Answer(claim.pk, text, until))

    @rule(pick=picks)
    def an_answer_is_withdrawn(self, pick: int) -> None:
        answer = self.one(VettedAnswer, pick, withdrawn_at=None)
        if answer and self.tried(answers.withdraw, answer, reason="Oud"):
            self.model.answers[answer.pk].is_withdrawn = True


class Nights(_Claims):
    """Words that leave, or do not; and what holds whatever was done."""

    @initialize()
    def the_night_has_begun(self) -> None:
        """A fire with an inflow, a rumour with an answer, two replies in hand, and a story outside it all."""
        fire, help_, question, other = STORIES
        self.a_page_is_heard(told=[(fire, "t1", True), (fire, "", False), (other, "t1", True)])
        self.a_page_is_heard(told=[(question, "", True), (help_, "", False), (help_, "t2", False)])
        self.a_page_is_heard(told=[(other, "t2", False), (other, "", False)])
        self.one_is_opened_by_hand(name="Brand", text=WORDS[1])
        self.a_query_flows_in(pick=0, minutes=60)
        self.a_worker_comes_by()
        self.one_is_opened_by_hand(name="Storing", text="")
        self.a_case_joins(case=7, pick=1)
        for case in (0, 3):
            self.a_claim_is_opened(case=case, n=case)
            self.a_reply_is_begun(pick=case)
            self.an_answer_is_vetted(pick=case and 1, text=WORDS[0], minutes=60)

    def response(self, pick: int, status: str) -> Any:
        found = self.one(Response, pick, status=status)
        rows = Response.objects.select_related("case__post__source", "case__situation", "vetted__claim")
        return rows.get(pk=found.pk) if found else None

    def may_leave(self, response: Response, *, is_lead: bool) -> bool:
        """By the model alone: under one voice an answer as it stands in the register, or the lead's word."""
        is_free = is_lead or not self.model.is_silent(response.case_id)
        return is_free or self.model.is_answer(response.text, response.case_id, now=self.now)

    @rule(pick=picks)
    def a_reply_is_begun(self, pick: int) -> None:
        case = self.case(pick)
        if case.state == State.NEW:
            self.tried(drafting, case, kind="untruth", option="reply_public")

    @rule(pick=picks, is_lead=st.booleans(), text=st.sampled_from([*WORDS, "Eigen woorden."]))
    def a_reply_is_sent(self, pick: int, is_lead: bool, text: str) -> None:
        response = self.response(pick, "draft")
        by = self.desk.lead if is_lead else self.desk.officer
        draft = Draft(text, claim="Gerucht", fact_source="Meting")
        if response and self.tried(responses.queue, response, draft, by=by):
            assert self.may_leave(response, is_lead=is_lead)

    @rule(pick=picks, is_typed_over=st.booleans())
    def an_answer_is_sent(self, pick: int, is_typed_over: bool) -> None:
        response = self.response(pick, "draft")
        theirs = self.model.carried(response.case_id) if response else ()
        answer = VettedAnswer.objects.in_force(now=self.now).filter(claim__in=theirs).first()
        if answer is None or not self.tried(answers.use, response, answer, Draft("")):
            return
        text = f"Beste. {answer.text}" if is_typed_over else answer.text
        draft = Draft(text, claim="Gerucht", fact_source="Meting")
        refused = ""
        try:
            responses.queue(response, draft, by=self.desk.officer, now=self.now)
        except REFUSED as reason:
            refused = str(reason)
        assert ("one voice" in refused) == (is_typed_over and self.model.is_silent(response.case_id))

    @rule(pick=picks, is_lead=st.booleans(), text=st.sampled_from([*WORDS, "Eigen woorden."]))
    def a_reply_is_approved(self, pick: int, is_lead: bool, text: str) -> None:
        by = self.desk.lead if is_lead else self.desk.colleague
        if drafted := self.response(pick, "draft"):
            self.tried(approvals.submit, drafted, Draft(text, claim="Gerucht", fact_source="Meting"))
        response = self.response(pick, "submitted")
        if response and self.tried(approvals.approve, response, by=by):
            assert self.may_leave(response, is_lead=is_lead)

    @rule(pick=picks, is_off=st.booleans())
    def the_voice_is_locked_or_free(self, pick: int, is_off: bool) -> None:
        found = self.one(Situation, pick)
        if found is None:
            return
        is_now, by = found.pk in self.model.locked, self.desk.lead
        if is_off:
            done = self.tried(situations.unlock_voice, found, reason="over", by=by)
        else:
            done = self.tried(situations.lock_voice, found, by=by)
        assert (done is not None) == (found.pk in self.model.open)
        if done and is_now is is_off:
            self.model.locked ^= {found.pk}
            self.model.trail[found.pk].append("one voice ended" if is_off else "locked to one voice")

    @rule(minutes=st.sampled_from([0, 1, 6, 40]))
    def time_passes(self, minutes: int) -> None:
        """And the workers come by: what leaves is held against the model as it stands at this moment."""
        self.now += timedelta(minutes=minutes, seconds=11)
        self.a_worker_comes_by()
        for pk in outbox.due_responses(now=self.now):
            response = Response.objects.select_related("approved_by", "mandate__holder").get(pk=pk)
            let_go = response.approved_by or (response.mandate.holder if response.mandate else None)
            is_lead = let_go is not None and let_go.role == Role.LEAD
            is_right = self.may_leave(response, is_lead=is_lead)
            is_over = self.model.was_answer(response.text, response.case_id, now=self.now)
            if outbox.deliver(pk, now=self.now):
                assert is_right and not is_over, response.text

    # ── what always holds ──
    @invariant()
    def every_case_is_where_the_model_says(self) -> None:
        rows = Case.objects.values_list("pk", "situation", "inflow", "lead")
        assert {pk: (number, inflow) for pk, number, inflow, _lead in rows} == self.model.places
        assert {pk: lead for pk, _number, _inflow, lead in rows if lead} == self.model.leads

    @invariant()
    def situations_stand_as_the_model_says(self) -> None:
        rows = Situation.objects.select_related("level")
        assert {each.pk for each in rows if each.status == "open"} == self.model.open
        assert {each.pk for each in rows if each.is_locked} == self.model.locked
        assert {each.pk: each.level.name for each in rows if each.level} == self.model.levels
        for each in rows:
            said = list(each.key_messages.order_by("n").values_list("text", flat=True))
            assert said == self.model.said[each.pk]

    @invariant()
    def the_trail_has_an_event_for_each_change(self) -> None:
        events = AuditEvent.objects.exclude(action__startswith="watch ").order_by("seq")
        for number in Situation.objects.values_list("pk", flat=True):
            found = list(events.filter(subject=f"situation:{number}").values_list("action", flat=True))
            assert found == self.model.trail[number]
        rows = events.filter(action__in=JOINS).order_by().values_list("subject", "action")
        counted = {(subject, action): n for subject, action, n in rows.annotate(n=Count("pk"))}
        assert counted == {(audit.subject_of(pk), said): n for (pk, said), n in self.model.moved.items()}

    @invariant()
    def every_case_carries_what_the_model_says(self) -> None:
        found = carried.claims_of(list(self.model.places))
        assert {pk: {claim.pk for claim in theirs} for pk, theirs in found.items()} == {
            pk: theirs for pk in self.model.places if (theirs := self.model.carried(pk))
        }

    @invariant()
    def the_numbers_shown_are_those_counted_by_hand(self) -> None:
        """Of all situations at every step, and on the pages of one of them after the other."""
        if not self.model.open:
            return
        states = dict(Case.objects.values_list("pk", "state"))
        unread = {
            number: {pk for pk in self.model.here(number) if states[pk] == State.NEW}
            for number in sorted(self.model.open)
        }
        counts = {number: (len(of), self.n_posts(of)) for number, of in unread.items() if of}
        assert topics.per_situation(self.model.open) == counts
        self.n_looks += 1
        number = [*unread][self.n_looks % len(unread)]
        situation, count = Situation.objects.get(pk=number), counts.get(number, (0, 0))
        shown = topics.topics(self.desk.officer, situation, now=self.now)
        assert (shown.n_topics, shown.n_posts) == count
        told = [topic.id for section in shown.sections for topic in section.topics]
        assert sorted(told) == sorted(unread[number]) or len(told) >= topics.FIRST
        page, here = pages.page(situation, now=self.now), self.model.here(number)
        assert (page.n_topics_unread, page.n_posts_unread, page.n_cases) == (*count, len(here))
        assert sum(stage.n for stage in page.stages) == sum(states[pk] in OPEN for pk in here)

    def n_posts(self, cases: set[int]) -> int:
        return sum(len(self.model.topic(pk)) for pk in cases)

    @invariant()
    def what_is_new_outside_an_open_situation_waits_in_the_inbox(self) -> None:
        outside = {pk for pk, place in self.model.places.items() if place[0] not in self.model.open}
        new = set(Case.objects.filter(pk__in=outside, state=State.NEW).values_list("pk", flat=True))
        rows = inbox.inbox(self.desk.officer, "new", now=self.now).rows  # one a conversation
        assert {row.id for row in rows} <= new
        assert sum(1 + row.n_more for row in rows) == len(new)

    @invariant()
    def a_situation_that_closed_says_of_each_case_why_it_stayed(self) -> None:
        running = Batch.objects.filter(status=Batch.Status.RUNNING).values("situation")
        closed = Situation.objects.filter(status="closed").exclude(pk__in=running)
        stayed = Case.objects.filter(situation__in=closed, state__in=[*OPEN], opened_at__lte=self.now)
        named = BatchCase.objects.filter(batch__situation__in=closed, outcome="left").exclude(why="")
        for case in stayed.exclude(pk__in=named.values("case")):
            asked = BatchCase.objects.filter(batch__situation=case.situation_id, case=case)
            assert not asked.exists(), case


# Takes seconds on purpose: nights of some thirty acts, every number counted again after each of them.
@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_whatever_happens_in_a_night_situations_are_as_the_model_says(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proposing, "MANY", MANY)
    monkeypatch.setattr(proposing, "PEOPLE", PEOPLE)
    Nights.desk = desk
    ways = settings(max_examples=10, stateful_step_count=40, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Nights, settings=ways)
