"""An e-mail inbox: read by the real imaplib from a server on this machine, and letters of every kind."""

import base64
import contextlib
import json
import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.connectors.base import Budget, Kind, No, SourceConfig, Unknown
from monitoring.connectors.errors import CredentialRefused, RateLimited, Refused, Unavailable, Unreadable
from monitoring.connectors.mailbox import MailboxConnector
from monitoring.connectors.mailbox.inbox import MAX_LETTER, Fetched
from monitoring.connectors.mailbox.letters import BAD, Automatic, mention_of
from tests.monitoring.imap_server import HOST, MailServer, make_certificate, running, way_to

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEYS = {"user": "meldingen", "password": "geheim-van-de-post"}


def ago(**span):
    return NOW - timedelta(**span)


def letter(n=1, body="Er ligt olie op de kade.", **headers):
    """A letter; headers with underscores, None leaves one out."""
    told = {
        "From": '"Kade Bewoner" <Kade@bewoner.example>',
        "To": "meldingen@vr.example",
        "Subject": f"Melding {n}",
        "Date": format_datetime(ago(minutes=2)),
        "Message-ID": f"<melding.{n}@bewoner.example>",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = [f"{name}: {value}" for name, value in told.items() if value is not None]
    content = body if isinstance(body, bytes) else body.encode()
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + content


def read(content, arrived=None, size=None):
    at = ago(minutes=1) if arrived is None else arrived
    return mention_of(Fetched(7, len(content) if size is None else size, at, content), now=NOW)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(certificate):
    with running(MailServer(tls=certificate[1])) as mail:
        yield mail


@pytest.fixture
def connector(server, certificate):
    return MailboxConnector(way_to(server, certificate[0]))


def source(settings=None, secrets=None):
    return SourceConfig(8, "Post", {"host": HOST} | (settings or {}), secrets=secrets or KEYS)


def pages(connector, cursor=None, config=None, budget=None, now=NOW):
    return list(connector.poll(config or source(), cursor or {}, budget or Budget(), now=now))


def ids(polled):
    return [mention.canonical_id for page in polled for mention in page.mentions]


# ── the folder ───────────────────────────────────────────────────────────────


def test_letters_come_in_the_order_in_which_they_arrived_and_only_once(server, connector):
    for n in range(1, 4):
        server.add(letter(n), ago(minutes=10 - n))
    [page] = pages(connector)
    assert ids([page]) == [f"melding.{n}@bewoner.example" for n in range(1, 4)]
    assert (page.last, page.cursor) == (True, {"validity": 1, "uid": 3})
    assert ids(pages(connector, page.cursor)) == []
    server.add(letter(4), ago(minutes=1))
    assert ids(pages(connector, page.cursor)) == ["melding.4@bewoner.example"]


def test_nothing_is_marked_moved_or_deleted(server, connector):
    server.add(letter(), ago(minutes=1))
    pages(connector)
    commands = {line.split(" ", 2)[1] for line in server.said}
    assert commands <= {"CAPABILITY", "AUTHENTICATE", "EXAMINE", "UID", "LOGOUT"}
    assert [line for line in server.said if "FETCH" in line and "BODY.PEEK[]" not in line] == []


def test_more_than_a_page_is_read_to_its_end_and_an_interruption_loses_nothing(server, connector):
    for n in range(230):
        server.add(letter(n), ago(minutes=300 - n))
    polled = pages(connector)
    assert [len(page.mentions) for page in polled] == [100, 100, 30]
    assert [page.last for page in polled] == [False, False, True]
    first = pages(connector, budget=Budget(max_pages=1))
    rest = pages(connector, json.loads(json.dumps(first[0].cursor)))
    assert ids(first + rest) == ids(polled)


def test_a_first_look_goes_a_week_back(server, connector):
    server.add(letter(1), ago(days=60))
    server.add(letter(2), ago(days=3))
    assert ids(pages(connector)) == ["melding.2@bewoner.example"]


def test_a_folder_that_is_numbered_anew_is_read_again_and_keeps_its_identities(server, connector):
    server.add(letter(1), ago(minutes=5))
    before = pages(connector)
    server.number_anew()
    after = pages(connector, before[-1].cursor)
    assert ids(after) == ids(before)
    assert after[-1].cursor == {"validity": 2, "uid": 1001}


def test_a_number_that_the_server_has_not_reached_is_of_another_numbering(server, connector):
    server.add(letter(1), ago(minutes=5))
    assert ids(pages(connector, {"validity": 1, "uid": 4711})) == ["melding.1@bewoner.example"]


def test_an_empty_folder_is_read_and_moves_nothing(server, connector):
    [page] = pages(connector)
    assert (page.mentions, page.last, page.cursor) == ((), True, {"validity": 1, "uid": 0})


def test_numbers_that_lie_far_apart_are_found(server, connector):
    server.add(letter(1), ago(minutes=5))
    server.add(letter(2), ago(minutes=4))
    server.letters[1].uid = 35_000
    assert len(ids(pages(connector))) == 2


def test_of_a_huge_letter_only_the_beginning_is_fetched(server, connector):
    server.add(letter(body="Rook!\r\n" + "x" * (2 * MAX_LETTER)), ago(minutes=1))
    [page] = pages(connector)
    assert page.mentions[0].raw["is_cut_off"] is True
    assert page.mentions[0].text.startswith("Melding 1\n\nRook!\nxxx")
    assert len(page.mentions[0].text) == 20_000


def test_a_letter_with_a_number_that_comes_twice_is_one_post(server, connector):
    server.add(letter(1), ago(minutes=5))
    server.add(letter(1), ago(minutes=4))
    [page] = pages(connector)
    assert len(page.mentions) == 1


def test_a_bad_letter_is_set_apart_and_the_others_are_read(server, connector):
    server.add(letter(1), ago(minutes=5))
    server.add(b"\x00\xff geen brief", ago(minutes=4))
    server.add(b"", ago(minutes=4))
    server.add(letter(2), ago(minutes=3))
    [page] = pages(connector)
    assert len(page.mentions) == 2
    assert len(page.rejected) == 2
    with pytest.raises(Unreadable, match="no sender, date, subject or number"):
        connector.normalise(source(), page.rejected[0].raw, now=NOW)


def test_an_answer_of_a_machine_is_set_apart_with_its_reason_and_without_its_text(server, connector):
    away = letter(1, "Ik ben er niet", Auto_Submitted="auto-replied (vacation)")
    server.add(away, ago(minutes=5))
    [page] = pages(connector)
    [entry] = page.rejected
    assert page.mentions == ()
    assert "Auto-Submitted is auto-replied" in entry.reason
    assert b"Ik ben er niet" not in base64.b64decode(json.loads(entry.raw)["mail"])
    with pytest.raises(Unreadable, match="no person wrote it"):
        connector.normalise(source(), entry.raw, now=NOW)


def test_the_folder_of_the_settings_is_read(server, connector):
    with pytest.raises(Refused, match='no folder "Wäter & brand"'):
        pages(connector, config=source({"folder": "Wäter & brand"}))
    assert any('EXAMINE "W&AOQ-ter &- brand"' in line for line in server.said)


def test_tls_may_start_after_the_greeting_and_before_the_password(server, certificate, monkeypatch):
    server.starts_in_plain = True
    server.capabilities = "IMAP4rev1 STARTTLS AUTH=PLAIN"
    server.add(letter(1), ago(minutes=5))
    config = source({"port": 143})
    assert len(ids(pages(MailboxConnector(way_to(server, certificate[0])), config=config))) == 1
    commands = [line.split(" ")[1] for line in server.said]
    assert commands.index("STARTTLS") < commands.index("AUTHENTICATE")


# ── refusals and failures ────────────────────────────────────────────────────


@pytest.mark.parametrize("capabilities", ["IMAP4rev1 AUTH=PLAIN", "IMAP4rev1"])
def test_a_password_that_is_not_accepted_stops_the_credential(server, connector, capabilities, caplog):
    caplog.set_level(logging.DEBUG)
    server.capabilities = capabilities
    wrong = source(secrets={"user": "meldingen", "password": "canary-7f3a"})
    with pytest.raises(CredentialRefused) as refused:
        pages(connector, config=wrong)
    assert "canary" not in str(refused.value) + repr(refused.value) + caplog.text + repr(wrong)


def test_a_server_without_plain_takes_a_login(server, connector):
    server.capabilities = "IMAP4rev1"
    server.add(letter(1), ago(minutes=5))
    assert len(ids(pages(connector))) == 1


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        ({"AUTHENTICATE": b"NO [UNAVAILABLE] the directory is away\r\n"}, RateLimited),
        ({"AUTHENTICATE": b"NO Too many connections\r\n"}, RateLimited),
        ({"AUTHENTICATE": b"NO [AUTHENTICATIONFAILED] no\r\n"}, CredentialRefused),
        ({"EXAMINE": b"NO away\r\n"}, Refused),
        ({"EXAMINE": b"OK nothing said\r\n"}, Unavailable),
        ({"EXAMINE": None}, Unavailable),
        ({"UID SEARCH": None}, Unavailable),
        ({"UID SEARCH": b"NO\r\n"}, Unavailable),
        ({"UID SEARCH": b"BAD what\r\n"}, Unavailable),
        ({"UID FETCH": None}, Unavailable),
        ({"UID FETCH": b"NO\r\n"}, Unavailable),
        ({"greeting": b"* BYE full\r\n"}, Unavailable),
        ({"greeting": b"HTTP/1.1 400 Bad Request\r\n\r\n"}, Unavailable),
    ],
    ids=repr,
)
def test_every_trouble_says_what_to_do(server, connector, faults, error):
    server.add(letter(1), ago(minutes=5))
    server.faults = faults
    with pytest.raises(error) as raised:
        pages(connector)
    assert type(raised.value) is error


