"""A whole decision scheme as one drawing, laid out from its data: questions, choices, advice, gate. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from cases.rules.scheme import Scheme, Texts, text
from cases.web.charts import Svg

WIDTH, GAP_X, GAP_Y, PAD, ROW = 210, 64, 18, 10, 18
GLYPH = 6.6  # mean width of a character in a box


@dataclass(slots=True)
class Box:
    """One box: its lines, and for a question the choices that stand in it, each with where it leads."""

    id: str
    kind: str
    title: list[str]
    choices: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    foot: list[str] = field(default_factory=list)
    x: int = 0
    y: int = 0

    @property
    def height(self) -> int:
        return 2 * PAD + ROW * (len(self.title) + len(self.choices) + len(self.foot))

    def row_y(self, n: int) -> int:
        """Where the n-th choice stands."""
        return self.y + PAD + ROW * (len(self.title) + n) + ROW // 2

    @property
    def middle(self) -> int:
        return self.y + self.height // 2


def draw(scheme: Scheme, *, lang: str, label: str) -> Svg:
    """The drawing as SVG: edges first, boxes over them. What it shows stands on the page in words too."""
    columns = _columns(scheme, lang)
    for n, column in enumerate(columns):
        y = GAP_Y
        for box in column:
            box.x, box.y = GAP_Y + n * (WIDTH + GAP_X), y
            y += box.height + GAP_Y
    boxes = {box.id: box for column in columns for box in column}
    width = 2 * GAP_Y + len(columns) * (WIDTH + GAP_X) - GAP_X
    height = GAP_Y + max(box.y + box.height for box in boxes.values())
    drawn = "".join([*_edges(scheme, boxes), *(_drawn(box) for box in boxes.values())])
    return Svg(
        f'<svg class="scheme-map" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' role="img" aria-label="{escape(label)}">{drawn}</svg>'
    )


def _columns(scheme: Scheme, lang: str) -> list[list[Box]]:
    """Boxes by how many answers lead to them at most; the gate stands behind everything."""
    depth = {scheme.start: 1}
    for _round in scheme.questions:  # no circles: the check refuses them
        for question in scheme.questions:
            for target in (target for choice in question.choices for target in choice.goto):
                if question.id in depth:
                    depth[target] = max(depth.get(target, 0), depth[question.id] + 1)
    last = max(depth.values()) + 1
    columns: list[list[Box]] = [[] for _ in range(last + 1)]
    columns[0].append(Box(scheme.trigger.id, "trigger", _lines(scheme.trigger.label, lang)))
    for question in scheme.questions:
        choices = [(_cut(text(choice.label, lang)), choice.goto) for choice in question.choices]
        box = Box(question.id, "question", _lines(question.text, lang), choices)
        columns[depth.get(question.id, 1)].append(box)
    for rule in scheme.advices:
        foot = _wrapped(" · ".join(duty.id for duty in rule.duties))
        columns[depth.get(rule.id, last - 1)].append(
            Box(rule.id, "advice", _lines(rule.title, lang), foot=foot)
        )
    columns[last].append(Box(scheme.gate.id, "gate", _lines(scheme.gate.text, lang)))
    return columns


def _edges(scheme: Scheme, boxes: dict[str, Box]) -> Iterator[str]:
    trigger, gate = boxes[scheme.trigger.id], boxes[scheme.gate.id]
    yield _edge(trigger, trigger.middle, boxes[scheme.start])
    for box in boxes.values():
        for n, (_label, targets) in enumerate(box.choices):
            for target in targets:
                yield _edge(box, box.row_y(n), boxes[target])
        if box.kind == "advice":
            yield _edge(box, box.middle, gate, kind="then")


def _edge(start: Box, y: int, end: Box, *, kind: str = "") -> str:
    x, bend = start.x + WIDTH, GAP_X // 2
    named = f' class="{kind}"' if kind else ""
    return f'<path{named} d="M{x} {y}C{x + bend} {y} {end.x - bend} {end.middle} {end.x} {end.middle}"/>'


def _drawn(box: Box) -> str:
    words: Sequence[tuple[str, str]] = [
        *(("t", line) for line in box.title),
        *(("", f"› {label}") for label, _targets in box.choices),
        *(("f", line) for line in box.foot),
    ]
    lines = "".join(
        f'<text class="{kind}" x="{box.x + PAD}" y="{box.y + PAD + ROW * n + 13}">{escape(line)}</text>'
        for n, (kind, line) in enumerate(words)
    )
    return (
        f'<g class="{box.kind}"><rect x="{box.x}" y="{box.y}" width="{WIDTH}" height="{box.height}" rx="8"/>'
        f"{lines}</g>"
    )


def _lines(texts: Texts, lang: str) -> list[str]:
    return _wrapped(text(texts, lang))


def _wrapped(words: str) -> list[str]:
    """Lines that fit in a box."""
    most, lines = int((WIDTH - 2 * PAD) / GLYPH), [""]
    for word in words.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _cut(words: str) -> str:
    most = int((WIDTH - 2 * PAD) / GLYPH) - 2
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"
