"""Record what a real Bluesky network answers, with names and keys replaced, for the tests without one.

    APP_ENV=test python -m tests.bluesky_network.record

Makes tests/monitoring/payloads/bluesky/recorded.jsonl anew: one answer a line.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from monitoring.connectors.base import Budget, Reply, SourceConfig
from monitoring.connectors.bluesky import BlueskyConnector
from tests.bluesky_network.network import PASSWORD, Network, Person, running_network

TARGET = Path(__file__).resolve().parents[1] / "monitoring" / "payloads" / "bluesky" / "recorded.jsonl"
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
_HOST = re.compile(r"http://localhost:\d+")
_KEPT = ("content-type", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset")


class Recorder(httpx.BaseTransport):
    """Passes requests on and keeps every answer under the name of the scene."""

    def __init__(self) -> None:
        self._inner = httpx.HTTPTransport()
        self.scene = ""
        self.calls: list[dict[str, Any]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        answer.read()
        call = {
            "scene": self.scene,
            "method": request.url.path.rpartition("/")[2],
            "query": request.url.query.decode(),
            "status": answer.status_code,
            "headers": {name: answer.headers[name] for name in _KEPT if name in answer.headers},
            "body": answer.text,
        }
        self.calls.append(call)
        return answer

    def close(self) -> None:
        self._inner.close()


def facet(text: str, shown: str, feature: dict[str, str]) -> dict[str, Any]:
    """Where `shown` stands in a text, and what it is."""
    start = len(text[: text.index(shown)].encode())
    return {"index": {"byteStart": start, "byteEnd": start + len(shown.encode())}, "features": [feature]}


def play(recorder: Recorder, us: Person, public: Person) -> None:
    """What the public and we do, and what our connector asks meanwhile."""
    connector, now = BlueskyConnector(recorder), datetime.now(UTC) + timedelta(minutes=1)
    secrets = {"identifier": us.handle, "app_password": PASSWORD}
    settings = {"service": us.network.service}
    source = SourceConfig(1, "Bluesky", settings, ("rook",), secrets)
    root = public.post("Zwarte rook boven de loswal 🔥, wat is dat?")
    text = f"@{us.handle} moeten de ramen dicht? nieuws.example.com/rook..."
    link = {"$type": "app.bsky.richtext.facet#link", "uri": "https://nieuws.example.com/rook-boven-loswal"}
    who = {"$type": "app.bsky.richtext.facet#mention", "did": us.did}
    facets = [facet(text, f"@{us.handle}", who), facet(text, "nieuws.example.com/rook...", link)]
    asked = public.post(text, facets=facets, reply={"root": root, "parent": root})
    public.post("Kijk, rook", embed={"$type": "app.bsky.embed.record", "record": root}, langs=["nl", "en"])
    gone = public.post("Dit haal ik weg")
    public.delete(gone)
    us.network.settle()
    recorder.scene = "poll"
    list(connector.poll(source, {}, Budget(), now=now))
    recorder.scene = "refresh"
    connector.refresh(source, [root["uri"], gone["uri"]], now=now)
    recorder.scene = "publish"
    reply = Reply(asked["uri"], "Ja, ramen dicht. Zie https://vr.example.com/rook #loswal", "public")
    connector.publish(source, reply, key="opname")
    recorder.scene = "publish again"
    connector.publish(source, reply, key="opname")
    us.network.settle()
    recorder.scene = "thread"
    mention = connector.resolve(source, root["uri"], now=now)
    assert mention is not None
    connector.thread(source, mention, now=now)
    recorder.scene = "resolve"
    connector.resolve(source, mention.url, now=now)
    connector.resolve(source, mention.url.replace(public.handle, "niemand.test"), now=now)
    recorder.scene = "edit"
    public.edit(root, "Zwarte rook boven de loswal: het is een oefening")
    us.network.settle()
    connector.refresh(source, [root["uri"]], now=now)


def neutral(text: str, people: dict[str, str]) -> str:
    """The text with nobody's key, host or number in it."""
    text = _HOST.sub("https://pds.example", _TOKEN.sub("eyJ.token.x", text))
    for did, name in people.items():
        text = text.replace(did, name).replace(did.replace(":", "%3A"), name.replace(":", "%3A"))
    return text


def main() -> None:
    """Play the scenes on a fresh network and write down what came."""
    recorder = Recorder()
    with running_network() as network:
        us, public = joined(network)
        play(recorder, us, public)
    people = {us.did: "did:plc:" + "regio".ljust(24, "a"), public.did: "did:plc:" + "bewoner".ljust(24, "a")}
    lines = (neutral(json.dumps(call, ensure_ascii=False), people) for call in recorder.calls)
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text("\n".join(lines) + "\n", "utf-8")


def joined(network: Network) -> tuple[Person, Person]:
    """Our account and somebody of the public."""
    return network.join("vr-loswal"), network.join("kadebewoner")


if __name__ == "__main__":
    main()
