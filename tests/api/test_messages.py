"""Messages to many through the API: everything the pages do."""

from datetime import datetime, timedelta

import pytest

from cases.models import Batch, Case
from cases.services import answering, batches
from tests.api.client import Api
from tests.world import Desk, mention


@pytest.fixture
def cases(desk: Desk, noon: datetime) -> list[Case]:
    return desk.hear(*(mention(n, at=noon) for n in range(4)))


def test_a_message_is_written_registered_answers_what_was_listed_and_is_stopped(
    cases: list[Case], officer: Api, noon: datetime
) -> None:
    made = officer.done("write-message", text="Veilig.", category="untruth")["message"]
    changed = officer.done("change-message", made["id"], text="Het is veilig.", category="untruth", seen=1)
    assert changed["message"]["text"] == "Het is veilig."
    assert officer.refused("publish-message", made["id"], seen=1)[1]["code"] == "message_changed"
    stands = officer.done("register-message", made["id"], url="https://vr.example/water", seen=2)
    assert stands["message"]["status"] == "published"
    listed = officer.done("propose-answers", made["id"], case=cases[0].pk)
    assert (listed["cases"], listed["n_posts"], listed["left_out"]) == ([cases[0].pk], 1, {})
    begun = officer.done("answer-cases", made["id"], case=cases[0].pk, as_of=listed["as_of"])
    [batch] = begun["batches"]
    batches.carry_on(batch["id"], {Batch.Kind.ANSWER: answering.carry_out}, now=noon + timedelta(hours=1))
    read = officer.read("public-message", made["id"])
    assert (read["batches"][0]["n_done"], read["batches"][0]["status"]) == (1, "done")
    assert officer.done("stop-message", made["id"])["replies"]["n_waiting"] == 0
    assert officer.read("public-messages")["rows"][0]["id"] == made["id"]
