"""What a Mastodon server is asked for queries: hashtags, and searches where it has any. Pure.

Mastodon searches for all words at once and knows no "or": so every alternative is a search of its own,
and one with a #tag in it needs no search at all. What comes back is matched again by us.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.connectors.errors import Refused
from monitoring.queries.language import BadQuery, parse
from monitoring.queries.searches import Conjunction, conjunctions
from monitoring.queries.tree import Handle, Leaf, Near, Phrase, Prefix, Tag, Word

MOST = 20  # alternatives of one query; beyond that it is asked for wider


@dataclass(frozen=True, slots=True)
class Asked:
    """Names of hashtags without the #, and texts for the search; each once.

    `has_more`: a query also wants what neither can find, such as every post in a language.
    """

    tags: tuple[str, ...]
    searches: tuple[str, ...]
    has_more: bool = False


def asked_for(texts: Sequence[str]) -> Asked:
    """What to ask for the texts of all queries. Raises Refused for one that cannot be used."""
    try:
        found = [one for text in texts for one in conjunctions(parse(text), most=MOST, platform="mastodon")]
    except BadQuery as error:
        raise Refused(f"its terms cannot be used ({error})") from error
    tags, searches, has_more = [], [], False
    for one in found:
        if followed := [tag for leaf in one.required if (tag := _followed(leaf))]:
            tags.append(followed[0])
        elif search := _search(one):
            searches.append(search)
        else:
            has_more = True
    return Asked(tuple(dict.fromkeys(tags)), tuple(dict.fromkeys(searches)), has_more)


def _followed(leaf: Leaf) -> str:
    """The #tag to follow, without its sign, if it can stand in an address; else ""."""
    return leaf.text.casefold() if isinstance(leaf, Tag) and re.fullmatch(r"\w+", leaf.text) else ""


def _search(one: Conjunction) -> str:
    """The search for posts with all of this; "" where there is nothing to look for.

    Not by language: where a post tells none, we find out. A beginning is looked for as a word (it finds
    whole words only), and only where nothing else is there to look for.
    """
    whole = [leaf for leaf in one.required if not isinstance(leaf, Prefix)]
    words = [word for leaf in whole or one.required for word in _words(leaf)]
    if "@" in one.author:  # a name without its server is there an account of that server only
        words.append(f"from:@{one.author}")
    return " ".join(words)


def _words(leaf: Leaf) -> list[str]:
    """A leaf as the search knows it."""
    match leaf:
        case Word(text) | Prefix(text) | Tag(text):
            return [_word(text)]
        case Handle(text):
            return [_word(f"@{text}")]
        case Phrase(words):
            return [f'"{" ".join(words).replace(chr(34), " ")}"']
        case Near(parts):
            whole = [part for part in parts if not isinstance(part, Prefix)]
            return [word for part in whole or parts for word in _words(part)]
    return []


def _word(text: str) -> str:
    """A plain word as it is; anything that could be an operator in quotes."""
    return text if re.fullmatch(r"@?\w+(?:[.@-]\w+)*", text) else f'"{text.replace(chr(34), " ")}"'