def test_a_letter_longer_than_was_asked_is_not_read_into_memory(server, connector):
    server.add(letter(1), ago(minutes=5))
    server.faults = {"UID FETCH": b"* 1 FETCH (UID 1 BODY[]<0> {99999999999}\r\nx"}
    with pytest.raises(Unavailable):
        pages(connector)


def test_a_certificate_that_nobody_knows_is_not_trusted(server, certificate):
    connector = MailboxConnector(way_to(server, certificate[0], trusted=False))
    with pytest.raises(Unavailable, match="certificate is not trusted"):
        pages(connector)
    assert server.said == []


def test_a_certificate_for_another_name_is_not_trusted(server, connector):
    with pytest.raises(Unavailable, match="not for this name"):
        pages(connector, config=source({"host": "anders.example"}))
    assert server.said == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "169.254.169.254", "0.0.0.0", "::ffff:127.0.0.1", "fe80::1%eth0", "224.0.0.1"],
)
def test_this_machine_and_link_local_addresses_are_never_asked(server, certificate, address):
    connector = MailboxConnector(way_to(server, certificate[0], addresses=(address,)))
    with pytest.raises(Refused, match="this machine itself"):
        pages(connector)


def test_a_name_that_dns_does_not_know_is_for_another_time(server, certificate):
    def unknown(host, port):
        raise OSError("no such name")

    way = way_to(server, certificate[0])
    with pytest.raises(Unavailable, match="DNS"):
        pages(MailboxConnector(type(way)(unknown, way.connect, way.trusted)))


