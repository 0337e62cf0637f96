"""bin/demo --check: tell the demo's story without a screen, in the fresh place that bin/demo made."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from config.demo_check import check


class Command(BaseCommand):
    """Ends with 0 when posts, cases, an alarm and a delivered notification were seen, else with 1."""

    help = "Start the demo headlessly and print one JSON object. Use bin/demo --check."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the check."""
        sys.exit(check())
