"""The world of a journey: posts come in by polls, time goes on, and the background jobs run."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine
from django.core import mail
from django.test import Client

from cases import tasks
from cases.models import Case, User
from tests.web.paper import Paper
from tests.world import Desk

HEADER = {
    "incident": "journey",
    "title": {"nl": "Reis", "en": "Journey"},
    "about": "For tests.",
    "duration_s": 0,
}


@dataclass(slots=True)
class Story:
    """One desk, one incident that grows line by line, one clock."""

    desk: Desk
    clock: time_machine.Traveller
    incident: Path
    outbox: Path
    now: datetime
    n_posts: int = 0
    lines: list[dict[str, Any]] = field(default_factory=lambda: [dict(HEADER)])

    def hears(self, text: str, *, answers: Case | None = None, n: int = 1, spread_s: float = 0) -> Case:
        """`n` people write this (in answer to a case), the last of them now; the poll brings it in."""
        self.writes(text, answers=answers, n=n, spread_s=spread_s)
        assert self._polls() == n
        return Case.objects.latest("pk")

    def writes(self, text: str, *, answers: Case | None = None, n: int = 1, spread_s: float = 0) -> None:
        """As above, before any poll."""
        thread = answers.post.canonical_id.rpartition(":")[2] if answers else ""
        at_s = (self.now - self.desk.now).total_seconds()
        for left in reversed(range(n)):
            self.n_posts += 1
            line = {
                "id": f"p{self.n_posts:03}",
                "at_s": at_s - left * spread_s,
                "platform": "x",
                "text": text,
                "handle": f"writer{self.n_posts}",
                "name": f"Writer {self.n_posts}",
                "lang": "nl",
                **({"kind": "reply", "parent": thread, "thread": thread} if thread else {"kind": "post"}),
            }
            self.lines.append(line)

    def goes_on(self, **span: float) -> None:
        """Time goes on, and everything that is due by then is done, as Celery beat would have it."""
        self.now += timedelta(**span)
        self.clock.move_to(self.now)
        self._polls()
        for sweep in (
            tasks.send_due_responses,
            tasks.evaluate_due_watches,
            tasks.take_due_steps,
            tasks.give_warnings,
            tasks.deliver_notifications,
        ):
            sweep()

    def _polls(self) -> int:
        self.incident.write_text("\n".join(map(json.dumps, self.lines)), encoding="utf-8")
        return self.desk.poll(now=self.now)

    def sits(self, user: User, url: str = "/inbox/") -> Paper:
        """Somebody, signed in, opens a page; they read English, so that tests can."""
        client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
        client.force_login(user)
        screen = Paper(client).open(url)
        assert (screen.status, screen.url) == (200, url)
        return screen

    def sent(self) -> list[dict[str, str]]:
        """What really stands on the platform from us, in no order."""
        files = sorted(self.outbox.glob("*.json")) if self.outbox.is_dir() else []
        return [json.loads(path.read_text(encoding="utf-8")) for path in files]

    def mailed(self) -> list[str]:
        """Subjects of the mail that left, oldest first."""
        return [str(message.subject) for message in mail.outbox]


def judges(screen: Paper, *choices: str) -> Paper:
    """Answer the questions of the scheme one by one."""
    for choice in choices:
        screen.press(choice, at="/answer/")
    return screen


def stands(case: Case) -> str:
    """The state of a case as it is stored now."""
    return Case.objects.values_list("state", flat=True).get(pk=case.pk)
