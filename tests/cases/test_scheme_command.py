"""The command about schemes: check, publish, list, compare and draw."""

import json
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cases import policy
from cases.models import Case, SchemeVersion
from tests.world import SCHEMES, Desk

SHIPPED = (SCHEMES / "vdmmp-1.toml").read_text(encoding="utf-8")
NEXT = SHIPPED.replace('version = "1.0"', 'version = "1.1"').replace("Do we like this joke", "Is it funny")

pytestmark = pytest.mark.django_db


def said(*words: str) -> str:
    out = StringIO()
    call_command("scheme", *words, stdout=out)
    return out.getvalue()


def test_both_shipped_schemes_are_sound_and_a_program_can_read_that() -> None:
    found = json.loads(said("check", "--json"))["schemes"]
    assert {each["scheme"] for each in found} == {"vdmmp-1", "usaf-1"}
    assert all(each["problems"] == [] and each["languages"] == ["nl", "en"] for each in found)


def test_a_scheme_that_is_not_sound_is_refused_by_the_check_and_not_published(
    desk: Desk, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text(NEXT.replace('goto = ["A3"]', "goto = []"), encoding="utf-8")
    with pytest.raises(SystemExit):
        said("check", "--file", str(broken))
    with pytest.raises(CommandError, match="nothing was published"):
        said("publish", "--file", str(broken))
    assert SchemeVersion.objects.get().version == "1.0"


def test_a_version_number_with_other_words_is_refused_in_a_sentence(desk: Desk, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(SHIPPED.replace("Do we like this joke", "Is it funny"), encoding="utf-8")
    with pytest.raises(CommandError, match="Give the scheme a new version"):
        said("publish", "--file", str(other))
    assert policy.current_version().toml == SHIPPED


def test_the_list_tells_which_cases_are_pinned_to_which_version(
    case: Case, desk: Desk, noon: datetime
) -> None:
    policy.publish(NEXT, now=noon + timedelta(hours=1))
    newest, oldest = said("list").splitlines()
    assert "vdmmp-1 1.1" in newest and "current" in newest and "0 open of 0 cases" in newest
    assert "vdmmp-1 1.0" in oldest and "earlier" in oldest and "1 open of 1 cases" in oldest
    rows = json.loads(said("list", "--json"))["versions"]
    assert [(row["version"], row["open_cases"]) for row in rows] == [("1.1", 0), ("1.0", 1)]


def test_two_versions_are_compared_by_name_by_checksum_and_with_a_file(
    desk: Desk, noon: datetime, tmp_path: Path
) -> None:
    policy.publish(NEXT, now=noon + timedelta(hours=1))
    line = "~ questions Q2b_liked, text, en: Do we like this joke? → Is it funny?"
    oldest = SchemeVersion.objects.get(version="1.0")
    assert line in said("diff", "vdmmp-1 1.0")
    assert line in said("diff", oldest.checksum[:10], "vdmmp-1 1.1")
    file = tmp_path / "same.toml"
    file.write_text(NEXT, encoding="utf-8")
    assert said("diff", "vdmmp-1 1.1", str(file)) == "No difference.\n"
    with pytest.raises(CommandError, match="no published version and no file"):
        said("diff", "vdmmp-1 9.9")


def test_the_drawings_are_made_and_written_into_the_pages(tmp_path: Path) -> None:
    docs = Path(__file__).parents[2] / "docs"
    assert said("diagram").startswith("stateDiagram-v2")
    assert said("diagram", "--scheme", "usaf-1", "--lang", "nl").startswith("flowchart")
    with pytest.raises(CommandError, match="known: usaf-1, vdmmp-1"):
        said("diagram", "--scheme", "nato-1")
    for name in ("scheme.md", "states.md"):
        kept = (docs / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(kept.replace("flowchart", "old").replace("state", "old"), "utf-8")
    (tmp_path / "states.md").write_text((docs / "states.md").read_text("utf-8").replace("| move |", "|x|"))
    said("diagram", "--write", str(tmp_path))
    assert (tmp_path / "states.md").read_text("utf-8") == (docs / "states.md").read_text("utf-8")
    assert "flowchart" in (tmp_path / "scheme.md").read_text("utf-8")
    with pytest.raises(CommandError):
        said("diagram", "--write", str(tmp_path / "nowhere"))