def test_a_server_that_is_away_is_for_another_time(server, certificate):
    def refused(address, port, timeout_s):
        raise ConnectionRefusedError

    way = way_to(server, certificate[0])
    with pytest.raises(Unavailable, match="could not be reached"):
        pages(MailboxConnector(type(way)(way.addresses, refused, way.trusted)))


@pytest.mark.parametrize(
    ("settings", "secrets", "error"),
    [
        ({"host": ""}, KEYS, Refused),
        ({"host": "mail/../x"}, KEYS, Refused),
        ({"port": 25}, KEYS, Refused),
        ({"port": "imap"}, KEYS, Refused),
        ({"folder": "a\r\nb LOGOUT"}, KEYS, Refused),
        ({}, {"user": "x"}, CredentialRefused),
        ({}, {"user": "x\r\ny", "password": "z"}, CredentialRefused),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_asked(server, connector, settings, secrets, error):
    with pytest.raises(error):
        pages(connector, config=source(settings, secrets))
    assert server.said == []
    assert [problem.blocking for problem in connector.check(source(settings, secrets))] in ([True], [])


def test_a_source_without_keys_or_server_says_so():
    problems = MailboxConnector().check(SourceConfig(8, "Post", {}))
    assert [problem.blocking for problem in problems] == [True, True]


# ── one letter ───────────────────────────────────────────────────────────────


def test_a_letter_becomes_a_mention():
    mention = read(letter(In_Reply_To="<b@x>", References="<a@x> <b@x>"))
    assert (mention.platform, mention.canonical_id) == ("email", "melding.1@bewoner.example")
    assert mention.text == "Melding 1\n\nEr ligt olie op de kade."
    assert (mention.author.handle, mention.author.name) == ("kade@bewoner.example", "Kade Bewoner")
    assert (mention.kind, mention.parent_id, mention.thread_id) == (Kind.REPLY, "b@x", "a@x")
    assert mention.posted_at == ago(minutes=2)
    assert mention.is_addressed
    assert mention.url == ""


def test_only_references_name_the_parent_by_their_last():
    mention = read(letter(References="<a@x>\r\n <b@x>"))
    assert (mention.parent_id, mention.thread_id) == ("b@x", "a@x")


def test_a_letter_without_a_number_is_known_by_what_it_says():
    one, same, other = (read(letter(body=body, Message_ID=None)) for body in ("a", "a", "b"))
    assert one.canonical_id == same.canonical_id != other.canonical_id
    assert one.canonical_id.startswith("sha256:")


@pytest.mark.parametrize(
    ("date", "posted_at"),
    [
        ("Sun, 22 Nov 2026 12:58:00 +0100", ago(minutes=2)),
        ("Sun, 22 Nov 2026 11:58:00 -0000", ago(minutes=2)),
        ("22 Nov 2026 11:58 GMT", ago(minutes=2)),
        ("Sun, 22 Nov 2026 12:58:00 +0000", ago(minutes=1)),  # an hour ahead: the zone is wrong
        ("Sun, 22 Nov 2026 12:58:00 +9900", ago(minutes=1)),
        ("Thu, 01 Jan 1970 00:00:00 +0000", ago(minutes=1)),
        ("Sun, 22 Nov 2099 12:58:00 +0000", ago(minutes=1)),
        ("gisteren", ago(minutes=1)),
        ("Sun, 99 Nov 2026 99:99:99", ago(minutes=1)),
        (None, ago(minutes=1)),
    ],
)
def test_a_date_that_cannot_be_right_gives_way_to_the_arrival(date, posted_at):
    assert read(letter(Date=date)).posted_at == posted_at


def test_an_arrival_in_the_future_is_now():
    assert read(letter(Date=None), arrived=NOW + timedelta(days=9)).posted_at == NOW


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/plain; charset=utf-8", "Café".encode(), "Café"),
        ("text/plain; charset=iso-8859-1", "Café".encode("latin-1"), "Café"),
        ("text/plain; charset=windows-1252", "“Café”".encode("cp1252"), "“Café”"),
        ("text/plain; charset=utf-8", "Café".encode("latin-1"), "Café"),
        ("text/plain", "Café".encode(), "Café"),
        ("text/plain; charset=onzin-9", "Café".encode(), "Café"),
        ("text/plain; charset=rot13", b"Cafe", "Cafe"),
        ("text/plain; charset=unicode_escape", rb"\u0041", r"\u0041"),
        ("text/plain; charset=zlib", b"Cafe", "Cafe"),
        ('text/plain; charset="utf-16"', "火事".encode("utf-16"), "火事"),
        ("text/plain; charset=iso-2022-jp", "火事".encode("iso-2022-jp"), "火事"),
        ("text/plain; charset*=utf-8''utf-8", "Café".encode(), "Café"),
        ("text/html", b"<p>Er is <b>brand</b></p><script>x</script>", "Er is brand"),
        ("text/html; charset=utf-8", b"<style>p{}</style>Caf&eacute;", "Café"),
        ("onzin", b"gewoon", "gewoon"),
        ("text/plain; charset=", b"leeg", "leeg"),
        ("image/png", b"\x89PNG", ""),
    ],
)
def test_the_text_is_read_whatever_charset_is_claimed(content_type, body, text):
    mention = read(letter(body=body, Content_Type=content_type))
    assert mention.text.split("\n\n", 1)[1:] == ([text] if text else [])


