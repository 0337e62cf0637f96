"""The rows of a sheet, part by part, from the stored content."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.sheet import names
from cases.sheet.names import word
from cases.sheet.shapes import Row
from cases.sheet.times import clock, count, moment

Content = Mapping[str, Any]


def facts(content: Content) -> Iterator[Row]:
    """What is so: our key message, and the claims that somebody found to be true."""
    message = content["situation"]["key_message"]
    if message:
        made = {"n": message["n"], "when": clock(_at(message["at"])), "who": message["by"]}
        yield Row(message["text"], _("our key message, version %(n)d, %(when)s, %(who)s") % made)
    for claim in content["claims"]:
        if claim["status"] == "true":
            yield _claim(claim)


def rumours(content: Content) -> Iterator[Row]:
    """What is said and is not so, or of which nobody knows yet."""
    for claim in content["claims"]:
        if claim["status"] != "true":
            yield _claim(claim)


def _claim(claim: Content) -> Row:
    said = [word(names.CLAIMS, claim["status"])]
    if claim["decided_by"] and claim["decided_at"]:
        by = {"who": claim["decided_by"], "when": clock(_at(claim["decided_at"]))}
        said.append(_("decided by %(who)s at %(when)s") % by)
    said.append(_posts(claim["n"]))
    if claim["n_fresh"] and claim["n_fresh"] != claim["n"]:
        said.append(_("%(n)s of them since the picture before") % {"n": count(claim["n_fresh"])})
    found = claim["example"]
    return Row(claim["statement"], " · ".join(said), _said(found), found["case"] if found else 0)


def emotions(content: Content) -> Iterator[Row]:
    """The largest first; one of which nothing was found is not named, the coverage above says why."""
    found = [each for each in content["tone"]["rows"] if each["n_judged"] or each["n_cued"]]
    for each in sorted(found, key=lambda row: -(row["n_judged"] + row["n_cued"])):
        examples = each["examples"]
        facts = {"judged": count(each["n_judged"]), "cued": count(each["n_cued"])}
        meta = _("%(judged)s posts judged, %(cued)s more by cue words") % facts
        first = examples[0] if examples else None
        yield Row(word(names.EMOTIONS, each["kind"]), meta, _said(first), first["case"] if first else 0)
        for other in examples[1:]:
            yield Row(
                _("%(kind)s, another example") % {"kind": word(names.EMOTIONS, each["kind"])},
                "",
                _said(other),
                other["case"],
            )


def topics(content: Content) -> Iterator[Row]:
    """What is said most, with ×count; what is new or grows says so."""
    for each in content["topics"]["rows"]:
        said = [f"×{count(each['n'])}", word(names.PLATFORMS, each["platform"])]
        if each["is_urgent"]:
            said.append(_("danger or threat"))
        if content["previous"] is not None and each["is_new"]:
            said.append(_("new topic"))
        elif content["previous"] is not None and each["n_fresh"]:
            said.append(_("%(n)s more") % {"n": count(each["n_fresh"])})
        if each["by"]:
            said.append(f"@{each['by']}")
        yield Row(each["text"], " · ".join(said), case=each["case"])


def answered(content: Content) -> Iterator[Row]:
    """Replies, messages to everybody, and what nobody has looked at."""
    found, figures = content["answered"], content["figures"]
    told = {
        "n": count(found["n_replies"]),
        "posts": count(found["n_posts"]),
        "fresh": count(found["n_fresh"]),
    }
    yield Row(
        _("%(n)s replies sent, %(fresh)s of them since the picture before; %(posts)s posts have an answer.")
        % told
    )
    waits = {"open": count(figures["open"]), "unread": count(figures["unread"])}
    yield Row(_("%(open)s cases are open; nobody has looked at %(unread)s of them.") % waits)
    for each in found["messages"]:
        when = {"when": clock(_at(each["at"])), "n": count(each["n_cases"])}
        yield Row(each["text"], _("our message of %(when)s, it answered %(n)s cases") % when)
    due = content["situation"]["word_due_at"]
    if due:
        yield Row(_("People hear from us again by %(when)s.") % {"when": clock(_at(due))})
    if content["situation"]["is_locked"]:
        yield Row(_("One voice: only vetted answers leave without the lead."))


def alarms(content: Content) -> Iterator[Row]:
    for each in content["alarms"]["rows"]:
        level = {"level": each["level"], "case": each["case"]}
        who = _("taken by %(who)s") % {"who": each["who"]} if each["who"] else _("nobody has taken it")
        since = _("since %(when)s") % {"when": clock(_at(each["raised_at"]))}
        text = _("level %(level)d, case %(case)d") % level if each["case"] else _("level %(level)d") % level
        yield Row(f"{word(names.CAUSES, each['cause'])} ({text})", f"{since} · {who}", case=each["case"] or 0)


def duties(content: Content) -> Iterator[Row]:
    for each in content["duties"]["rows"]:
        due = {"when": moment(_at(each["due_at"])), "who": each["who"] or _("nobody")}
        yield Row(each["what"], _("due %(when)s, %(who)s") % due, case=each["case"])


def sources(content: Content) -> Iterator[Row]:
    """Every source with the stretches in which it saw nothing, and the platforms that nobody reads."""
    for each in content["sources"]["rows"]:
        yield Row(f"{each['name']} ({word(names.PLATFORMS, each['platform'])})", _sight(each))
    if content["sources"]["not_seen"]:
        listed = ", ".join(content["sources"]["not_seen"])
        yield Row(_("Not seen: %(names)s. What is said there is not in this picture.") % {"names": listed})


def _sight(source: Content) -> str:
    said = [_("seen now") if source["is_seen"] else _("not seen now")]
    if source["blind_minutes"]:
        n = source["blind_minutes"]
        blind = ngettext("blind for %(n)d minute of this period", "blind for %(n)d minutes of this period", n)
        said.append(blind % {"n": n})
    for each in source["spells"]:
        span = {
            "from": clock(_at(each["from"])),
            "until": clock(_at(each["until"])) if each["until"] else "…",
        }
        text = (
            _("%(from)s–%(until)s lost for good") if each["is_lost"] else _("nothing seen %(from)s–%(until)s")
        )
        said.append(text % span)
    return " · ".join(said)


def changed(content: Content) -> Iterator[Row]:
    """What is other than in the picture before: claims first, then topics."""
    found = content["changes"]
    if not found:
        return
    statements = {each["id"]: each["statement"] for each in content["claims"]}
    for each in found["claims"]["changed"]:
        words = {"was": word(names.CLAIMS, each["from"]), "is": word(names.CLAIMS, each["to"])}
        yield Row(statements[each["id"]], _("claim: was “%(was)s”, is now “%(is)s”") % words)
    for number in found["claims"]["new"]:
        yield Row(statements[number], _("new claim"))
    for each in found["claims"]["gone"]:
        yield Row(each["statement"], _("claim no longer listed"))
    texts = {each["case"]: each for each in content["topics"]["rows"]}
    for number in found["topics"]["new"]:
        yield Row(
            texts[number]["text"], _("new among the topics") + f" · ×{count(texts[number]['n'])}", case=number
        )
    for each in found["topics"]["gone"]:
        yield Row(each["text"], _("no longer among the largest topics"), case=each["case"])


def _posts(n: int) -> str:
    return ngettext("%(n)s post", "%(n)s posts", n) % {"n": count(n)}


def _said(example: Content | None) -> str:
    if not example:
        return ""
    by = f" (@{example['by']})" if example["by"] else ""
    return f"“{example['text']}”{by}"


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
