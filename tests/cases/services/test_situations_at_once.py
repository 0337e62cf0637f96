"""Two officers or workers at one situation at the very same moment: one is first, and all adds up."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from cases.models import (
    AuditEvent,
    Batch,
    BatchCase,
    Case,
    CaseClaim,
    Claim,
    Inflow,
    PublicMessage,
    Response,
    Situation,
)
from cases.rules.closing import CLOSABLE, Way
from cases.rules.workflow import State
from cases.services import (
    answering,
    answers,
    audit,
    batches,
    claims,
    closing,
    copies,
    inflows,
    joining,
    linking,
    messages,
    outbox,
    proposing,
    responses,
    situations,
)
from cases.services.answers import AnswerPlan
from cases.services.batches import CarryOut, Kind
from cases.services.claims import ClaimChanged, Verdict
from cases.services.drafts import CannotSend, Draft
from cases.services.inflows import InflowRefused
from cases.services.joining import SituationOver
from cases.services.messages import Words
from cases.services.situations import Plan, SituationChanged, SituationRefused
from tests.cases.claiming import rumour
from tests.cases.services.test_two_at_once import at_once, refusals
from tests.cases.steps import drafting, fresh
from tests.world import Desk, mention, open_desk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]

FIRE = "Grote brand bij de Loswal, hou ramen en deuren dicht tot de rook weg is"
HOW: Mapping[str, CarryOut] = {
    Kind.ANSWER: answering.carry_out,
    Kind.CLOSE: closing.carry_out,
    Kind.LEAVE: closing.carry_out_leaving,
}
ROUNDS = 5
"""What is proved is that it never goes wrong; each round is another chance to."""


@pytest.fixture
def desk(noon: datetime, tmp_path: Path) -> Desk:
    return open_desk(noon, outbox=tmp_path / "outbox")


def burning(desk: Desk, *cases: Case, now: datetime) -> Situation:
    fire = situations.open_situation(Plan("Fire"), by=desk.officer, now=now)
    joining.join(fire, [case.pk for case in cases], by=desk.officer, now=now)
    return fire


def here(situation: Situation) -> set[int]:
    return set(Case.objects.filter(situation=situation).values_list("pk", flat=True))


def events(situation: Situation, action: str) -> int:
    return AuditEvent.objects.filter(subject=f"situation:{situation.pk}", action=action).count()


def carry_on(now: datetime) -> None:
    for pk in batches.due(now=now):
        batches.carry_on(pk, HOW, now=now)


# ── opening ─────────────────────────────────────────────────────────────────
def test_of_two_who_open_the_same_proposal_one_opens_it(desk: Desk, noon: datetime) -> None:
    told = desk.hear(*(mention(n, FIRE, at=noon) for n in range(proposing.MANY)))
    ended = at_once(*[lambda: proposing.propose(now=noon)] * 2)
    assert (refusals(ended), sorted(ended)) == ([], [0, 1])
    proposed = Situation.objects.get()
    opens = [
        lambda by=by: situations.open_proposed(proposed, Plan("Fire"), by=by, now=noon)
        for by in (desk.officer, desk.colleague)
    ]
    assert refusals(at_once(*opens)) == [SituationRefused]
    assert Situation.objects.get().status == "open"
    assert here(proposed) == {case.pk for case in told}
    assert (events(proposed, "situation opened"), Inflow.objects.count()) == (1, 1)
    assert audit.verify() == []


def test_a_proposal_is_opened_or_declined_by_who_comes_first(desk: Desk, noon: datetime) -> None:
    desk.hear(*(mention(n, FIRE, at=noon) for n in range(proposing.MANY)))
    proposing.propose(now=noon)
    proposed = Situation.objects.get()
    ended = at_once(
        lambda: situations.open_proposed(proposed, Plan("Fire"), by=desk.officer, now=noon),
        lambda: situations.decline(proposed, reason="a barbecue", by=desk.colleague, now=noon),
    )
    assert refusals(ended) == [SituationRefused]
    is_open = isinstance(ended[1], SituationRefused)
    assert Situation.objects.get().status == ("open" if is_open else "declined")
    assert len(here(proposed)) == (proposing.MANY if is_open else 0)


def test_of_two_who_let_a_query_flow_in_one_is_told_where_it_flows(desk: Desk, noon: datetime) -> None:
    fires = [burning(desk, now=noon) for _ in range(2)]
    ended = at_once(
        *(
            lambda fire=fire: inflows.add(fire, query=desk.query, since=noon, by=desk.officer, now=noon)
            for fire in fires
        )
    )
    assert refusals(ended) == [InflowRefused]
    assert Inflow.objects.count() == 1


def test_of_two_who_grade_it_or_write_its_message_the_second_is_told(desk: Desk, noon: datetime) -> None:
    fire = burning(desk, now=noon)
    people = [desk.officer, desk.colleague]
    graded = at_once(
        *(
            lambda by=by: situations.set_level(fire, None, reason="x", by=by, now=noon, revision=1)
            for by in people
        )
    )
    said = at_once(
        *(lambda by=by: situations.say_key_message(fire, "x", after=0, by=by, now=noon) for by in people)
    )
    assert refusals(graded) == refusals(said) == [SituationChanged]
    assert (events(fire, "level set"), events(fire, "key message")) == (1, 1)


# ── joining and closing ─────────────────────────────────────────────────────
def closes(fire: Situation, desk: Desk, now: datetime) -> Callable[[], list[Batch]]:
    ways = dict.fromkeys(CLOSABLE, Way.INBOX)
    return lambda: closing.close(fire, ways, up_to=10**6, reason="it is out", by=desk.lead, now=now)


def test_who_joins_while_it_closes_is_in_time_and_goes_home_or_is_refused(desk: Desk, noon: datetime) -> None:
    def once(n: int) -> None:
        first, late = desk.hear(mention(10 * n, at=noon), mention(10 * n + 1, at=noon))
        fire = burning(desk, first, now=noon)
        ended = at_once(
            closes(fire, desk, noon),
            lambda: joining.join(fire, [late.pk], by=desk.officer, now=noon),
        )
        assert set(refusals(ended)) <= {SituationOver}
        carry_on(noon)
        assert here(fire) == set()

    for n in range(ROUNDS):
        once(n)
    assert audit.verify() == []


@pytest.mark.postgres
def test_who_joined_and_has_not_committed_yet_is_waited_for_by_who_closes(desk: Desk, noon: datetime) -> None:
    (case,) = desk.hear(mention(1, at=noon))
    fire = burning(desk, now=noon)

    def closes_in_time() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        closes(fire, desk, noon)()

    with transaction.atomic():
        joining.join(fire, [case.pk], by=desk.officer, now=noon)
        assert len(refusals(at_once(closes_in_time))) == 1  # it waits until there is nothing to overlook
    closes(fire, desk, noon)()
    carry_on(noon)
    assert here(fire) == set()


def test_an_inflow_that_is_walked_while_its_situation_closes_brings_nothing_after_it(
    desk: Desk, noon: datetime
) -> None:
    def once(n: int) -> None:
        (story,) = desk.hear(mention(n, at=noon))
        fire = burning(desk, now=noon)
        inflow = inflows.add(fire, story=story, since=noon, by=desk.officer, now=noon)
        ended = at_once(closes(fire, desk, noon), lambda: inflows.walk(inflow.pk, now=noon))
        assert refusals(ended) == []
        carry_on(noon)
        assert here(fire) == set()

    for n in range(ROUNDS):
        once(n)


def test_of_two_who_close_it_one_does(desk: Desk, noon: datetime) -> None:
    fire = burning(desk, *desk.hear(mention(1, at=noon)), now=noon)
    assert refusals(at_once(*[closes(fire, desk, noon)] * 2)) == [SituationRefused]
    assert events(fire, "situation closed") == Batch.objects.count() == 1


def test_a_topic_that_moves_while_another_is_merged_into_it_takes_all_along(
    desk: Desk, noon: datetime
) -> None:
    def once(n: int) -> None:
        one, other = desk.hear(mention(10 * n, at=noon), mention(10 * n + 1, at=noon))
        fire, flood = burning(desk, one, now=noon), burning(desk, other, now=noon)
        ended = at_once(
            lambda: copies.merge(fresh(one), fresh(other), by=desk.officer, now=noon),
            lambda: joining.join(fire, [other.pk], by=desk.colleague, now=noon),
            lambda: joining.join(flood, [one.pk], by=desk.lead, now=noon),
        )
        assert refusals(ended) == []
        assert fresh(one).situation_id == fresh(other).situation_id

    for n in range(ROUNDS):
        once(n)


# ── what is true ────────────────────────────────────────────────────────────
def test_of_two_who_decide_a_claim_the_second_hears_so(desk: Desk, noon: datetime) -> None:
    claim = rumour(desk, *desk.hear(mention(1, at=noon)), now=noon)
    source = claims.add_source(claim, claims.SourcePlan("Report"), by=desk.lead, now=noon)
    claim.refresh_from_db()
    verdicts = [Verdict(status, "measured", [source.pk]) for status in ("true", "false")]
    decides = [
        lambda verdict=verdict, by=by: claims.decide(
            Claim.objects.get(pk=claim.pk), verdict, by=by, now=noon, seen=claim.revision
        )
        for verdict, by in zip(verdicts, (desk.lead, desk.colleague), strict=True)
    ]
    ended = at_once(*decides)
    assert refusals(ended) == [ClaimChanged]
    first = next(each for each in ended if not isinstance(each, BaseException))
    claim.refresh_from_db()
    assert (claim.status, claim.decisions.count()) == (first.status, 1)
    assert AuditEvent.objects.filter(action="claim told", facts__what="status").count() == 1


def test_an_answer_that_is_vetted_while_its_claim_is_decided_holds_only_for_how_it_stands(
    desk: Desk, noon: datetime
) -> None:
    """Either it was vetted first, and the decision ends it; or after it, by who can read the decision."""
    claim = rumour(desk, *desk.hear(mention(1, at=noon)), now=noon)
    answer = answers.write(claim, AnswerPlan("It is safe.", "nl"), by=desk.officer, now=noon)
    verdict = Verdict("unknown", "nobody knows")
    ended = at_once(
        lambda: claims.decide(claim, verdict, by=desk.lead, now=noon, seen=claim.revision),
        lambda: answers.vet(answer, by=desk.colleague, now=noon),
    )
    assert refusals(ended) == []
    order = AuditEvent.objects.filter(
        subject=f"claim:{claim.pk}", action__in=["claim decided", "answer vetted"]
    )
    last = order.latest("seq").action
    answer.refresh_from_db()
    assert (answer.withdrawn_at is None) == (last == "answer vetted")


def test_claims_that_are_merged_into_each_other_are_one_and_not_none(desk: Desk, noon: datetime) -> None:
    def once(n: int) -> None:
        case, other = desk.hear(mention(10 * n, at=noon), mention(10 * n + 1, at=noon))
        one, two = rumour(desk, case, now=noon), rumour(desk, other, now=noon)
        ended = at_once(
            lambda: linking.merge(one, two, by=desk.lead, now=noon, seen=one.revision),
            lambda: linking.merge(two, one, by=desk.colleague, now=noon, seen=two.revision),
        )
        assert refusals(ended) == [ClaimChanged]
        assert Claim.objects.filter(pk__in=[one.pk, two.pk], merged_into=None).count() == 1

    for n in range(ROUNDS):
        once(n)


def test_of_two_who_link_the_same_case_one_link_stands(desk: Desk, noon: datetime) -> None:
    (case,) = desk.hear(mention(1, at=noon))
    claim = rumour(desk, now=noon)
    people = [desk.officer, desk.colleague]
    ended = at_once(*(lambda by=by: linking.link(case, claim, by=by, now=noon) for by in people))
    assert sorted(ended) == [False, True]
    assert CaseClaim.objects.count() == 1


# ── one voice ───────────────────────────────────────────────────────────────
WORDS = Draft("The smoke is not poisonous.", claim="it is poisonous", fact_source="measured")


def reply_of(case: Case) -> Response:
    return Response.objects.select_related("case__post__source", "vetted").get(case=case)


def test_a_reply_that_is_sent_while_the_voice_is_locked_never_leaves_after_it(
    desk: Desk, noon: datetime
) -> None:
    def once(n: int) -> None:
        (case,) = desk.hear(mention(n, at=noon))
        drafting(case, by=desk.officer, now=noon, kind="untruth", option="reply_public")
        fire = burning(desk, case, now=noon)
        ended = at_once(
            lambda: situations.lock_voice(fire, by=desk.lead, now=noon),
            lambda: responses.queue(reply_of(case), WORDS, by=desk.officer, now=noon),
        )
        assert set(refusals(ended)) <= {CannotSend}
        outbox.deliver(reply_of(case).pk, now=noon + timedelta(minutes=1))
        assert (reply_of(case).status, fresh(case).state) == ("draft", State.DRAFTING)

    for n in range(ROUNDS):
        once(n)
    assert audit.verify() == []


def test_a_reply_on_its_way_when_the_voice_is_locked_is_sent_whole_or_comes_back(
    desk: Desk, noon: datetime
) -> None:
    later = noon + timedelta(minutes=1)

    def once(n: int) -> None:
        (case,) = desk.hear(mention(n, at=noon))
        drafting(case, by=desk.officer, now=noon, kind="untruth", option="reply_public")
        fire = burning(desk, case, now=noon)
        responses.queue(reply_of(case), WORDS, by=desk.officer, now=noon)
        locked, sent = at_once(
            lambda: situations.lock_voice(fire, by=desk.lead, now=later),
            lambda: outbox.deliver(reply_of(case).pk, now=later),
        )
        assert locked is True
        stands = ("sent", State.RESPONDED) if sent else ("draft", State.DRAFTING)
        assert (reply_of(case).status, fresh(case).state) == stands

    for n in range(ROUNDS):
        once(n)


# ── acts on many ────────────────────────────────────────────────────────────
def many(desk: Desk, n: int, now: datetime) -> list[Case]:
    return desk.hear(*(mention(k, at=now) for k in range(n)))


def standing(desk: Desk, now: datetime, **more: Any) -> PublicMessage:
    words = Words("The water is safe.", "untruth", source=desk.source, **more)
    message = messages.write(words, by=desk.officer, now=now)
    return messages.register(message, "https://vr.example/1", by=desk.officer, now=now, seen=message.revision)


def adds_up() -> None:
    for batch in Batch.objects.all():
        assert (batch.n_done, batch.n_left) == batches.recount(batch)
    assert audit.verify() == []


def test_two_who_start_the_same_answer_answer_every_case_once(desk: Desk, noon: datetime) -> None:
    cases, message = many(desk, 60, noon), standing(desk, noon)
    seen = answering.propose([case.pk for case in cases], now=noon).seen
    begun = at_once(
        *(
            lambda by=by: answering.answer(message, seen, by=by, now=noon, chosen={})
            for by in (desk.officer, desk.colleague)
        )
    )
    assert refusals(begun) == []
    works = [lambda batch=batch: batches.carry_on(batch.pk, HOW, now=noon) for batch in begun]
    assert refusals(at_once(*works)) == []
    adds_up()
    assert Response.objects.filter(message=message).count() == 60
    assert set(Case.objects.values_list("state", flat=True)) == {State.RESPONDED}
    outcomes = BatchCase.objects.values_list("outcome", flat=True)
    assert sorted(outcomes) == ["done"] * 60 + ["left"] * 60


def test_two_workers_at_the_same_batch_do_it_once(desk: Desk, noon: datetime) -> None:
    fire = burning(desk, *many(desk, 60, noon), now=noon)
    batch = closing.close_unread(fire, up_to=10**6, reason="read", by=desk.lead, now=noon)
    ended = at_once(*[lambda: batches.carry_on(batch.pk, HOW, now=noon)] * 2)
    assert (refusals(ended), sorted(ended)) == ([], [0, 60])
    adds_up()
    assert AuditEvent.objects.filter(action="moved").count() == 60


def test_a_batch_that_is_stopped_while_a_worker_is_at_it_says_what_was_done(
    desk: Desk, noon: datetime
) -> None:
    cases, message = many(desk, 120, noon), standing(desk, noon, replies_to="all", reply_text="Read:")
    seen = answering.propose([case.pk for case in cases], now=noon).seen
    batch = answering.answer(message, seen, by=desk.officer, now=noon, chosen={})
    ended = at_once(
        lambda: batches.carry_on(batch.pk, HOW, now=noon),
        lambda: answering.stop(message, by=desk.lead, now=noon),
    )
    assert refusals(ended) == []
    adds_up()
    batch.refresh_from_db()
    answered = Case.objects.filter(state=State.RESPONDED).count()
    assert answered == batch.n_done
    assert (batch.status == "stopped") or batch.n_done == 120
    late = noon + timedelta(days=1)
    while waiting := outbox.due_responses(now=late):
        assert not any(outbox.deliver(pk, now=late) for pk in waiting)
    assert not Response.objects.filter(message=message, status="sent").exists()


def test_a_case_that_an_officer_takes_up_while_the_rest_is_closed_is_done_by_one_of_them(
    desk: Desk, noon: datetime
) -> None:
    def once(n: int) -> None:
        (case,) = desk.hear(mention(n, at=noon))
        fire = burning(desk, case, now=noon)
        batch = closing.close_unread(fire, up_to=10**6, reason="read", by=desk.lead, now=noon)
        at_once(
            lambda: batches.carry_on(batch.pk, HOW, now=noon),
            lambda: drafting(fresh(case), by=desk.officer, now=noon, kind="untruth", option="reply_public"),
        )
        is_closed = fresh(case).state == State.CLOSED
        assert is_closed == (BatchCase.objects.get(batch=batch).outcome == "done")

    for n in range(ROUNDS):
        once(n)
    adds_up()
