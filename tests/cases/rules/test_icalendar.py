"""A calendar says what it is told, in lines that every reader takes."""

from datetime import UTC, datetime, timedelta, timezone

from cases.rules.icalendar import Entry, calendar

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_shift_stands_in_utc_and_its_title_is_text_alone() -> None:
    here = timezone(timedelta(hours=1))
    start = datetime(2026, 3, 2, 8, tzinfo=here)
    told = calendar(
        "Duty", [Entry("shift-1", start, start + timedelta(hours=9), "a, b; c\r\nBEGIN:X")], now=NOW
    )
    assert "DTSTART:20260302T070000Z\r\nDTEND:20260302T160000Z\r\n" in told
    assert "SUMMARY:a\\, b\\; c BEGIN:X\r\n" in told
    assert told.startswith("BEGIN:VCALENDAR\r\n") and told.endswith("END:VCALENDAR\r\n")


def test_a_long_line_goes_on_and_no_character_is_cut() -> None:
    title = "één dienst 🚒 " * 20
    told = calendar("Duty", [Entry("shift-1", NOW, NOW + timedelta(hours=1), title)], now=NOW)
    assert all(len(line.encode()) <= 75 for line in told.split("\r\n"))
    assert title.strip() in told.replace("\r\n ", "")
