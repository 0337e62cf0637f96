"""Cue words of one's own: added, switched off, in the trail, and in force within seconds."""

from datetime import datetime

import pytest

from cases import cuelist
from cases.models import AuditEvent, Case, CuePhrase
from cases.rules.cues import CueKind, shipped
from cases.services import cues
from cases.services.cues import CueChanged, CuePlan, CueRefused
from tests.world import Desk, mention

pytestmark = pytest.mark.usefixtures("english")

PLAN = CuePlan(CueKind.THREAT, "Met de Heggenschaar langs", "nl")
TEXT = "Vanavond kom ik met de  heggenschaar\nlangs!"


def test_a_phrase_that_is_added_is_found_from_now_on(desk: Desk, noon: datetime) -> None:
    assert not cuelist.has_hard_trigger(TEXT)
    made = cues.add(PLAN, by=desk.lead, now=noon)
    assert made.phrase == "met de heggenschaar langs"
    assert cuelist.has_hard_trigger(TEXT)
    assert [cue.kind for cue in cuelist.cues(TEXT)] == [CueKind.THREAT]
    event = AuditEvent.objects.get(subject=cues.subject_of(made))
    assert (event.action, event.facts["phrase"]) == ("cue added", "met de heggenschaar langs")


def test_a_post_with_an_added_phrase_is_urgent_from_then_on(desk: Desk, noon: datetime) -> None:
    def heard(number: int) -> Case:
        return desk.hear(mention(number, at=noon, text=f"{TEXT} {'zo ' * number}"))[-1]

    assert not heard(1).is_urgent
    cues.add(PLAN, by=desk.lead, now=noon)
    assert heard(30).is_urgent


def test_a_shipped_phrase_is_switched_off_and_on_again(desk: Desk, noon: datetime) -> None:
    text = "Dit is een onacceptabele schande"
    assert cuelist.cues(text)
    off = cues.switch(CueKind.COMPLAINT, "schande", on=False, by=desk.lead, now=noon, seen=0)
    assert "schande" not in {cue.phrase for cue in cuelist.cues(text)}
    cues.switch(CueKind.COMPLAINT, "schande", on=True, by=desk.lead, now=noon, seen=1)
    assert "schande" in {cue.phrase for cue in cuelist.cues(text)}
    events = AuditEvent.objects.filter(subject=cues.subject_of(off)).order_by("seq")
    assert [event.action for event in events] == ["cue switched off", "cue switched on"]


def test_an_added_phrase_is_switched_off(desk: Desk, noon: datetime) -> None:
    cues.add(PLAN, by=desk.lead, now=noon)
    cues.switch(CueKind.THREAT, "met de heggenschaar langs", on=False, by=desk.lead, now=noon, seen=1)
    assert not cuelist.has_hard_trigger(TEXT)


def test_the_second_of_two_leads_is_refused(desk: Desk, noon: datetime) -> None:
    cues.switch(CueKind.COMPLAINT, "schande", on=False, by=desk.lead, now=noon, seen=0)
    with pytest.raises(CueChanged, match="changed after you opened"):
        cues.switch(CueKind.COMPLAINT, "schande", on=True, by=desk.lead, now=noon, seen=0)
    assert not CuePhrase.objects.get().is_active


@pytest.mark.parametrize(
    ("kind", "words", "sentence"),
    [
        (CueKind.INSULT, "  ", "There is no word"),
        (CueKind.INSULT, "***", "There is no word"),
        (CueKind.INSULT, "k*t", "Put it at the end of a word"),
        (CueKind.INSULT, "kl*", "three letters"),
        (CueKind.INSULT, "heel " * 40, "at most 100 signs"),
        (CueKind.THREAT, "bom", "two words or more"),
        (CueKind.COMPLAINT, "Schande", "in the list already"),
    ],
)
def test_a_phrase_that_cannot_be_is_refused_in_plain_words(
    kind: CueKind, words: str, sentence: str, desk: Desk, noon: datetime
) -> None:
    with pytest.raises(CueRefused, match=sentence):
        cues.add(CuePlan(kind, words), by=desk.lead, now=noon)
    assert not CuePhrase.objects.exists()


def test_a_phrase_is_added_once_a_kind(desk: Desk, noon: datetime) -> None:
    cues.add(PLAN, by=desk.lead, now=noon)
    with pytest.raises(CueRefused, match="in the list already"):
        cues.add(CuePlan(CueKind.THREAT, "met de heggenschaar LANGS"), by=desk.lead, now=noon)
    cues.add(CuePlan(CueKind.DANGER, "met de heggenschaar langs"), by=desk.lead, now=noon)


def test_what_is_not_in_the_list_cannot_be_switched(desk: Desk, noon: datetime) -> None:
    with pytest.raises(CueRefused, match="is not in the list"):
        cues.switch(CueKind.THREAT, "goedemorgen", on=False, by=desk.lead, now=noon)


def test_reading_many_posts_asks_the_list_once(desk: Desk, django_assert_num_queries: object) -> None:
    cuelist.forget()
    with django_assert_num_queries(1):  # type: ignore[operator]
        for _ in range(200):
            cuelist.cues(TEXT)
            cuelist.has_hard_trigger(TEXT)


def test_what_another_process_changed_is_known_within_seconds(
    desk: Desk, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 100.0
    monkeypatch.setattr("cases.cuelist.time.monotonic", lambda: clock)
    cuelist.forget()
    assert cuelist.current() is shipped()
    CuePhrase.objects.create(kind="threat", phrase="met de heggenschaar langs", changed_at=noon)
    clock += 1
    assert not cuelist.has_hard_trigger(TEXT)
    clock += cuelist.KNOWN_FOR_S
    assert cuelist.has_hard_trigger(TEXT)
    unchanged = cuelist.current()
    clock += 2 * cuelist.KNOWN_FOR_S
    assert cuelist.current() is unchanged  # read again, and nothing compiled again


def test_a_row_that_cannot_be_read_stops_nobody_from_listening(desk: Desk, noon: datetime) -> None:
    CuePhrase.objects.create(kind="threat", phrase="a*b", changed_at=noon)
    CuePhrase.objects.create(kind="threat", phrase="met de heggenschaar langs", changed_at=noon)
    cuelist.forget()
    assert cuelist.has_hard_trigger(TEXT)
