"""Replay: plays a scripted or recorded incident at a chosen speed, and takes replies.

Settings of a source: `incident` (a file in `incidents/`) or `path` (a .jsonl file elsewhere),
`started_at` (ISO 8601), `speed` (default 1) or `clock` (`storyclock`), `run` (a second run has new posts),
`outbox` (a folder for our replies; without it nothing can be sent), `fail` (a fault to play, see `FAULTS`).
An event happens at started_at + at_s / speed, so that a fast replay is fast in event time too.
"""

import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from monitoring.connectors.base import (
    Budget,
    Capabilities,
    Cursor,
    Gone,
    Kind,
    Live,
    Mention,
    No,
    Page,
    Problem,
    Published,
    Reactions,
    Reply,
    SourceConfig,
    Unknown,
    Visibility,
    Yes,
)
from monitoring.connectors.errors import (
    Ended,
    PublishFailed,
    PublishUnknown,
    RateLimited,
    Refused,
    SourceError,
    Unavailable,
    Unreadable,
)
from monitoring.connectors.incident import Event, Run, load
from monitoring.connectors.plain import author, clean, clean_json, digest

PAGE_SIZE = 100
MAX_REPLY_CHARS = 500
PUBLIC_URL = "https://replay.invalid"  # a reserved name: a click leads nowhere
FAULTS: Mapping[str, Callable[[], SourceError]] = {
    "rate_limited": lambda: RateLimited(None),
    "unavailable": lambda: Unavailable("the replay plays a fault"),
    "refused": lambda: Refused("the replay plays a fault"),
    "ended": lambda: Ended("the replay plays a fault"),
}


