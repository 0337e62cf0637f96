"""`audit verify`: whether the audit trail is whole."""

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from cases.models import AuditCheckpoint, AuditEvent
from cases.services import audit


class Command(BaseCommand):
    """The audit trail as an auditor meets it."""

    help = "Verify the audit trail: every event and checkpoint, unchanged and in its place."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """`verify [--json]`."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verify = verbs.add_parser("verify", help="exit 1 when something was changed, removed or cut off")
        verify.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the findings, and the newest checkpoint to hold against one published outside."""
        findings = audit.verify()
        newest = AuditCheckpoint.objects.order_by("-pk").first()
        n_events = AuditEvent.objects.count()
        report = {
            "events": n_events,
            "checkpoint": newest.pk if newest else None,
            "head": newest.hash if newest else "",
            "findings": [asdict(finding) for finding in findings],
        }
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
        elif findings:
            lines = [f"{finding.subject} event {finding.seq}: {finding.what}" for finding in findings]
            self.stdout.write("\n".join([f"{len(findings)} findings in {n_events} events:", *lines]))
        else:
            self.stdout.write(
                f"{n_events} events, all as they were written. Head: {report['head'] or 'none yet'}"
            )
        if findings:
            sys.exit(1)
