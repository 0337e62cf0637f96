"""Deliveries of Meta: the proof of where they come from, and the changes in them. Pure."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

from monitoring.connectors.base import SourceConfig
from monitoring.connectors.errors import Forged, Unreadable

SIGNATURE = "x-hub-signature-256"


def handshake(source: SourceConfig, params: Mapping[str, str]) -> str | None:
    """What to answer when Meta asks whether this address is ours; None = refuse.

    `params` is the query of the request: hub.mode, hub.verify_token, hub.challenge.
    """
    token, given = str(source.secrets.get("verify_token") or ""), str(params.get("hub.verify_token") or "")
    challenge = str(params.get("hub.challenge") or "")
    is_ours = bool(token) and hmac.compare_digest(token.encode(), given.encode("utf-8", "replace"))
    if params.get("hub.mode") != "subscribe" or not is_ours:
        return None
    return challenge if challenge.isascii() and challenge.isalnum() and len(challenge) <= 200 else None


def verified(source: SourceConfig, headers: Mapping[str, str], body: bytes) -> Mapping[str, Any]:
    """The delivery as JSON. Raises Forged without the right signature, Unreadable when it is no JSON."""
    secret = str(source.secrets.get("app_secret") or "")
    if not secret:
        raise Forged("the app secret is not set, so nothing proves where it comes from")
    kind, _, given = headers.get(SIGNATURE, "").partition("=")
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if kind != "sha256" or not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise Forged("its signature is not made with our app secret")
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("it is no JSON") from None
    if not isinstance(told, Mapping) or not isinstance(told.get("entry"), list):
        raise Unreadable("it has no entries")
    return told


def changes(told: Mapping[str, Any], *, kind: str, account_id: str) -> Iterator[dict[str, Any]]:
    """Every change for this account, as {"field", "time", "entry"}."""
    if told.get("object") != kind:
        return
    for entry in told["entry"]:
        if not isinstance(entry, Mapping) or str(entry.get("id")) != account_id:
            continue  # an app has one address for all its pages; another source reads the others
        listed = entry.get("changes")
        for change in listed if isinstance(listed, list) else ():
            told_change = change if isinstance(change, Mapping) else {"value": change}
            yield {
                "field": str(told_change.get("field") or ""),
                "time": entry.get("time"),
                "entry": told_change.get("value"),
            }
