"""Files of posts, as spreadsheets and other programs write them."""

import json
from datetime import UTC, datetime

import pytest

from monitoring.connectors.base import Budget, Kind, Page, SourceConfig
from monitoring.connectors.errors import Ended, Refused, Unreadable
from monitoring.connectors.importing import ImportConnector
from monitoring.connectors.sheets import opened

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CONNECTOR = ImportConnector()
HEADER = "platform,id,url,text,posted_at"


def source(content: bytes | str, **settings: object) -> SourceConfig:
    given = content if isinstance(content, bytes) else content.encode()
    return SourceConfig(1, "import", settings, upload=given)


def pages(content: bytes | str, *, budget: Budget | None = None, **settings: object) -> list[Page]:
    return list(CONNECTOR.poll(source(content, **settings), {}, budget or Budget(), now=NOW))


def row(cells: str, header: str = HEADER, **settings: object) -> Page:
    (page,) = pages(f"{header}\n{cells}\n", **settings)
    return page


def test_a_row_becomes_a_mention_with_all_it_says() -> None:
    header = (
        "platform,id,url,text,posted_at,author,handle,kind,parent_id,thread_id,language,likes,shares,replies"
    )
    cells = "X,17,https://x.example/17,Brand!,2026-11-22T11:00:00+01:00,Jan,@jan,reply,16,15,NL,1.200,3,0"
    (mention,) = row(cells, header).mentions
    assert (mention.platform, mention.canonical_id, mention.kind) == ("x", "17", Kind.REPLY)
    assert mention.posted_at == datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
    assert (mention.parent_id, mention.thread_id, mention.language) == ("16", "15", "nl")
    assert (mention.reactions.likes, mention.reactions.shares) == (1200, 3)
    assert mention.author is not None
    assert (mention.author.handle, mention.author.name) == ("jan", "Jan")
    assert mention.is_addressed


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_of_any_spreadsheet_is_read_with_dutch_names(delimiter: str, encoding: str) -> None:
    lines = (("Datum", "Tekst", "Auteur", "Vind-ik-leuks"), ("22-11-2026 9:05", "Café weg", "Zoë", "2"))
    content = "\r\n".join(delimiter.join(line) for line in lines).encode(encoding)
    (page,) = pages(content, time_zone="Europe/Amsterdam")
    (mention,) = page.mentions
    assert (mention.text, mention.reactions.likes) == ("Café weg", 2)
    assert mention.posted_at == datetime(2026, 11, 22, 8, 5, tzinfo=UTC)
    assert opened(content).encoding == encoding.removesuffix("-sig")


def test_json_lines_are_read_as_well() -> None:
    lines = [{"text": "Brand", "posted_at": "2026-11-22T11:00:00Z", "likes": 4}, {"tekst": "x"}]
    (page,) = pages("\n".join(json.dumps(line) for line in lines) + "\n[1]\nnonsense\n")
    assert [mention.text for mention in page.mentions] == ["Brand"]
    assert [rejected.reason for rejected in page.rejected] == [
        "row 2: posted_at is empty",
        "row 3: this is no JSON object",
        "row 4: this is no JSON",
    ]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("x,1,,,2026-11-22", "neither text nor url is given"),
        ("x,1,,Brand,", "posted_at is empty"),
        ("x,1,,Brand,gisteren", 'posted_at is no date and time: "gisteren"'),
        ("x,1,,Brand,31-02-2026", 'posted_at is no date and time: "31-02-2026"'),
        ("x,1,javascript:x,Brand,2026-11-22", 'url is no web address: "javascript:x"'),
        ("x y,1,,Brand,2026-11-22", 'platform is no name of a platform: "x y"'),
        ("x,1,,Brand,2026-11-22,extra", "the row has 6 cells and the first row 5"),
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_with_its_number_and_reason(cells: str, reason: str) -> None:
    (page,) = pages(f"{HEADER}\nx,9,,Goed,2026-11-22\n{cells}\n")
    assert [mention.canonical_id for mention in page.mentions] == ["9"]
    (rejected,) = page.rejected
    assert rejected.reason == f"row 3: {reason}"
    assert "Brand" in rejected.raw or "neither" in reason


def test_a_row_set_aside_can_be_mended_and_read_again() -> None:
    (rejected,) = row("x,1,,Brand,gisteren").rejected
    with pytest.raises(Unreadable, match="no date and time"):
        CONNECTOR.normalise(source(b""), rejected.raw, now=NOW)
    mended = rejected.raw.replace("gisteren", "2026-11-21")
    assert CONNECTOR.normalise(source(b""), mended, now=NOW).canonical_id == "1"


def test_a_quotation_mark_left_open_costs_no_memory_and_is_said() -> None:
    (page,) = pages(f'{HEADER}\nx,1,,"open,2026-11-22\n' + "x,2,,Brand bij de Loswal,2026-11-22\n" * 800)
    assert page.rejected
    assert "quotation mark" in page.rejected[0].reason


def test_a_row_that_is_too_long_to_take_apart_does_not_stop_the_file() -> None:
    (page,) = pages(f"{HEADER}\nx,1,,{'a' * 200_000},2026-11-22\nx,2,,Goed,2026-11-22\n")
    assert [mention.canonical_id for mention in page.mentions] == ["2"]
    assert page.rejected[0].reason.startswith("row 2: the row cannot be taken apart")


def test_without_an_id_a_row_is_known_by_its_address_or_by_what_it_says() -> None:
    cells = "x,,https://a.example/1?utm_source=x,A,2026-11-22\nx,,,B,2026-11-22\nx,,,B,2026-11-22"
    first, second = row(cells).mentions
    assert first.canonical_id == "https://a.example/1"
    assert second.canonical_id.startswith("sha256:")


def test_a_crash_goes_on_at_the_row_where_it_stopped() -> None:
    content = HEADER + "\r\n" + "".join(f'x,{n},,"Één\r\nbericht {n}",2026-11-22\r\n' for n in range(250))
    everything = [mention.canonical_id for page in pages(content) for mention in page.mentions]
    assert everything == [str(n) for n in range(250)]
    (first,) = pages(content, budget=Budget(max_pages=1))
    assert (first.last, first.cursor["row"]) == (False, 101)
    stored = json.loads(json.dumps(first.cursor))
    rest = list(CONNECTOR.poll(source(content), stored, Budget(), now=NOW))
    assert [mention.canonical_id for page in rest for mention in page.mentions] == everything[100:]
    assert (rest[-1].last, rest[-1].next_at) == (True, NOW)


def test_a_file_that_was_read_to_its_end_has_ended() -> None:
    (page,) = pages(f"{HEADER}\nx,1,,Brand,2026-11-22\n")
    with pytest.raises(Ended, match="to row 2"):
        CONNECTOR.poll(source(b""), page.cursor, Budget(), now=NOW)


@pytest.mark.parametrize(
    "content", [b"", b"  \n", b"[]", b"name,place\nJan,Loswal\n", b"\x00\x01\xff\xfe\x80", b'"']
)
def test_what_is_no_file_of_posts_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        pages(content)


def test_a_time_zone_that_is_not_there_is_a_problem() -> None:
    assert CONNECTOR.check(source(b"", time_zone="Moon/Base"))
    assert not CONNECTOR.check(source(b"", time_zone="Europe/Amsterdam"))


@pytest.mark.parametrize("text", ["=cmd()", "\u202egnp", "😀" * 50, "regel\nregel"])
def test_odd_texts_come_through_as_they_are(text: str) -> None:
    line = json.dumps({"text": text, "posted_at": "2026-11-22T11:00:00Z"})
    assert pages(line)[0].mentions[0].text == text
