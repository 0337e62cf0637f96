"""The score of an exercise in words: each figure with the sentence that says what it means."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.rules.scoring import Score, Times

DUTIES: dict[str, Promise] = {
    "A1": gettext_lazy("Insult: do not answer, and watch it"),
    "A2": gettext_lazy("Joke: leave it, and watch one that we do not like"),
    "A3": gettext_lazy("Untruth: put it right"),
    "A3.3": gettext_lazy("Untruth: name the source of the facts"),
    "A4": gettext_lazy("Complaint: answer it"),
    "A4.4": gettext_lazy("Complaint: find out and follow up"),
    "P+": gettext_lazy("Suggestion: say what we do with it"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what it is of, what it comes to, and what that says. `is_bad`: somebody must look at it."""

    id: str
    label: str
    value: str
    sentence: str
    is_bad: bool = False


def duty_label(duty_id: str) -> str:
    return str(DUTIES.get(duty_id, duty_id))


def span(seconds: float | None) -> str:
    """A length of time as people work: "45 s", "3 min 20 s"; a dash for none."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return _("%(n)d s") % {"n": rest}
    return _("%(n)d min %(s)d s") % {"n": minutes, "s": rest}


def figures(score: Score) -> list[Figure]:
    """All figures, in the order in which an exercise is talked through."""
    return [*_speed(score), *_dangers(score), *_quality(score)]


def _speed(score: Score) -> Iterator[Figure]:
    triage = score.triage
    yield Figure(
        "triage",
        _("Time to triage"),
        span(triage.median_s),
        _("Half of the %(n)d judged posts took no longer, nine in ten at most %(p90)s; %(open)d wait.")
        % {"n": triage.n_done, "p90": span(triage.p90_s), "open": _open(triage)}
        if triage.n_done
        else _("Nobody judged a post."),
        is_bad=_open(triage) > 0,
    )
    yield Figure(
        "first_answer",
        _("Time to the first right answer"),
        span(score.answered_s),
        _("From the first post that called for an answer until one left that was right.")
        if score.answered_s is not None
        else _("No right answer left: judged as meant, and an untruth put right with its source."),
        is_bad=score.answered_s is None and score.replies.n > 0,
    )
    yield Figure(
        "replies",
        _("Posts answered"),
        _("%(n)d of %(all)d") % {"n": score.replies.n_done, "all": score.replies.n},
        _("Of the posts that called for an answer; half of the answers left within %(span)s.")
        % {"span": span(score.replies.median_s)}
        if score.replies.n_done
        else _("Of the posts that called for an answer."),
        is_bad=_open(score.replies) > 0,
    )


def _dangers(score: Score) -> Iterator[Figure]:
    rang = [danger for danger in score.dangers if danger.alarm_s is not None]
    missed = [danger for danger in score.dangers if danger.alarm_s is None]
    slowest = max((danger.alarm_s for danger in rang if danger.alarm_s is not None), default=None)
    untaken = sum(danger.taken_s is None for danger in rang)
    yield Figure(
        "alarm",
        _("Time to alarm"),
        span(slowest),
        _("The slowest alarm for a cry for help; %(n)d of %(all)d rang, %(untaken)d nobody took.")
        % {"n": len(rang), "all": len(score.dangers), "untaken": untaken},
        is_bad=untaken > 0,
    )
    yield Figure(
        "missed_danger",
        _("Missed danger"),
        str(len(missed)),
        _("Cries for help for which no alarm rang: %(names)s.")
        % {"names": ", ".join(_("case %(n)d") % {"n": danger.case} for danger in missed)}
        if missed
        else _("Every cry for help raised an alarm."),
        is_bad=bool(missed),
    )


def _quality(score: Score) -> Iterator[Figure]:
    n_forgotten = sum(len(duty.forgotten) for duty in score.duties)
    yield Figure(
        "judged",
        _("Judged as the writer meant"),
        _("%(n)d %%") % {"n": round(100 * score.n_right / score.n_judged)} if score.n_judged else "–",
        _("%(n)d of %(all)d. A difference is something to talk about, not always a mistake.")
        % {"n": score.n_right, "all": score.n_judged},
    )
    yield Figure(
        "duties",
        _("Duties forgotten"),
        str(n_forgotten),
        ngettext(
            "One duty of the scheme was due on a judged case and left undone.",
            "%(n)d duties of the scheme were due on judged cases and left undone.",
            n_forgotten,
        )
        % {"n": n_forgotten}
        if n_forgotten
        else _("No duty of the scheme was left undone on a case that was judged."),
        is_bad=n_forgotten > 0,
    )
    yield Figure(
        "injects",
        _("Injects dealt with"),
        _("%(n)d of %(all)d") % {"n": score.injects.n_done, "all": score.injects.n},
        _("Of what happened beside the posts; half of it was dealt with within %(span)s.")
        % {"span": span(score.injects.median_s)}
        if score.injects.n_done
        else _("Of what happened beside the posts."),
        is_bad=_open(score.injects) > 0,
    )


def _open(times: Times) -> int:
    return times.n - times.n_done