@pytest.mark.parametrize(
    ("subject", "read_as"),
    [
        ("=?utf-8?q?Rook_bij_caf=C3=A9?=", "Rook bij café"),
        ("=?utf-8?b?8J+UpQ==?= brand", "🔥 brand"),
        ("=?iso-8859-1?q?caf=E9?= =?utf-8?q?_open?=", "café open"),
        ("=?onzin?q?caf=C3=A9?=", "café"),
        ("=?utf-8?b?onzin?=", None),
        ("Rook bij café", "Rook bij café"),
        ("a\r\n b", "a b"),
        (None, ""),
    ],
)
def test_a_subject_is_decoded(subject, read_as):
    found = read(letter(Subject=subject)).raw["subject"]
    assert found == read_as if read_as is not None else isinstance(found, str)


@pytest.mark.parametrize(
    ("sender", "handle", "name"),
    [
        ("k@x.example", "k@x.example", ""),
        ("=?utf-8?q?Ren=C3=A9?= <r@x.example>", "r@x.example", "René"),
        ('"Ja, ik" <j@x.example>', "j@x.example", "Ja, ik"),
        ("=?utf-8?q?Echt_=3Cbaas=40vr=2Eexample=3E?= <k@x.example>", "k@x.example", "Echt <baas@vr.example>"),
        ("René <r@x.example>", "r@x.example", "René"),
        ("A <a@x.example>, B <b@x.example>", "a@x.example", "A"),
    ],
)
def test_the_sender_is_who_the_address_names(sender, handle, name):
    author = read(letter(From=sender)).author
    assert (author.handle, author.external_id, author.name) == (handle, handle, name)


