"""Whether an incident can be played as an exercise, said before anything is made."""

import math
from pathlib import Path
from typing import Any

from monitoring.connectors.errors import SourceError
from monitoring.connectors.incident import expected_of, header_of, injects_of
from monitoring.queries.language import BadQuery, parse


class NotPlayable(Exception):
    """Why there can be no exercise, in a sentence."""


def check_story(story: Path, *, speed: float) -> None:
    """Raise NotPlayable for a file that is no incident, has no words to listen for, or tells nothing."""
    if not 0 < speed < math.inf:
        raise NotPlayable("--speed must be a number above zero.")
    try:
        header = header_of(story)
        n_posts = len(expected_of(story))
        parse(str(header["terms"]))
        for line in injects_of(story):
            _check_inject(line)
    except SourceError as error:
        raise NotPlayable(str(error)) from None
    except (KeyError, BadQuery):
        raise NotPlayable(
            f'{story.name} names no "terms" in its first line, or none that can be searched for; '
            "see docs/exercise.md."
        ) from None
    if not n_posts or "title" not in header:
        raise NotPlayable(f"{story.name} has no title or no posts; see docs/exercise.md.")


def _check_inject(line: dict[str, Any]) -> None:
    try:
        is_whole = bool(line["id"] and line["text"]) and math.isfinite(float(line["at_s"]))
    except (KeyError, TypeError, ValueError):
        is_whole = False
    if not is_whole:
        raise NotPlayable(f"An inject needs id, at_s and text; this one has not: {str(line)[:100]}")
