"""Texts as X counts and compares them: weighted length. Pure."""

import re
import unicodedata
from decimal import Decimal

SENT, WITH_ADDRESS = Decimal("0.015"), Decimal("0.20")  # dollars a post, November 2026
MESSAGE = Decimal("0.015")  # dollars a direct message, with or without an address
MAX_WEIGHT = 280
URL_WEIGHT = 23
# The ranges whose characters weigh 1; all others weigh 2 (docs.x.com, counting characters).
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_DOMAINS = "amsterdam|be|com|de|eu|frl|gov|info|io|net|nl|org|uk"
_URL = re.compile(
    rf"https?://[^\s<>\"]+|(?<![\w@.-])(?:[\w-]+\.)+(?:{_DOMAINS})(?![\w-])(?:/[^\s<>\"]*)?", re.I
)
_PICTURE = "[\u203c-\u3299\U0001f000-\U0001faff]\ufe0f?[\U0001f3fb-\U0001f3ff]?"
_EMOJI = re.compile(
    f"[0-9#*]\ufe0f?\u20e3|[\U0001f1e6-\U0001f1ff]{{2}}|{_PICTURE}(?:\u200d{_PICTURE})*[\U000e0020-\U000e007f]*"
)


def weighted_length(text: str) -> int:
    """The length of a post by X's weights: an address is 23, an emoji 2, a wide character 2."""
    left, n_urls = _URL.subn("", unicodedata.normalize("NFC", text))
    left, n_emoji = _EMOJI.subn("", left)
    weights = (1 if any(low <= ord(c) <= high for low, high in _LIGHT) else 2 for c in left)
    return n_urls * URL_WEIGHT + n_emoji * 2 + sum(weights)


def price(text: str) -> Decimal:
    """What X asks for a post, in dollars: far more for one with an address in it."""
    return WITH_ADDRESS if _URL.search(unicodedata.normalize("NFC", text)) else SENT


def comparable(text: str) -> str:
    """The text as it can be recognised on X, which rewrites addresses and spaces."""
    return " ".join(_URL.sub(" ", unicodedata.normalize("NFC", text)).split()).casefold()
