"""Bring the database up to date, and fill it for a demo: one start of Django instead of two."""

import argparse
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


class Command(BaseCommand):
    """What bin/start runs before the first page."""

    help = "Apply missing migrations; with --demo also seed the demo incident."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """--demo seeds as well."""
        parser.add_argument("--demo", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate only when something is missing: the signals afterwards cost a second."""
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
        if options["demo"]:
            call_command("demo_seed", stdout=self.stdout)
