"""`audit head` and `audit verify` as somebody with a terminal meets them."""

import io
import json
from datetime import datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cases.models import AuditCheckpoint, AuditEvent
from cases.services import audit
from tests.trail import open_trail

pytestmark = pytest.mark.django_db


def run(*args: str) -> tuple[int, str]:
    """The exit code and what was printed."""
    out = io.StringIO()
    try:
        call_command("audit", *args, stdout=out, stderr=io.StringIO())
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def head(noon: datetime) -> str:
    """A trail of three events, and its published head."""
    for n in range(3):
        audit.append("case:1", "moved", by=None, now=noon, facts={"n": n})
    return run("head")[1].strip()


def test_a_head_seals_the_trail_and_fits_in_a_message(head: str) -> None:
    point = AuditCheckpoint.objects.get()
    assert head.startswith("weerwoord-audit/1 events=3 at=")
    assert head.endswith(f" head={point.hash}")
    assert json.loads(run("head", "--json")[1])["text"] == head


def test_an_empty_trail_has_nothing_to_publish() -> None:
    with pytest.raises(CommandError, match="nothing to publish yet"):
        run("head")


def test_a_whole_trail_holds_what_was_published_in_a_line_or_a_file(head: str, tmp_path: Path) -> None:
    kept = tmp_path / "mail.txt"
    kept.write_text(f"Bewaar dit:\n\n{head}\n", encoding="utf-8")
    code, told = run("verify", "--head", head, "--head", str(kept))
    assert code == 0
    assert told.count(f"Holds what was published: {head}") == 2


def test_a_trail_that_was_cut_off_with_its_checkpoints_fails_against_the_head(head: str) -> None:
    with open_trail():
        AuditCheckpoint.objects.all().delete()
        AuditEvent.objects.filter(seq=3).delete()
    assert run("verify")[0] == 0
    code, told = run("verify", "--json", "--head", head)
    assert code == 1
    assert [finding["what"] for finding in json.loads(told)["findings"]] == [
        "was published and is not in this trail: cut off, or rewritten as a whole"
    ]


def test_a_head_that_cannot_be_read_is_a_mistake_and_no_proof(head: str, tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("head=123", encoding="utf-8")
    with pytest.raises(CommandError, match="no published head in it"):
        run("verify", "--head", str(other))
    with pytest.raises(CommandError, match="no file with a published head"):
        run("verify", "--head", str(tmp_path / "missing"))


def test_a_changed_event_is_told_with_its_place(head: str) -> None:
    with open_trail():
        AuditEvent.objects.filter(seq=2).update(actor_name="Niemand")
    assert run("verify") == (1, "1 findings in 3 events:\ncase:1 event 2: was changed after it was written\n")
