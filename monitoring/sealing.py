"""Seals secrets with the keys of the installation: what the database holds cannot be read without them.

CREDENTIAL_KEYS are Fernet keys: the first seals, all of them open, so that a key can be replaced while
everything keeps working (docs/install.md). What is sealed says whose it is: moved to another row it
does not open.
"""

import json
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from urllib.parse import quote, quote_plus

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from monitoring.connectors.errors import CredentialRefused, SourceError

HIDDEN = "[secret]"
SHORTEST_HIDDEN = 4
"""A shorter value stands in too many ordinary words to be taken out of a sentence."""


class CannotOpen(CredentialRefused):
    """None of the keys of this installation opens the seal."""

    template = (
        "Our keys for this platform cannot be opened: {reason}. "
        "Put the key they were sealed with back in CREDENTIAL_KEYS, or enter the credential anew."
    )


def seal(text: str, *, whose: str) -> str:
    """`text` sealed with the first key, to be opened for `whose` only."""
    return _keys().encrypt(json.dumps([whose, text]).encode()).decode()


def unseal(sealed: str, *, whose: str) -> str:
    """What was sealed for `whose`. Raises CannotOpen."""
    try:
        owner, text = json.loads(_keys().decrypt(sealed.encode()))
    except (InvalidToken, ValueError, TypeError):
        # Not the cause: it may hold what could not be read.
        raise CannotOpen("no key in CREDENTIAL_KEYS fits its seal") from None
    if owner != whose:
        raise CannotOpen("it was sealed for another credential")
    return str(text)


class HiddenFault(Exception):
    """A mistake of ours whose own words hold a secret: only its kind is told."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind

    def __str__(self) -> str:
        return f"{self.kind}; its words are not shown, because they hold a secret."


class Secrets(Mapping[str, str]):
    """The secrets of a credential, opened when the first is asked for; never shown as a whole.

    Raises CannotOpen then, so that it is met where a connector's trouble is expected.
    """

    def __init__(self, open_all: Callable[[], Mapping[str, str]]) -> None:
        self._open_all = open_all

    @cached_property
    def _opened(self) -> Mapping[str, str]:
        return self._open_all()

    def __getitem__(self, name: str) -> str:
        return self._opened[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._opened)

    def __len__(self) -> int:
        return len(self._opened)

    def __repr__(self) -> str:
        return HIDDEN


def without_secrets(text: str, secrets: Mapping[str, str]) -> str:
    """`text` with every secret in it hidden: for words of others that may repeat what we sent."""
    try:
        values = sorted(secrets.values(), key=len, reverse=True)
    except CannotOpen:
        return text
    for value in values:
        if len(value) >= SHORTEST_HIDDEN:
            for written in dict.fromkeys((value, quote(value, safe=""), quote_plus(value), quote(value))):
                text = text.replace(written, HIDDEN)
    return text


def is_safe(error: BaseException, secrets: Mapping[str, str]) -> bool:
    """Whether nothing that a log would write of an error holds one of our secrets."""
    written = "".join(traceback.format_exception(error))
    return without_secrets(written, secrets) == written


@contextmanager
def hushed(secrets: Mapping[str, str]) -> Iterator[None]:
    """What nobody foresaw goes on as it is, or as HiddenFault when its words hold a secret."""
    try:
        yield
    except SourceError:
        raise
    except Exception as error:
        if is_safe(error, secrets):
            raise
        raise HiddenFault(type(error).__name__) from None


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.CREDENTIAL_KEYS])
