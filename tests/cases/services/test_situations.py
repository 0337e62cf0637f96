"""A situation is opened, named, graded, locked and spoken about; cases come into it and leave it."""

from datetime import datetime, timedelta

import pytest

from cases.models import AuditEvent, Case, Inflow, Situation, SituationLevel, Watch, WatchProfile
from cases.rules.asking import asks
from cases.rules.workflow import State
from cases.services import audit, copies, inflows, joining, logging, situations
from cases.services.inflows import InflowRefused
from cases.services.joining import SituationOver
from cases.services.logging import NothingSaid
from cases.services.situations import Changes, Plan, SituationChanged, SituationRefused
from monitoring.connectors.base import Kind, Mention
from monitoring.models import Post, PostMatch
from tests.world import Desk, mention

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

FIRE = "Grote brand bij de Loswal, hou ramen en deuren dicht tot de rook weg is"
MINUTE = timedelta(minutes=1)


def told(n: int, text: str = FIRE, *, at: datetime, thread: str = "", kind: Kind = Kind.POST) -> Mention:
    return mention(n, text, at=at, thread=thread, kind=kind)


@pytest.fixture
def fire(desk: Desk, noon: datetime) -> Situation:
    return situations.open_situation(Plan("Fire at De Loswal"), by=desk.officer, now=noon)


def belong() -> dict[int, int | None]:
    """The situation of every case; a copy's is its lead's."""
    rows = dict(Case.objects.values_list("pk", "situation_id"))
    for pk, lead_id in Case.objects.filter(state=State.MERGED).values_list("pk", "lead_id"):
        assert rows[pk] == rows[lead_id]
    return rows


def test_a_name_is_enough_to_open_a_situation(desk: Desk, fire: Situation, noon: datetime) -> None:
    fire.refresh_from_db()
    assert (fire.status, fire.owner, fire.word_due_at) == ("open", desk.officer, noon + 30 * MINUTE)
    event = AuditEvent.objects.filter(subject=f"situation:{fire.pk}").earliest("seq")
    assert (event.action, event.actor_name) == ("situation opened", "Sanne")
    with pytest.raises(SituationRefused, match="needs a name"):
        situations.open_situation(Plan("  "), by=desk.officer, now=noon)


def test_the_dutch_scale_is_there_and_a_level_needs_a_reason(
    desk: Desk, fire: Situation, noon: datetime
) -> None:
    names = list(SituationLevel.objects.values_list("name", flat=True))
    assert names == ["GRIP 1", "GRIP 2", "GRIP 3", "GRIP 4", "GRIP 5", "GRIP Rijk"]
    level = SituationLevel.objects.get(n=2)
    with pytest.raises(SituationRefused):
        situations.set_level(fire, level, reason="", by=desk.lead, now=noon, revision=1)
    situations.set_level(fire, level, reason="smoke over the town", by=desk.lead, now=noon, revision=1)
    with pytest.raises(SituationChanged):
        situations.set_level(fire, None, reason="over", by=desk.lead, now=noon, revision=1)
    fire.refresh_from_db()
    assert fire.level == level


def test_another_profile_of_a_situation_is_that_of_its_watch(
    desk: Desk, fire: Situation, noon: datetime
) -> None:
    crisis = WatchProfile.objects.get(name="crisis")
    changes = Changes("Fire", "", desk.officer, crisis, 15 * MINUTE, noon)
    situations.change(fire, changes, by=desk.officer, now=noon, revision=1)
    watch = Watch.objects.get(situation=fire)
    assert (watch.profile, watch.evaluate_at) == (crisis, noon)
    with pytest.raises(SituationChanged):
        situations.change(fire, changes, by=desk.colleague, now=noon, revision=1)


def test_of_two_officers_who_write_the_key_message_the_second_is_told(
    desk: Desk, fire: Situation, noon: datetime
) -> None:
    situations.say_key_message(fire, "Keep windows shut.", after=0, by=desk.officer, now=noon)
    with pytest.raises(SituationChanged):
        situations.say_key_message(fire, "Stay away.", after=0, by=desk.colleague, now=noon)
    situations.say_key_message(fire, "Windows may open.", after=1, by=desk.colleague, now=noon)
    assert [each.text for each in fire.key_messages.all()] == ["Windows may open.", "Keep windows shut."]


