"""`credential`: the keys of our accounts on the command line. A secret comes in by stdin only."""

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cases.services import credentials
from monitoring.connectors.registry import UnknownConnector
from monitoring.credentials import BadSecrets, InUse
from monitoring.models import Credential
from monitoring.sealing import CannotOpen


class Command(BaseCommand):
    """The credentials as the operator meets them."""

    help = "Enter, list, reseal and remove the keys of accounts on platforms."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """`set NAME --connector x < keys.json`, `list`, `retry NAME`, `rotate`, `remove NAME`."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        enter = verbs.add_parser("set", help='read {"secret name": "secret", …} from stdin and seal it')
        enter.add_argument("name")
        enter.add_argument("--connector", required=True)
        verbs.add_parser("list", help="names and how they stand; never a secret")
        retry = verbs.add_parser("retry", help="poll the sources of a credential that was refused again")
        retry.add_argument("name")
        verbs.add_parser("rotate", help="seal everything with the first key of CREDENTIAL_KEYS")
        remove = verbs.add_parser("remove", help="forget a credential that no source uses")
        remove.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a credential; what is refused is said in a sentence, exit 1."""
        try:
            getattr(self, f"_{options['verb']}")(options)
        except (BadSecrets, InUse, CannotOpen, UnknownConnector) as error:
            raise CommandError(str(error)) from None

    def _set(self, options: Mapping[str, Any]) -> None:
        kept = credentials.enter(
            options["name"],
            platform=options["connector"],
            secrets=_read_secrets(),
            by=None,
            now=timezone.now(),
        )
        self.stdout.write(f'The credential "{kept.name}" for {kept.connector} is sealed.')

    def _list(self, options: Mapping[str, Any]) -> None:
        for kept in Credential.objects.order_by("name"):
            sources = ", ".join(kept.sources.order_by("name").values_list("name", flat=True)) or "no source"
            self.stdout.write(f"{kept.name} ({kept.connector}): {_how_it_stands(kept)}; used by {sources}")

    def _retry(self, options: Mapping[str, Any]) -> None:
        was_refused = credentials.try_again(_named(options["name"]).pk, by=None, now=timezone.now())
        self.stdout.write("Its sources are polled again." if was_refused else "It was not refused.")

    def _rotate(self, options: Mapping[str, Any]) -> None:
        names = credentials.rotate(by=None, now=timezone.now())
        self.stdout.write(f"{len(names)} credentials are sealed with the first key.")

    def _remove(self, options: Mapping[str, Any]) -> None:
        credentials.remove(_named(options["name"]).pk, by=None, now=timezone.now())
        self.stdout.write("Removed.")


def _read_secrets() -> dict[str, str]:
    try:
        given = json.loads(sys.stdin.read())
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise CommandError('Give the secrets on stdin as JSON: {"name": "secret"}.')
    return given


def _named(name: str) -> Credential:
    kept = Credential.objects.filter(name=name).first()
    if kept is None:
        raise CommandError(f'There is no credential "{name}"; see: manage.py credential list')
    return kept


def _how_it_stands(kept: Credential) -> str:
    try:
        names = ", ".join(sorted(kept.open_secrets()))
    except CannotOpen:
        return "no key of this installation opens it"
    if kept.refused_at:
        return f"{names}; refused since {kept.refused_at:%Y-%m-%d %H:%M} UTC: {kept.refusal}"
    if kept.limited_until and kept.limited_until > timezone.now():
        return f"{names}; asked to wait until {kept.limited_until:%Y-%m-%d %H:%M} UTC"
    return names
