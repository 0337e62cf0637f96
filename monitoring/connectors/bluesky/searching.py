"""What to ask Bluesky's search for the queries of a source. Pure.

It finds posts with all words of a question, and knows no "or": so every alternative is a question of
its own. What it finds too much is left out by us, who match every post again.
"""

from collections.abc import Sequence

from monitoring.connectors.base import Refused
from monitoring.queries.terms import BadTerms, Term, parse

MAX_SEARCHES = 200


def searches(texts: Sequence[str]) -> tuple[str, ...]:
    """The questions that together find all that the queries ask, each once, in a fixed order.

    Raises Refused for a query that cannot be used, or for more questions than a poll can ask.
    """
    try:
        asked = {_question(term) for text in texts for term in parse(text).wanted}
    except BadTerms as error:
        raise Refused(f"its terms cannot be used ({error})") from error
    if len(asked) > MAX_SEARCHES:
        raise Refused(f"its queries need {len(asked)} searches and a source can do {MAX_SEARCHES}")
    return tuple(sorted(asked))


def _question(term: Term) -> str:
    return f'"{term.text}"' if term.is_phrase else term.text
