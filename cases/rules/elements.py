"""The core elements of a response: which of them the machine can say something about, and what.

The elements themselves (id, label, hint) are data of the scheme: `scheme.elements`. Three are a
person's alone. For the other three this module gives a hint; a hint never ticks or blocks.
"""

import re
from dataclasses import dataclass

from cases.rules.clocks import Pace, TimeLeft
from cases.rules.reading import PLAIN, ease
from cases.rules.scheme_types import Texts

HINTED = ("timely", "sources", "audience")

LONGEST_SENTENCE = 20  # words; a reader at level B1 follows sentences up to about this length

_LINK = re.compile(r"https?://\S+|\bwww\.\S+\.\S+", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$)|\n+")
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Hint:
    """What the machine sees; `is_met` is its opinion, the tick stays a person's."""

    element: str
    is_met: bool
    text: Texts


def machine_hint(
    element: str,
    text: str,
    *,
    time_left: TimeLeft | None = None,
    max_chars: int | None = None,
    n_chars: int | None = None,
    language: str = "",
) -> Hint | None:
    """The hint about one element of a response, or None for an element that is a person's.

    `time_left`: until the response is due; None gives no hint on time. `max_chars`: what the
    platform takes; `n_chars`: the length as that platform counts it (default: characters). `language`
    of the text, for how easily it reads.
    """
    if element == "timely":
        return _timely(time_left) if time_left else None
    if element == "sources":
        return _sources(text)
    if element == "audience":
        n_chars = len(text) if n_chars is None else n_chars
        return _audience(text, max_chars=max_chars, n_chars=n_chars, language=language)
    return None


def has_link(text: str) -> bool:
    return _LINK.search(text) is not None


def longest_sentence(text: str) -> int:
    """Words in the longest sentence; a link counts as no words."""
    without_links = _LINK.sub(" ", text)
    return max(len(_WORD.findall(sentence)) for sentence in _SENTENCE_END.split(without_links))


def _duration(minutes: int) -> Texts:
    if minutes < 120:
        return {"nl": f"{minutes} min", "en": f"{minutes} min"}
    return {"nl": f"{minutes // 60} uur", "en": f"{minutes // 60} h"}


def _timely(time_left: TimeLeft) -> Hint:
    span = _duration(time_left.minutes)
    if time_left.state is Pace.LATE:
        return Hint("timely", False, {"nl": f"{span['nl']} te laat", "en": f"{span['en']} late"})
    return Hint("timely", True, {"nl": f"Nog {span['nl']}", "en": f"{span['en']} left"})


def _sources(text: str) -> Hint:
    if has_link(text):
        return Hint("sources", True, {"nl": "Er staat een link in", "en": "There is a link in it"})
    return Hint("sources", False, {"nl": "Nog geen link naar een bron", "en": "No link to a source yet"})


def _audience(text: str, *, max_chars: int | None, n_chars: int, language: str) -> Hint:
    if not text.strip():
        return Hint("audience", False, {"nl": "Nog geen tekst", "en": "No text yet"})
    if max_chars is not None and n_chars > max_chars:
        over = n_chars - max_chars
        return Hint("audience", False, {"nl": f"{over} tekens te lang", "en": f"{over} characters too long"})
    words, level = longest_sentence(text), ease(text, language)
    said = {
        "nl": f"Langste zin: {words} woorden; tot {LONGEST_SENTENCE} leest makkelijk",
        "en": f"Longest sentence: {words} words; up to {LONGEST_SENTENCE} reads easily",
    }
    is_plain = level is None or level >= PLAIN
    if level is not None and is_plain:
        said = {"nl": f"{said['nl']}. Leest ongeveer op niveau B1", "en": f"{said['en']}. About level B1"}
    elif level is not None:
        said = {
            "nl": f"{said['nl']}. Moeilijker dan niveau B1: gebruik kortere woorden en zinnen",
            "en": f"{said['en']}. Harder than level B1: use shorter words and sentences",
        }
    return Hint("audience", is_plain and words <= LONGEST_SENTENCE, said)
