"""Sentences about cases, queries and sources, built from stored facts, in the language of who reads them."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cases import naming
from cases.models import Escalation, Notification
from cases.models.subject import situation
from cases.notices import NOTICES
from cases.rules.mandate import Lack, NotCovered


def alarm(escalation: Escalation) -> str:
    """Why an escalation rings, in one to three sentences."""
    return naming.alarm(escalation)


def why_not(found: NotCovered) -> str:
    """Why somebody may not say this in the organisation's name now, as their mandates stand."""
    day = date_format(timezone.localtime(found.at), "j F Y") if found.at else ""
    return {
        Lack.EXPIRED: _("Your mandate for this ended on %(day)s."),
        Lack.NOT_YET: _("Your mandate for this starts on %(day)s."),
        Lack.TOO_URGENT: _("Your mandate is not for urgent cases."),
        Lack.OTHER_ACCOUNT: _("Your mandate is for other accounts."),
        Lack.OTHER_VISIBILITY: _("Your mandate is not for who can read this."),
        Lack.OTHER_OPTION: _("Your mandate is for another way of answering."),
        Lack.OTHER_CATEGORY: _("Your mandate is for other kinds of posts."),
        Lack.OTHER_SITUATION: _("Your mandate is for the posts of another situation."),
        Lack.NONE: _("You have no mandate to answer."),
    }[found.reason] % {"day": day}


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to a person as it is read: `path` is the page where something can be done about it."""

    title: str
    sentence: str
    path: str


def notice(message: Notification) -> Notice:
    """What a message says, whatever its kind."""
    if message.escalation is not None:
        about = naming.named(message.escalation)
        title = _("level %(level)d, %(about)s") % {"level": message.escalation.level, "about": about.name}
        return Notice(title, alarm(message.escalation), about.path)
    title, sentence = NOTICES[Notification.Kind(message.kind)](message.facts)
    return Notice(title, sentence, page_about(message.about))


def page_about(subject: str) -> str:
    """The page of a subject of the trail ("query:3")."""
    kind, _colon, number = subject.partition(":")
    if subject == "cases:overdue":
        return reverse("cases:cases") + "?is_overdue=1"
    if kind == "situation":
        return naming.path_of(situation(int(number)))
    if kind in ("query", "source", "case", "claim", "pictures", "batch", "message"):
        return reverse(f"cases:{kind}", args=[int(number)])
    return reverse(f"cases:{_PAGES.get(kind, 'sources')}")


_PAGES = {
    "hand-over": "shift",
    "exercise": "exercise",
    "swap": "my_duty",
    "duty": "duty",
    "user": "me",
    "mandate": "mandates",
}
