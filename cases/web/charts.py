"""Charts as plain SVG text: the same markup serves page, print and mail. Pure; colours are CSS classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from math import ceil

STACK = ("positive", "dissatisfied", "joke", "untruth", "insult", "outside", "unjudged")
"""Outcomes from the bottom of a bar to its top: neighbours differ most in lightness."""

WIDE, NARROW = 1120, 360
GRID_LINES = 4
GLYPH = 6.8  # width of a character on an axis, generously


class Svg(str):
    """Markup that a template may print as it is: everything put into it was escaped here."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


@dataclass(frozen=True, slots=True)
class Bar:
    """One column of a stacked chart: its name on the axis and how many of each outcome."""

    label: str
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Line:
    """A small line chart. `values` oldest first, None = unknown (never drawn as zero).

    `usual` is the expected band (lowest, highest) in the same unit; `tone` is a CSS tone:
    accent, warn or crit.
    """

    values: Sequence[float | None]
    label: str
    usual: tuple[float, float] | None = None
    tone: str = "accent"
    last: str = ""


def nice_top(most: float) -> int:
    """The round number at or above `most` that ends an axis in four whole steps."""
    size = 1
    while True:
        for step in (1, 2, 5):
            if GRID_LINES * step * size >= most:
                return GRID_LINES * step * size
        size *= 10


