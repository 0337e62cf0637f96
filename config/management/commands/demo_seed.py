"""Fill the demo and say how to sign in."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.demo.seed import PASSWORD, seed


class Command(BaseCommand):
    """Refuses to run on anything but a demo or a test: it makes accounts with a known password."""

    help = "Fill the demo: people, a query, and an incident that starts in a few seconds."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, and print the one line that somebody needs to get in."""
        if settings.APP_ENV == "production":
            raise CommandError("demo_seed makes accounts with a known password; it never runs in production.")
        seed(now=timezone.now(), outbox=Path(settings.DATA_DIR) / "sent-replies")
        self.stdout.write(
            f"Sign in as sanne (communications), bram (lead), petra (privacy) or anouk; password {PASSWORD}"
        )
