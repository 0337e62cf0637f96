"""Takes fields out of a parsed table one by one, and refuses what is missing, wrong or left over."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from cases.rules.scheme_types import REQUIREMENTS, SchemeInvalid, Texts

Enum = TypeVar("Enum", bound=StrEnum)


class Fields:
    """The fields of one table in the file; `done` refuses those that nobody asked for."""

    def __init__(self, table: object, where: str) -> None:
        if not isinstance(table, Mapping):
            raise SchemeInvalid(where, "a table is expected")
        self.where = where
        self._table: dict[str, Any] = dict(table)

    def _take(self, name: str, kind: type, default: object = None) -> Any:
        value = self._table.pop(name, default)
        if value is None:
            raise SchemeInvalid(self.where, f'the field "{name}" is missing')
        if not isinstance(value, kind):
            raise SchemeInvalid(self.where, f'the field "{name}" has the wrong type')
        return value

    def line(self, name: str, default: str | None = None) -> str:
        return str(self._take(name, str, default))

    def flag(self, name: str, *, default: bool) -> bool:
        return bool(self._take(name, bool, default))

    def lines(self, name: str) -> tuple[str, ...]:
        values = self._take(name, list, [])
        if not all(isinstance(value, str) for value in values):
            raise SchemeInvalid(self.where, f'the field "{name}" must hold texts only')
        return tuple(values)

    def texts(self, name: str) -> Texts:
        values = self._take(name, dict)
        if not all(isinstance(value, str) for value in values.values()):
            raise SchemeInvalid(self.where, f'the field "{name}" must hold one text per language')
        return dict(values)

    def one(self, name: str) -> "Fields":
        return Fields(self._take(name, dict), f"{self.where}, {name}")

    def each(self, name: str) -> "list[Fields]":
        rows = self._take(name, list, [])
        return [Fields(row, f"{self.where}, {name}[{n}]") for n, row in enumerate(rows)]

    def member(self, name: str, of: type[Enum]) -> Enum:
        value = self.line(name)
        try:
            return of(value)
        except ValueError:
            allowed = ", ".join(of)
            raise SchemeInvalid(self.where, f'"{value}" is no {name}; known: {allowed}') from None

    def requirements(self, name: str) -> tuple[str, ...]:
        values = self.lines(name)
        for value in values:
            if value not in REQUIREMENTS:
                allowed = ", ".join(REQUIREMENTS)
                raise SchemeInvalid(self.where, f'"{value}" cannot be required; known: {allowed}')
        return values

    def names(self) -> tuple[str, ...]:
        return tuple(self._table)

    def done(self) -> None:
        if self._table:
            raise SchemeInvalid(self.where, f'unknown field "{next(iter(self._table))}"')
