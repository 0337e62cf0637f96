"""What is watched and what alarms ring for: a case, a situation or a query, by kind and number."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q


class Kind(StrEnum):
    CASE = "case"
    SITUATION = "situation"
    QUERY = "query"


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """One of them. The order is that in which their rows are held: cases, situations, queries."""

    kind: Kind
    number: int

    @property
    def trail(self) -> str:
        """The name under which its events are chained."""
        return f"{self.kind}:{self.number}"

    @property
    def named(self) -> dict[str, int]:
        """It by the name of its field: for looking up a watch or an alarm, and for the facts of a message."""
        return {self.kind.value: self.number}

    @property
    def is_case(self) -> bool:
        return self.kind is Kind.CASE

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


def case(number: int) -> Subject:
    return Subject(Kind.CASE, number)


def situation(number: int) -> Subject:
    return Subject(Kind.SITUATION, number)


def query(number: int) -> Subject:
    return Subject(Kind.QUERY, number)


def of(case_id: int | None, situation_id: int | None, query_id: int | None) -> Subject:
    """The one of the three that is there (`one_of_three`)."""
    if case_id is not None:
        return case(case_id)
    if situation_id is not None:
        return situation(situation_id)
    assert query_id is not None
    return query(query_id)


def one_of_three() -> Q:
    """That a row is about exactly one of them."""
    names = [f"{kind.value}__isnull" for kind in Kind]
    found = Q()
    for name in names:
        found |= Q(**{each: each != name for each in names})
    return found
