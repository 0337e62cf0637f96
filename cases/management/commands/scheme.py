"""`scheme check`: prove the shipped schemes; `scheme publish`: make one current for new cases."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from cases import policy
from cases.models import SchemeVersion
from cases.rules.scheme import LANGUAGES, Scheme, SchemeInvalid, load, problems, routes, shipped
from cases.services import audit


class Command(BaseCommand):
    """The decision scheme as the operator meets it."""

    help = "Check the shipped decision schemes, or publish one from a file."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """`check [--json]` or `publish [--file FILE]`."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        check = verbs.add_parser("check", help="every duty reachable, both languages, no dead end")
        check.add_argument("--json", action="store_true")
        check.add_argument("--file", type=Path, help="check this file instead of the shipped schemes")
        publish = verbs.add_parser("publish", help="make a scheme current for new cases")
        publish.add_argument("--file", type=Path, help="a TOML file; default: the shipped scheme vdmmp-1")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 1 when a scheme has problems."""
        if options["verb"] == "publish":
            self._publish(options["file"])
        else:
            self._check(options["file"], as_json=options["json"])

    def _check(self, file: Path | None, *, as_json: bool) -> None:
        try:
            schemes = [load(file.read_text(encoding="utf-8"))] if file else list(shipped().values())
        except (OSError, SchemeInvalid) as error:
            raise CommandError(str(error)) from error
        reports = [_report(scheme) for scheme in schemes]
        if as_json:
            self.stdout.write(json.dumps({"schemes": reports}, ensure_ascii=False, indent=2))
        else:
            for report in reports:
                self.stdout.write(_sentence(report))
        if any(report["problems"] for report in reports):
            sys.exit(1)

    def _publish(self, file: Path | None) -> None:
        path = file or policy.SHIPPED_SCHEME
        try:
            version = _published(path.read_text(encoding="utf-8"))
        except (OSError, SchemeInvalid) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Scheme {version} is current for new cases ({version.checksum[:12]}).")


def _published(toml: str) -> SchemeVersion:
    """Publish, with its event: from now on cases are judged by other words."""
    now = timezone.now()
    with transaction.atomic():
        version = policy.publish(toml, now=now)
        facts = {"scheme": str(version), "checksum": version.checksum}
        audit.append(f"scheme:{version.pk}", "scheme published", by=None, now=now, facts=facts)
    return version


def _report(scheme: Scheme) -> dict[str, Any]:
    found = problems(scheme)
    return {
        "scheme": scheme.id,
        "version": scheme.version,
        "checksum": scheme.checksum,
        "languages": list(LANGUAGES),
        "routes": sum(1 for _ in routes(scheme)) if not found else 0,
        "promises": len(scheme.promises),
        "problems": found,
    }


def _sentence(report: dict[str, Any]) -> str:
    if report["problems"]:
        return "\n".join([f"{report['scheme']} {report['version']}: not sound", *report["problems"]])
    return (
        f"{report['scheme']} {report['version']}: {report['promises']} nodes and duties, all reachable "
        f"on {report['routes']} routes in {' and '.join(report['languages'])}; no dead ends."
    )
