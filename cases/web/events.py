"""The timeline in plain words: one sentence per event of the audit trail."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cases.reasons import ROLES
from cases.rules.scheme import SEPARATOR, YES, Scheme
from cases.web import alarm_events, claim_events, crisis_events
from cases.web.flow import said
from cases.web.plan_events import SENTENCES, plan_event
from cases.web.words import APPROACHES, QUERY_ACTIONS, REASONS, STATES, word

Facts = Mapping[str, Any]


class Event(Protocol):
    """What is read of an audit event."""

    action: str
    actor_name: str
    result: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the timeline: a sentence, a detail under it, an icon and its tone."""

    sentence: str
    detail: str = ""
    icon: str = "note"
    tone: str = ""
    edit: Sequence[Sequence[str]] = ()


def told(event: Event, scheme: Scheme) -> Told:
    """The line for an event; an action that has no words yet is named as it is.

    `scheme` gives an answer the words that stood on its button.
    """
    who = event.actor_name or _("The system")
    if event.action == "answered":
        return _answered(who, event.facts, scheme)
    build = _TELL.get(event.action)
    if build is None and event.action in SENTENCES:
        return Told(plan_event(who, event.action, event.facts))
    if build is None:
        return Told(f"{who}: {event.action}")
    return build(who, {**event.facts, "result": event.result})


def told_briefly(event: Event, scheme: Scheme | None) -> str:
    """One sentence for any event of the trail, without the words that somebody wrote beside it."""
    who = event.actor_name or _("The system")
    if event.action in QUERY_ACTIONS:
        return word(QUERY_ACTIONS, event.action) % {"who": who}
    if event.action in SENTENCES:
        return plan_event(who, event.action, event.facts)
    if event.action in _TELL or (event.action == "answered" and scheme):
        return told(event, cast(Scheme, scheme)).sentence
    return f"{who}: {event.action}"


def _let_go(who: str, facts: Facts) -> Told:
    """A reply that was approved, or that somebody alone on duty let go; with what was changed in it."""
    edit = facts.get("edit") or ()
    if facts.get("released alone"):
        sentence = _("%(who)s, alone on duty, let the reply go") % {"who": who}
        return Told(sentence, str(facts["released alone"]), "user", "hot", edit)
    sentence = _("%(who)s changed the reply and approved it") if edit else _("%(who)s approved the reply")
    return Told(sentence % {"who": who}, "" if edit else str(facts.get("text", "")), "check", "acc", edit)


def _moved(who: str, facts: Facts) -> Told:
    if facts.get("approved") or facts.get("released alone"):
        return _let_go(who, facts)
    names = {"who": who, "state": word(STATES, str(facts.get("after", "")))}
    urgent = facts.get("after") == "comms"
    detail = _link(facts) or _reason(facts)
    if facts.get("reason") == "the author reacts":
        detail = _("The author said more: case %(case)s") % {"case": facts.get("post")}
    icon = {"comms": "siren", "responded": "send", "watching": "eye", "closed": "check"}.get(
        str(facts.get("after")), "flat"
    )
    return Told(_("%(who)s: the case is now “%(state)s”") % names, detail, icon, "hot" if urgent else "acc")


def _opened(who: str, facts: Facts) -> Told:
    if facts.get("follows"):
        names = {"case": facts["follows"]}
        return Told(_("The post came in"), _("Its author said more after case %(case)s") % names, "inbox")
    same = _("It tells the same as case %(case)s") % {"case": facts["lead"]} if facts.get("lead") else ""
    return Told(_("The post came in"), same or _by_rule(facts.get("assigned") or {}), "inbox")


def _by_rule(assigned: Facts) -> str:
    """Whose a case is by itself, or that nobody whom the rule means was on duty."""
    if not assigned.get("rule"):
        return ""
    if assigned.get("to"):
        return _("The rule “%(rule)s” made %(to)s responsible") % assigned
    return _("The rule “%(rule)s” found nobody on duty, so this case is nobody's yet") % assigned


