"""Bring the database up to date, and fill it for a demo: one start of Django instead of two."""

import argparse
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from config.broker import BrokerEvicts, client, refuse_eviction


class Command(BaseCommand):
    """What bin/start runs before the first page."""

    help = "Apply missing migrations; with --demo also seed the demo incident."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """--demo seeds as well; --own-broker: bin/start brings the broker, which may still be starting."""
        parser.add_argument("--demo", action="store_true")
        parser.add_argument("--own-broker", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look at the engines, migrate when something is missing, and seed."""
        if not options["own_broker"]:
            self._look_at_broker()
        self._migrate()
        if settings.SPACE:
            call_command("exercise", "fill", stdout=self.stdout)
        elif options["demo"]:
            call_command("demo_seed", stdout=self.stdout)
        elif not get_user_model().objects.exists():
            self.stdout.write("Nobody can sign in yet: .venv/bin/python manage.py createsuperuser")

    def _migrate(self) -> None:
        try:
            executor = MigrationExecutor(connection)
            is_behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
        except OperationalError as error:
            raise CommandError(
                "The database does not answer. Look at DATABASE_URL and whether the server is up; "
                f"nothing was changed. ({connection.vendor}: {_reason(error)})"
            ) from error
        if is_behind:  # the signals after a migration cost a second: not at every start
            call_command("migrate", interactive=False, verbosity=0)

    def _look_at_broker(self) -> None:
        """A broker that is away is waited for; one that would throw work away is refused."""
        try:
            refuse_eviction(client())
        except redis.RedisError as error:
            self.stdout.write(
                f"The broker does not answer ({type(error).__name__}), so nothing is polled or sent until it "
                "does. Nothing is lost; look at REDIS_URL."
            )
        except BrokerEvicts as error:
            raise CommandError(str(error)) from error


def _reason(error: OperationalError) -> str:
    """The first line of the engine's own words, without what comes after it."""
    return str(error).strip().partition("\n")[0][:200]
