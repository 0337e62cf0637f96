"""Why a watch stands where it stands: one sentence a sign, from its stored numbers alone, strongest first."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from cases.rules.levels import Sign

log = structlog.get_logger(__name__)

HOUR_S = 3600
MOST_NOUGHTS = 6
"""Nobody feels a difference between one in a million and one in a billion."""

TELLING_DAYS = 2
"""From so many days on it says something that an hour is the busiest."""

Facts = Mapping[str, Any]

ROLES = {
    "influential": gettext_lazy("many followers"),
    "official": gettext_lazy("authority"),
    "press": gettext_lazy("press"),
    "politician": gettext_lazy("politician"),
    "national press": gettext_lazy("national press"),
}
_BRANDS = {
    "x": "X",
    "youtube": "YouTube",
    "rss": gettext_lazy("News or blog"),
    "email": gettext_lazy("E-mail"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """What one sign says. `posts`: numbers of posts behind it; `is_unknown`: too little is known to say."""

    id: str
    level: int
    sentence: str
    posts: Sequence[int] = ()
    is_unknown: bool = False


def reasons(stored: Facts) -> list[Reason]:
    """Every sign that says something, the strongest first; volume says also what it is when it is calm.

    Facts that another version stored in another way say nothing: an alarm rings without its sentence
    rather than not at all.
    """
    try:
        told = [_reason(sign) for sign in sorted(signs_in(stored), key=_rank) if sign.id in _SENTENCES]
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError):
        log.exception("reasons_unreadable")
        return []
    return [each for each in told if each.level or each.is_unknown or (each.id == "S1" and each.sentence)]


def strongest(stored: Facts) -> str:
    """The sentence that comes first; "" before anything was counted."""
    told = reasons(stored)
    return told[0].sentence if told else ""


def signs_in(stored: Facts) -> list[Sign]:
    """The signs of a stored verdict or of the evidence of an alarm, also as older releases wrote them."""
    kept = stored.get("signs", {})
    if isinstance(kept, list):
        return [Sign(each["id"], each["level"], each.get("facts", {})) for each in kept]
    found = [_sign(sign_id, said, stored) for sign_id, said in kept.items()]
    if not found and stored.get("n") is not None:
        found = [Sign("S1", stored.get("level", 0), stored)]
    return found


def _sign(sign_id: str, said: Any, stored: Facts) -> Sign:
    if isinstance(said, Mapping):
        return Sign(sign_id, said.get("level", 0), said.get("facts", said))
    return Sign(sign_id, said, stored)


def _rank(sign: Sign) -> tuple[int, float, str]:
    """The highest level first, then what is least likely, then the order of the signs."""
    chance = sign.facts.get("probability")
    return -sign.level, 1.0 if chance is None else chance, sign.id


def _reason(sign: Sign) -> Reason:
    sentences = list(_SENTENCES[sign.id](sign))
    return Reason(
        sign.id,
        sign.level,
        " ".join(sentences),
        sign.facts.get("posts") or (),
        bool(sign.facts.get("is_unknown")),
    )


def _volume(sign: Sign) -> Iterator[str]:
    facts = sign.facts
    if facts.get("n") is None:
        return
    n = round(facts["n"])
    hour = ngettext("%(n)s post in the last hour; %(usual)s.", "%(n)s posts in the last hour; %(usual)s.", n)
    quarter = ngettext(
        "%(n)s post in the last 15 minutes; %(usual)s.", "%(n)s posts in the last 15 minutes; %(usual)s.", n
    )
    yield (hour if facts["window_s"] == HOUR_S else quarter) % {"n": count(n), "usual": _usual(facts)}
    if sign.level < 1:
        return
    yield _chance(facts["probability"])
    yield from _record(facts)
    if facts.get("unknown_s"):
        unseen = {"n": facts["unknown_s"] // 60}
        yield _("For %(n)d minutes of that hour the source could not be seen.") % unseen
    if facts.get("late"):
        yield _("Posts that came late are counted.")


def _record(facts: Facts) -> Iterator[str]:
    """Since when it was not so busy."""
    if facts.get("record_level"):
        days = round(facts["record_days"])
        numbers = {
            "n": count(facts["record_n"]),
            "days": days,
            "hours": max(1, facts["record_window_s"] // HOUR_S),
        }
        yield (
            ngettext(
                "The most in %(days)d day: about %(n)s posts in %(hours)d hours.",
                "The most in %(days)d days: about %(n)s posts in %(hours)d hours.",
                days,
            )
            % numbers
        )
    elif "busiest_hours" in facts:
        days = round((facts["busiest_hours"] or facts["watched_hours"]) // 24)
        if days >= TELLING_DAYS:
            yield ngettext("Busiest hour in %(n)d day.", "Busiest hour in %(n)d days.", days) % {"n": days}


def _negative(sign: Sign) -> Iterator[str]:
    facts = sign.facts
    if facts.get("is_unknown"):
        known = {"known": count(facts.get("n_known", 0)), "n": count(facts.get("n_posts", 0))}
        yield _("The tone is unknown: of %(n)s posts %(known)s were judged or hold a cue word.") % known
        return
    if facts.get("n"):
        n = round(facts["n"])
        yield ngettext(
            "%(n)s negative post in %(minutes)d minutes; %(usual)s.",
            "%(n)s negative posts in %(minutes)d minutes; %(usual)s.",
            n,
        ) % {"n": count(n), "minutes": facts["window_s"] // 60, "usual": _usual(facts)}
        if facts.get("probability") is not None and facts["probability"] < 0.1:
            yield _chance(facts["probability"])
    if facts.get("share_level"):
        shares = {"share": round(100 * facts["share"]), "usual": round(100 * facts["usual_share"])}
        yield _("%(share)d%% of the posts are negative; usual is %(usual)d%%.") % shares
    if facts.get("n_posts"):
        numbers = {"judged": count(facts.get("n_judged", 0)), "n": count(facts["n_posts"])}
        yield _("%(judged)s of %(n)s judged.") % numbers


def _reach(sign: Sign) -> Iterator[str]:
    facts = sign.facts
    numbers = {
        "n": count(facts["value"]),
        "usual": count(facts["usual"]),
        "times": count(round(facts["times"])),
    }
    if facts.get("is_usual_known", True):
        yield (
            _("Posts of the last hour reach %(n)s people, %(times)s times as many as usual (%(usual)s).")
            % numbers
        )
    else:
        yield _("Posts of the last hour reach %(n)s people; how many is usual is not known yet.") % numbers
    if facts.get("largest", 0) * 2 >= facts["value"] > 0:
        yield _("One author alone has %(n)s followers.") % {"n": count(facts["largest"])}


def _platforms(sign: Sign) -> Iterator[str]:
    names = ", ".join(str(_BRANDS.get(name, name.capitalize())) for name in sign.facts["platforms"])
    new = {"names": names, "days": sign.facts["days"]}
    yield _("It goes on where it was not in the last %(days)d days: %(names)s.") % new


def _influence(sign: Sign) -> Iterator[str]:
    joined = sign.facts["joined"]
    named = ", ".join(f"{each['name']} ({ROLES.get(each['role'], each['role'])})" for each in joined)
    n = round(sign.facts["value"])
    yield ngettext(
        "%(n)d account that many listen to joined: %(named)s.",
        "%(n)d accounts that many listen to joined: %(named)s.",
        n,
    ) % {"n": n, "named": named}


def _replies(sign: Sign) -> Iterator[str]:
    n = round(sign.facts.get("n_60", 0))
    yield ngettext("%(n)s reply in the last hour.", "%(n)s replies in the last hour.", n) % {"n": count(n)}


def _returned(sign: Sign) -> Iterator[str]:
    n, days = round(sign.facts["value"]), round(sign.facts["quiet_hours"] / 24)
    yield ngettext(
        "It is back after %(days)d days of quiet: %(n)d post in the last hour.",
        "It is back after %(days)d days of quiet: %(n)d posts in the last hour.",
        n,
    ) % {"n": n, "days": days}


def _overdue(sign: Sign) -> Iterator[str]:
    due_at = sign.facts.get("due_at")
    if due_at:
        due = timezone.localtime(datetime.fromisoformat(due_at))
        yield _("Nobody has looked: a check was due on %(when)s.") % {"when": date_format(due, "j F H:i")}


_SENTENCES: Mapping[str, Callable[[Sign], Iterator[str]]] = {
    "S1": _volume,
    "S2": _negative,
    "S3": _reach,
    "S4": _platforms,
    "S5": _influence,
    "S6": _replies,
    "S7": _returned,
    "S8": _overdue,
}


def count(n: float) -> str:
    """A number as it is written in the language of the reader."""
    return str(number_format(round(n), force_grouping=True))


def _usual(facts: Facts) -> str:
    low, high = facts["usual_low"], facts["usual_high"]
    words = {"low": count(low), "high": count(high), "weekday": "", "from": 0, "to": 0}
    if "weekday" not in facts:
        usual = _("usual is %(low)s") if low == high else _("usual is %(low)s to %(high)s")
        return usual % words
    hours = {
        "weekday": _weekday(facts["weekday"]),
        "from": facts["hour"],
        "to": (facts["hour"] + 1) % 24,
    }
    if low == high:
        usual = _("usual on a %(weekday)s between %(from)d and %(to)d h is %(low)s")
    else:
        usual = _("usual on a %(weekday)s between %(from)d and %(to)d h is %(low)s to %(high)s")
    return usual % (words | hours)


def _weekday(n: int) -> str:
    """The name of a day inside a sentence: a capital is English."""
    name = str(WEEKDAYS[n])
    return name if (get_language() or "en").startswith("en") else name.lower()


def _chance(probability: float) -> str:
    """The power of ten that the chance stays below: 3e-5 → "10,000"."""
    power = 1
    while power < MOST_NOUGHTS and probability < 10.0 ** -(power + 1):
        power += 1
    return _("Chance of this by accident: less than 1 in %(odds)s.") % {"odds": count(10**power)}
