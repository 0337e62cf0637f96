"""Whether a post asks something: pure, for Dutch and English."""

import re

_ADDRESS = re.compile(r"https?:\S*|www\.\S+", re.IGNORECASE)
_BY_WHOM = re.compile(r"^(?:\s*(?:rt|mt|via)\b\s*)?(?:@[\w.-]+:?\s*)*", re.IGNORECASE)
_BEGINS = re.compile(
    r"(?:(?:en|maar|and|but|so|dus|weet|does|do|kan|can)\s+)?"
    r"(?:wie|wat|waar|waarom|wanneer|hoe|hoeveel|hoelang|welke?|"
    r"kan|kunnen|mag|mogen|moet|moeten|is het waar|klopt het|weet iemand|weten jullie|"
    r"who|what|where|why|when|how|which|can|could|may|should|is it true|"
    r"does anyone|do you know|anyone know)\b",
    re.IGNORECASE,
)


def asks(text: str) -> bool:
    """Whether there is a question in a text: its mark, or a question word at the beginning.

    A mark inside an address asks nothing.
    """
    said = _ADDRESS.sub(" ", text)
    return "?" in said or bool(_BEGINS.match(_BY_WHOM.sub("", said).lstrip(" \"'“‘¿")))