class ReplayConnector:
    """A platform that exists only in a file."""

    name = "replay"
    secret_names: tuple[str, ...] = ()
    capabilities = Capabilities(
        own_mentions=True,
        backfill=True,
        refresh=True,
        reply=True,
        direct=True,
        post_needs=(),
        max_reply_chars=MAX_REPLY_CHARS,
    )

    def poll(self, source: SourceConfig, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        """The events that have happened by `now` and were not delivered; history comes first.

        The cursor counts what was delivered in this run: a new run starts from nothing.
        """
        run = _load(source)
        happened = run.due(now)
        n_replies = _n_replies(happened)
        done = _delivered(cursor, run)
        stop = min(len(happened), done + budget.max_items, done + budget.max_pages * PAGE_SIZE)
        while True:
            batch = happened[done : min(done + PAGE_SIZE, stop)]
            rejected = run.rejected if done == 0 else ()
            done += len(batch)
            yield Page(
                mentions=tuple(_mention(run, event, n_replies[event.id]) for event in batch),
                cursor={"run": run.run, "incident": run.name, "delivered": done},
                rejected=rejected,
                last=done >= len(happened),
                next_at=run.next_after(done),
            )
            if done >= stop:
                return

    def refresh(
        self, source: SourceConfig, ids: Sequence[str], *, now: datetime
    ) -> dict[str, Live | Gone | Unknown]:
        """Live for what has happened in this run; Unknown for the rest."""
        run = _load(source)
        happened = run.due(now)
        n_replies = _n_replies(happened)
        live = {run.canonical_id(event.id): event for event in happened}
        return {
            post_id: Live(_mention(run, live[post_id], n_replies[live[post_id].id]))
            if post_id in live
            else Unknown("not in this run")
            for post_id in ids
        }

    def normalise(self, source: SourceConfig, raw: str, *, now: datetime) -> Mention:
        """Always Unreadable: an incident is mended in its file."""
        raise Unreadable("mend the file of the incident instead")

    def thread(self, source: SourceConfig, mention: Mention, *, now: datetime) -> tuple[Mention, ...]:
        """Nothing: every post of the incident comes with the poll."""
        return ()

    def claims(self, url: str) -> bool:
        """No address is real."""
        return False

    def resolve(self, source: SourceConfig, url: str, *, now: datetime) -> Mention | None:
        """None: no address is real."""
        return None

    def can_reply(
        self, source: SourceConfig, mention: Mention, visibility: Visibility = "public"
    ) -> Yes | No:
        """Yes when there is an outbox and the post is more than a boost."""
        if not source.settings.get("outbox"):
            return No("This replay has no outbox", intent_url=mention.url)
        if mention.kind is Kind.BOOST:
            return No("A boost cannot be answered", intent_url=mention.url)
        return Yes()

    def reply_length(self, text: str, visibility: Visibility = "public") -> int:
        """Characters."""
        return len(text)

    def publish(self, source: SourceConfig, reply: Reply, *, key: str) -> Published:
        """Put the reply in the outbox; a second reply under one key is the first one."""
        fault = source.settings.get("fail")
        if fault == "publish_failed":
            raise PublishFailed("the replay plays a fault")
        if self.reply_length(reply.text) > MAX_REPLY_CHARS:
            raise PublishFailed(f"it has {self.reply_length(reply.text)} of {MAX_REPLY_CHARS} characters")
        published = _append(_outbox(source), key, reply)
        if fault == "publish_unknown":
            raise PublishUnknown("the replay plays a time-out after the reply arrived")
        return published

    def find_reply(self, source: SourceConfig, key: str, reply: Reply) -> Published | None:
        """The reply in the outbox under `key`."""
        path = _outbox(source) / _file_name(key)
        return _published(path) if path.exists() else None

    def check(self, source: SourceConfig) -> list[Problem]:
        """Whether the incident can be played, and whether replies have a place."""
        problems = []
        try:
            _load(source)
        except SourceError as error:
            problems.append(Problem(str(error)))
        if not source.settings.get("outbox"):
            problems.append(
                Problem("No outbox is set: replies cannot be sent in this replay.", blocking=False)
            )
        return problems


def _load(source: SourceConfig) -> Run:
    """The incident of a source, or the fault that its settings ask for."""
    fault = FAULTS.get(str(source.settings.get("fail", "")))
    if fault:
        raise fault()
    return load(source)


def _delivered(cursor: Cursor, run: Run) -> int:
    """How many events of this run the caller already has."""
    same = cursor.get("run") == run.run and cursor.get("incident") == run.name
    return int(cursor.get("delivered", 0)) if same else 0


def _n_replies(events: Sequence[Event]) -> Counter[str]:
    return Counter(str(event.fields.get("parent", "")) for event in events)


def _mention(run: Run, event: Event, n_replies: int) -> Mention:
    fields = event.fields
    handle = str(fields.get("handle", ""))
    return Mention(
        platform=str(fields.get("platform", "replay"))[:30],
        canonical_id=run.canonical_id(event.id),
        url=f"{PUBLIC_URL}/{run.name}/{run.run}/{event.id}",
        text=clean(str(fields["text"])),
        posted_at=run.time_of(event),
        author=author(handle, handle, str(fields.get("name", "")), fields.get("followers")),
        kind=Kind(fields.get("kind", Kind.POST)),
        parent_id=run.canonical_id(str(fields.get("parent") or "")),
        thread_id=run.canonical_id(str(fields.get("thread") or "")),
        language=str(fields.get("lang", ""))[:10],
        reactions=Reactions(n_replies, int(fields.get("shares") or 0), int(fields.get("likes") or 0)),
        raw=clean_json(fields),
    )


def _outbox(source: SourceConfig) -> Path:
    folder = source.settings.get("outbox")
    if not folder:
        raise PublishFailed("this replay has no outbox")
    return Path(str(folder))


def _file_name(key: str) -> str:
    return f"{digest(key)}.json"


def _append(outbox: Path, key: str, reply: Reply) -> Published:
    """Write the reply unless one stands under `key`; a link is atomic, also between processes."""
    name = _file_name(key)
    external_id = f"reply-{name[:12]}"
    record = {
        "external_id": external_id,
        "url": f"{PUBLIC_URL}/replies/{external_id}",
        "key": key,
        "parent_id": reply.parent_id,
        "visibility": reply.visibility,
        "text": reply.text,
    }
    try:
        outbox.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=outbox, prefix=".new-") as file:
            json.dump(record, file, ensure_ascii=False)
            file.flush()
            with suppress(FileExistsError):  # sent before under this key: that one counts
                os.link(file.name, outbox / name)
    except OSError as error:
        raise PublishFailed(f"the outbox cannot be written ({error.strerror})") from error
    return _published(outbox / name)


def _published(path: Path) -> Published:
    record = json.loads(path.read_text(encoding="utf-8"))
    return Published(url=record["url"], external_id=record["external_id"])
