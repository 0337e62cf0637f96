"""What to ask Bluesky's search for the queries of a source. Pure.

It finds posts with all words of a question, and knows no "or": so every alternative is a question of
its own. What it finds too much is left out by us, who match every post again. It is asked for words and
authors only: what it takes for the language of a post is not what we do.
"""

import re
from collections.abc import Sequence

from monitoring.connectors.errors import Refused
from monitoring.queries.language import BadQuery, parse
from monitoring.queries.searches import Conjunction, conjunctions
from monitoring.queries.tree import Handle, Leaf, Near, Phrase, Prefix, Tag, Word

MOST = 20  # alternatives of one query; beyond that it is asked for wider
MAX_SEARCHES = 200
_HANDLE = re.compile(r"[\w-]+(\.[\w-]+)+")


def searches(texts: Sequence[str]) -> tuple[str, ...]:
    """The questions that together find all that the queries ask, each once, in a fixed order.

    Raises Refused for a query that cannot be used, or for more questions than a poll can ask.
    """
    asked = {question for one in _asked(texts) if (question := _question(one))}
    if len(asked) > MAX_SEARCHES:
        raise Refused(f"its queries need {len(asked)} searches and a source can do {MAX_SEARCHES}")
    return tuple(sorted(asked))


def is_narrower(texts: Sequence[str]) -> bool:
    """Whether the search finds less than the queries ask: whole words for beginnings, or nothing at all."""
    return any(
        not _question(one) or all(isinstance(leaf, Prefix) for leaf in one.required) for one in _asked(texts)
    )


def _asked(texts: Sequence[str]) -> list[Conjunction]:
    try:
        return [one for text in texts for one in conjunctions(parse(text), most=MOST, platform="bluesky")]
    except BadQuery as error:
        raise Refused(f"its terms cannot be used ({error})") from error


def _question(one: Conjunction) -> str:
    """The question for posts with all of this; "" where there is nothing to look for.

    A beginning is looked for as a word, and only where nothing else is there to look for.
    """
    exact = [leaf for leaf in one.required if not isinstance(leaf, Prefix)]
    words = [word for leaf in exact or one.required for word in _words(leaf)]
    if _HANDLE.fullmatch(one.author):
        words.append(f"from:{one.author}")
    return " ".join(words)


def _words(leaf: Leaf) -> list[str]:
    """A leaf as the search knows it."""
    match leaf:
        case Tag(text):
            return [f"#{text}"]
        case Word(text) | Prefix(text) | Handle(text):
            return [_word(text)]
        case Phrase(words):
            return [_quoted(" ".join(words))]
        case Near(parts):
            return [word for part in parts if not isinstance(part, Prefix) for word in _words(part)]
    return []


def _word(text: str) -> str:
    """A plain word as it is; anything that the search could read as an operator in quotes."""
    return text if re.fullmatch(r"\w+", text) else _quoted(text)


def _quoted(text: str) -> str:
    inside = text.replace('"', " ")
    return f'"{inside}"'
