"""Alarm senders that die and mail servers that misbehave: nobody goes untold, and a repeat is known as one."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.faults.rig import Rig
from tests.mailbox import Mailbox, running_mailbox


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with running_mailbox() as mailbox:
        yield mailbox


@pytest.mark.parametrize(
    ("every", "times"),
    [
        pytest.param(8, 3, marks=pytest.mark.faults, id="some points"),
        pytest.param(1, 3, marks=pytest.mark.faults_slow, id="all points"),
    ],
)
def test_an_alarm_killed_anywhere_between_the_post_and_the_mail_servers_word_reaches_somebody(
    rig: Rig, mailbox: Mailbox, every: int, times: int
) -> None:
    """Judge, raise, take steps, and every line of SMTP; at 12 points at least, three times each."""
    found = rig.inside(
        "alarm_dying", folder=str(rig.folder), port=mailbox.port, every=every, times=times, within_s=900
    )
    ids = Counter(str(mail["Message-ID"]) for mail in mailbox.mail)
    repeats = sum(n - 1 for n in ids.values())
    print(found | {"mails": len(mailbox.mail), "repeats": repeats})  # noqa: T201  # the counts are the proof
    assert found["alarms"] >= 12 * times
    assert found["escalations"] == found["alarms"]
    wrong = ("untold", "undelivered", "told_twice", "findings")
    assert {name: found[name] for name in wrong} == dict.fromkeys(wrong, 0)
    assert len(ids) == found["messages"], "a repeat came under another key"
    assert repeats > 0, "the crash between mail and settling was not met"
