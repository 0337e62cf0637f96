"""Texts as Mastodon counts and addresses them. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from monitoring.connectors.plain import plain_text

MAX_CHARS = 500
MAX_REPLY_CHARS = 468  # room for a handle of 30 characters in front, with its @ and a space
URL_LENGTH = 23
_URL = re.compile(r"https?://[^\s<>\"]+")
_HANDLE = re.compile(r"(?<![\w/])@(\w[\w.-]*)(?:@[\w.-]+\w)?")
_JOINED = frozenset("\u200d\ufe0f")


def counted_length(text: str) -> int:
    """Its length by Mastodon's count: 23 for an address, a handle without its server.

    Signs that are joined into one on the screen are counted apart: rather too long than too short.
    """
    counted = _URL.sub("x" * URL_LENGTH, _HANDLE.sub(r"@\1", unicodedata.normalize("NFC", text)))
    return sum(1 for c in counted if not unicodedata.combining(c) and c not in _JOINED)


def addressed(text: str, parent: Mapping[str, Any]) -> str:
    """The text with the handle of the author of `parent` in it."""
    account = parent.get("account")
    acct = str(account.get("acct") or "") if isinstance(account, Mapping) else ""
    if not acct or re.search(rf"(?i)@{re.escape(acct)}(?![\w@.-]*\w)", text):
        return text
    return f"@{acct} {text}"


def comparable(text: str, *, is_html: bool = False) -> str:
    """The text as it can be recognised on the server: without handles, spaces joined."""
    plain = plain_text(text) if is_html else text
    return " ".join(_HANDLE.sub(" ", unicodedata.normalize("NFC", plain)).split()).casefold()
