"""An e-mail inbox through IMAP: every letter in one folder is a mention of ours.

Settings of a source: `host`, `port` (993, TLS from the start; or 143, TLS before signing in) and
`folder` (default INBOX). Secrets: `user` and `password`.
"""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from monitoring.connectors.base import (
    Budget,
    Capabilities,
    Cursor,
    Mention,
    No,
    Page,
    Problem,
    Rejected,
    SourceConfig,
    Visibility,
)
from monitoring.connectors.errors import Refused
from monitoring.connectors.mailbox.inbox import FIRST_LOOK, Inbox, opened, place_of
from monitoring.connectors.mailbox.letters import (
    BAD,
    Automatic,
    entry_of,
    from_entry,
    mailto,
    mention_of,
    reason_of,
)
from monitoring.connectors.mailbox.way import PORTS, Way
from monitoring.connectors.readonly import ReadOnlyConnector

PAGE_SIZE = 100


class MailboxConnector(ReadOnlyConnector):
    """One folder of one mailbox. `way` is how mail servers are reached, the network by default."""

    name = "email"
    secret_names = ("user", "password")
    capabilities = Capabilities(own_mentions=True, backfill=True)
    why_not = "A letter is answered in the mail program"

    def __init__(self, way: Way | None = None) -> None:
        self._way = way or Way()

    def poll(self, source: SourceConfig, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        """Letters in the order in which they arrived, from the last number that was read.

        The cursor holds that number, and the `validity` under which it means something: when the server
        numbers anew, the folder is read again from a week back, and who is known is known by its
        Message-ID. One visit a poll, two questions a page.
        """
        with opened(source, self._way) as inbox:
            uid = _begin(inbox, cursor, now=now)
            n_left = budget.max_items
            for _ in range(budget.max_pages):
                size = min(PAGE_SIZE, n_left)
                if size < 1:
                    return
                uids = inbox.uids_after(uid, most=size + 1)
                last = len(uids) <= size
                mentions, rejected = _read(inbox, uids[:size], now=now)
                uid = max(uid, inbox.next_uid - 1) if last else max(uids[:size])
                n_left -= size
                yield Page(mentions, {"validity": inbox.validity, "uid": uid}, rejected, last=last)
                if last:
                    return

    def normalise(self, source: SourceConfig, raw: str, *, now: datetime) -> Mention:
        """One letter that was set apart; an answer of a machine stays one."""
        return from_entry(raw, now=now)

    def can_reply(self, source: SourceConfig, mention: Mention, visibility: Visibility = "public") -> No:
        """Never from here; the address opens the mail program."""
        address, subject = mailto(mention, mention.raw)
        intent = f"mailto:{quote(address, safe='@')}?subject={quote(subject)}" if address else ""
        return No(self.why_not, intent)

    def check(self, source: SourceConfig) -> list[Problem]:
        """Missing keys, and a server, port or folder that cannot be one."""
        problems = []
        if not all(source.secrets.get(name) for name in self.secret_names):
            problems.append(Problem("The name of the mailbox and its password are not both set."))
        try:
            _, port, _ = place_of(source)
            if port not in PORTS:
                problems.append(Problem(f"Port {port} is not one of mail servers: use 993 or 143."))
        except Refused as error:
            problems.append(Problem(str(error)))
        return problems


def _begin(inbox: Inbox, cursor: Cursor, *, now: datetime) -> int:
    """The number after which to read; one that the server has not reached means another numbering too."""
    known = cursor.get("uid")
    if cursor.get("validity") == inbox.validity and isinstance(known, int) and known < inbox.next_uid:
        return known
    return inbox.last_before(now - FIRST_LOOK)


def _read(
    inbox: Inbox, uids: list[int], *, now: datetime
) -> tuple[tuple[Mention, ...], tuple[Rejected, ...]]:
    """The letters with these numbers, each identity once, and those that are set apart."""
    found: dict[str, Mention] = {}
    rejected = []
    for fetched in inbox.fetch(uids):
        try:
            mention = mention_of(fetched, now=now)
        except BAD as error:
            entry = entry_of(fetched, headers_only=isinstance(error, Automatic))
            rejected.append(Rejected(entry, reason_of(error)))
        else:
            found.setdefault(mention.canonical_id, mention)
    return tuple(found.values()), tuple(rejected)
