"""Draw real series with what the detector made of them: `python manage.py draw_worsening --data DIR`."""

import argparse
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape
from math import sqrt
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cases.rules.stream import Stream
from config.bench import nab, worsening

PICTURES = Path(settings.BASE_DIR) / "docs" / "pictures"
COMPANIES = ("CRM", "KO")
CRISIS = "2012_Costa_Rica_earthquake"
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 760, 190, 44, 26, 34
HOUR = timedelta(hours=1)
CREDIT = {
    "nab": "Data: Numenta Anomaly Benchmark (MIT). Shaded: labelled windows. Red: alarms.",
    "crisis": "Data: CrisisLexT26, Olteanu, Vieweg, Castillo 2015 (MIT). Red: alarm.",
}
STYLE = (
    "text{font:11px sans-serif;fill:#555}.t{font-weight:bold;font-size:13px;fill:#333}"
    ".w{fill:#f2c14e;opacity:.35}.c{fill:none;stroke:#2f6f9f;stroke-width:1}"
    ".a{stroke:#c0392b;stroke-width:1.5}.x{stroke:#999}"
)


class Command(BaseCommand):
    """Writes three small SVG files that docs/worsening.md shows."""

    help = "Draw the pictures of docs/worsening.md from the folder of series."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Where the series are."""
        parser.add_argument("--data", default=str(worsening.DATA), help="the folder with nab_realTweets")

    def handle(self, *args: Any, **options: Any) -> None:
        """Draw two series of counts and one crisis."""
        folder = Path(options["data"])
        if not (folder / "nab_realTweets").is_dir():
            raise CommandError(f"There is no folder nab_realTweets in {folder.name}; name it with --data.")
        for one in nab.read(folder / "nab_realTweets"):
            short = Path(one.name).stem.removeprefix("Twitter_volume_")
            if short in COMPANIES:
                windows = [(one.times[first], one.times[last]) for first, last in one.windows]
                rang = [one.times[row] for row in worsening.alarms(one)]
                counts: Counter[int] = Counter()
                for at, count in zip(one.times, one.counts, strict=True):
                    counts[(at - one.times[0]) // HOUR] += count
                picture = drawn(f"{short}: posts an hour", counts, one.times[0], windows, rang, CREDIT["nab"])
                self._write(f"worsening-{short.lower()}.svg", picture)
        self._write("worsening-crisis.svg", _crisis(folder))

    def _write(self, name: str, picture: str) -> None:
        (PICTURES / name).write_text(picture)
        self.stdout.write(f"{name}: {len(picture)} bytes")


def _crisis(folder: Path) -> str:
    posted = worsening.posted_in(folder / "crisislex_t26" / f"{CRISIS}.csv")
    stream = Stream()
    rang = [at for at in posted if stream.take(at, 1).is_alarm]
    shown = [at for at in posted if at < rang[0] + timedelta(hours=36)]
    counts = Counter((at - posted[0]) // HOUR for at in shown)
    title = "Costa Rica earthquake: posts an hour, from the first one"
    return drawn(title, counts, posted[0], [], [at for at in rang if at <= shown[-1]], CREDIT["crisis"])


def drawn(
    title: str,
    counts: Counter[int],
    began: datetime,
    windows: Sequence[tuple[datetime, datetime]],
    rang: Sequence[datetime],
    credit: str,
) -> str:
    """One SVG: counts an hour on a root scale, windows shaded, alarms as lines."""
    hours, top = max(counts) + 1, max(counts.values())

    def x(at: datetime) -> float:
        return round(LEFT + (WIDTH - LEFT - 8) * ((at - began) / HOUR) / hours, 1)

    def y(count: int) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * sqrt(count / top), 1)

    low = HEIGHT - BOTTOM
    line = " ".join(f"{x(began + n * HOUR)},{y(counts[n])}" for n in range(hours))
    parts = [f'<text class="t" x="{LEFT}" y="16">{escape(title)}</text>']
    for first, last in windows:
        shade = f'x="{x(first)}" y="{TOP}" width="{x(last) - x(first):.1f}" height="{low - TOP}"'
        parts.append(f'<rect class="w" {shade}/>')
    parts.append(f'<polyline class="c" points="{line}"/>')
    parts += [f'<line class="a" x1="{x(at)}" x2="{x(at)}" y1="{TOP}" y2="{low}"/>' for at in rang]
    parts.append(f'<line class="x" x1="{LEFT}" x2="{WIDTH - 8}" y1="{low}" y2="{low}"/>')
    parts += [f'<text x="4" y="{y(n) + 4:.1f}">{n}</text>' for n in (0, top // 4, top)]
    end = (began + hours * HOUR).date().isoformat()
    parts.append(f'<text x="{LEFT}" y="{low + 13}">{began.date().isoformat()}</text>')
    parts.append(f'<text x="{WIDTH - 72}" y="{low + 13}">{end}</text>')
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - 5}">{escape(credit)}</text>')
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    body = "".join(parts)
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title)}">'
        f"<style>{STYLE}</style>{ground}{body}</svg>\n"
    )