def _captured(who: str, facts: Facts) -> Told:
    return Told(_("%(who)s reported this post") % {"who": who}, str(facts.get("url", "")), "manual")


def _edited(who: str, facts: Facts) -> Told:
    if facts.get("becomes urgent"):
        return Told(_("The author edited the post"), _("It is urgent now"), "alert", "hot")
    return Told(_("The author edited the post"), "", "note")


def _gone(who: str, facts: Facts) -> Told:
    if facts.get("text is kept"):
        detail = _("Its text is kept here: it may be needed as evidence of danger")
        return Told(_("The post is gone from its platform"), detail, "alert", "hot")
    return Told(
        _("The post is gone from its platform"), _("Its text and author were removed here too"), "note"
    )


def _restored(who: str, facts: Facts) -> Told:
    return Told(_("The post is on its platform again"), "", "note")


def _answered(who: str, facts: Facts, scheme: Scheme) -> Told:
    asked, answer = str(facts.get("question", "")), str(facts.get("answer", ""))
    for toggle in scheme.toggles:
        if toggle.id == asked:
            names = {"who": who, "fact": said(toggle.label)}
            if answer == YES:
                return Told(_("%(who)s: yes, “%(fact)s”") % names, "", "route")
            return Told(_("%(who)s: no, not “%(fact)s”") % names, "", "route")
    questions = [question for question in scheme.questions if question.id == asked]
    chosen = answer.split(SEPARATOR)
    labels = [said(c.label) for question in questions for c in question.choices if c.id in chosen]
    names = {"who": who, "answer": ", ".join(labels) or answer}
    return Told(_("%(who)s chose: %(answer)s") % names, "", "route")


def _answer_back(who: str, facts: Facts) -> Told:
    return Told(_("%(who)s took an answer back") % {"who": who}, "", "undo")


def _chose(who: str, facts: Facts) -> Told:
    reason = str(facts.get("reason") or "")
    if facts.get("follows advice"):
        return Told(_("%(who)s followed the advice") % {"who": who}, reason, "check", "acc")
    return Told(_("%(who)s deviated from the advice") % {"who": who}, reason, "route", "hot")


def _taken(who: str, facts: Facts) -> Told:
    if facts.get("from"):
        names = {"who": who, "from": facts["from"]}
        return Told(_("%(who)s took the case over from %(from)s") % names, "", "user")
    return Told(_("%(who)s took the case") % {"who": who}, "", "user")


def _assigned(who: str, facts: Facts) -> Told:
    if facts.get("rule"):
        return Told(_by_rule(facts), "", "user")
    if not facts.get("to"):
        return Told(_("%(who)s made nobody responsible") % {"who": who}, "", "user")
    return Told(_("%(who)s made %(to)s responsible") % {"who": who, "to": facts["to"]}, "", "user")


def _watch_started(who: str, facts: Facts) -> Told:
    names = {"watcher": facts.get("watcher", who), "until": _time(facts.get("until"))}
    return Told(_("%(watcher)s keeps watch until %(until)s") % names, "", "eye", "acc")


def _looked_back(who: str, facts: Facts) -> Told:
    said = {
        "right": _("%(who)s looked back: the alarm was right"),
        "false": _("%(who)s looked back: a false alarm"),
    }[facts["after"]]
    return Told(said % {"who": who}, facts["reason"], "eye")


def _watch_paused(who: str, facts: Facts) -> Told:
    names = {"who": who, "until": _time(facts.get("until"))}
    return Told(_("%(who)s paused the alarms until %(until)s") % names, "", "pause")


def _snoozed(who: str, facts: Facts) -> Told:
    names = {"who": who, "until": _time(facts.get("until"))}
    return Told(_("%(who)s put the case aside until %(until)s") % names, "", "snooze")


