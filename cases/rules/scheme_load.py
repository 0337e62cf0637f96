"""Reads a decision scheme from TOML, strictly: a missing, misspelt or misplaced field is refused."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from cases.rules.scheme_fields import Fields
from cases.rules.scheme_types import (
    LANGUAGES,
    Action,
    Choice,
    Duty,
    Element,
    Exit,
    Extension,
    Footnote,
    Gate,
    Named,
    Option,
    Question,
    Refer,
    Rule,
    Scheme,
    SchemeInvalid,
    Shortcut,
    Texts,
    Toggle,
)

SCHEMES = Path(__file__).parent / "schemes"


def _named(row: Fields) -> Named:
    named = Named(row.line("id"), row.texts("label"))
    row.done()
    return named


def _choice(row: Fields) -> Choice:
    choice = Choice(
        id=row.line("id"),
        key=row.line("key"),
        label=row.texts("label"),
        hint=row.texts("hint"),
        category=row.line("category", ""),
        goto=row.lines("goto"),
        exclusive=row.flag("exclusive", default=False),
    )
    row.done()
    return choice


def _shortcut(row: Fields) -> Shortcut:
    shortcut = Shortcut(row.line("key"), row.line("choice"), row.line("option"), row.texts("label"))
    row.done()
    return shortcut


def _question(row: Fields) -> Question:
    question = Question(
        id=row.line("id"),
        kind=row.line("kind"),
        text=row.texts("text"),
        help=row.texts("help"),
        choices=tuple(_choice(choice) for choice in row.each("choices")),
        shortcuts=tuple(_shortcut(shortcut) for shortcut in row.each("shortcuts")),
    )
    if question.kind not in ("one", "many"):
        raise SchemeInvalid(row.where, f'"{question.kind}" is no kind; known: one, many')
    row.done()
    return question


def _duty(row: Fields, deciders: Mapping[str, Texts]) -> Duty:
    decider = row.line("decided_by")
    if decider not in deciders:
        raise SchemeInvalid(row.where, f'"{decider}" decides nothing; known: {", ".join(deciders)}')
    duty = Duty(row.line("id"), row.texts("text"), deciders[decider], row.texts("recorded_as"))
    row.done()
    return duty


def _option(row: Fields, node: str) -> Option:
    option = Option(
        id=row.line("id"),
        key=row.line("key", ""),
        label=row.texts("label"),
        action=row.member("action", Action),
        duty_of=row.line("duty_of", node),
        requires=row.requirements("requires"),
    )
    row.done()
    return option


def _rule(row: Fields, deciders: Mapping[str, Texts]) -> Rule:
    rule_id = row.line("id")
    nodes = row.lines("nodes") or (rule_id,)
    rule = Rule(
        id=rule_id,
        stage=row.line("stage", rule_id),
        nodes=nodes,
        category=row.line("category", ""),
        title=row.texts("title"),
        text=row.texts("text"),
        duties=tuple(_duty(duty, deciders) for duty in row.each("duties")),
        options=tuple(_option(option, nodes[0]) for option in row.each("options")),
        preselected=row.line("preselected", "") or None,
        refer=row.flag("refer", default=False),
    )
    row.done()
    return rule


def _toggle(row: Fields, deciders: Mapping[str, Texts]) -> Toggle:
    toggle = Toggle(
        id=row.line("id"),
        key=row.line("key"),
        label=row.texts("label"),
        hint=row.texts("hint"),
        on=row.line("on"),
        duties=tuple(_duty(duty, deciders) for duty in row.each("duties")),
        reply_requires=row.requirements("reply_requires"),
        stand_requires=row.requirements("stand_requires"),
    )
    row.done()
    return toggle


def _extension(row: Fields) -> Extension:
    extension = Extension(
        id=row.line("id"),
        key=row.line("key"),
        label=row.texts("label"),
        hint=row.texts("hint"),
        action=row.member("action", Exit),
        switchable=row.flag("switchable", default=True),
        enabled=row.flag("enabled", default=True),
        advice=row.line("advice", ""),
    )
    row.done()
    return extension


def _gate(row: Fields) -> Gate:
    gate = Gate(
        id=row.line("id"),
        text=row.texts("text"),
        asks=tuple(_named(ask) for ask in row.each("asks")),
        mediums=tuple(_named(medium) for medium in row.each("mediums")),
    )
    row.done()
    return gate


def _element(row: Fields) -> Element:
    element = Element(
        row.line("id"), row.texts("label"), row.texts("hint"), row.flag("hinted", default=False)
    )
    row.done()
    return element


def _footnote(row: Fields) -> Footnote:
    footnote = Footnote(row.line("id"), row.texts("text"), row.line("url"), row.line("beside"))
    row.done()
    return footnote


def _refer(row: Fields) -> Refer:
    refer = Refer(row.lines("joined"), row.texts("title"), row.texts("text"), _option(row.one("option"), ""))
    row.done()
    return refer


def _deciders(row: Fields) -> dict[str, Texts]:
    deciders = {name: row.texts(name) for name in row.names()}
    for name, texts in deciders.items():
        for lang in LANGUAGES:
            if not texts.get(lang, "").strip():
                raise SchemeInvalid(f"{row.where} {name}", f'the text in "{lang}" is missing')
    return deciders


def checksum(table: Mapping[str, Any]) -> str:
    """sha256 over the content: layout, comments and the order of fields do not change it."""
    canonical = json.dumps(table, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def read(table: Mapping[str, Any]) -> Scheme:
    """The scheme in an already parsed TOML document; raises SchemeInvalid with the place."""
    row = Fields(table, "top")
    deciders = _deciders(row.one("deciders"))
    scheme = Scheme(
        id=row.line("id"),
        version=row.line("version"),
        title=row.texts("title"),
        checksum=checksum(table),
        source=row.texts("source"),
        trigger=_named(row.one("trigger")),
        start=row.line("start"),
        questions=tuple(_question(question) for question in row.each("questions")),
        advices=tuple(_rule(rule, deciders) for rule in row.each("advices")),
        toggles=tuple(_toggle(toggle, deciders) for toggle in row.each("toggles")),
        extensions=tuple(_extension(extension) for extension in row.each("extensions")),
        gate=_gate(row.one("gate")),
        elements=tuple(_element(element) for element in row.each("elements")),
        refer=_refer(row.one("refer")),
        deviations=tuple(_option(option, "") for option in row.each("deviations")),
        footnotes=tuple(_footnote(footnote) for footnote in row.each("footnotes")),
        promises=row.lines("promises"),
    )
    row.done()
    return scheme


def load(toml_text: str) -> Scheme:
    """The scheme written in this TOML text; raises SchemeInvalid.

    Readable is not yet complete: `problems` says what is missing.
    """
    try:
        table = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as error:
        raise SchemeInvalid("The file", f"this is not TOML ({error})") from None
    return read(table)


@cache
def _shipped() -> tuple[Scheme, ...]:
    return tuple(load(path.read_text(encoding="utf-8")) for path in sorted(SCHEMES.glob("*.toml")))


def shipped() -> dict[str, Scheme]:
    """The schemes that come with the product, by id. Read once: they change only by a release."""
    return {scheme.id: scheme for scheme in _shipped()}
