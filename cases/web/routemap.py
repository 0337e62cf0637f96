"""The map of a decision scheme beside the question: generated from the scheme's data, the route lit. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from cases.rules.scheme import SEPARATOR, Choice, Question, Scheme, text
from cases.web.charts import Svg

ROW, SUB_ROW, INDENT, TOP, LEFT, WIDTH = 26, 36, 20, 12, 12, 232
GLYPH = 6.3  # mean width of a character on the map


@dataclass(frozen=True, slots=True)
class Node:
    """One dot on the map: a question or a choice, how deep it hangs, and whether the route passes it."""

    label: str
    sub: str
    depth: int
    is_on: bool
    is_here: bool


def nodes(scheme: Scheme, answers: Mapping[str, str], *, here: str, lang: str) -> list[Node]:
    """Every question and choice from the top; a question hangs under the first choice that opens it."""
    questions = {question.id: question for question in scheme.questions}
    start = questions[scheme.start]
    top = Node(_short(text(start.text, lang), 0), "", 0, True, here == start.id)
    return [top, *_below(start, scheme, answers, here=here, lang=lang, drawn={start.id})]


def _below(
    question: Question,
    scheme: Scheme,
    answers: Mapping[str, str],
    *,
    here: str,
    lang: str,
    drawn: set[str],
    depth: int = 1,
) -> Iterator[Node]:
    questions = {other.id: other for other in scheme.questions}
    chosen = answers.get(question.id, "").split(SEPARATOR)
    for choice in question.choices:
        opened = [questions[node] for node in choice.goto if node in questions and node not in drawn]
        drawn.update(child.id for child in opened)
        is_here = here in {child.id for child in opened}
        is_on = choice.id in chosen or is_here or any(child.id in answers for child in opened)
        sub = "" if opened else _advised(choice, scheme, lang)
        yield Node(_short(text(choice.label, lang), depth), _short(sub, depth), depth, is_on, is_here)
        for child in opened:
            yield from _below(child, scheme, answers, here=here, lang=lang, drawn=drawn, depth=depth + 1)


def _advised(choice: Choice, scheme: Scheme, lang: str) -> str:
    """What a choice leads to: the title of its advice, when it leads to exactly one."""
    titles = [text(rule.title, lang) for rule in scheme.advices if rule.id in choice.goto]
    return titles[0] if len(choice.goto) == 1 and titles else ""


def _short(words: str, depth: int) -> str:
    """As many characters as fit beside a node at this depth."""
    longest = int((WIDTH - LEFT - depth * INDENT - 13) / GLYPH)
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"


def draw(scheme: Scheme, answers: Mapping[str, str], *, here: str, lang: str, label: str) -> Svg:
    """The map as SVG: lines first, dots over them, words beside the dots."""
    lines: list[tuple[bool, str]] = []
    dots: list[str] = []
    parents: dict[int, tuple[int, int]] = {}
    y = TOP
    for node in nodes(scheme, answers, here=here, lang=lang):
        x = LEFT + node.depth * INDENT
        state = "here" if node.is_here else "on" if node.is_on else ""
        if node.depth:
            px, py = parents[node.depth - 1]
            drawn = (
                f'<path{" class=" + chr(34) + "on" + chr(34) if node.is_on else ""} d="M{px} {py}V{y}H{x}"/>'
            )
            lines.append((node.is_on, drawn))
        dots.append(f'<g class="{state}"><circle cx="{x}" cy="{y}" r="6"/>{_words(node, x=x + 13, y=y)}</g>')
        parents[node.depth] = (x, y)
        y += SUB_ROW if node.sub else ROW
    paths = "".join(drawn for _, drawn in sorted(lines, key=lambda line: line[0]))
    return Svg(
        f'<svg class="map" viewBox="0 0 {WIDTH} {y}" role="img" aria-label="{escape(label)}">'
        f"{paths}{''.join(dots)}</svg>"
    )


def _words(node: Node, *, x: int, y: int) -> str:
    name = f'<text class="t" x="{x}" y="{y + 4}">{escape(node.label)}</text>'
    return name + (f'<text x="{x}" y="{y + 18}">{escape(node.sub)}</text>' if node.sub else "")
