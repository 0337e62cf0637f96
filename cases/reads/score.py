"""The score of the exercise of this space, from its own rows and what the incident expects."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from cases.models import (
    Assessment,
    AuditEvent,
    Case,
    Escalation,
    Exercise,
    Response,
    Task,
    Watch,
    case_subject,
)
from cases.rules.scoring import EXITS, Answer, Happened, Line, Score, score
from cases.rules.workflow import State

SHOWN = 80
LEFT = (Response.Status.SENT, Response.Status.ELSEWHERE)


def score_of(exercise: Exercise) -> Score:
    """What the exercise comes to as its rows stand now. Posts from before the story do not count."""
    told = exercise.injects.filter(told_at__isnull=False).order_by("told_at")
    injects = [Happened(each.told_at, each.done_at, each.text) for each in told if each.told_at]
    return score(lines(exercise), injects)


def lines(exercise: Exercise) -> list[Line]:
    """The posts of the story that opened a case of their own, oldest first."""
    played = Case.objects.filter(post__source=exercise.source_id, lead=None).select_related("post")
    cases = [case for case in played.order_by("opened_at", "pk") if float(case.post.raw.get("at_s", 0)) > 0]
    ids = [case.pk for case in cases]
    found = _Found(
        triaged=_triaged(ids),
        judged={each.case_id: each for each in _of(Assessment, ids).order_by("n")},
        alarms=_first_alarms(ids),
        answers=_answers(ids),
        watched=set(_of(Watch, ids).values_list("case", flat=True)),
    )
    return [found.line(case) for case in cases]


class _Found:
    """What was done about the cases, read at once."""

    def __init__(
        self,
        *,
        triaged: Mapping[int, datetime],
        judged: Mapping[int, Assessment],
        alarms: Mapping[int, Escalation],
        answers: Mapping[int, Sequence[Answer]],
        watched: set[int],
    ) -> None:
        self.triaged, self.judged, self.alarms = triaged, judged, alarms
        self.answers, self.watched = answers, watched

    def line(self, case: Case) -> Line:
        """One post with what was meant and what became of it."""
        given, alarm = self.judged.get(case.pk), self.alarms.get(case.pk)
        answers: Mapping[str, Any] = given.answers if given else {}
        return Line(
            id=str(case.post.raw.get("id", "")),
            case=case.pk,
            text=case.post.text[:SHOWN],
            came_at=case.opened_at,
            **_meant(case.post.raw.get("expect") or {}),
            triaged_at=self.triaged.get(case.pk),
            judged_q1=str(answers.get("Q1", "")),
            judged_categories=tuple(given.categories) if given else (),
            judged_exit=case.category if case.category in EXITS else "",
            notes_suggestion=bool(given and (given.has_suggestion or given.what_we_do)),
            answers=tuple(self.answers.get(case.pk, ())),
            # The watch of a situation is that of its cases.
            is_watched=case.pk in self.watched or case.situation_id is not None,
            is_liked=answers.get("Q2b_liked") == "yes",
            alarm_at=alarm.raised_at if alarm else None,
            taken_at=alarm.acknowledged_at if alarm else None,
        )


def _meant(expect: Mapping[str, Any]) -> dict[str, Any]:
    q1 = str(expect.get("q1") or "")
    return {
        "q1": "" if q1 == "none" else q1,
        "categories": tuple(expect.get("categories") or ()),
        "exit": str(expect.get("extension") or ""),
        "has_suggestion": bool(expect.get("suggestion")),
    }


def _triaged(ids: Sequence[int]) -> dict[int, datetime]:
    """When a case first left the inbox: judged, by an exit, or handed on."""
    subjects = {case_subject(pk): pk for pk in ids}
    moved = AuditEvent.objects.filter(subject__in=subjects, action="moved").order_by("seq")
    found: dict[int, datetime] = {}
    for subject, at, facts in moved.values_list("subject", "at", "facts"):
        if facts.get("before") == State.NEW:
            found.setdefault(subjects[subject], at)
    return found


def _first_alarms(ids: Sequence[int]) -> dict[int, Escalation]:
    found: dict[int, Escalation] = {}
    for alarm in _of(Escalation, ids).order_by("raised_at", "pk"):
        found.setdefault(alarm.case_id, alarm)
    return found


def _answers(ids: Sequence[int]) -> dict[int, list[Answer]]:
    promised = set(_of(Task, ids).values_list("case", flat=True))
    found: dict[int, list[Answer]] = defaultdict(list)
    for reply in _of(Response, ids).filter(status__in=LEFT, sent_at__isnull=False).order_by("sent_at"):
        follows_up = bool(reply.inquiry or reply.what_we_do) or reply.case_id in promised
        if reply.sent_at:
            found[reply.case_id].append(Answer(reply.sent_at, bool(reply.fact_source), follows_up))
    return found


def _of(model: Any, ids: Iterable[int]) -> Any:
    return model.objects.filter(case__in=list(ids))
