"""Judgements that many posts can be given at once: those that end in silence and start nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

from cases.rules.scheme import Action, Exit, Option, Question, Scheme, Texts, next_step, open_extensions

MOST = 1000
"""Cases in one act: what an officer can still see for what it is."""

SILENT = frozenset({Action.LET_STAND, Action.USE_IN_OWN})
"""Choices that close a case. A reply is written one by one, and a watch is kept of one post."""


@dataclass(frozen=True, slots=True)
class Route:
    """All answers and the option behind them, or the exit that closes a post outside the scheme.

    `id` is how a form or a program names it; `labels` what each answer and the option are called.
    """

    id: str
    labels: tuple[Texts, ...]
    answers: tuple[tuple[str, str], ...] = ()
    option: str = ""
    exit: str = ""
    needs_reason: bool = False


def silent_routes(scheme: Scheme) -> list[Route]:
    """Every way through the scheme with one answer to each question that ends in silence, in its order."""
    exits = [
        Route(found.id, (found.label,), exit=found.id)
        for found in open_extensions(scheme)
        if found.action is Exit.CLOSE
    ]
    return [*_routes(scheme, (), ()), *exits]


def _routes(
    scheme: Scheme, answers: tuple[tuple[str, str], ...], labels: tuple[Texts, ...]
) -> Iterator[Route]:
    step = next_step(scheme, dict(answers))
    if isinstance(step, Question):
        for choice in step.choices:
            yield from _routes(scheme, (*answers, (step.id, choice.id)), (*labels, choice.label))
    else:
        yield from (_route(answers, labels, option) for option in step.options if option.action in SILENT)


def _route(answers: tuple[tuple[str, str], ...], labels: tuple[Texts, ...], option: Option) -> Route:
    named = "/".join([*(choice for _, choice in answers), option.id])
    return Route(named, (*labels, option.label), answers, option.id, needs_reason="reason" in option.requires)
