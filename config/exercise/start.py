"""bin/exercise: make a space, copy the desk into it, and start it beside the real installation."""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from config import supervisor
from config.env import EXERCISE, read_env_file
from config.exercise.check import NotPlayable, check_story
from config.exercise.spaces import DESK, STORY, story_of

BASE_DIR = Path(__file__).resolve().parent.parent.parent
KEPT = (
    *("PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "PYTHONPATH"),
    *("TIME_ZONE", "ORGANISATION", "WEB_WORKERS", "LOG_LEVEL", "UNDO_WINDOW_S", "ALLOWED_HOSTS", "SITE_URL"),
)
"""All that an exercise takes over from outside; every other setting of the real installation stays there."""


def options_from(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="bin/exercise", description="Play an incident in a space of its own, out of which nothing comes."
    )
    parser.add_argument("--incident", default="sluis", help="a shipped one, or a FILE.jsonl; default: sluis")
    parser.add_argument("--speed", type=float, default=1.0, help="times as fast as the story; default: 1")
    parser.add_argument("--from-database", metavar="URL", help="whose desk; default: that of DATABASE_URL")
    parser.add_argument("--demo-desk", action="store_true", help="the people of the demo, not those here")
    parser.add_argument("--port", type=int, default=8100, help="default: 8100")
    parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1, this machine only")
    parser.add_argument("--data", help="where the real installation keeps its things; default: var")
    return parser.parse_args(arguments)


def make_space(story: Path, options: argparse.Namespace, exercises: Path, *, now: datetime) -> Path:
    """A fresh directory with the story and what was asked; nobody else on this machine may look into it."""
    name = re.sub(r"[^a-z0-9-]+", "-", story.stem.lower()).strip("-") or "incident"
    stem = f"{now:%Y-%m-%d-%H%M}-{name}"
    taken = (exercises / stem).exists()
    space = exercises / (f"{stem}-{now:%S}" if taken else stem)
    exercises.mkdir(parents=True, exist_ok=True)
    space.mkdir(mode=0o700)
    shutil.copyfile(story, space / STORY)
    asked = {"incident": story.stem, "speed": options.speed, "made_at": now.isoformat(), "desk": "demo"}
    write_asked(space, asked)
    return space


def write_asked(space: Path, asked: Mapping[str, Any]) -> None:
    """What makes a directory the space of an exercise."""
    (space / EXERCISE).write_text(json.dumps(asked, indent=2), encoding="utf-8")


def copy_desk(space: Path, url: str, environment: Mapping[str, str]) -> bool:
    """Copy the desk of a database, in a process that only reads and has ended before the space starts.

    False when nobody works there yet. Raises NotPlayable when it cannot be read.
    """
    done = subprocess.run(
        [sys.executable, "manage.py", "exercise", "desk", str(space / DESK)],
        cwd=BASE_DIR,
        env={**environment, "APP_ENV": "demo", "DATABASE_URL": url, "DATA_DIR": str(space)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        why = done.stderr.strip().splitlines()[-1:] or ["it gave no reason"]
        raise NotPlayable(f"The desk of the real installation cannot be read: {why[0][:300]}")
    return (space / DESK).is_file()


def real_database(options: argparse.Namespace, data_dir: Path) -> str:
    """Where the real installation keeps its rows; "" when there is none here."""
    if options.demo_desk:
        return ""
    if url := options.from_database or os.environ.get("DATABASE_URL", ""):
        return str(url)
    file = data_dir / "weerwoord.sqlite3"
    return f"sqlite:///{file}" if file.is_file() else ""


def prepared(options: argparse.Namespace, *, now: datetime) -> Path:
    """The space, ready to be started. Raises NotPlayable."""
    read_env_file(BASE_DIR / ".env")
    here = Path(os.environ.get("WEERWOORD_CWD", "."))
    data_dir = (here / (options.data or os.environ.get("DATA_DIR") or BASE_DIR / "var")).resolve()
    exercises = Path(os.environ.get("EXERCISES_DIR") or data_dir / "exercises")
    story = story_of(options.incident, here)
    check_story(story, speed=options.speed)
    space = make_space(story, options, exercises, now=now)
    inside = {name: os.environ[name] for name in KEPT if name in os.environ}
    try:
        if (url := real_database(options, data_dir)) and copy_desk(space, url, inside):
            asked = json.loads((space / EXERCISE).read_text(encoding="utf-8"))
            write_asked(space, asked | {"desk": "copied"})
    except NotPlayable:
        shutil.rmtree(space)
        raise
    os.environ.clear()
    os.environ.update(inside, APP_ENV="exercise", PYTHONDONTWRITEBYTECODE="1")
    return space


def main(arguments: list[str]) -> int:
    """Run until told to stop; 1 with a sentence when it cannot start."""
    options = options_from(arguments)
    try:
        space = prepared(options, now=datetime.now().astimezone())
    except NotPlayable as error:
        sys.stderr.write(f"The exercise cannot start. {error}\n")
        return 1
    sys.stdout.write(f"The space of this exercise is {space}; its score stays there.\n")
    sys.stdout.flush()
    return supervisor.main(["--port", str(options.port), "--host", options.host, "--data", str(space)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
