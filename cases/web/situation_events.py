"""The timeline of a situation in plain words: one sentence per event of its trail."""

from dataclasses import dataclass
from typing import cast

from django.utils.translation import gettext as _

from cases.rules.scheme import Scheme
from cases.web import events
from cases.web.events import Event

DECISIONS = frozenset(
    {
        "situation opened",
        "situation closed",
        "situation declined",
        "level set",
        "locked to one voice",
        "one voice ended",
        "key message",
        "decided",
        "taken over",
        "people heard",
        "claim decided",
        "picture signed",
        "message published",
        "message registered",
    }
)
"""What somebody decided, among all that happened."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, a detail under it, its icon, and whether somebody decided something."""

    sentence: str
    detail: str = ""
    icon: str = "note"
    is_decision: bool = False


def told(event: Event) -> Line:
    """The line for an event of a situation, its claims, messages and acts on many."""
    is_decision = event.action in DECISIONS
    who, text = event.actor_name or _("The system"), str(event.facts.get("text", ""))
    if event.action in ("noted", "decided"):
        return Line(f"{who}: {text}", icon="flag" if is_decision else "note", is_decision=is_decision)
    if event.action == "taken over":
        return Line(_("%(who)s took the situation over") % {"who": who}, text, "user", is_decision)
    if event.action == "watch started":  # it lasts as long as the situation: no time to name
        return Line(
            _("%(watcher)s watches the situation") % {"watcher": event.facts.get("watcher", who)}, icon="eye"
        )
    said = events.told(event, cast(Scheme, None))  # no answer to a scheme's question is among these
    return Line(said.sentence, said.detail, said.icon, is_decision)
