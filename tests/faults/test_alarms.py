"""Alarm senders that die, mail servers that misbehave: nobody goes untold, a repeat is known as one."""

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event

import pytest

from config.bench.engines import Postgres
from tests.faults.clock import Clock
from tests.faults.conftest import Rigs
from tests.faults.rig import Rig, wait_for
from tests.mailbox import DROP, Mailbox, running_mailbox

MESSAGES = "SELECT count(*) FROM cases_notification WHERE channel = 'email'"
TIMES = 3
DELIVERED = f"{MESSAGES} AND delivered_at IS NOT NULL"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with running_mailbox() as mailbox:
        yield mailbox


@pytest.mark.parametrize(
    ("kind", "every"),
    [
        pytest.param("sqlite", 8, marks=pytest.mark.faults, id="some points"),
        pytest.param("sqlite", 1, marks=pytest.mark.faults_slow, id="all points"),
        pytest.param("postgresql", 1, marks=pytest.mark.faults_slow, id="all points, postgresql"),
    ],
)
def test_an_alarm_killed_anywhere_between_the_post_and_the_mail_servers_word_reaches_somebody(
    rig_on: Rigs, mailbox: Mailbox, kind: str, every: int
) -> None:
    """Judge, raise, take steps, and every line of SMTP; at 12 points at least, three times each."""
    rig = rig_on(kind)
    found = rig.inside(
        "alarm_dying", folder=str(rig.folder), port=mailbox.port, every=every, times=TIMES, within_s=900
    )
    ids = Counter(str(mail["Message-ID"]) for mail in mailbox.mail)
    repeats = sum(n - 1 for n in ids.values())
    print(found | {"mails": len(mailbox.mail), "repeats": repeats})  # noqa: T201  # the counts are the proof
    assert found["alarms"] >= 12 * TIMES
    assert found["escalations"] == found["alarms"]
    wrong = ("untold", "undelivered", "told_twice", "findings")
    assert {name: found[name] for name in wrong} == dict.fromkeys(wrong, 0)
    assert len(ids) == found["messages"], "a repeat came under another key"
    assert repeats > 0, "the crash between mail and settling was not met"


class Desk:
    """Alarms in a rig, a worker that mails them, and a clock that is moved on past what waits to be tried."""

    def __init__(self, rig: Rig, mailbox: Mailbox) -> None:
        self.rig, self.mailbox, self.clock = rig, mailbox, Clock(rig.folder)
        rig.settings |= self.clock.settings | mailbox.settings
        rig.broker.start()

    def raised(self, n: int) -> list[int]:
        cases: list[int] = self.rig.inside("raise_alarms", folder=str(self.rig.folder), n_alarms=n)["cases"]
        return cases

    def meets(self, command: str, happens: Callable[[], str | None]) -> Event:
        """The next time a client says this, something happens, once; the event tells that it did."""
        happened = Event()

        def weather(said: str) -> str | None:
            if said != command or happened.is_set():
                return None
            happened.set()
            return happens()

        self.mailbox.is_as(weather)
        return happened

    def all_told(self, cases: list[int]) -> None:
        """Wait for the rest, and count: everybody is told, and a repeat carries the key of the first."""
        self.clock.jump(RETRY)
        self.rig.wait_for(DELIVERED, self.rig.value(MESSAGES))
        found = self.rig.inside("told", cases=cases)
        ids = Counter(str(mail["Message-ID"]) for mail in self.mailbox.mail)
        print(found | {"mails": len(self.mailbox.mail), "keys": len(ids)})  # noqa: T201
        assert (found["undelivered"], found["told_twice"], found["findings"]) == (0, 0, 0)
        assert len(ids) == found["messages"], "a repeat came under another key"


RETRY = timedelta(seconds=100)
"""Longer than a message waits after a first and a second failure, shorter than the next step of a ladder."""


@pytest.mark.parametrize(
    ("kind", "times"),
    [
        pytest.param("sqlite", 3, marks=pytest.mark.faults_slow),
        pytest.param("postgresql", 3, marks=pytest.mark.faults_slow),
    ],
)
def test_a_worker_killed_at_every_line_of_a_mail_three_times_tells_everybody(
    rig_on: Rigs, mailbox: Mailbox, kind: str, times: int
) -> None:
    """A real worker and a real mail server; the kernel kills it before the server answers."""
    desk = Desk(rig_on(kind), mailbox)
    cases = desk.raised(10)
    desk.rig.start_beat()
    commands = ("EHLO", "MAIL", "RCPT", "DATA", ".", "QUIT")
    for command in commands * times:
        happened = desk.meets(command, lambda: desk.rig.kill("worker-core") or DROP)
        desk.rig.start_worker("core")
        assert happened.wait(60), f"nobody said {command}"
        desk.clock.jump(timedelta(seconds=31))
    mailbox.accept()
    desk.rig.start_worker("core")
    desk.all_told(cases)


@pytest.mark.faults_slow
def test_a_postgresql_pulled_in_the_middle_of_a_mail_loses_no_message(
    rig_on: Rigs, postgres: Postgres, mailbox: Mailbox
) -> None:
    desk = Desk(rig_on("postgresql"), mailbox)
    cases = desk.raised(5)
    happened = desk.meets(".", lambda: postgres.stop(signal.SIGQUIT))
    desk.rig.start_beat()
    desk.rig.start_worker("core")
    assert happened.wait(60)
    wait_for(lambda: int(len(mailbox.taken) > 0), 1, what="a mail taken while the database was away")
    desk.rig.wait_until_said("worker-core", "database_away")
    postgres.start()
    desk.all_told(cases)
    assert len(mailbox.mail) > desk.rig.value(MESSAGES), "the mail was not repeated"


@pytest.mark.faults_slow
@pytest.mark.parametrize(
    "answer", ["451 try later", "554 no", DROP], ids=["451", "554", "dropped after DATA"]
)
def test_a_mail_server_that_takes_nothing_for_a_while_is_tried_again(
    rig_on: Rigs, mailbox: Mailbox, answer: str
) -> None:
    desk = Desk(rig_on("sqlite"), mailbox)
    cases = desk.raised(3)
    mailbox.is_as({"." if answer == DROP else "MAIL": answer}.get)
    desk.rig.start_beat()
    desk.rig.start_worker("core")
    desk.rig.wait_for(
        "SELECT coalesce(min(n_attempts), 0) FROM cases_notification WHERE channel = 'email'", 1
    )
    assert desk.rig.value(DELIVERED) == 0
    mailbox.accept()
    desk.all_told(cases)
