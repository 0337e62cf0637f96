"""Gaps in a text to begin a reply with: which there are, what fills them, and which are still open."""

import re
from collections.abc import Mapping

PLACEHOLDERS = ("author", "handle", "case", "organisation", "officer", "time", "link", "source")
"""`author`: the writer's name; `handle`: their account, as the platform calls on it; `case`: our number;
`officer`: who writes the reply; `time`: when a full answer is promised; `link`: the address of the post;
`source`: the source of the facts. What is not known stays open, for a person to fill in."""

_GAP = re.compile(r"\{\s*([^{}\n]{0,40}?)\s*\}")


def filled(text: str, facts: Mapping[str, str]) -> str:
    """The text with every gap filled of which something is known; the others stay as they are."""
    return _GAP.sub(lambda gap: facts.get(gap[1].lower(), "") or gap[0], text)


def unfilled(text: str) -> list[str]:
    """The gaps that are still in a text, each once, as they stand there. Other braces are only text."""
    return list(dict.fromkeys(gap[0] for gap in _GAP.finditer(text) if gap[1].lower() in PLACEHOLDERS))


def unknown(text: str) -> list[str]:
    """What looks like a gap in a text and is none that we know, each once."""
    return list(dict.fromkeys(gap[0] for gap in _GAP.finditer(text) if gap[1].lower() not in PLACEHOLDERS))
