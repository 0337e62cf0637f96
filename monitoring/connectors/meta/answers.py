"""What an answer of the Graph API means: which error it is, and how much is left to ask. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitoring.connectors.base import Quota
from monitoring.connectors.errors import CredentialRefused, RateLimited, Refused, SourceError, Unavailable
from monitoring.connectors.plain import clean
from monitoring.connectors.waiting import resume_at

# Codes of the Graph API (developers.facebook.com, error handling and rate limiting).
_TOKEN = frozenset({102, 104, 190, 458, 459, 460, 463, 464, 467, 492})
_LIMIT = frozenset({4, 17, 32, 341, 368, 613, *range(80000, 80015)})
_PASSING = frozenset({1, 2})
_USAGE = ("x-app-usage", "x-page-usage")
_BUSINESS_USAGE = "x-business-use-case-usage"
_PARTS = ("call_count", "total_time", "total_cputime")


@dataclass(frozen=True, slots=True)
class GraphError:
    """The `error` of an answer; code 0 when there was none that can be read."""

    status: int
    code: int = 0
    subcode: int = 0
    words: str = ""
    is_passing: bool = False

    @property
    def is_absent(self) -> bool:
        """The object asked for is not there, or not for this token: Meta does not say which."""
        return (self.code, self.subcode) == (100, 33) or self.code == 803

    @property
    def is_field_unknown(self) -> bool:
        """This kind of object has no such field: it is another kind than was thought."""
        return self.code == 100 and "nonexisting field" in self.words

    def __str__(self) -> str:
        return f"{self.words or 'no reason given'} (status {self.status}, code {self.code})"


def graph_error(status: int, body: Any, *, secret: str = "") -> GraphError:
    """The error in an answer; `secret` is blotted out of its words, which may repeat the token."""
    told = body.get("error") if isinstance(body, Mapping) else None
    if not isinstance(told, Mapping):
        return GraphError(status)
    words = clean(str(told.get("message") or ""))
    words = words.replace(secret, "…") if secret else words
    code, subcode = _number(told.get("code")), _number(told.get("error_subcode"))
    return GraphError(status, code, subcode, words[:300], told.get("is_transient") is True)


def source_error(error: GraphError, headers: Mapping[str, str], *, now: datetime | None) -> SourceError:
    """The source error that an answer stands for. `headers` have lower-case names."""
    if error.code in _LIMIT or error.status == 429:
        return RateLimited(_regained_at(headers, now=now) if now else None)
    if error.is_passing or error.code in _PASSING or error.status >= 500:
        return Unavailable(f"Meta answers: {error}")
    if error.code in _TOKEN or "appsecret_proof" in error.words or error.status == 401:
        return CredentialRefused(f"Meta answers: {error}")
    if error.code == 10 or 200 <= error.code <= 299:
        return Refused(f"the app lacks a permission. Meta answers: {error}")
    if error.code:
        return Refused(f"Meta answers: {error}")
    return Unavailable(f"Meta answers {error.status} with nothing that can be read")


def quota(headers: Mapping[str, str], *, now: datetime) -> Quota | None:
    """What is left in per cent, by the most used of the limits in the headers; None without any."""
    used = [max(_number(usage.get(part)) for part in _PARTS) for usage in _usages(headers)]
    if not used:
        return None
    wait = _wait_minutes(headers)
    resets_at = now + timedelta(minutes=wait) if wait else None
    return Quota(max(100 - max(used), 0), 100, resets_at)


def _regained_at(headers: Mapping[str, str], *, now: datetime) -> datetime:
    values = [headers.get("retry-after", ""), str(_wait_minutes(headers) * 60 or "")]
    return resume_at([value for value in values if value], now=now)


def _wait_minutes(headers: Mapping[str, str]) -> int:
    waits = (_number(usage.get("estimated_time_to_regain_access")) for usage in _usages(headers))
    return min(max(waits, default=0), 24 * 60)


def _usages(headers: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """Every usage that the headers tell, whatever the shape they came in."""
    for name in _USAGE:
        told = _json(headers.get(name, ""))
        if isinstance(told, Mapping):
            yield told
    business = _json(headers.get(_BUSINESS_USAGE, ""))
    for listed in business.values() if isinstance(business, Mapping) else ():
        yield from (
            (usage for usage in listed if isinstance(usage, Mapping)) if isinstance(listed, list) else ()
        )


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _number(value: Any) -> int:
    """A number that Meta gives as number or text; anything else is 0."""
    try:
        return max(int(value), 0)
    except (TypeError, ValueError, OverflowError):
        return 0
