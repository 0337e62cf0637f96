"""The score of an exercise: each figure on lines of which we know what it must be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cases.rules.scoring import Answer, Happened, Line, read, score

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def line(n: int, **what: object) -> Line:
    """Post `n`, that came `n` minutes after noon."""
    return replace(Line(f"p{n}", n, f"post {n}", after(60 * n)), **what)  # type: ignore[arg-type]


def judged(n: int, category: str, *, took_s: float = 30, **what: object) -> Line:
    """Judged as it was meant, `took_s` after it came."""
    same = {"q1": "negative", "categories": (category,)}
    found = {"judged_q1": "negative", "judged_categories": (category,)}
    return line(n, triaged_at=after(60 * n + took_s), **same, **found, **what)


def test_triage_is_the_median_and_the_slowest_tenth_of_what_was_judged() -> None:
    lines = [judged(n, "insult", took_s=n) for n in range(1, 11)] + [line(11)]
    times = score(lines).triage
    assert (times.n, times.n_done, times.median_s, times.p90_s) == (11, 10, 5, 9)


def test_nothing_judged_has_no_times() -> None:
    assert score([line(1)]).triage.median_s is None


def test_the_first_right_answer_is_judged_right_and_names_its_source() -> None:
    bare, wrong = Answer(after(90)), Answer(after(100), has_fact_source=True)
    right = Answer(after(400), has_fact_source=True)
    lines = [
        judged(1, "untruth", answers=(bare,)),
        replace(judged(2, "untruth", answers=(wrong,)), judged_categories=("joke",)),
        judged(3, "untruth", answers=(right,)),
    ]
    found = score(lines)
    assert (found.answered_s, found.answered_case) == (340, 3)
    assert (found.replies.n, found.replies.n_done) == (3, 3)


def test_an_insult_calls_for_no_answer() -> None:
    assert score([judged(1, "insult")]).replies.n == 0


def test_the_alarm_is_timed_from_the_cry_and_what_nobody_raised_is_named() -> None:
    heard = line(1, exit="danger", alarm_at=after(75), taken_at=after(100))
    missed = line(2, exit="danger")
    first, second = score([heard, missed]).dangers
    assert (first.alarm_s, first.taken_s) == (15, 25)
    assert (second.case, second.alarm_s, second.taken_s) == (2, None, None)


def test_an_alarm_that_rang_before_the_post_took_no_time() -> None:
    assert score([line(1, exit="danger", alarm_at=NOON)]).dangers[0].alarm_s == 0


@pytest.mark.parametrize(
    ("duty", "forgotten", "done"),
    [
        ("A1", judged(1, "insult"), judged(2, "insult", is_watched=True)),
        ("A2", judged(1, "joke"), judged(2, "joke", is_liked=True)),
        ("A3", judged(1, "untruth"), judged(2, "untruth", answers=(Answer(NOON, has_fact_source=True),))),
        (
            "A3.3",
            judged(1, "untruth", answers=(Answer(NOON),)),
            judged(2, "untruth", answers=(Answer(NOON, has_fact_source=True),)),
        ),
        ("A4", judged(1, "dissatisfied"), judged(2, "dissatisfied", answers=(Answer(NOON),))),
        (
            "A4.4",
            judged(1, "dissatisfied", answers=(Answer(NOON),)),
            judged(2, "dissatisfied", answers=(Answer(NOON, has_follow_up=True),)),
        ),
        (
            "P+",
            line(1, q1="positive", has_suggestion=True, triaged_at=NOON),
            line(2, q1="positive", has_suggestion=True, triaged_at=NOON, notes_suggestion=True),
        ),
    ],
)
def test_a_duty_is_forgotten_where_a_judged_case_lacks_it(duty: str, forgotten: Line, done: Line) -> None:
    found = {each.id: each for each in score([forgotten, done]).duties}[duty]
    assert (found.n, found.n_done, found.forgotten) == (2, 1, (1,))


def test_a_case_that_nobody_came_to_is_late_and_not_forgotten() -> None:
    assert score([line(1, q1="negative", categories=("insult",))]).duties == ()


def test_judged_as_meant_counts_exits_and_categories_and_leaves_out_what_waits() -> None:
    lines = [
        judged(1, "joke"),
        replace(judged(2, "joke"), judged_categories=("insult",)),
        line(3, exit="neutral", triaged_at=NOON, judged_exit="neutral"),
        line(4, exit="question", triaged_at=NOON, judged_exit="neutral"),
        line(5, exit="later", triaged_at=NOON),
        line(6, exit="danger", alarm_at=NOON),
        line(7),
    ]
    found = score(lines)
    assert (found.n_right, found.n_judged) == (3, 5)


def test_injects_are_timed_until_somebody_dealt_with_them() -> None:
    told = [Happened(NOON, after(60), "call"), Happened(NOON, None, "mail")]
    times = score([], told).injects
    assert (times.n, times.n_done, times.median_s) == (2, 1, 60)


def test_a_score_is_read_back_from_its_file_as_it_was() -> None:
    found = score([judged(1, "insult"), line(2, exit="danger")], [Happened(NOON, None, "call")])
    assert read(found.kept()) == found


def test_a_file_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="7"):
        read(score([]).kept() | {"format": 7})
