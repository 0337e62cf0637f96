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
from cases.reads.exercises import current, kept_score
from cases.reads.score import score_of
from cases.reads.score_words import figures
from cases.rules.scoring import Score
from config.demo.seed import PASSWORD
from config.env import EXERCISE
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
        score = verbs.add_parser("score", help="what an exercise comes to, ended or not")
        score.add_argument("space", help="its directory, or its name below the directory of exercises")
        score.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what the verb says."""
        if options["verb"] == "desk":
            self._copy(options["to"])
        elif options["verb"] == "score":
            self._score(options["space"], as_json=options["json"])
        else:
            self._fill()

    def _score(self, named: str, *, as_json: bool) -> None:
        space = next((each for each in (Path(named), settings.EXERCISES_DIR / named) if each.is_dir()), None)
        if space is None or not (space / EXERCISE).is_file():
            raise CommandError(f"{named} is no exercise; they lie in {settings.EXERCISES_DIR}")
        score = kept_score(space) or _counted(space)
        if as_json:
            self.stdout.write(json.dumps(score.kept(), ensure_ascii=False))
            return
        for figure in figures(score):
            self.stdout.write(f"{figure.label}: {figure.value}\n    {figure.sentence}")

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


def _counted(space: Path) -> Score:
    """The score of an exercise that nobody ended, from its rows, which are only read."""
    file = space / "weerwoord.sqlite3"
    if not file.is_file():
        raise CommandError(f"{space} has no rows to count")
    connections.close_all()
    connections.databases["default"] |= {"ENGINE": "django.db.backends.sqlite3", "NAME": file, "OPTIONS": {}}
    desk.read_only(connections.databases["default"])
    exercise = current()
    if exercise is None:
        raise CommandError(f"{space} was never filled")
    try:
        return score_of(exercise)
    finally:
        connections.close_all()
