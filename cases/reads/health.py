"""How a source stands in a sentence: what is wrong, since when, what happens by itself, who must act."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from monitoring.connectors.passive import NEVER_POLLED
from monitoring.models import Source
from monitoring.trial import Trial

IMPORT = "import"
UNSEEN = ("limited", "failing", "refused", "ended", "silent")
"""States in which posts may be missing, and nobody chose that."""

SEEN = ("working", "behind")

OVERDUE = 3
"""A source that missed so many polls in a row is not seen, whatever its last word was."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A source with what is told of it. `since`: the start of its trouble; `is_spent`: today's budget is."""

    source: Source
    state: str
    since: datetime | None = None
    is_spent: bool = False


def state_of(source: Source, *, now: datetime) -> str:
    """One of the model's states of health, or off, silent or receiving.

    One that ended by itself is no choice of ours: it is not merely off.
    """
    health = source.health
    if not source.is_enabled:
        return "ended" if health == Source.Health.ENDED else "off"
    if source.connector in NEVER_POLLED:
        return "receiving"
    if health not in (Source.Health.WAITING, Source.Health.WORKING, Source.Health.BEHIND):
        return str(health)
    silent_after = timedelta(seconds=max(OVERDUE * source.interval_s, 60))
    heard_at = source.next_poll_at if health == Source.Health.WAITING else source.last_success_at
    return str(health) if not heard_at or now - heard_at <= silent_after else "silent"


def sentence(standing: Standing) -> str:
    """What somebody must know of it, in one or two sentences."""
    source = standing.source
    facts = {
        "since": moment(standing.since),
        "next": moment(source.next_poll_at),
        "n": source.n_failures,
        "last": moment(source.last_success_at),
        "keys": source.credential.name if source.credential else "",
    }
    keys = source.credential
    if standing.state in ("working", "behind", "waiting", "limited") and standing.is_spent:
        return _(
            "The budget of today is used up. Reading goes on by itself tomorrow; "
            "an administrator can raise the budget."
        )
    if standing.state == "refused" and keys and keys.refused_at:
        facts["since"] = moment(keys.refused_at)
        return (
            _(
                "The platform accepts the keys “%(keys)s” no more since %(since)s. It does not pass "
                "by itself: an administrator must enter new keys, and then reading starts again by itself."
            )
            % facts
        )
    if standing.state == "waiting" and not source.error:
        return _("Nothing was read yet. The first poll is at %(next)s, by itself.") % facts
    build = _SENTENCES.get(standing.state)
    return build(source) % facts if build else standing.state


def trial_sentence(trial: Trial, *, now: datetime) -> str:
    """What a test of a source showed."""
    if trial.said == "answered":
        return _answered(trial, now=now)
    words = {
        "nothing to read": _("The test asked nothing: no query asks this source for anything now."),
        "limited": _("The platform asks us to wait until %(until)s. Test again after that."),
        "keys refused": _("The platform does not accept our keys. An administrator must enter new ones."),
        "refused": _(
            "The platform refuses this source. An administrator must look at its settings and its keys."
        ),
        "ended": _("The platform says that this source is over."),
        "too late": _("The platform gave no answer within 20 seconds. Test again in some minutes."),
        "unavailable": _("The platform gave no answer that we can use. Test again in some minutes."),
        "broken": _("Our own program failed while it read the answer. The log says where."),
    }
    until = moment(trial.until) if trial.until else _("later")
    return words[trial.said] % {"until": until}


def _answered(trial: Trial, *, now: datetime) -> str:
    if trial.newest_at is None:
        return _("It works: the platform answered, and has no posts for our queries now.")
    minutes = max(0, int((now - trial.newest_at).total_seconds() // 60))
    facts = {"n": trial.n_read, "ago": minutes_in_words(minutes)}
    return (
        ngettext(
            "It works: %(n)d post read; it is %(ago)s old.",
            "It works: %(n)d posts read; the newest is %(ago)s old.",
            trial.n_read,
        )
        % facts
    )


def minutes_in_words(minutes: int) -> str:
    """A length of time in its largest whole unit."""
    if minutes < 120:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    return ngettext("%(n)d day", "%(n)d days", hours // 24) % {"n": hours // 24}


def moment(at: datetime | None) -> str:
    """The time today, or the day and the time."""
    if at is None:
        return _("an unknown time")
    local = timezone.localtime(at)
    return f"{local:%H:%M}" if local.date() == timezone.localdate() else f"{local:%d-%m-%Y %H:%M}"


_SENTENCES: dict[str, Callable[[Source], str]] = {
    "working": lambda source: _("It works. The next poll is at %(next)s."),
    "behind": lambda source: _("There is more to read than one poll takes. We read on by ourselves at once."),
    "waiting": lambda source: _(
        "No query asks this source for anything now. As soon as one does, it is read by itself."
    ),
    "limited": lambda source: _(
        "The platform asked us to wait, since %(since)s. Reading goes on by itself at %(next)s; "
        "nobody has to do anything."
    ),
    "failing": lambda source: ngettext(
        "Since %(since)s the platform gives no answer that we can use (%(n)d attempt). We try again by "
        "ourselves at %(next)s. If it lasts, see whether the platform itself works.",
        "Since %(since)s the platform gives no answer that we can use (%(n)d attempts). We try again by "
        "ourselves at %(next)s. If it lasts, see whether the platform itself works.",
        source.n_failures,
    ),
    "refused": lambda source: _(
        "Since %(since)s the platform refuses this source. It does not pass by itself: an administrator "
        "must mend its settings or its keys. Then press “Poll now”."
    ),
    "ended": lambda source: _(
        "Since %(since)s this source is over: nothing more will come. Give it a new "
        "address, or switch it off."
    ),
    "silent": lambda source: _(
        "Nothing was read since %(last)s, though polls were due. Probably the program that reads does not "
        "run: ask an administrator to look."
    ),
    "off": lambda source: _(
        "A person switched this source off. Nothing is read until it is switched on again."
    ),
    "receiving": lambda source: (
        _("Others bring posts here; the last delivery came at %(last)s.")
        if source.last_success_at
        else _("Others bring posts here. Nothing was delivered yet.")
    ),
}
