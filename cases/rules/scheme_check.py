"""Finds what is wrong with a readable scheme: every sentence says where, and what is missing.

First the parts by themselves, here; then, when no route can break off, every route through
them (`scheme_check_routes`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from itertools import chain

from cases.rules.scheme_check_routes import reached_from, route_problems
from cases.rules.scheme_types import LANGUAGES, Choice, Exit, Extension, Question, Rule, Scheme

DANGER = "danger"


def problems(scheme: Scheme) -> list[str]:
    """What keeps this scheme from use, one sentence each; an empty list is a sound scheme."""
    broken = [
        *_dead_ends(scheme),
        *_broken_routes(scheme),
        *_doubles(scheme),
        *_unknown_references(scheme),
    ]
    found = [
        *_missing_languages(scheme, scheme.id),
        *_missing_duties(scheme),
        *_idle_choices(scheme),
        *_danger(scheme.extensions),
    ]
    return broken + found + ([] if broken else list(route_problems(scheme)))


def _missing_languages(part: object, where: str) -> Iterator[str]:
    """Every mapping of texts, however deep, has every language."""
    if isinstance(part, dict):
        for lang in LANGUAGES:
            if not str(part.get(lang, "")).strip():
                yield f'{where}: the text in "{lang}" is missing.'
    elif isinstance(part, tuple):
        for child in part:
            name: str = getattr(child, "id", "")
            yield from _missing_languages(child, f"{where} {name}".rstrip())
    elif is_dataclass(part):
        for each in fields(part):
            yield from _missing_languages(getattr(part, each.name), f"{where}, {each.name}")


def _doubles(scheme: Scheme) -> Iterator[str]:
    nodes = [*(q.id for q in scheme.questions), *(rule.id for rule in scheme.advices)]
    nodes += [*(toggle.id for toggle in scheme.toggles), scheme.trigger.id, scheme.gate.id]
    groups = {
        "nodes": nodes,
        "extensions": [extension.id for extension in scheme.extensions],
        "elements": [element.id for element in scheme.elements],
        "deviations": [option.id for option in scheme.deviations],
        "mediums": [medium.id for medium in scheme.gate.mediums],
        "duties": [duty.id for rule in scheme.advices for duty in rule.duties],
    }
    groups |= {f"choices of {q.id}": [choice.id for choice in q.choices] for q in scheme.questions}
    groups |= {f"options of {rule.id}": [option.id for option in rule.options] for rule in scheme.advices}
    for name, ids in groups.items():
        for double, n in Counter(ids).items():
            if n > 1:
                yield f'"{double}" is used {n} times among the {name}.'


def _unknown_references(scheme: Scheme) -> Iterator[str]:
    advices = {rule.id for rule in scheme.advices}
    categories = {rule.category for rule in scheme.advices}
    for toggle in scheme.toggles:
        if toggle.on not in advices:
            yield f'{toggle.id}: it belongs to "{toggle.on}", which is no advice.'
    for extension in scheme.extensions:
        if extension.advice and extension.advice not in advices:
            yield f'Extension {extension.id}: "{extension.advice}" is no advice.'
    for category in set(scheme.refer.joined) - categories:
        yield f'refer: no advice has the category "{category}".'
    yield from chain.from_iterable(_unknown_in_rule(rule) for rule in scheme.advices)
    yield from chain.from_iterable(_unknown_in_question(q, categories) for q in scheme.questions)


def _unknown_in_rule(rule: Rule) -> Iterator[str]:
    if rule.preselected and rule.preselected not in {option.id for option in rule.options}:
        yield f'{rule.id}: the preselected "{rule.preselected}" is none of its options.'
    for option in rule.options:
        if option.duty_of not in rule.nodes:
            yield f'{rule.id}: the option "{option.id}" belongs to "{option.duty_of}", no node of it.'


def _unknown_in_question(question: Question, categories: set[str]) -> Iterator[str]:
    choices = {choice.id for choice in question.choices}
    for choice in question.choices:
        if choice.category and choice.category not in categories:
            yield f'{question.id}: no advice has the category "{choice.category}" of "{choice.id}".'
    for shortcut in question.shortcuts:
        if shortcut.choice not in choices:
            yield f'{question.id}: the shortcut "{shortcut.key}" gives "{shortcut.choice}", no choice of it.'


def _dead_ends(scheme: Scheme) -> Iterator[str]:
    for question in scheme.questions:
        if not question.choices:
            yield f"{question.id}: a dead end, it has no choices."
        for choice in question.choices:
            if not choice.goto:
                yield f'{question.id}: a dead end, the choice "{choice.id}" leads nowhere.'
    empty = {rule.id: "options" for rule in scheme.advices if not rule.options}
    if not scheme.gate.mediums:
        empty[scheme.gate.id] = "mediums"
    if not scheme.elements:
        empty[scheme.id] = "core elements"
    for node, what in empty.items():
        yield f"{node}: a dead end, it has no {what}."


def _broken_routes(scheme: Scheme) -> Iterator[str]:
    """Steps that lead nowhere known, and circles: without these, every walk ends."""
    known = {*(question.id for question in scheme.questions), *(rule.id for rule in scheme.advices)}
    if scheme.start not in known:
        yield f'start: "{scheme.start}" is neither a question nor an advice.'
    for question in scheme.questions:
        for choice in question.choices:
            for target in choice.goto:
                if target not in known:
                    yield f'{question.id}: "{choice.id}" leads to "{target}", which does not exist.'
        if question.id in reached_from(scheme, question.id):
            yield f"{question.id}: a circle, it leads back to itself."


def _missing_duties(scheme: Scheme) -> Iterator[str]:
    for node in dict.fromkeys(node for rule in scheme.advices for node in rule.nodes):
        duties = [d.id for rule in scheme.advices if node in rule.nodes for d in rule.duties]
        if not any(duty == node or duty.startswith(f"{node}.") for duty in duties):
            yield f"{node}: it has no duty."
    for toggle in scheme.toggles:
        if not toggle.duties:
            yield f"{toggle.id}: it has no duty."


def _idle_choices(scheme: Scheme) -> Iterator[str]:
    """A choice that makes no difference, or that names a category and never comes to its advice."""
    categories = {rule.id: rule.category for rule in scheme.advices}
    for question in scheme.questions:
        led: dict[tuple[str, frozenset[str]], Choice] = {}
        for choice in question.choices:
            same = led.setdefault((choice.category, frozenset(choice.goto)), choice)
            if same is not choice and choice.goto:
                yield f'{question.id}: "{same.id}" and "{choice.id}" lead to the same.'
            behind = {*choice.goto, *chain.from_iterable(reached_from(scheme, node) for node in choice.goto)}
            if choice.category and choice.category not in {categories.get(node) for node in behind}:
                yield f'{question.id}: "{choice.id}" names "{choice.category}" and leads to no advice for it.'


def _danger(extensions: Iterable[Extension]) -> Iterator[str]:
    danger = next((extension for extension in extensions if extension.id == DANGER), None)
    if danger is None:
        yield "Extension danger: danger to life has no exit."
    elif danger.action is not Exit.DANGER:
        yield f'Extension danger: it does "{danger.action}", and it must raise the alarm.'
    elif danger.switchable or not danger.enabled:
        yield "Extension danger: danger to life can be switched off, and it never may."
