"""The stored content of a picture in sentences: the same for the page, the PDF, the mail and the text."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from cases.models import Picture
from cases.rules.pictures import FIGURES
from cases.sheet import names, rows
from cases.sheet.names import word
from cases.sheet.shapes import Advice, Chart, Figure, Part, Row, Sheet
from cases.sheet.times import clock, count, moment

Content = Mapping[str, Any]


def sheet(picture: Picture, before: Picture | None = None) -> Sheet:
    """A picture in the language of who asks. `before` tells which advice was carried over."""
    content = picture.content
    before = before or _before(picture)
    return Sheet(
        lang=get_language() or "en",
        title=_("Environment picture %(n)d: %(name)s")
        % {"n": picture.n, "name": content["situation"]["name"]},
        summary=_summary(picture),
        status=_status(picture),
        is_signed=picture.signed_at is not None,
        figures=list(_figures(content)),
        chart=_chart(content),
        facts=_part(_("Facts"), "", rows.facts(content)),
        rumours=_part(_("Rumours"), "", rows.rumours(content)),
        emotions=_part(_("Emotions"), _coverage_of_tone(content["tone"]), rows.emotions(content)),
        topics=_part(_("Topics"), _of_topics(content["topics"]), rows.topics(content)),
        answered=_part(_("What we answered"), "", rows.answered(content)),
        alarms=_part(_("Open alarms"), "", rows.alarms(content)),
        duties=_part(_("Promised and not done yet"), "", rows.duties(content)),
        sources=_part(_("Sources"), "", rows.sources(content)),
        changes=_part(_("What changed"), _since(content), rows.changed(content)),
        advice=_advice(picture, before),
        coverage=_seen(content["sources"]),
        signature=_signature(picture),
        foot=_foot(picture),
        words={"annex": _("Annex"), "advice": _("Advice"), "rest": _("the rest is in the annex"), **_heads()},
    )


def _heads() -> dict[str, str]:
    return {
        "when": _("Time"),
        "posts": _("Posts"),
        "chart": _("Posts over time"),
        "none": _("nothing written"),
    }


def _before(picture: Picture) -> Picture | None:
    earlier = Picture.objects.filter(situation=picture.situation_id, n__lt=picture.n)
    return earlier.order_by("-n").first()


def _summary(picture: Picture) -> str:
    found = picture.content["situation"]
    facts = {"when": moment(picture.cutoff_at), "began": moment(_at(found["began_at"]))}
    said = [_("As it was on %(when)s; the incident began on %(began)s.") % facts]
    if found["level"]:
        said.append(_("Level: %(level)s.") % {"level": found["level"]})
    if found["owner"]:
        said.append(_("Run by %(who)s.") % {"who": found["owner"]})
    return " ".join(said)


def _status(picture: Picture) -> str:
    if picture.signed_at is None:
        return _("Draft: nobody has signed it.")
    return _("Signed by %(who)s on %(when)s.") % {"who": picture.signed_by, "when": moment(picture.signed_at)}


def _figures(content: Content) -> Iterator[Figure]:
    were = content["changes"].get("figures", {})
    for name in FIGURES:
        value = content["figures"][name]
        yield Figure(
            word(names.FIGURES, name), count(value), _change(value, were.get(name), content["previous"])
        )


def _change(value: int, was: int | None, n: int | None) -> str:
    if was is None:
        return ""
    if value == was:
        return _("as in picture %(n)d") % {"n": n}
    facts = {"by": count(abs(value - was)), "n": n}
    if value > was:
        return _("%(by)s more than in picture %(n)d") % facts
    return _("%(by)s fewer than in picture %(n)d") % facts


def _chart(content: Content) -> Chart:
    volume = content["volume"]
    series = volume["series"]
    starts = [_at(each) for each in series["starts"]]
    most = max(range(len(starts)), key=lambda i: series["counts"][i], default=0)
    facts = {
        "n": count(volume["n"]),
        "hour": count(volume["n_last_hour"]),
        "before": count(volume["n_hour_before"]),
        "most": count(series["counts"][most]) if starts else "0",
        "at": clock(starts[most]) if starts else "",
    }
    sentence = _(
        "%(n)s posts in all: %(hour)s in the last hour, %(before)s in the hour before. "
        "The most came from %(at)s on: %(most)s."
    )
    platforms = [
        f"{word(names.PLATFORMS, each['platform'])} {count(each['n'])}" for each in volume["platforms"]
    ]
    said = [sentence % facts]
    if platforms:
        said.append(_("By platform: %(names)s.") % {"names": ", ".join(platforms)})
    if volume["n_reactions"]:
        said.append(_("Others reacted %(n)s times.") % {"n": count(volume["n_reactions"])})
    if volume["n_with_views"]:
        known = {"views": count(volume["n_views"]), "n": count(volume["n_with_views"])}
        said.append(_("Seen %(views)s times, as far as platforms tell (%(n)s posts).") % known)
    return Chart(" ".join(said), [clock(start) for start in starts], series["counts"])


def _part(title: str, intro: str, made: Iterator[Row]) -> Part:
    listed = list(made)
    more = [
        ngettext("%(n)d more in the annex", "%(n)d more in the annex", n) % {"n": n} if n else ""
        for n in range(len(listed) + 1)
    ]
    return Part(title, intro, listed, more)


def _coverage_of_tone(tone: Content) -> str:
    facts = {"judged": count(tone["n_judged"]), "n": count(tone["n"]), "read": count(tone["n_read"])}
    return _("%(judged)s of %(n)s posts were judged; cue words were looked for in %(read)s others.") % facts


def _of_topics(topics: Content) -> str:
    facts = {"n": count(topics["n"]), "repeated": count(topics["n_repeated"])}
    return _("%(n)s topics, of which %(repeated)s were repeated by others.") % facts


def _since(content: Content) -> str:
    if content["previous"] is None:
        return _("This is the first picture of this situation.")
    facts = {
        "n": content["previous"],
        "when": moment(_at(content["since"])),
        "posts": count(content["volume"]["n_fresh"]),
    }
    return _("Since picture %(n)d of %(when)s: %(posts)s posts came in.") % facts


def _advice(picture: Picture, before: Picture | None) -> list[Advice]:
    made = []
    for name in names.ADVICE:
        text = getattr(picture, name)
        is_carried = before is not None and text and text == getattr(before, name)
        carried = _("carried over from picture %(n)d") % {"n": before.n} if is_carried and before else ""
        made.append(Advice(name, word(names.ADVICE, name), text, carried))
    return made


def _seen(sources: Content) -> str:
    seen = list(
        dict.fromkeys(word(names.PLATFORMS, each["platform"]) for each in sources["rows"] if each["is_seen"])
    )
    said = [
        _("Seen: %(names)s.") % {"names": ", ".join(seen)} if seen else _("No source of ours is read now.")
    ]
    blind = [each["name"] for each in sources["rows"] if each["blind_minutes"] or not each["is_seen"]]
    if blind:
        said.append(_("Not seen all the time: %(names)s.") % {"names": ", ".join(blind)})
    if sources["not_seen"]:
        said.append(
            _("Not seen: %(names)s. What is said there is not in this picture.")
            % {"names": ", ".join(sources["not_seen"])}
        )
    return " ".join(said)


def _signature(picture: Picture) -> str:
    if picture.signed_at is None:
        return _(
            "Not signed. Figures and examples were filled in by the machine; a person must look at them."
        )
    facts = {"who": picture.signed_by, "when": moment(picture.signed_at), "digest": picture.digest[:16]}
    return _("Signed by %(who)s on %(when)s. Seal: %(digest)s…") % facts


def _foot(picture: Picture) -> str:
    names_of = picture.content["names"]
    made = {"when": moment(picture.made_at), "who": picture.made_by or _("the clock of the situation")}
    said = _("Made on %(when)s by %(who)s with Weerwoord. Figures are as they were then.") % made
    if names_of["shown"]:
        why = {"why": names_of["reason"]}
        return f"{said} " + _("It holds names of the public (%(why)s): keep it safe.") % why
    return f"{said} " + _("Names of the public are left out.")


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