def test_one_voice_is_locked_by_one_hand_and_ended_with_a_reason(
    desk: Desk, fire: Situation, noon: datetime
) -> None:
    assert situations.lock_voice(fire, by=desk.lead, now=noon)
    assert not situations.lock_voice(fire, by=desk.lead, now=noon)
    with pytest.raises(SituationRefused):
        situations.unlock_voice(fire, reason=" ", by=desk.lead, now=noon)
    assert situations.unlock_voice(fire, reason="it is over", by=desk.lead, now=noon)
    fire.refresh_from_db()
    assert not fire.is_locked


def test_a_case_joins_with_its_copies_and_later_copies_follow(
    desk: Desk, fire: Situation, noon: datetime
) -> None:
    lead, copy = desk.hear(told(1, at=noon), told(2, f"RT @a: {FIRE}", at=noon + MINUTE))
    assert copy.lead_id == lead.pk
    assert joining.join(fire, [copy.pk], by=desk.officer, now=noon) == [lead.pk]
    desk.hear(told(3, f"{FIRE} !", at=noon + 2 * MINUTE))
    assert set(belong().values()) == {fire.pk}
    assert joining.join(fire, [lead.pk], by=desk.officer, now=noon) == []
    assert joining.leave([lead.pk], by=desk.officer, now=noon) == [lead.pk]
    assert set(belong().values()) == {None}
    actions = AuditEvent.objects.filter(subject=audit.subject_of(lead.pk)).values_list("action", flat=True)
    assert list(actions) == ["opened", "joined situation", "left situation"]
    assert audit.verify() == []


def test_who_joins_in_a_conversation_joins_its_situation(desk: Desk, fire: Situation, noon: datetime) -> None:
    (head,) = desk.hear(told(1, "Wat een rook bij de Loswal zeg, wie weet meer?", at=noon, thread="t"))
    joining.join(fire, [head.pk], by=desk.officer, now=noon)
    (reply,) = desk.hear(told(2, "Wij zien het hier ook", at=noon + MINUTE, thread="t", kind=Kind.REPLY))
    assert reply.situation_id == fire.pk
    assert (head.asks, reply.asks) == (True, False)


def test_who_joins_in_after_the_situation_closed_waits_in_the_inbox(
    desk: Desk, fire: Situation, noon: datetime
) -> None:
    (head,) = desk.hear(told(1, "Wat een rook bij de Loswal zeg, wie weet meer?", at=noon, thread="t"))
    joining.join(fire, [head.pk], by=desk.officer, now=noon)
    situations.end(fire, reason="the fire is out", by=desk.lead, now=noon)
    (reply,) = desk.hear(told(2, "Wij zien het hier ook", at=noon + MINUTE, thread="t", kind=Kind.REPLY))
    assert (reply.conversation, reply.situation_id) == (head.pk, None)


def test_what_a_query_hears_joins_as_it_comes_and_from_before_bit_by_bit(
    desk: Desk, fire: Situation, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inflows, "AT_ONCE", 2)
    before = desk.hear(*(told(n, f"Brandweer {n} {n * 7} {n * 31}", at=noon) for n in range(5)))
    PostMatch.objects.bulk_create(PostMatch(post_id=case.pk, query=desk.query) for case in before)
    inflow = inflows.add(fire, query=desk.query, since=noon - MINUTE, by=desk.officer, now=noon)
    with pytest.raises(InflowRefused, match="already"):
        inflows.add(fire, query=desk.query, since=noon, by=desk.officer, now=noon)
    while inflows.walk(inflow.pk, now=noon):
        pass
    assert set(belong().values()) == {fire.pk}
    inflow.refresh_from_db()
    assert (inflow.n_joined, inflow.reached) == (5, inflows.AGAIN)
    assert inflows.to_walk(now=noon) == []
    assert inflows.to_walk(now=noon + inflows.SETTLED) == [inflow.pk]
    inflows.walk(inflow.pk, now=noon + inflows.SETTLED)
    assert inflows.to_walk(now=noon + inflows.SETTLED) == []


