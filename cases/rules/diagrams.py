"""Draws the states and the schemes from their data, as text that a documentation page shows (Mermaid).

Nothing is drawn by hand, so a drawing cannot differ from what the product does.
"""

from collections.abc import Iterator

from cases.rules.moves import TABLE, Move
from cases.rules.scheme_types import Choice, Question, Rule, Scheme, Texts, text
from cases.rules.states import OPEN, State

RULE_WORDS: Texts = {"nl": "een regel", "en": "a rule"}
OUTSIDE: Texts = {"nl": "buiten het schema", "en": "outside the scheme"}
HEADS: dict[str, tuple[str, ...]] = {
    "nl": ("van", "naar", "wat", "wie", "voorwaarde", "gevolg"),
    "en": ("from", "to", "move", "who may", "condition", "effect"),
}
WRAP = 28


def states(lang: str) -> str:
    """Every move of a case as a state diagram; a move from many states stands with each of them."""
    lines = ["stateDiagram-v2", "    [*] --> new", "    [*] --> merged"]
    for state in State:
        for to in State:
            names = [text(move.name, lang) for move in TABLE if state in move.before and to in move.after]
            if names:
                lines.append(f"    {state} --> {to}: {_plain(' / '.join(names))}")
    lines += [f"    {state} --> [*]" for state in State if state not in OPEN | {State.MERGED}]
    return "\n".join(lines)


def moves_table(lang: str) -> str:
    """The table of moves as a Markdown table: who, on what condition, with what effect."""
    heads = HEADS[lang]
    rows = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return "\n".join(rows + [f"| {' | '.join(_cells(move, lang))} |" for move in TABLE])


def makers(move: Move, lang: str) -> list[str]:
    """Who makes a move: the needs of people, and the machine by a rule."""
    return [need.value for need in move.needs] + ([text(RULE_WORDS, lang)] if move.by_rule else [])


def _cells(move: Move, lang: str) -> Iterator[str]:
    yield ", ".join(move.before)
    yield ", ".join(move.after)
    yield text(move.name, lang)
    yield ", ".join(makers(move, lang))
    yield text(move.guard, lang)
    yield text(move.effect, lang)


def scheme(drawn: Scheme, lang: str) -> str:
    """A scheme as a flow chart: its trigger, every question with its choices, every advice, the gate."""
    lines = ["flowchart LR", f'    {_id(drawn.trigger.id)}(["{_label(drawn.trigger.label, lang)}"])']
    lines.append(f"    {_id(drawn.trigger.id)} --> {_id(drawn.start)}")
    for question in drawn.questions:
        lines.append(f'    {_id(question.id)}{{"{question.id}<br>{_label(question.text, lang)}"}}')
        lines += [line for choice in question.choices for line in _edges(question, choice, lang)]
    for rule in drawn.advices:
        lines.append(f'    {_id(rule.id)}["{_advice(rule, lang)}"]')
        lines.append(f"    {_id(rule.id)} --> {_id(drawn.gate.id)}")
    for toggle in drawn.toggles:
        lines.append(f'    {_id(toggle.id)}["{toggle.id}<br>{_label(toggle.label, lang)}"]')
        lines.append(f"    {_id(toggle.on)} -.-> {_id(toggle.id)}")
    lines.append(f'    {_id(drawn.gate.id)}(["{drawn.gate.id}<br>{_label(drawn.gate.text, lang)}"])')
    return "\n".join([*lines, *_exits(drawn, lang)])


def _exits(drawn: Scheme, lang: str) -> Iterator[str]:
    """The ways out that the scheme itself does not have stand apart; some lead to an advice."""
    if not drawn.extensions:
        return
    yield f"    subgraph exits [{text(OUTSIDE, lang)}]"
    for extension in drawn.extensions:
        yield f'    X_{_id(extension.id)}["{_label(extension.label, lang)}"]'
    yield "    end"
    for extension in drawn.extensions:
        if extension.advice:
            yield f"    X_{_id(extension.id)} -.-> {_id(extension.advice)}"


def _edges(question: Question, choice: Choice, lang: str) -> Iterator[str]:
    for target in choice.goto:
        yield f'    {_id(question.id)} -->|"{_label(choice.label, lang)}"| {_id(target)}'


def _advice(rule: Rule, lang: str) -> str:
    nodes, duties = " ".join(rule.nodes), " · ".join(duty.id for duty in rule.duties)
    return f"{nodes}<br>{_label(rule.title, lang)}<br>{duties}"


def _id(node: str) -> str:
    """An id that a drawing takes: "P+" is not one."""
    return "n_" + node.replace("+", "_plus").replace("-", "_")


def _label(texts: Texts, lang: str) -> str:
    """Words in lines of some width, without the quotation marks that would end them."""
    lines, line = [], ""
    for word in _plain(text(texts, lang)).split():
        if line and len(line) + len(word) >= WRAP:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return "<br>".join([*lines, line])


def _plain(words: str) -> str:
    return words.replace('"', "'").replace(":", ",").replace("#", "").replace(";", ",")


MARK, END = "<!-- drawn from the data: {name} -->", "<!-- end -->"


def redrawn(page: str, drawings: dict[str, str]) -> str:
    """A page with every drawing between its marks made anew. Raises ValueError for one without marks."""
    for name, drawing in drawings.items():
        mark = MARK.format(name=name)
        before, found, rest = page.partition(mark)
        _old, ended, after = rest.partition(END)
        if not found or not ended:
            raise ValueError(f'the page has no place for "{name}": put {mark} and {END} in it')
        page = f"{before}{mark}\n{drawing}\n{END}{after}"
    return page


def drawings(shipped: dict[str, Scheme]) -> dict[str, dict[str, str]]:
    """What is drawn on which page of the documentation."""
    on_scheme = {
        f"{name} {lang}": fenced(scheme(each, lang)) for name, each in shipped.items() for lang in HEADS
    }
    on_states = {f"states {lang}": fenced(states(lang)) for lang in HEADS}
    on_states |= {f"moves {lang}": moves_table(lang) for lang in HEADS}
    return {"scheme.md": on_scheme, "states.md": on_states}


def fenced(drawing: str) -> str:
    return f"```mermaid\n{drawing}\n```"
