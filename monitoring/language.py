"""In which language a post is written, where its platform does not say.

Before a post is matched and stored, so that `lang:nl` finds it and pages can be read aloud rightly.
"""

import re
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import Any

from monitoring.connectors.base import Mention

DUTCH = frozenset(
    """het een en van ik dat niet met voor zijn er wat ook als maar dan bij nog deze naar heeft wordt geen
    je jij wij jullie ze hij mijn ons onze hun uit tot wel waar hoe waarom wie heel weer nu hier daar moet
    kan mag gaat doet komt ben bent heb hebt hebben worden werd waren toch al veel meer alle altijd nooit
    iemand""".split()
)
ENGLISH = frozenset(
    """the a and of to it you for on with not are this but have at they from be or by we your i he she his
    her its my our their there what which who when where why how has had do does did can could will would
    should been just about all so if out up no some any more than then them these those""".split()
)
"""Function words that are one language's only; what both have ("is", "in", "was", "me") tells nothing."""

VOTES, MARGIN = 2, 3
"""Function words that decide alone, and how many times those of the other language they must be."""

SHORT, SURE = 3, 0.8
"""Words below which a text tells too little, and the probability below which nothing is said."""

KNOWN = (
    "nl en de fr es it pt pl tr ar uk ru ro bg da sv no fi cs sk hu el he fa ur hi zh ja ko id so sq hr sr "
    "lt lv et"
).split()
"""Among which is chosen: what is written here. With more of them short texts are taken for rare languages."""

_NOT_WORDS = re.compile(r"https?:\S*|www\.\S+|[@#][\w.-]+|\b(?:RT|MT)\b")
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str) -> str:
    """The ISO 639-1 code of a text's language; "" when it is too short to tell, or could be several.

    Function words decide for Dutch and English, which is most of what comes in; py3langid for the rest.
    """
    plain = (
        _NOT_WORDS.sub(" ", text)
        if any(sign in text for sign in ("@", "#", "://", "www.", "RT", "MT"))
        else text
    )
    words = _WORD.findall(plain.lower())
    dutch, english = sum(word in DUTCH for word in words), sum(word in ENGLISH for word in words)
    if dutch >= max(VOTES, MARGIN * english):
        return "nl"
    if english >= max(VOTES, MARGIN * dutch):
        return "en"
    if not words or (len(words) < SHORT and plain.isascii()):
        return ""
    language, probability = _identifier().classify(plain.strip())
    return str(language) if probability >= SURE else ""


def spoken(mention: Mention) -> Mention:
    """The mention with a language, where its platform gave none and its text tells."""
    if mention.language or not (language := language_of(mention.text)):
        return mention
    return replace(mention, language=language)


@cache
def _identifier() -> Any:
    """Loaded, 70 MB of it, when a text is doubtful for the first time: most processes never need it."""
    langid = import_module("py3langid.langid")
    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    identifier.set_languages(KNOWN)
    identifier._full_model = None  # 27 MB of the other hundred languages, kept only to choose others later
    return identifier