@pytest.mark.parametrize("sender", [None, "", "undisclosed", "<>", "naam <geen adres>"])
def test_a_letter_without_a_sender_has_no_author(sender):
    assert read(letter(From=sender)).author is None


PARTS = """--B\r
Content-Type: multipart/alternative; boundary=C\r
\r
--C\r
Content-Type: text/html\r
\r
<p>In html</p>\r
--C\r
Content-Type: text/plain; charset=utf-8\r
Content-Transfer-Encoding: base64\r
\r
SW4gdGVrc3Q=\r
--C--\r
--B\r
Content-Type: image/jpeg\r
Content-Disposition: attachment; filename="=?utf-8?q?kad=C3=A9.jpg?="\r
\r
xxxx\r
--B\r
Content-Type: text/plain; name="notitie.txt"\r
\r
dit is een bijlage\r
--B--\r
"""


def test_plain_text_is_preferred_and_attachments_are_only_named():
    mention = read(letter(body=PARTS, Content_Type="multipart/mixed; boundary=B"))
    assert mention.text == "Melding 1\n\nIn tekst"
    assert mention.raw["attachments"] == ["kadé.jpg", "notitie.txt"]


def test_a_letter_that_is_cut_off_within_an_attachment_keeps_its_text():
    content = letter(body=PARTS, Content_Type="multipart/mixed; boundary=B")
    mention = read(content[: content.index(b"xxxx") + 2], size=len(content))
    assert mention.text.endswith("In tekst")


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; owner-email=x"},
        {"Content_Type": "multipart/report; report-type=delivery-status; boundary=B"},
        {"From": "MAILER-DAEMON@vr.example"},
        {"Return_Path": "<>"},
        {"X_Autoreply": "yes"},
        {"Precedence": "auto_reply"},
    ],
)
def test_answers_of_machines_are_no_mentions(headers):
    with pytest.raises(Automatic, match="no person wrote it"):
        read(letter(**headers))


