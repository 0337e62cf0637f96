"""How an exercise is led, what happens to people in it, and what its rows come to."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cases.models import AuditEvent, Case, DutyPost, Exercise, Inject, Notification, Shift
from cases.reads.score import lines, score_of
from cases.rules.permissions import Role
from cases.services import decisions, escalation, exercises
from cases.services.exercises import ExerciseChanged, ExerciseRefused, InjectPlan
from tests.cases.steps import judge, watched
from tests.exercising import exercise_on
from tests.world import Desk, person

MINUTE = timedelta(minutes=1)


@pytest.fixture
def exercise(desk: Desk, noon: datetime) -> Exercise:
    return exercise_on(desk, now=noon)


def said(exercise: Exercise) -> list[str]:
    return list(
        AuditEvent.objects.filter(subject=f"exercise:{exercise.pk}")
        .order_by("seq")
        .values_list("action", flat=True)
    )


def test_a_story_begins_when_somebody_sets_it_going(desk: Desk, exercise: Exercise, noon: datetime) -> None:
    desk.poll(now=noon + MINUTE)
    assert Case.objects.count() == 3  # what was said before
    assert exercises.play(exercise, by=desk.lead, now=noon + 2 * MINUTE)
    assert exercise.began_at == noon + 2 * MINUTE
    assert desk.poll(now=noon + 3 * MINUTE) > 25
    assert said(exercise) == ["exercise played"]


def test_a_story_that_is_held_tells_no_more_and_goes_on_where_it_was(
    desk: Desk, exercise: Exercise, noon: datetime
) -> None:
    exercises.play(exercise, by=desk.lead, now=noon)
    desk.poll(now=noon + timedelta(seconds=5))
    n_heard = Case.objects.count()
    exercises.pause(exercise, by=desk.lead, now=noon + timedelta(seconds=5))
    assert desk.poll(now=noon + 60 * MINUTE) == 0
    exercises.play(exercise, by=desk.lead, now=noon + 60 * MINUTE)
    assert exercises.clock_of(exercise).place_at(noon + 60 * MINUTE) == 300
    assert desk.poll(now=noon + 61 * MINUTE) > 0
    assert Case.objects.count() > n_heard


def test_another_speed_keeps_the_place_and_is_kept_through_a_pause(
    desk: Desk, exercise: Exercise, noon: datetime
) -> None:
    exercises.play(exercise, by=desk.lead, now=noon)
    exercises.set_speed(exercise, 2, by=desk.lead, now=noon + timedelta(seconds=5))
    assert exercises.clock_of(exercise).place_at(noon + timedelta(seconds=15)) == 320
    exercises.pause(exercise, by=desk.lead, now=noon + timedelta(seconds=15))
    exercises.set_speed(exercise, 4, by=desk.lead, now=noon + MINUTE)
    assert exercises.clock_of(exercise).speed == 0
    exercises.play(exercise, by=desk.lead, now=noon + 2 * MINUTE)
    assert exercises.clock_of(exercise).speed == 4


def test_the_second_of_two_leaders_is_refused(desk: Desk, exercise: Exercise, noon: datetime) -> None:
    exercises.play(exercise, by=desk.lead, now=noon, seen=0)
    with pytest.raises(ExerciseChanged):
        exercises.pause(exercise, by=desk.lead, now=noon + MINUTE, seen=0)
    assert exercises.pause(exercise, by=desk.lead, now=noon + MINUTE, seen=60)
    assert not exercises.pause(exercise, by=desk.lead, now=noon + MINUTE)


@pytest.mark.parametrize("speed", [0, -1, 601, float("nan"), float("inf")])
def test_a_story_runs_forward_and_not_too_fast(
    desk: Desk, exercise: Exercise, noon: datetime, speed: float
) -> None:
    with pytest.raises(ExerciseRefused):
        exercises.set_speed(exercise, speed, by=desk.lead, now=noon)


def test_an_exercise_that_ended_is_led_no_more(desk: Desk, exercise: Exercise, noon: datetime) -> None:
    exercises.play(exercise, by=desk.lead, now=noon)
    exercises.end(exercise, by=desk.lead, now=noon + MINUTE)
    assert (exercise.ended_at, exercise.ended_by) == (noon + MINUTE, desk.lead)
    assert exercises.clock_of(exercise).speed == 0
    for act in (exercises.play, exercises.pause, exercises.end):
        with pytest.raises(ExerciseRefused):
            act(exercise, by=desk.lead, now=noon + 2 * MINUTE)
    assert said(exercise) == ["exercise played", "exercise ended"]


def test_what_the_story_comes_to_happens_once_to_whom_it_is_for(
    desk: Desk, exercise: Exercise, noon: datetime
) -> None:
    assert exercises.tell_due(now=noon + MINUTE) == 0
    exercises.play(exercise, by=desk.lead, now=noon)
    call = Inject.objects.get(key="i01")
    assert exercises.tell_due(now=noon + timedelta(seconds=call.at_s / 60 - 1)) == 0
    at = noon + timedelta(seconds=call.at_s / 60)
    assert [exercises.tell_due(now=at), exercises.tell_due(now=at)] == [1, 0]
    told = Notification.objects.get(kind="inject")
    assert (told.recipient, told.channel, told.about) == (desk.lead, "in-app", f"exercise:{exercise.pk}")
    assert "Burgemeester" in told.facts["sentence"]


def test_what_is_for_a_function_comes_to_who_is_on_duty_with_it(
    desk: Desk, exercise: Exercise, noon: datetime
) -> None:
    post = DutyPost.objects.create(name="webcare", function="officer")
    Shift.objects.create(post=post, person=desk.colleague, starts_at=noon, ends_at=noon + 60 * MINUTE)
    exercises.add_inject(
        exercise, InjectPlan("De stroom valt uit.", to_function="officer"), by=desk.lead, now=noon
    )
    assert [each.recipient for each in Notification.objects.filter(kind="inject")] == [desk.colleague]


def test_what_fits_nobody_comes_to_who_leads(desk: Desk, exercise: Exercise, noon: datetime) -> None:
    head = person("hanna", Role.ADMINISTRATOR)
    exercises.add_inject(exercise, InjectPlan("De raad belt.", to_function="crisis"), by=desk.lead, now=noon)
    assert {each.recipient for each in Notification.objects.filter(kind="inject")} == {desk.lead, head}


def test_an_inject_without_words_is_refused(desk: Desk, exercise: Exercise, noon: datetime) -> None:
    with pytest.raises(ExerciseRefused):
        exercises.add_inject(exercise, InjectPlan("  "), by=desk.lead, now=noon)


def test_an_inject_is_settled_with_words_that_may_be_mended(
    desk: Desk, exercise: Exercise, noon: datetime
) -> None:
    inject = exercises.add_inject(exercise, InjectPlan("De burgemeester belt."), by=desk.lead, now=noon)
    assert exercises.settle(inject, note="Teruggebeld", by=desk.officer, now=noon + MINUTE)
    assert exercises.settle(inject, note="Teruggebeld, met bron", by=desk.lead, now=noon + 2 * MINUTE)
    assert not exercises.settle(inject, note="Teruggebeld, met bron", by=desk.lead, now=noon + 3 * MINUTE)
    assert (inject.done_at, inject.done_by, inject.note) == (
        noon + MINUTE,
        desk.lead,
        "Teruggebeld, met bron",
    )


def test_what_has_not_happened_cannot_be_settled(desk: Desk, exercise: Exercise, noon: datetime) -> None:
    with pytest.raises(ExerciseRefused):
        exercises.settle(Inject.objects.get(key="i01"), by=desk.officer, now=noon)


@pytest.fixture
def played(desk: Desk, exercise: Exercise, noon: datetime) -> dict[str, Case]:
    """The whole story, heard as it was told; its cases by the numbers of the incident."""
    exercises.play(exercise, by=desk.lead, now=noon)
    desk.poll(now=noon + MINUTE)
    return {case.post.raw["id"]: case for case in Case.objects.select_related("post")}


def test_the_score_holds_what_was_done_against_what_was_meant(
    desk: Desk, exercise: Exercise, played: dict[str, Case], noon: datetime
) -> None:
    officer, later = desk.officer, noon + 3 * MINUTE
    judge(played["s15"], "insult", by=officer, now=later)
    watched(desk, Case.objects.get(pk=played["s15"].pk), now=later)
    judge(played["s17"], "joke", by=officer, now=later)
    judge(played["s19"], "insult", by=officer, now=later)
    decisions.take_exit(played["s05"], "neutral", by=officer, now=later)
    decisions.report_danger(played["man-in-water"], by=officer, now=later)
    alarm = played["man-in-water"].escalations.get()
    escalation.acknowledge(alarm, by=officer, now=later + MINUTE)
    found = score_of(exercise)
    assert (found.triage.n_done, found.triage.median_s) == (5, 120)
    dangers = {danger.id: danger for danger in found.dangers}
    assert (dangers["man-in-water"].alarm_s, dangers["man-in-water"].taken_s) == (120, 60)
    assert {id for id, danger in dangers.items() if danger.alarm_s is None} == {"s13", "s21", "s23"}
    duties = {duty.id: (duty.n, duty.n_done) for duty in found.duties}
    assert duties == {"A1": (1, 1), "A2": (1, 0), "A4": (1, 0)}
    assert (found.n_judged, found.n_right) == (8, 4)


def test_the_score_leaves_out_what_came_before_and_near_copies(
    exercise: Exercise, played: dict[str, Case]
) -> None:
    counted = {line.id for line in lines(exercise)}
    assert "s01" not in counted
    assert "ammonia-rumour" in counted
    assert played["s09"].lead_id == played["ammonia-rumour"].pk
    assert not {"s09", "s10"} & counted


def test_the_score_takes_as_many_queries_for_the_whole_story_as_for_nothing(
    exercise: Exercise, played: dict[str, Case], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(8):
        score_of(exercise)


def test_the_score_is_kept_beside_the_rows(
    exercise: Exercise, played: dict[str, Case], settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    path = exercises.keep_score(score_of(exercise).kept())
    assert json.loads(path.read_text(encoding="utf-8"))["n_posts"] == len(lines(exercise))