def test_what_came_while_an_inflow_began_joins_some_at_a_time(
    desk: Desk, fire: Situation, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inflows, "AT_ONCE", 2)
    inflow = inflows.add(fire, query=desk.query, since=noon - MINUTE, by=desk.officer, now=noon)
    inflows.walk(inflow.pk, now=noon)
    fresh = desk.hear(*(told(n, f"Brandweer {n} {n * 7} {n * 31}", at=noon) for n in range(5)))
    PostMatch.objects.bulk_create(PostMatch(post_id=case.pk, query=desk.query) for case in fresh)
    Post.objects.update(fetched_at=noon)
    joined = []
    for _n in range(5):
        goes_on = inflows.walk(inflow.pk, now=noon + inflows.SETTLED)
        joined.append((Case.objects.filter(situation=fire).count(), goes_on))
    assert joined == [(2, True), (4, True), (5, False), (5, False), (5, False)]
    inflow.refresh_from_db()
    assert (inflow.n_joined, inflow.reached) == (5, None)


def test_a_poll_puts_what_the_query_of_an_inflow_matched_into_the_situation(
    desk: Desk, fire: Situation, noon: datetime
) -> None:
    inflow = inflows.add(fire, query=desk.query, since=noon, by=desk.officer, now=noon)
    assert desk.poll(now=noon + 20 * MINUTE)
    joined = Case.objects.filter(situation=fire, inflow=inflow)
    matched = PostMatch.objects.filter(query=desk.query, post__case__isnull=False)
    assert joined.count() >= matched.count() > 20
    belong()
    assert inflows.stop(inflow, by=desk.officer, now=noon)
    n_before = joined.count()
    desk.poll(now=noon + 40 * MINUTE)
    others = Case.objects.filter(situation=fire).exclude(pk__in=joined.values("pk"))
    assert joined.count() - n_before <= Case.objects.filter(situation=fire).count()
    assert Inflow.objects.get().ended_at == noon
    assert others.count() == 0


def test_merging_takes_a_case_into_the_situation_of_its_lead_and_detaching_leaves_it_there(
    desk: Desk, fire: Situation, noon: datetime
) -> None:
    one, other = desk.hear(told(1, at=noon), told(2, "Iets heel anders van de brandweer hier", at=noon))
    joining.join(fire, [one.pk], by=desk.officer, now=noon)
    copies.merge(other, one, by=desk.officer, now=noon)
    assert set(belong().values()) == {fire.pk}
    other.refresh_from_db()
    copies.detach(other, by=desk.officer, now=noon)
    other.refresh_from_db()
    assert (other.situation_id, other.state) == (fire.pk, "new")


def test_nothing_joins_a_situation_that_is_closed(desk: Desk, fire: Situation, noon: datetime) -> None:
    (case,) = desk.hear(told(1, at=noon))
    inflow = inflows.add(fire, query=desk.query, since=noon, by=desk.officer, now=noon)
    situations.end(fire, reason="the fire is out", by=desk.lead, now=noon)
    with pytest.raises(SituationOver):
        joining.join(fire, [case.pk], by=desk.officer, now=noon)
    inflow.refresh_from_db()
    assert inflow.ended_at == noon


def test_a_line_in_the_log_says_something(desk: Desk, fire: Situation, noon: datetime) -> None:
    with pytest.raises(NothingSaid):
        logging.note(fire, "  ", by=desk.officer, now=noon)
    line = logging.note(fire, "The mayor calls.", by=desk.officer, now=noon, is_decision=True)
    assert (line.text, line.is_decision) == ("The mayor calls.", True)
    assert AuditEvent.objects.filter(subject=f"situation:{fire.pk}", action="decided").exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Weet iemand waar die rook vandaan komt", True),
        ("@vrmiddendelta: hoe laat mogen we weer naar huis", True),
        ("RT @buur: Is het waar dat er asbest vrijkomt", True),
        ("What is burning over there", True),
        ("Mooi werk van de brandweer!", False),
        ("Lees https://nieuws.example/a?b=1 over de brand", False),
        ("Iedereen is veilig", False),
        ("", False),
    ],
)
def test_a_post_asks_by_its_mark_or_its_first_word(text: str, expected: bool) -> None:
    assert asks(text) is expected
