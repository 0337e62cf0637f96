"""The pictures of docs/worsening.md: drawn from counts, and credited."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from config.management.commands.draw_worsening import COMPANIES, CREDIT, PICTURES, drawn

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_picture_holds_its_alarms_its_windows_and_the_credit():
    counts = Counter({n: n % 7 for n in range(48)})
    hour = timedelta(hours=1)
    picture = drawn(
        "A & B", counts, BEGAN, [(BEGAN + hour, BEGAN + 3 * hour)], [BEGAN + 2 * hour], CREDIT["nab"]
    )
    assert "A &amp; B" in picture
    assert (picture.count('class="a"'), picture.count('class="w"')) == (1, 1)
    assert "Numenta Anomaly Benchmark (MIT)" in picture


def test_the_pictures_of_the_page_are_there_and_small():
    for name in (*(each.lower() for each in COMPANIES), "crisis"):
        text = (PICTURES / f"worsening-{name}.svg").read_text()
        assert len(text) < 20_000
        assert "(MIT)" in text


def test_a_folder_without_series_is_named(tmp_path):
    with pytest.raises(CommandError, match="There is no folder nab_realTweets"):
        call_command("draw_worsening", data=str(tmp_path))
