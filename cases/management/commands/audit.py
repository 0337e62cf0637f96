"""`audit verify` and `audit head`: whether the audit trail is whole, and what to publish of it."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cases.models import AuditCheckpoint, AuditEvent
from cases.rules.chain import Finding, Head, as_json, heads_in, moment
from cases.services import audit

SHOWN = 1000
"""A trail that was rewritten as a whole has a finding an event: more of them tell nothing more."""

STEP = 100_000


class Command(BaseCommand):
    """The audit trail as an auditor meets it."""

    help = "Verify the audit trail, also against heads that were published outside; print what to publish."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """`verify [--json] [--head TEXT-OR-FILE]` and `head [--json]`."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verify = verbs.add_parser("verify", help="exit 1 when something was changed, removed or cut off")
        verify.add_argument("--json", action="store_true")
        verify.add_argument(
            "--head", action="append", default=[], help="a head kept outside: its line, or a file with it"
        )
        head = verbs.add_parser("head", help="seal the trail and print the line to publish")
        head.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the one or the other; exit 1 for a trail that does not hold."""
        if options["verb"] == "head":
            self._head(as_data=options["json"])
        else:
            self._verify(_published(options["head"]), as_data=options["json"])

    def _head(self, *, as_data: bool) -> None:
        head = audit.head(now=timezone.now())
        if head is None:
            raise CommandError("The audit trail is empty; there is nothing to publish yet.")
        facts = {"events": head.n_events, "at": moment(head.at), "hash": head.hash, "text": str(head)}
        self.stdout.write(json.dumps(facts, indent=2) if as_data else str(head))

    def _verify(self, published: Sequence[Head], *, as_data: bool) -> None:
        """Print the findings, and the newest checkpoint to hold against one published outside."""
        n_events = AuditEvent.objects.count()
        trail = audit.StoredTrail(self._progress(n_events))
        findings = list(islice(audit.findings(trail, published=published), SHOWN))
        newest = AuditCheckpoint.objects.order_by("-pk").first()
        head = newest.hash if newest else ""
        if as_data:
            report = {
                "events": n_events,
                "checkpoint": newest.pk if newest else None,
                "head": head,
                "published": [str(head) for head in published],
                "findings": as_json(findings),
            }
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(_told(findings, n_events, head, published)))
        if findings:
            sys.exit(1)

    def _progress(self, n_events: int) -> Callable[[], None]:
        n_read = 0

        def one_more() -> None:
            nonlocal n_read
            n_read += 1
            if n_read % STEP == 0:
                self.stderr.write(f"{n_read:,} of {n_events:,} events read")

        return one_more


def _told(findings: Sequence[Finding], n_events: int, head: str, published: Sequence[Head]) -> list[str]:
    if findings:
        many = f"{SHOWN} findings or more" if len(findings) == SHOWN else f"{len(findings)} findings"
        lines = [f"{finding.subject} event {finding.seq}: {finding.what}" for finding in findings]
        return [f"{many} in {n_events} events:", *lines]
    told = [f"{n_events} events, all as they were written. Head: {head or 'none yet'}"]
    return told + [f"Holds what was published: {each}" for each in published]


def _published(given: Sequence[str]) -> list[Head]:
    """The heads in lines and files. One that cannot be read is a mistake, never a head that holds."""
    found = []
    for text in given:
        is_line = "weerwoord-audit/" in text
        try:
            heads = heads_in(text if is_line else Path(text).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{text}: no file with a published head ({type(error).__name__}).") from error
        if not heads:
            raise CommandError(f"{text}: no published head in it; it begins with weerwoord-audit/1.")
        found += heads
    return found
