"""Networks made of given bytes, for connectors that fetch."""

import os
from pathlib import Path

import httpcore

from monitoring.fetch import Network
from tests.monitoring.hostile import response

PUBLIC_ADDRESS = "93.184.215.14"
PAYLOADS = Path(__file__).parent / "payloads"


class Wire:
    """Gives the raw answers in turn, the last one again and again, and keeps the requests."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.requests: list[str] = []

    @property
    def network(self) -> Network:
        return Network(addresses=lambda host, port: [PUBLIC_ADDRESS], connect=self._connect)

    def _connect(self, address: str, port: int, timeout_s: float) -> httpcore.NetworkStream:
        wire = self
        raw = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

        class Stream(httpcore.MockStream):
            def write(self, buffer: bytes, timeout: float | None = None) -> None:
                if buffer:
                    wire.requests.append(buffer.decode("latin-1"))

            def start_tls(self, *args: object, **kwargs: object) -> httpcore.NetworkStream:
                return self

        return Stream([raw])


def feed(body: str | bytes, **headers: str) -> bytes:
    """An answer with a feed; header names with underscores."""
    content = body.encode() if isinstance(body, str) else body
    fields = {"Content-Type": "application/xml"} | {k.replace("_", "-"): v for k, v in headers.items()}
    return response(content, headers=fields)


def rss(*entries: str, language: str = "nl") -> str:
    """An RSS feed with these entries, each the inside of an <item>."""
    inside = "".join(f"<item>{entry}</item>" for entry in entries)
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Omroep Voorbeeld</title>'
        f"<language>{language}</language>{inside}</channel></rss>"
    )


def shared_data() -> Path:
    """The folder with test input that is not part of the project, whether it is there or not."""
    beside = Path(__file__).parents[3] / "shared"
    return Path(os.environ.get("WEERWOORD_SHARED", beside)) / "data" / "platforms"
