"""Finds what is wrong along the routes of a scheme whose every walk ends."""

from collections import Counter
from collections.abc import Iterator

from cases.rules.scheme_types import Advice, Question, Scheme
from cases.rules.scheme_walk import extension_advice, next_step, routes

ENTER = "Enter"

RESERVED_KEYS = ("j", "k", "z", "b", "g", "/", "?", ENTER, "Backspace")
"""Keys of the inbox itself; only a shortcut of a question may use Enter."""


def route_problems(scheme: Scheme) -> Iterator[str]:
    steps = list(_steps(scheme))
    yield from _unreached(scheme, steps)
    yield from dict.fromkeys(_key_conflicts(scheme, steps))
    yield from _idle_shortcuts(scheme, steps)


def reached_from(scheme: Scheme, node: str) -> set[str]:
    """Every node that some choice after this one leads to."""
    goto = {q.id: [target for choice in q.choices for target in choice.goto] for q in scheme.questions}
    pending, reached = list(goto.get(node, [])), set[str]()
    while pending:
        target = pending.pop()
        if target not in reached:
            reached.add(target)
            pending += goto.get(target, [])
    return reached


def _steps(scheme: Scheme) -> Iterator[Question | Advice]:
    """Every question and advice as an officer meets it: on every route, and behind every exit."""
    for answers in routes(scheme):
        asked = list(answers.items())
        for n in range(len(asked) + 1):
            yield next_step(scheme, dict(asked[:n]))
    for extension in scheme.extensions:
        advice = extension_advice(scheme, extension.id)
        if advice:
            yield advice


def _unreached(scheme: Scheme, steps: list[Question | Advice]) -> Iterator[str]:
    advices = [step for step in steps if isinstance(step, Advice)]
    duties = {duty.id for advice in advices for duty in advice.duties}
    nodes = {node for advice in advices for node in advice.nodes}
    nodes |= {step.id for step in steps if isinstance(step, Question)}
    nodes |= {scheme.trigger.id, scheme.gate.id}
    exits = {extension.advice for extension in scheme.extensions}
    known = {scheme.start, *reached_from(scheme, scheme.start), *exits}
    for node in [q.id for q in scheme.questions] + [rule.id for rule in scheme.advices]:
        if node not in known:
            yield f"{node}: no route reaches it."
    for promise in scheme.promises:
        if promise not in nodes | duties:
            yield f"{promise}: promised, but no route reaches it."


def _key_conflicts(scheme: Scheme, steps: list[Question | Advice]) -> Iterator[str]:
    """On every screen: what is shown there, the exits that are always shown, and the inbox's keys."""
    always = [extension.key for extension in scheme.extensions]
    for step in steps:
        if isinstance(step, Question):
            shortcuts = [shortcut.key for shortcut in step.shortcuts]
            entered = [key for key in shortcuts if key == ENTER]
            keys = [choice.key for choice in step.choices] + [key for key in shortcuts if key != ENTER]
            yield from _conflicts(step.id, keys + always)
            if len(entered) > 1:
                yield f'{step.id}: the key "{ENTER}" does two things.'
        else:
            keys = [option.key for option in step.options] + [toggle.key for toggle in step.toggles]
            yield from _conflicts(step.stage, keys + always)


def _conflicts(where: str, keys: list[str]) -> Iterator[str]:
    for key, n in Counter(keys).items():
        if not key:
            yield f"{where}: something has no key."
        elif n > 1:
            yield f'{where}: the key "{key}" does two things.'
        elif key in RESERVED_KEYS:
            yield f'{where}: the key "{key}" belongs to the inbox.'


def _idle_shortcuts(scheme: Scheme, steps: list[Question | Advice]) -> Iterator[str]:
    met = {(step.id, s.key) for step in steps if isinstance(step, Question) for s in step.shortcuts}
    for question in scheme.questions:
        for shortcut in question.shortcuts:
            if (question.id, shortcut.key) not in met:
                yield f'{question.id}: the shortcut "{shortcut.key}" takes no option that is ever offered.'
