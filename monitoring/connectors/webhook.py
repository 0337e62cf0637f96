"""Webhook: another program brings posts itself, signed with a secret that both know.

The secret stands in the credential (`signing_secret`; several, one a line, while one replaces another).
Settings of a source: `keep` ("all", the default, or "matching": only what a query asks for) and
`time_zone`, for times that name none (default: UTC).
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitoring.connectors.base import (
    Budget,
    Capabilities,
    Cursor,
    Mention,
    Page,
    Problem,
    Rejected,
    SourceConfig,
)
from monitoring.connectors.errors import Forged, Unreadable
from monitoring.connectors.plain import clean_json
from monitoring.connectors.readonly import ReadOnlyConnector
from monitoring.connectors.rows import Reading, mention
from monitoring.connectors.sheets import json_row

SIGNATURE = "x-weerwoord-signature"
WINDOW_S = 300
MOST = 100
SHORTEST_SECRET = 16


class WebhookConnector(ReadOnlyConnector):
    """A door: nothing is asked, posts are brought."""

    name = "webhook"
    capabilities = Capabilities(receive=True)
    secret_names = ("signing_secret",)
    why_not = "A delivered post has no connection to its platform"

    def poll(self, source: SourceConfig, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        """Nothing: another program brings the posts."""
        return iter(())

    def receive(
        self, source: SourceConfig, headers: Mapping[str, str], body: bytes, *, now: datetime
    ) -> Page:
        """The posts in one signed delivery: one, or a list of at most 100; `place` counts from 0."""
        check_signature(headers.get(SIGNATURE, ""), body, _secrets(source), now=now)
        reading = _reading(source)
        found: dict[tuple[str, str], Mention] = {}
        rejected = []
        for place, sent in enumerate(_posts(body)):
            raw = json.dumps(sent, ensure_ascii=False)
            try:
                read = mention(json_row(raw), reading, now=now)
            except Unreadable as fault:
                rejected.append(Rejected(raw, fault.reason, place))
            else:
                found[(read.platform, read.canonical_id)] = read
        return Page(tuple(found.values()), {}, tuple(rejected))

    def normalise(self, source: SourceConfig, raw: str, *, now: datetime) -> Mention:
        """The mention in a post that was rejected."""
        return mention(json_row(raw), _reading(source), now=now)

    def check(self, source: SourceConfig) -> list[Problem]:
        """Without a good secret nobody can bring anything."""
        secrets, problems = _secrets(source), []
        if not secrets:
            problems.append(Problem("There is no signing_secret: give the source a credential that has one."))
        elif any(len(secret) < SHORTEST_SECRET for secret in secrets):
            problems.append(Problem(f"A signing_secret has at least {SHORTEST_SECRET} characters."))
        if source.settings.get("keep", "all") not in ("all", "matching"):
            problems.append(Problem('"keep" is "all" or "matching".'))
        try:
            _reading(source)
        except Unreadable as fault:
            problems.append(Problem(fault.reason))
        return problems


def signed(body: bytes, secret: str, *, at: datetime) -> str:
    """The header for a delivery sent at a moment."""
    stamp = str(int(at.timestamp()))
    return f"t={stamp},v1={_digest(stamp, body, secret)}"


def check_signature(header: str, body: bytes, secrets: tuple[str, ...], *, now: datetime) -> None:
    """Raises Forged unless one of the secrets signed this body, at most five minutes from now."""
    parts = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in parts if name == "t"]
    given = [value for name, _, value in parts if name == "v1"]
    if not secrets:
        raise Forged("this source has no signing_secret")
    if len(stamps) != 1 or not given or not stamps[0].isascii() or not stamps[0].isdecimal():
        raise Forged("there is no signature of the form t=...,v1=...")
    if abs(now.timestamp() - int(stamps[0][:15])) > WINDOW_S:
        raise Forged(f"its time is more than {WINDOW_S // 60} minutes away from ours")
    right = [_digest(stamps[0], body, secret) for secret in secrets]
    # Every pair is compared, and in constant time: how long it takes tells nothing.
    equal = [hmac.compare_digest(r.encode(), g.encode()) for r in right for g in given[:4]]
    if not any(equal):
        raise Forged("the signature is not right")


def _digest(stamp: str, body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _secrets(source: SourceConfig) -> tuple[str, ...]:
    """The secrets that count now: more than one while the sender changes over."""
    return tuple(source.secrets.get("signing_secret", "").split())


def _reading(source: SourceConfig) -> Reading:
    named = str(source.settings.get("time_zone", "UTC"))
    try:
        zone = ZoneInfo(named) if named != "UTC" else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unreadable(f'There is no time zone "{named}".') from None
    return Reading("webhook", zone, keeps_all=source.settings.get("keep", "all") != "matching")


def _posts(body: bytes) -> list[Any]:
    """What was sent, as a list. Raises Unreadable."""
    try:
        sent = clean_json(json.loads(body))
    except (ValueError, RecursionError):
        raise Unreadable("the body is no JSON") from None
    posts = sent if isinstance(sent, list) else [sent]
    if len(posts) > MOST:
        raise Unreadable(f"at most {MOST} posts fit in one delivery, and this one has {len(posts)}")
    return posts
