"""Texts as words: folded once, so that queries and posts are compared letter by letter.

A word is a row of letters, digits and underscores. Every symbol (an emoji, + or €) is a word of its
own; spaces and punctuation part words. Compared are words in lower case without accents.
"""

import re
import unicodedata
from collections.abc import Iterator

_PART = "[^\\s#@.\\-]+"  # of a tag or handle, once all that is neither word nor sign is a space
_TAG = re.compile(rf"(?<![^\s.\-])#({_PART})")
_HANDLE = re.compile(rf"(?<![^\s.\-])@({_PART})((?:[.\-]+{_PART})*)((?:@{_PART}(?:[.\-]+{_PART})*)?)")
# Marks that make another letter: without them an Indian or Japanese word is another word.
_NO_ACCENTS = frozenset({0, 7, 8, 9})
_JOINERS = range(0xFE00, 0xFE10)


class _Characters(dict[int, str]):
    """What becomes of a character, found out when it is first met. For str.translate."""

    def __init__(self, *, keep_accents: bool = False, signs: str = "") -> None:
        super().__init__({ord(sign): sign for sign in signs})
        if signs:
            self.update({0xFF03: "#", 0xFF20: "@"})
        self._keeps_accents = keep_accents
        self._keeps_symbols = not signs

    def __missing__(self, code: int) -> str:
        self[code] = becomes = self._of(chr(code))
        return becomes

    def _of(self, character: str) -> str:
        category = unicodedata.category(character)
        if category[0] in "LN" or category == "Co" or character == "_":
            return character
        if category[0] == "M":
            if ord(character) in _JOINERS:
                return ""
            is_accent = unicodedata.combining(character) not in _NO_ACCENTS
            return "" if is_accent and not self._keeps_accents else character
        if category[0] == "S" and self._keeps_symbols:
            return f" {character} "
        return "" if category == "Cf" and character != "\u200b" else " "


_WORDS = _Characters()
_SPELT = _Characters(keep_accents=True)
_SIGNS = _Characters(signs="#@.-")
_ASCII = "".join(_WORDS[code][:1] for code in range(128)).encode("ascii").ljust(256)
_ASCII_SYMBOLS = bytes(code for code in range(128) if len(_WORDS[code]) > 1)


def fold(text: str) -> str:
    """Case folded and taken apart into letters and accents: one form for all that looks the same."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", text).casefold())


def split(folded: str) -> list[str]:
    """The words of a folded text, without their accents."""
    if folded.isascii():
        raw = folded.encode("ascii")
        parted = raw.translate(_ASCII, _ASCII_SYMBOLS)
        if len(parted) == len(raw):  # no symbol that must be set apart: five times as fast
            return parted.decode("ascii").split()
    return folded.translate(_WORDS).split()


def spelt(folded: str) -> list[str]:
    """The words of a folded text, with their accents."""
    return unicodedata.normalize("NFC", folded).translate(_SPELT).split()


def signs(folded: str) -> Iterator[str]:
    """Every `#tag` and `@handle` in a folded text; a handle with a server also by its name alone.

    A sign counts at the beginning of a word only: `mail@loswal` names no account.
    """
    if "#" in folded or "@" in folded or not folded.isascii():
        text = folded.translate(_SIGNS)
        for tag in _TAG.finditer(text):
            yield f"#{tag[1]}"
        for name, more, server in _HANDLE.findall(text):
            yield f"@{name}"
            if more or server:
                yield f"@{name}{more}"
                yield f"@{name}{more}{server}"


def words(text: str) -> tuple[str, ...]:
    """The folded words of a text, in order."""
    return tuple(split(fold(text)))


def sign_of(sign: str, text: str) -> str:
    """The form in which a tag or handle is compared, with its sign; "" when it could never be found."""
    whole = sign + fold(text).translate(_SIGNS)
    return whole if whole in signs(whole) else ""