def number(value: float) -> str:
    """A coordinate: at most one decimal, with a point in every language."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _opened(kind: str, *, width: int, height: int, label: str) -> str:
    return f'<svg class="{kind}" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">'


def _points(line: Line, *, width: float, height: float, top: float) -> list[list[tuple[float, float]]]:
    """The stretches of known values as coordinates."""
    step = width / max(1, len(line.values) - 1)
    stretches: list[list[tuple[float, float]]] = [[]]
    for i, value in enumerate(line.values):
        if value is None:
            stretches.append([])
        else:
            stretches[-1].append((4 + i * step, height - 6 - value / top * (height - 18)))
    return [stretch for stretch in stretches if stretch]


def _stretch(points: Sequence[tuple[float, float]], *, tone: str, floor: float) -> str:
    path = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    start, end = number(points[0][0]), number(points[-1][0])
    return (
        f'<polygon class="a-{tone}" points="{start},{number(floor)} {path} {end},{number(floor)}"/>'
        f'<polyline class="s-{tone}" points="{path}"/>'
    )


def sparkline(line: Line, *, width: int = 250, height: int = 64) -> Svg:
    """A line with its usual band behind it and its last value beside it; gaps where unknown."""
    plot = width - 40
    known = [value for value in line.values if value is not None]
    top = max([*known, *(line.usual or ()), 1])
    floor = height - 6
    parts = [
        f'<svg class="spark" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(line.label)}">'
    ]
    if line.usual:
        low, high = (floor - value / top * (height - 18) for value in line.usual)
        tall = number(max(low - high, 1))
        parts.append(
            f'<rect class="band" x="4" y="{number(high)}" width="{plot}" height="{tall}"/>'
            f'<line class="s-dim" x1="4" x2="{plot + 4}" y1="{number(high)}" y2="{number(high)}"/>'
        )
    stretches = _points(line, width=plot, height=height, top=top)
    parts += [_stretch(points, tone=line.tone, floor=floor) for points in stretches]
    if stretches:
        x, y = stretches[-1][-1]
        parts.append(f'<circle class="f-{line.tone}" cx="{number(x)}" cy="{number(y)}" r="3.5"/>')
        parts.append(f'<text x="{number(x + 7)}" y="{number(y + 4)}">{escape(line.last)}</text>')
    return Svg("".join([*parts, "</svg>"]))


def _column(bar: Bar, *, x: float, width: float, scale: float, floor: float) -> str:
    parts, y = [], floor
    for outcome in STACK:
        n = bar.counts.get(outcome, 0)
        if n:
            y -= n * scale
            parts.append(
                f'<rect class="seg f-{outcome}" x="{number(x)}" y="{number(y)}"'
                f' width="{number(width)}" height="{number(n * scale)}"/>'
            )
    return "".join(parts)


def stacked(bars: Sequence[Bar], *, label: str, width: int = WIDE, height: int = 232) -> Svg:
    """Stacked columns over time with a grid and every so many labels under them."""
    left, floor = 36, height - 26
    top = nice_top(max((bar.total for bar in bars), default=0))
    scale = (floor - 18) / top
    step = (width - left) / max(1, len(bars))
    longest = max((len(bar.label) for bar in bars), default=0)
    every = max(1, ceil((longest * GLYPH + 14) / step))
    size = "only-d" if width > NARROW else "only-m"
    parts = [
        f'<svg class="chart {size}" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">'
    ]
    for i in range(GRID_LINES + 1):
        y, value = number(floor - i * top / GRID_LINES * scale), top * i // GRID_LINES
        parts.append(f'<line class="grid" x1="{left}" x2="{width}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text x="{left - 7}" y="{y}" dy="4" text-anchor="end">{value}</text>')
    for i, bar in enumerate(bars):
        x = left + i * step
        parts.append(_column(bar, x=x + step * 0.11, width=step * 0.78, scale=scale, floor=floor))
        if i % every == 0:
            at = f'x="{number(x + step / 2)}" y="{height - 8}"'
            parts.append(f'<text {at} text-anchor="middle">{escape(bar.label)}</text>')
    return Svg("".join([*parts, "</svg>"]))


def share(part: float, *, label: str, tone: str = "accent") -> Svg:
    """A bar filled for a share between 0 and 1."""
    filled = number(100 * min(max(part, 0.0), 1.0))
    return Svg(
        f'<svg class="hbar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img"'
        f' aria-label="{escape(label)}"><rect class="base" width="100" height="10"/>'
        f'<rect class="f-{tone}" width="{filled}" height="10"/></svg>'
    )


def swatch(outcome: str) -> Svg:
    """The colour of an outcome in a legend; the word stands beside it."""
    return Svg(
        '<svg viewBox="0 0 11 11" aria-hidden="true">'
        f'<rect class="f-{escape(outcome)}" width="11" height="11" rx="2.5"/></svg>'
    )


@dataclass(frozen=True, slots=True)
class Hourly:
    """The hours of a watch, oldest first. `negative` is part of `n`; an unknown hour is hatched.

    `usual` is the expected band per hour; `marks` are (place in hours from the left, letter, tone).
    """

    labels: Sequence[str]
    n: Sequence[int]
    negative: Sequence[int]
    unknown: Sequence[bool]
    usual: tuple[float, float] | None = None
    marks: Sequence[tuple[float, str, str]] = ()


def hourly(shown: Hourly, *, title: str, told: str, width: int = WIDE, height: int = 260) -> Svg:
    """Columns per hour before the usual band, with what happened marked above them."""
    left, floor, ceiling = 36, height - 26, 34
    top = nice_top(max([*shown.n, *(ceil(value) for value in shown.usual or ()), 1]))
    scale, step = (floor - ceiling) / top, (width - left) / max(1, len(shown.n))
    size = "only-d" if width > NARROW else "only-m"
    parts = [
        f'<svg class="chart {size}" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title><desc>{escape(told)}</desc>",
        _band(shown.usual, left=left, width=width, floor=floor, scale=scale),
    ]
    for i in range(GRID_LINES + 1):
        y = number(floor - i * top / GRID_LINES * scale)
        parts.append(f'<line class="grid" x1="{left}" x2="{width}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text x="{left - 7}" y="{y}" dy="4" text-anchor="end">{top * i // GRID_LINES}</text>')
    for i, (n, negative, is_unknown) in enumerate(zip(shown.n, shown.negative, shown.unknown, strict=True)):
        x, wide = left + (i + 0.1) * step, step * 0.8
        if is_unknown:
            parts.append(_hatched(x=left + i * step, width=step, top=ceiling, floor=floor))
        for counted, tone in ((n, "f-accent"), (min(n, negative), "f-dissatisfied")):
            if counted:
                tall = counted * scale
                parts.append(
                    f'<rect class="{tone}" x="{number(x)}" y="{number(floor - tall)}"'
                    f' width="{number(wide)}" height="{number(tall)}"/>'
                )
    parts.append(_top_of_usual(shown.usual, left=left, width=width, floor=floor, scale=scale))
    parts += _names(shown.labels, left=left, step=step, height=height)
    parts += [_mark(mark, left=left, step=step, floor=floor) for mark in shown.marks]
    return Svg("".join([*parts, "</svg>"]))


def _band(usual: tuple[float, float] | None, *, left: float, width: float, floor: float, scale: float) -> str:
    if usual is None:
        return ""
    low, high = (floor - value * scale for value in usual)
    return (
        f'<rect class="band" x="{number(left)}" y="{number(high)}" width="{number(width - left)}"'
        f' height="{number(max(low - high, 2))}"/>'
    )


def _top_of_usual(
    usual: tuple[float, float] | None, *, left: float, width: float, floor: float, scale: float
) -> str:
    """The line that columns rise above, over the columns."""
    if usual is None:
        return ""
    y = number(floor - usual[1] * scale)
    return f'<line class="s-dim" x1="{number(left)}" x2="{number(width)}" y1="{y}" y2="{y}"/>'


def _hatched(*, x: float, width: float, top: float, floor: float) -> str:
    """A stretch that could not be seen: slanted lines, so that it needs no colour to be told apart."""
    lines, gap = [], 9.0
    rows = ceil((floor - top) / gap)
    for i in range(rows):
        y = floor - i * gap
        lines.append(f"M{number(x)} {number(y)}L{number(x + width)} {number(max(y - gap, top))}")
    return f'<path class="s-dim" d="{"".join(lines)}"/>'


def _names(labels: Sequence[str], *, left: float, step: float, height: float) -> list[str]:
    longest = max((len(label) for label in labels), default=0)
    every = max(1, ceil((longest * GLYPH + 14) / step))
    return [
        f'<text x="{number(left + (i + 0.5) * step)}" y="{number(height - 8)}" text-anchor="middle">'
        f"{escape(label)}</text>"
        for i, label in enumerate(labels)
        if i % every == 0 and left + (i + 0.5) * step + longest * GLYPH / 2 <= left + step * len(labels)
    ]


def _mark(mark: tuple[float, str, str], *, left: float, step: float, floor: float) -> str:
    at, letter, tone = mark
    x = number(left + at * step)
    return (
        f'<line class="s-{tone}" x1="{x}" x2="{x}" y1="20" y2="{number(floor)}"/>'
        f'<circle class="f-{tone}" cx="{x}" cy="12" r="10"/>'
        f'<text class="in" x="{x}" y="16.5" text-anchor="middle">{escape(letter)}</text>'
    )
