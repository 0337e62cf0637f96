"""The chart of a sheet as SVG that stands alone: its colours are in it, for paper."""

from html import escape

from cases.sheet.shapes import Chart

WIDTH, HEIGHT, FLOOR, TOP = 620, 74, 60, 12
INK, BAR = "#444444", "#1f5fa8"
LABELS = 12


def bars(chart: Chart) -> str:
    """Columns with their highest number above them and a time under every so many."""
    n = max(1, len(chart.counts))
    step, most = WIDTH / n, max([*chart.counts, 1])
    every = max(1, -(-n // LABELS))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">',
        f'<line x1="0" x2="{WIDTH}" y1="{FLOOR}" y2="{FLOOR}" stroke="{INK}" stroke-width="0.6"/>',
    ]
    for i, (label, counted) in enumerate(zip(chart.labels, chart.counts, strict=True)):
        tall, x = counted / most * (FLOOR - TOP), i * step
        parts.append(
            f'<rect x="{x + step * 0.12:.1f}" y="{FLOOR - tall:.1f}" width="{step * 0.76:.1f}"'
            f' height="{tall:.1f}" fill="{BAR}"/>'
        )
        if counted == most and counted not in chart.counts[:i]:
            parts.append(_text(x + step / 2, FLOOR - tall - 3, str(counted)))
        if i % every == 0:
            parts.append(_text(x + step / 2, HEIGHT - 4, label))
    return "".join([*parts, "</svg>"])


def _text(x: float, y: float, words: str) -> str:
    style = f'font-family="Libertinus Serif" font-size="9" fill="{INK}" text-anchor="middle"'
    return f'<text x="{min(max(x, 14), WIDTH - 14):.1f}" y="{y:.1f}" {style}>{escape(words)}</text>'
