"""What somebody looks for in stored posts, and whether a text holds it: alike for every database.

A text is words: runs of letters and digits, in small letters, without the marks on Latin letters.
What is typed is a row of terms that must all be there: a word is the beginning of a word, words
between quotation marks stand beside each other as they are. All else that is typed separates words.
The indexes of both databases are held against `holds` by tests. Known to differ on PostgreSQL: "½" and "²"
are signs there, and a word of over 2,000 letters is none.
"""

import re
from dataclasses import dataclass
from unicodedata import normalize

MOST_TERMS, LONGEST = 20, 100
"""Terms of a search, and letters of a word, that count: nobody types more, a program might."""

_WORD = re.compile(r"[^\W_]+")
_MARKED = re.compile(r"([A-Za-z])[\u0300-\u036f]+")
_PARTS = re.compile(r'"([^"]*)"|“([^”]*)”|([^"“]+)')


@dataclass(frozen=True, slots=True)
class Term:
    """Words beside each other. `is_prefix`: one word that may go on."""

    words: tuple[str, ...]
    is_prefix: bool = False


def folded(text: str) -> str:
    """Small letters without the marks on Latin ones: "Één CAFÉ" and "een cafe" are the same."""
    if not text.isascii():
        text = normalize("NFC", _MARKED.sub(r"\1", normalize("NFD", text)))
    return text.lower()


def words_of(text: str) -> list[str]:
    """The words of a text, in order."""
    return _WORD.findall(folded(text))


def terms_of(typed: str) -> tuple[Term, ...]:
    """What is looked for. Never an error: a quotation mark that is not closed is no mark."""
    terms: list[Term] = []
    for quoted, curly, plain in _PARTS.findall(typed.replace("\x00", " ")):
        found = tuple(word[:LONGEST] for word in words_of(quoted or curly or plain))
        if quoted or curly:
            terms += [Term(found)] if found else []
        else:
            terms += [Term((word,), is_prefix=True) for word in found]
    return tuple(dict.fromkeys(terms))[:MOST_TERMS]


def pattern_of(term: Term) -> re.Pattern[str]:
    """What finds a term in a folded text."""
    beside = r"[\W_]+".join(map(re.escape, term.words))
    return re.compile(rf"(?<![^\W_]){beside}" + ("" if term.is_prefix else r"(?![^\W_])"))


def holds(text: str, tests: tuple[re.Pattern[str], ...]) -> bool:
    """Whether a text holds all that is looked for; `tests` come from `pattern_of`."""
    plain = folded(text)
    return all(test.search(plain) for test in tests)