@pytest.mark.parametrize(
    "headers", [{"Auto_Submitted": "no"}, {"Precedence": "bulk"}, {"Return_Path": "<k@x>"}]
)
def test_letters_of_people_and_lists_are_mentions(headers):
    assert read(letter(**headers)).is_addressed


NASTY = [
    b"Subject: x\r\n" * 5000,
    b"From: " + b"a@b, " * 20_000 + b"\r\n\r\nx",
    b"From: " + b"(" * 50_000 + b"\r\n\r\nx",
    b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\r\n\r\nx",
    b'Content-Type: multipart/mixed; boundary=""\r\nSubject: x\r\n\r\n--\r\n--\r\n',
    b"Content-Type: multipart/mixed\r\nSubject: x\r\n\r\ngeen grens",
    b"Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
    b"Subject: x\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 666 x\r\n!!\r\n",
    b"Subject: x\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\n",
    b"Subject: \xff\xfe\x00 caf\xe9\r\nFrom: caf\xe9 <x@y>\r\n\r\n\x00\x01\x02",
    b"\r\n\r\nSubject: te laat",
    b"Subject: x\r\nMessage-ID: <" + b"a" * 5000 + b">\r\n\r\nx",
    b"Subject: x\r\nReferences: " + b"<a@b> " * 20_000 + b"\r\n\r\nx",
    b"Subject: x\r\nContent-Type: text/plain; charset=" + b"a" * 50_000 + b"\r\n\r\nx",
    b"Subject: x\r\nContent-Type: text/html\r\n\r\n" + b"<div>" * 50_000,
    b"Subject: x\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(10_000)) + b"\r\nx",
]


@pytest.mark.parametrize("content", NASTY, ids=range(len(NASTY)))
def test_nasty_letters_are_read_or_set_apart(content):
    try:
        mention = read(content)
    except BAD:
        return
    mention.text.encode()
    assert "\0" not in json.dumps(dict(mention.raw)) + mention.text
    assert 0 < len(mention.canonical_id) <= 500


def test_a_letter_nested_a_thousand_deep_is_read_or_set_apart():
    content = b"Subject: diep\r\n"
    for n in range(1000):
        content += b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
    with contextlib.suppress(BAD):
        assert read(content + b"\r\nx").text.startswith("diep")


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_no_bytes_break_the_reading(head, body):
    try:
        read(b"Subject: x\r\nFrom: " + head + b"\r\n\r\n" + body)
    except BAD:
        return


def test_a_letter_is_answered_in_the_mail_program():
    connector = MailboxConnector()
    answer = connector.can_reply(source(), read(letter(Subject="Rook & walm?")))
    assert answer == No(
        "A letter is answered in the mail program",
        "mailto:kade@bewoner.example?subject=Re%3A%20Rook%20%26%20walm%3F",
    )
    again = connector.can_reply(source(), read(letter(Subject="Re: al gevraagd")))
    assert again.intent_url.endswith("subject=Re%3A%20al%20gevraagd")
    assert connector.can_reply(source(), read(letter(From=None))).intent_url == ""


def test_one_letter_cannot_be_looked_up():
    assert isinstance(MailboxConnector().refresh(source(), ["a@b"], now=NOW)["a@b"], Unknown)
