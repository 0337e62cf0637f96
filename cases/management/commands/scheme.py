"""The decision scheme as the operator meets it: `scheme check`, `publish`, `list`, `diff` and `diagram`."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases import policy
from cases.models import SchemeVersion
from cases.reads import schemes as schemes_read
from cases.rules import diagrams
from cases.rules.scheme import LANGUAGES, Scheme, SchemeInvalid, load, problems, routes, shipped
from cases.rules.scheme_diff import differences
from cases.services import audit

SHORT = 12


class Command(BaseCommand):
    """The decision scheme as the operator meets it."""

    help = "Check, publish, list, compare or draw decision schemes."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """One verb each; `scheme VERB --help` says what it takes."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        check = verbs.add_parser("check", help="every duty reachable, both languages, no dead end")
        check.add_argument("--json", action="store_true")
        check.add_argument("--file", type=Path, help="check this file instead of the shipped schemes")
        publish = verbs.add_parser("publish", help="make a scheme current for new cases")
        publish.add_argument("--file", type=Path, help="a TOML file; default: the shipped scheme vdmmp-1")
        listed = verbs.add_parser("list", help="every published version, and the open cases pinned to it")
        listed.add_argument("--json", action="store_true")
        diff = verbs.add_parser("diff", help="what changed between two published versions, or a file")
        diff.add_argument("before", help='a version ("vdmmp-1 1.0"), the start of its checksum, or a file')
        diff.add_argument("after", nargs="?", default="", help="the same; default: the current version")
        diagram = verbs.add_parser("diagram", help="draw the states and the schemes from their data")
        diagram.add_argument("--lang", choices=LANGUAGES, default="en")
        diagram.add_argument("--scheme", help="only this shipped scheme; default: the states")
        diagram.add_argument("--write", type=Path, metavar="DIR", help="draw into the pages of this folder")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 1 when a scheme has problems."""
        verb: str = options["verb"]
        if verb == "publish":
            self._publish(options["file"])
        elif verb == "list":
            self._list(as_json=options["json"])
        elif verb == "diff":
            self._diff(options["before"], options["after"])
        elif verb == "diagram":
            self._diagram(options["scheme"], options["lang"], options["write"])
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
            toml = path.read_text(encoding="utf-8")
            found = problems(load(toml))
            if found:
                raise CommandError("\n".join(["This scheme is not sound; nothing was published.", *found]))
            version = _published(toml)
        except IntegrityError as error:
            raise CommandError(
                "This version number was published before with other words. Give the scheme a new version."
            ) from error
        except (OSError, SchemeInvalid) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Scheme {version} is current for new cases ({version.checksum[:SHORT]}).")

    def _list(self, *, as_json: bool) -> None:
        rows = schemes_read.versions()
        if as_json:
            self.stdout.write(json.dumps({"versions": [row.facts() for row in rows]}, indent=2))
            return
        for row in rows:
            current = "current" if row.is_current else "earlier"
            self.stdout.write(
                f"{row.scheme_id} {row.version}  {row.checksum[:SHORT]}  {row.published_at:%Y-%m-%d %H:%M}"
                f"  {current}  {row.n_open} open of {row.n_cases} cases"
            )

    def _diff(self, before: str, after: str) -> None:
        old, new = _text_of(before), _text_of(after) if after else policy.current_version().toml
        found = differences(old, new)
        for difference in found:
            self.stdout.write(str(difference))
        self.stdout.write(f"{len(found)} differences." if found else "No difference.")

    def _diagram(self, scheme_id: str | None, lang: str, folder: Path | None) -> None:
        if folder:
            try:
                self._write(folder)
            except (OSError, ValueError) as error:
                raise CommandError(str(error)) from error
        elif scheme_id is None:
            self.stdout.write(diagrams.states(lang))
        elif scheme_id in shipped():
            self.stdout.write(diagrams.scheme(shipped()[scheme_id], lang))
        else:
            raise CommandError(f'There is no shipped scheme "{scheme_id}"; known: {", ".join(shipped())}.')

    def _write(self, folder: Path) -> None:
        for name, drawings in diagrams.drawings(shipped()).items():
            page = folder / name
            page.write_text(diagrams.redrawn(page.read_text(encoding="utf-8"), drawings), encoding="utf-8")
            self.stdout.write(f"{page}: drawn {len(drawings)} times from the data.")


def _text_of(named: str) -> str:
    """The text of a published version, or of a file."""
    found = schemes_read.version_named(named)
    if found is not None:
        return found.toml
    try:
        return Path(named).read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f'"{named}" is no published version and no file; see `scheme list`.') from error


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
