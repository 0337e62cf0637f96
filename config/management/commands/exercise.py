"""What bin/exercise needs of the database: the desk copied out, the space filled, the score."""

import argparse
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections
from django.utils import timezone

from cases.models import User
from config.demo.seed import PASSWORD
from config.exercise import desk
from config.exercise.fill import fill


class Command(BaseCommand):
    """Exercises; people start them with bin/exercise."""

    help = "Copy a desk, fill the space of an exercise, or show the score of one. To play: bin/exercise."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """One verb each; `exercise VERB --help` says what it takes."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        copy = verbs.add_parser("desk", help="copy the people and rules of this database, reading only")
        copy.add_argument("to", type=Path)
        verbs.add_parser("fill", help="fill this space (bin/exercise does)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what the verb says."""
        if options["verb"] == "desk":
            self._copy(options["to"])
        else:
            self._fill()

    def _copy(self, to: Path) -> None:
        desk.read_only(connections.databases["default"])
        try:
            if not User.objects.filter(is_active=True).exists():
                return
            rows = desk.copied(now=timezone.now())
        except DatabaseError as error:
            raise CommandError(
                f"the database does not answer as expected ({type(error).__name__})"
            ) from error
        finally:
            connections.close_all()
        to.touch(mode=0o600)
        to.write_text(json.dumps(rows), encoding="utf-8")

    def _fill(self) -> None:
        if not settings.SPACE:
            raise CommandError("This is no exercise; start one with bin/exercise.")
        exercise = fill(Path(settings.DATA_DIR), now=timezone.now())
        self.stdout.write(f"{exercise}: waits for whoever leads it to begin, on the page Exercise.")
        if User.objects.filter(username="bram", email__endswith=".example").exists():
            self.stdout.write(f"Sign in as bram (lead, leads the exercise) or sanne; password {PASSWORD}")
        else:
            self.stdout.write("Everybody signs in with their own name and password.")