def _press(who: str, facts: Facts) -> Told:
    if facts.get("press"):
        return Told(_("%(who)s: this account speaks for a newsroom") % {"who": who}, "", "flag")
    if standing := facts.get("standing"):
        names = {"who": who, "role": ROLES.get(standing, standing)}
        return Told(_("%(who)s: this account is known as %(role)s") % names, "", "flag")
    if facts.get("before") not in (None, "press", "national press"):
        return Told(_("%(who)s: this account is nobody in particular after all") % {"who": who}, "", "flag")
    return Told(_("%(who)s: this account does not speak for a newsroom") % {"who": who}, "", "flag")


def _resolved(who: str, facts: Facts) -> Told:
    how = str(facts.get("how") or "")
    how = word(APPROACHES, how) if how in APPROACHES else word(REASONS, how)
    return Told(_("The alarm is over"), how, "check")


def _handed(who: str, facts: Facts) -> Told:
    return Told(_("%(who)s told %(to)s") % {"who": who, "to": facts.get("to", "")}, "", "phone", "hot")


def _named(sentence: Callable[[], str], icon: str, detail: str = "") -> Callable[[str, Facts], Told]:
    def build(who: str, facts: Facts) -> Told:
        return Told(sentence() % {"who": who}, word(REASONS, str(facts.get(detail) or "")), icon)

    return build


def _promised(who: str, facts: Facts) -> Told:
    names = {"who": who, "when": _time(facts.get("due"))}
    moved, made = _("%(who)s moved the promise to %(when)s"), _("%(who)s promised something by %(when)s")
    return Told((moved if facts.get("due before") else made) % names, str(facts.get("what", "")), "clock")


def _promise_dropped(who: str, facts: Facts) -> Told:
    what = {"what": facts.get("what", ""), "reason": facts.get("reason", "")}
    detail = _("“%(what)s” is not done: %(reason)s") % what
    return Told(_("%(who)s dropped a promise") % {"who": who}, detail, "x")


def _of_alarm(build: Callable[[str, Facts], alarm_events.Said]) -> Callable[[str, Facts], Told]:
    return lambda who, facts: Told(*build(who, facts))


_TELL: Mapping[str, Callable[[str, Facts], Told]] = {
    **{action: _of_alarm(build) for action, build in alarm_events.SENTENCES.items()},
    **{action: _of_alarm(build) for action, build in claim_events.SENTENCES.items()},
    **{action: _of_alarm(build) for action, build in crisis_events.SENTENCES.items()},
    "opened": _opened,
    "captured": _captured,
    "post edited": _edited,
    "post gone": _gone,
    "post restored": _restored,
    "moved": _moved,
    "answer taken back": _answer_back,
    "chose": _chose,
    "taken": _taken,
    "released": _named(lambda: _("%(who)s let the case go"), "user"),
    "assigned": _assigned,
    "snoozed": _snoozed,
    "woken": _named(lambda: _("%(who)s brought the case back"), "snooze"),
    "press": _press,
    "watch started": _watch_started,
    "looked back": _looked_back,
    "watch paused": _watch_paused,
    "watch ended": _named(lambda: _("The watch ended"), "eye", "reason"),
    "checked": _named(lambda: _("%(who)s looked: nothing to report"), "eye", "note"),
    "alarm taken over": _named(lambda: _("%(who)s took the alarm over"), "siren"),
    "escalation resolved": _resolved,
    "handed over": _handed,
    "release reviewed": _named(lambda: _("%(who)s looked at what was sent by somebody alone"), "eye", "note"),
    "file made": _named(lambda: _("%(who)s made the file of this case"), "note"),
    "promised": _promised,
    "promise moved": _promised,
    "promise kept": _named(lambda: _("%(who)s: the promise is kept"), "check", "what"),
    "promise dropped": _promise_dropped,
    "undone": _named(lambda: _("%(who)s took the last step back"), "undo"),
}


def _reason(facts: Facts) -> str:
    """Why: in a person's own words, or in ours for a rule."""
    return word(REASONS, str(facts.get("reason") or ""))


def _link(facts: Facts) -> str:
    return str(facts.get("link") or facts.get("note") or facts.get("text") or "")


def _time(iso: Any) -> str:
    if not iso:
        return "?"
    return date_format(timezone.localtime(datetime.fromisoformat(str(iso))), "j N H:i")
