"""How easily a text reads: the formula of Flesch, for Dutch in the version of Douma.

Sources: R. Flesch, A new readability yardstick, Journal of Applied Psychology 32 (1948): 206.835 - 84.6
syllables a word - 1.015 words a sentence. W.H. Douma, De leesbaarheid van landbouwbladen (1960), for
Dutch: 206.84 - 77 syllables a word - 0.93 words a sentence. From 65 up a text is plain to most adults,
which is about what the level B1 asks. Syllables are counted as groups of vowels.
"""

import re

PLAIN = 65
FEWEST_WORDS = 20
"""Below this the formula says nothing: one long word would decide."""

_LINK = re.compile(r"https?://\S+|\bwww\.\S+\.\S+|[@#]\w+", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$)|\n+")
_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_VOWELS = {"nl": re.compile(r"[aeiouyáéíóúàèëïöüê]+"), "en": re.compile(r"[aeiouy]+")}
_SILENT_E = re.compile(r"(?<=[^aeiouyl])e$")
_TREMA = re.compile(r"(?<=[aeiou])(?=[ëïöü])")
_BY_LANGUAGE = {"nl": (206.84, 77.0, 0.93), "en": (206.835, 84.6, 1.015)}


def ease(text: str, language: str) -> float | None:
    """From 0 (hard) to about 100 (easy); None for a short text or a language without a formula."""
    formula = _BY_LANGUAGE.get(language)
    words_only = _LINK.sub(" ", text)
    words = _WORD.findall(words_only)
    if formula is None or len(words) < FEWEST_WORDS:
        return None
    sentences = sum(bool(_WORD.search(part)) for part in _SENTENCE_END.split(words_only))
    n_syllables = sum(syllables(word, language) for word in words)
    start, per_syllable, per_word = formula
    return start - per_syllable * n_syllables / len(words) - per_word * len(words) / sentences


def syllables(word: str, language: str) -> int:
    """Groups of vowels, at least one; the silent e at the end of an English word counts for nothing.

    A trema begins a syllable of its own in Dutch, and "ieu" is one sound.
    """
    if language == "en":
        return _groups(_SILENT_E.sub("", word.lower()), language)
    return _groups(_TREMA.sub("-", word.lower()), language)


def _groups(word: str, language: str) -> int:
    return max(1, len(_VOWELS[language].findall(word)))
