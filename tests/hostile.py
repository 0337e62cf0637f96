"""What somebody may send who means harm, or whose program is broken: texts, numbers, moments and shapes."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from rest_framework import serializers

from tests.monitoring.networks import PAYLOADS

NAUGHTY: list[str] = json.loads((PAYLOADS / "naughty" / "strings.json").read_text("utf-8"))

SCRIPT = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}{% x %}"
TEXTS = ["", " ", "a\x00b", "a\ud800b", "\u202eab", "x" * 1_000_000, SCRIPT, "%00", "=1+1", "٣", "²"]
NUMBERS = [0, -1, 2**31, 2**63 - 1, 2**63, 10**400, 1.5, float("1e308"), "1e400", "٣", "²", "0x1", " 7 "]
MOMENTS = [
    "0000-01-01",
    "0001-01-01",
    "9999-12-31",
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-12:00",
    "9999-12-31T23:59:59Z",
    "2026-03-29T02:30",
    "2026-10-25T02:30",
    "2026-02-30",
    "24:00",
    "23:59:60",
]
SHAPES: list[Any] = [
    None,
    True,
    [],
    {},
    [[]],
    [{}],
    {"a": {"b": ["c"]}},
    [None],
    ["a\x00b"],
    {"a\x00": "b\ud800"},
]
ALL: list[Any] = [*TEXTS, *NUMBERS, *MOMENTS, *SHAPES]

Fitting = dict[str, Any]


def packs(longest: int, *, n: int) -> list[str]:
    """The naughty strings in `n` texts at most, each as long as a field takes: what fits of them."""
    texts, text = [], ""
    for naughty in NAUGHTY:
        if len(text) + len(naughty) + 1 > longest and text:
            texts.append(text)
            text = ""
        text = (text + " " + naughty)[:longest]
    return [*texts, text][:: max(1, -(-len(texts) // n))]


def texts_in(shape: serializers.Serializer[Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every field of a shape that takes free text, also in what is nested, by its name."""
    for name, field in shape.fields.items():
        yield from _texts_of(".".join((*path, name)), field)


def _texts_of(name: str, field: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(field, serializers.CharField):
        yield name, field
    elif isinstance(field, serializers.ListSerializer | serializers.ListField | serializers.DictField):
        yield from _texts_of(name, field.child)
    elif isinstance(field, serializers.Serializer):
        yield from texts_in(field, (name,))
    elif type(field) is serializers.Field or type(field).__name__ == "_UnvalidatedField":
        yield name, field


def fitting(field: Any, *, now: datetime) -> Any:
    """Something that a field of the API takes."""
    kinds: list[tuple[type, Any]] = [
        (serializers.BooleanField, False),
        (serializers.ChoiceField, lambda: next(key for key in field.choices if key)),
        (serializers.IntegerField, lambda: field.min_value or 1),
        (serializers.DateTimeField, (now + timedelta(days=1)).isoformat()),
        (serializers.DateField, (now + timedelta(days=1)).date().isoformat()),
        (serializers.TimeField, "09:00"),
        (serializers.CharField, "Brand bij de Loswal"),
        (serializers.DictField, dict),
        (serializers.ListSerializer, lambda: [fitting(field.child, now=now)]),
        (serializers.ListField, lambda: [fitting(field.child, now=now)] * (field.min_length or 1)),
        (serializers.Serializer, lambda: {n: fitting(f, now=now) for n, f in field.fields.items()}),
    ]
    for kind, value in kinds:
        if isinstance(field, kind):
            return value() if callable(value) else value
    return "x"
