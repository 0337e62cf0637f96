"""Letters to a browser or phone by web push (RFC 8030, 8291, 8292).

The text is encrypted for one subscription: the push service of the browser carries it and cannot read it.
The address of that service came from a browser, so it is reached by the guarded door only.
"""

import base64
import binascii
import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from py_vapid import Vapid02

from cases.outcomes import Outcome
from cases.services.channels import Kept, Letter, NotSent
from monitoring import border, fetch

KEPT_S = 4 * 3600
"""So long the push service keeps a letter for a phone that is off."""

SIGNED_FOR = timedelta(hours=12)
LIMITS = fetch.Limits(connect_s=3.0, read_s=5.0, total_s=8.0, max_bytes=10_000, max_redirects=0)
GONE = frozenset({404, 410})
LONGEST_TEXT = 1500
"""A push service takes about 4 kB, encrypted."""


def is_ready() -> bool:
    """Whether this installation has the key that signs what it pushes."""
    return bool(settings.VAPID_PRIVATE_KEY)


def public_key() -> str:
    """What a browser needs to subscribe: our public key, as it wants it."""
    point = _vapid().public_key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def read_subscription(text: str) -> str:
    """What is kept of a subscription that a browser gives. Raises ValueError for anything else."""
    try:
        given = json.loads(text)
        endpoint, keys = str(given["endpoint"]), given["keys"]
        point, secret = _decoded(str(keys["p256dh"])), _decoded(str(keys["auth"]))
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except (KeyError, TypeError, RecursionError, binascii.Error) as error:
        raise ValueError(type(error).__name__) from None
    if len(secret) != 16 or len(endpoint) > 1000 or not endpoint.startswith(("https://", "http://")):
        raise ValueError("no subscription")
    return json.dumps({"endpoint": endpoint, "p256dh": str(keys["p256dh"]), "auth": str(keys["auth"])})


def send(letter: Letter, address: str, *, now: datetime, network: fetch.Network = fetch.INTERNET) -> None:
    """Push a letter to one subscription. Raises NotSent (gone: ended there), and Kept in an exercise."""
    if border.stops("push", f"{letter.title} ({letter.key[:8]})"):
        raise Kept
    if not is_ready():
        raise NotSent(Outcome.NO_KEY)
    to = json.loads(address)
    headers = {
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT_S),
        "Urgency": "high" if letter.level else "normal",
        "Topic": letter.key[:32],
        **_signed(to["endpoint"], now=now),
    }
    try:
        answer = fetch.post(
            to["endpoint"], _encrypted(letter, to), headers=headers, limits=LIMITS, network=network
        )
    except fetch.FetchRefused:
        raise NotSent(Outcome.NOT_ALLOWED) from None
    except fetch.FetchFailed:
        raise NotSent(Outcome.PUSH_AWAY) from None
    if answer.status in GONE:
        raise NotSent(Outcome.PUSH_ENDED, is_gone=True)
    if not 200 <= answer.status < 300:
        raise NotSent(Outcome.PUSH_ANSWERED(answer.status))


def _encrypted(letter: Letter, to: dict[str, str]) -> bytes:
    said = {
        "title": letter.title,
        "body": letter.text[:LONGEST_TEXT],
        "url": urlsplit(letter.link).path,
        "tag": letter.key[:32],
    }
    sealed: bytes = http_ece.encrypt(
        json.dumps(said).encode(),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=_decoded(to["p256dh"]),
        auth_secret=_decoded(to["auth"]),
        version="aes128gcm",
    )
    return sealed


def _signed(endpoint: str, *, now: datetime) -> dict[str, str]:
    parts = urlsplit(endpoint)
    claims: dict[str, Any] = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "sub": f"mailto:{settings.DEFAULT_FROM_EMAIL.rpartition('<')[2].rstrip('>')}",
        "exp": int((now + SIGNED_FOR).timestamp()),
    }
    signed: dict[str, str] = _vapid().sign(claims)
    return signed


def _vapid() -> Vapid02:
    return Vapid02.from_string(settings.VAPID_PRIVATE_KEY)


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
