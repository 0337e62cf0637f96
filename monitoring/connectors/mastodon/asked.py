"""What a Mastodon server is asked for queries of a source: hashtags, and searches where it has any. Pure.

Mastodon searches for all words at once and knows no "or": so every alternative is a search of its own.
What comes back is matched again by us.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.connectors.base import Refused
from monitoring.queries.terms import BadTerms, parse


@dataclass(frozen=True, slots=True)
class Asked:
    """Names of hashtags without the #, and texts for the search; each once."""

    tags: tuple[str, ...]
    searches: tuple[str, ...]


def asked_for(texts: Sequence[str]) -> Asked:
    """What to ask for the texts of all queries. Raises Refused for terms that cannot be used."""
    try:
        wanted = [term.text for text in texts for term in parse(text).wanted]
    except BadTerms as error:
        raise Refused(f"its terms cannot be used ({error})") from error
    tags = [text[1:].casefold() for text in wanted if re.fullmatch(r"#\w+", text)]
    searches = [_search(text) for text in wanted if not re.fullmatch(r"#\w+", text)]
    return Asked(tuple(dict.fromkeys(tags)), tuple(dict.fromkeys(searches)))


def _search(text: str) -> str:
    """A plain word as it is; anything that could be an operator in quotes."""
    return text if re.fullmatch(r"@?\w+", text) else '"' + text.replace('"', " ") + '"'
