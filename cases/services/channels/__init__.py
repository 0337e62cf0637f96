"""The ways out to a person: each sends one letter, or says in plain words why it could not."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent: `key` is the same at every attempt; `page` is where it is read, `tap` takes the alarm."""

    title: str
    text: str
    page: str
    key: str
    level: int = 0
    tap: str = ""

    @property
    def link(self) -> str:
        """The one address of a message that has room for one."""
        return self.tap or self.page


class NotSent(Exception):
    """A letter that did not go out: with the outcome as it is kept. `is_gone`: gone for good."""

    def __init__(self, outcome: str, *, is_gone: bool = False) -> None:
        super().__init__(outcome)
        self.outcome, self.is_gone = outcome, is_gone

    def __str__(self) -> str:
        return self.outcome


class Kept(Exception):
    """A letter that an exercise keeps: it goes to nobody, and counts as delivered in that space."""
