"""What messages to people say that are about no alarm: title and sentence by kind, from their facts."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import outcomes
from cases.models import Notification

Facts = Mapping[str, Any]


def _query_ending(facts: Facts) -> tuple[str, str]:
    names = {"name": facts["name"], "day": _day(facts["ends_at"]), "who": facts.get("by", "")}
    if facts.get("by"):
        return _("query stopped"), _("%(who)s stopped the query “%(name)s”.") % names
    if facts["is_over"]:
        sentence = _("The query “%(name)s” ended on %(day)s. Nothing more is collected for it.")
        return _("query ended"), sentence % names
    sentence = _(
        "The query “%(name)s” ends on %(day)s. After that we listen no more. "
        "Is it still needed? Then move the end date."
    )
    return _("query ends soon"), sentence % names


def _query_waits(facts: Facts) -> tuple[str, str]:
    sentence = _(
        "%(who)s asks you to decide on the query “%(name)s”. It is about a person: "
        "we do not listen for it before you have approved it."
    )
    return _("query waits for you"), sentence % {"who": facts["by"], "name": facts["name"]}


def _query_decided(facts: Facts) -> tuple[str, str]:
    names = {"who": facts["by"], "name": facts["name"], "reason": facts["reason"]}
    if facts["is_approved"]:
        return _("query approved"), _("%(who)s approved the query “%(name)s”: %(reason)s") % names
    sentence = _("%(who)s refused the query “%(name)s”, so we do not listen for it: %(reason)s")
    return _("query refused"), sentence % names


def _source_stopped(facts: Facts) -> tuple[str, str]:
    name = {"name": facts["name"], "n": facts.get("n_failures", 0)}
    sentence = {
        "credential": _(
            "The platform accepts the keys “%(name)s” no more. All sources that use them stand still "
            "until somebody puts in new keys."
        ),
        "refused": _("The source “%(name)s” is refused by its platform. It stands still until it is mended."),
        "ended": _("The source “%(name)s” is over: its platform says that nothing more will come."),
    }.get(facts["health"], _("The source “%(name)s” failed %(n)d times in a row. We keep trying."))
    return _("source stopped"), sentence % name


def _assigned(facts: Facts) -> tuple[str, str]:
    sentence = _("%(who)s made you responsible for case %(case)d.")
    return _("case for you"), sentence % {"who": facts["by"], "case": facts["case"]}


def _handed_over(facts: Facts) -> tuple[str, str]:
    sentences = {
        "left": _("%(who)s hands the shift over. Read the note and accept it."),
        "asked": _("%(who)s asks you to add something to your note before it is accepted."),
        "added": _("%(who)s added something to the note of the shift."),
        "accepted": _("%(who)s accepted your hand-over."),
        "waits": _("Nobody has accepted the hand-over of %(who)s yet. Read the note and accept it."),
        "alarm": _("%(who)s asks you to take over the alarm of %(about)s. They have it until you accept."),
    }
    about = facts.get("about") or _("case %(case)d") % {"case": facts.get("case", 0)}
    return _("hand-over"), sentences[facts["what"]] % {"who": facts["by"], "about": about}


def _approval(facts: Facts) -> tuple[str, str]:
    due = facts.get("due")
    until = {"time": date_format(timezone.localtime(datetime.fromisoformat(due)), "j F H:i") if due else ""}
    sentences = {
        "waits": _("%(who)s asks you to approve the reply in case %(case)d, before %(time)s."),
        "nobody": _(
            "%(who)s asks for approval of the reply in case %(case)d, and nobody is there who may give it. "
            "Find somebody with a mandate before %(time)s."
        ),
        "approved": _("%(who)s approved your reply in case %(case)d. It is being sent."),
        "changed": _("%(who)s changed your reply in case %(case)d and approved it. See what was changed."),
        "returned": _("%(who)s gave your reply in case %(case)d back: %(said)s"),
    }
    title = _("approval waits") if facts["what"] in ("waits", "nobody") else _("your reply")
    return title, sentences[facts["what"]] % _who_says(facts, until)


def _review(facts: Facts) -> tuple[str, str]:
    sentences = {
        "waits": _(
            "%(who)s was alone on duty and let a reply go in case %(case)d: %(said)s "
            "Look at it on the next working day."
        ),
        "reviewed": _("%(who)s looked at the reply that you let go alone in case %(case)d: %(said)s"),
    }
    return _("reply to look at"), sentences[facts["what"]] % _who_says(facts, {})


def _who_says(facts: Facts, more: Mapping[str, str]) -> dict[str, Any]:
    return {"who": facts["by"], "case": facts["case"], "said": facts.get("said", ""), **more}


def _task_due(facts: Facts) -> tuple[str, str]:
    names = {"what": facts["what"].rstrip("."), "case": facts["case"], "who": facts["who"]}
    if not facts["is_late"]:
        return _("promise due"), _("“%(what)s” was promised for now, on case %(case)d.") % names
    if facts["who"]:
        sentence = _("“%(what)s” on case %(case)d should be done by now. %(who)s would do it.")
    else:
        sentence = _("“%(what)s” on case %(case)d should be done by now, and nobody is asked to do it.")
    return _("promise overdue"), sentence % names


def _overdue(facts: Facts) -> tuple[str, str]:
    due_at = date_format(timezone.localtime(datetime.fromisoformat(facts["due_at"])), "j F H:i")
    sentence = ngettext(
        "%(n)d case waits for an answer that is overdue, %(n_new)d of them since the last message. "
        "The oldest is case %(oldest)d, due %(due)s.",
        "%(n)d cases wait for an answer that is overdue, %(n_new)d of them since the last message. "
        "The oldest is case %(oldest)d, due %(due)s.",
        facts["n"],
    )
    return _("answers overdue"), sentence % {**facts, "due": due_at}


def _swap_asked(facts: Facts) -> tuple[str, str]:
    sentence = _(
        "%(of)s asks to be relieved of the shift at %(post)s, from %(from)s. Take it over, or say no."
    )
    return _("can you take a shift?"), f"{sentence % _shift(facts)} {facts['note']}".strip()


def _swap_decided(facts: Facts) -> tuple[str, str]:
    sentences = {
        "taken": _("%(who)s takes the shift of %(of)s at %(post)s over, from %(from)s."),
        "refused": _("%(who)s cannot take your shift at %(post)s over, from %(from)s. It stays yours."),
        "withdrawn": _("The shift of %(of)s at %(post)s, from %(from)s, need not be taken over any more."),
        "expired": _("Nobody took your shift at %(post)s over, from %(from)s. It stayed yours."),
    }
    return _("swap of a shift"), sentences[facts["what"]] % _shift(facts)


def _shift(facts: Facts) -> dict[str, str]:
    return {"who": facts["by"], "of": facts["of"], "post": facts["post"], "from": _moment(facts["from"])}


def _duty_gap(facts: Facts) -> tuple[str, str]:
    words = {"post": facts["post"], "from": _moment(facts["from"])}
    if facts["is_now"]:
        sentence = _("Nobody is at %(post)s now: alarms for that post reach nobody there.")
    elif facts["is_endless"]:
        sentence = _(
            "Nobody is planned at %(post)s from %(from)s on: alarms for that post reach nobody there."
        )
    else:
        words["until"] = _moment(facts["until"])
        sentence = _(
            "Nobody is planned at %(post)s from %(from)s until %(until)s: alarms for that post reach "
            "nobody there."
        )
    return _("gap in the duty plan"), f"{sentence % words} {_('Ask somebody.')}"


def _test(facts: Facts) -> tuple[str, str]:
    sentence = _("This is a test: messages of Weerwoord reach you here. You need do nothing.")
    return _("test message"), sentence


def _not_delivered(facts: Facts) -> tuple[str, str]:
    words = {"who": facts["who"], "channel": facts["channel"], "why": outcomes.said(facts["why"])}
    if facts["is_gone"]:
        sentence = _("Messages to %(who)s by %(channel)s are switched off: %(why)s")
    else:
        sentence = _(
            "A message to %(who)s by %(channel)s does not arrive: %(why)s. We keep trying. "
            "Reach them another way."
        )
    return _("message not delivered"), sentence % words


def _moment(moment: str) -> str:
    return date_format(timezone.localtime(datetime.fromisoformat(moment)), "j F H:i")


def _check_overdue(facts: Facts) -> tuple[str, str]:
    sentence = _(
        "Nobody has looked at %(about)s, which is being watched; a look was due %(due)s. "
        "Look, and write down what you see."
    )
    about = facts.get("about") or _("case %(case)d") % {"case": facts.get("case", 0)}
    words = {"about": about, "due": _moment(facts["due_at"]), "n": facts.get("n_cases", 0)}
    if words["n"]:
        sentence = ngettext(
            "%(n)d watched case of %(about)s waits for a look, the oldest since %(due)s.",
            "%(n)d watched cases of %(about)s wait for a look, the oldest since %(due)s.",
            words["n"],
        )
    return _("check overdue"), sentence % words


def _claim(facts: Facts) -> tuple[str, str]:
    """What is known of a claim, for who has cases that carry it."""
    names = {"claim": facts["statement"], "who": facts["who"]}
    sentences = {
        "true": _("“%(claim)s” is true, says %(who)s."),
        "false": _("“%(claim)s” is not true, says %(who)s."),
        "unknown": _("Nobody can say whether “%(claim)s” is true, says %(who)s."),
        "unverified": _("“%(claim)s” is not checked any more, says %(who)s."),
    }
    changed = {
        "statement": _("%(who)s said a claim in other words: “%(claim)s”."),
        "sources": _("%(who)s changed the sources on “%(claim)s”."),
        "answer": _("%(who)s changed the vetted answer to “%(claim)s”."),
        "merged": _("%(who)s changed which claims are the same as “%(claim)s”."),
    }
    sentence = changed.get(facts["what"], sentences[facts["status"]]) % names
    more = ngettext(
        "You have %(n)d open case that carries it; read it before you answer.",
        "You have %(n)d open cases that carry it; read it before you answer.",
        facts["n"],
    ) % {"n": facts["n"]}
    return _("claim changed"), f"{sentence} {more}"


def _picture_waits(facts: Facts) -> tuple[str, str]:
    sentence = _("Picture %(n)d of “%(name)s” was made by itself. Look at it, write the advice and sign it.")
    return _("picture waits for you"), sentence % {"n": facts["n"], "name": facts["name"]}


def _proposed(facts: Facts) -> tuple[str, str]:
    sentence = _(
        "“%(name)s” grows: %(posts)d posts by %(authors)d people in an hour. Open a situation, or decline."
    )
    return _("situation proposed"), sentence % {key: facts[key] for key in ("name", "posts", "authors")}


def _word_due(facts: Facts) -> tuple[str, str]:
    sentence = _(
        "People should have heard from us about “%(name)s” by %(due)s. "
        "Say what is known, or write down why not."
    )
    return _("people wait for word"), sentence % {"name": facts["name"], "due": _moment(facts["due_at"])}


def _batch_done(facts: Facts) -> tuple[str, str]:
    sentence = _("Done: %(done)d of %(of)d cases. %(left)d were left as they are; the page says why.")
    return _("act on many cases"), sentence % {key: facts[key] for key in ("done", "of", "left")}


NOTICES: Mapping[Notification.Kind, Callable[[Facts], tuple[str, str]]] = {
    Notification.Kind.QUERY_ENDING: _query_ending,
    Notification.Kind.QUERY_WAITS: _query_waits,
    Notification.Kind.QUERY_DECIDED: _query_decided,
    Notification.Kind.SOURCE_STOPPED: _source_stopped,
    Notification.Kind.ASSIGNED: _assigned,
    Notification.Kind.OVERDUE: _overdue,
    Notification.Kind.CHECK_OVERDUE: _check_overdue,
    Notification.Kind.TASK_DUE: _task_due,
    Notification.Kind.HANDED_OVER: _handed_over,
    Notification.Kind.APPROVAL_WAITS: _approval,
    Notification.Kind.REVIEW_WAITS: _review,
    Notification.Kind.SWAP_ASKED: _swap_asked,
    Notification.Kind.SWAP_DECIDED: _swap_decided,
    Notification.Kind.DUTY_GAP: _duty_gap,
    Notification.Kind.CLAIM_DECIDED: _claim,
    Notification.Kind.PICTURE_WAITS: _picture_waits,
    Notification.Kind.SITUATION_PROPOSED: _proposed,
    Notification.Kind.WORD_DUE: _word_due,
    Notification.Kind.BATCH_DONE: _batch_done,
    Notification.Kind.TEST: _test,
    Notification.Kind.NOT_DELIVERED: _not_delivered,
    Notification.Kind.INJECT: lambda facts: (_("exercise"), facts["sentence"]),
}


def _day(moment: str) -> str:
    """The day on which a stored moment falls here, in words."""
    return date_format(timezone.localtime(datetime.fromisoformat(moment)), "j F Y")
