"""bin/check: every checker, one line each; what failed is shown in full."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from config.catalogues import catalogues, gaps, sources

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CODE = ("config", "cases", "monitoring", "tests", "manage.py")
SHOWN = 15

COMMANDS = {
    "ruff check": [str(BIN / "ruff"), "check", "--quiet", *CODE],
    "ruff format": [str(BIN / "ruff"), "format", "--check", "--quiet", *CODE],
    "mypy --strict": [str(BIN / "mypy"), "--no-error-summary", "config", "cases", "monitoring", "manage.py"],
    "import directions": [str(BIN / "lint-imports"), "--no-cache", "--no-logo"],
    "djlint": [str(BIN / "djlint"), "cases", "--lint", "--quiet"],
    "bandit": [
        *(str(BIN / "bandit"), "-q", "-c", "pyproject.toml"),
        *("--severity-level", "medium", "--confidence-level", "medium"),
        *("-f", "custom", "--msg-template", "{relpath}:{line}: {test_id} {msg}"),
        *("-r", "config", "cases", "monitoring"),
    ],
    "makemigrations --check": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
    "system check": [sys.executable, "manage.py", "check", "--fail-level", "WARNING"],
}


def command(args: list[str]) -> str:
    """Run a checker; the answer is empty when it is content, else what it says."""
    environment = {**os.environ, "APP_ENV": "test"}
    done = subprocess.run(args, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    return done.stdout.strip() or done.stderr.strip() or f"ended with {done.returncode}"


def translations() -> str:
    """Every entry of every catalogue is translated and certain."""
    paths = catalogues()
    if not paths:
        return "no catalogue: cases/locale/nl/LC_MESSAGES/django.po"
    missing = [gap for path in paths for gap in gaps(path)]
    shown = [*missing[:SHOWN], *(["…"] if len(missing) > SHOWN else [])]
    return "\n".join([f"{len(missing)} entries", *shown]) if missing else ""


def extraction() -> str:
    """The catalogues hold exactly what the source says; needs gettext, on a copy of the source."""
    with tempfile.TemporaryDirectory(prefix="weerwoord-po-") as place:
        copy = Path(place)
        for room in ("config", "cases", "monitoring"):
            shutil.copytree(ROOT / room, copy / room, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
        shutil.copy(ROOT / "manage.py", copy)
        done = subprocess.run(
            [sys.executable, "manage.py", "makemessages", "--all", "--verbosity", "0"],
            cwd=copy,
            env={**os.environ, "APP_ENV": "test"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            return done.stderr.strip()
        differences = []
        for path in catalogues():
            kept, found = sources(path), sources(copy / path.relative_to(ROOT))
            differences += [
                f"{path.parts[-3]}: new in the source: {text!r}" for _, text in sorted(found - kept, key=str)
            ]
            differences += [
                f"{path.parts[-3]}: gone from the source: {text!r}"
                for _, text in sorted(kept - found, key=str)
            ]
    return "\n".join(differences)


def checks() -> dict[str, Callable[[], str]]:
    """Every checker by name."""
    found: dict[str, Callable[[], str]] = {name: partial(command, args) for name, args in COMMANDS.items()}
    found["translations complete"] = translations
    if shutil.which("xgettext"):
        found["translations up to date"] = extraction
    return found


def main() -> int:
    """Run all checkers, also after one has failed; 1 when any did."""
    failed = 0
    for name, ask in checks().items():
        started = time.monotonic()
        complaint = ask()
        failed += bool(complaint)
        verdict = "FAILED" if complaint else "ok"
        print(f"{verdict:6} {name} ({time.monotonic() - started:.1f} s)", flush=True)
        if complaint:
            print("\n".join(f"       {line}" for line in complaint.splitlines()), flush=True)
    if not shutil.which("xgettext"):
        print("!!     gettext is not installed: that the catalogues are up to date was NOT checked")
    print(f"{failed} of {len(checks())} failed" if failed else "all checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
