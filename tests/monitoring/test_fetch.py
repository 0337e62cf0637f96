"""The one outgoing function: where it does not go, and what it survives."""

import gzip
import ssl

import httpcore
import pytest

from monitoring.addresses import is_public
from monitoring.fetch import Fetched, FetchFailed, FetchRefused, Limits, Network, get
from monitoring.wire import bounded_body, system_addresses
from tests.monitoring.hostile import dripping, gzipped, hostile_server, response, silent

LOCAL = Network(allow_private=True)
SHORT = Limits(connect_s=0.5, read_s=0.2, total_s=0.4, max_bytes=100_000)

# Names are looked up in this table; numbers, in every notation, by the real resolver of the machine.
NAMES = {
    "localhost": ["127.0.0.1", "::1"],
    "intranet.example": ["10.0.0.5"],
    "mixed.example": ["93.184.215.14", "192.168.1.1"],
    "metadata.google.internal": ["169.254.169.254"],
    "rebound.example": ["::ffff:127.0.0.1"],
    "127.0.0.1.nip.example": ["127.0.0.1"],
    "xn--lcalhost-5xa.example": ["127.0.0.1"],
}
PRIVATE = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://017700000001/",
    "http://0x7f000001/",
    "http://0x7f.0x0.0x0.0x1/",
    "http://0177.0.0.1/",
    "http://0177.0x0.0.1/",
    "http://127.0.0.1./",
    "http://127.255.255.254/",
    "http://0/",
    "http://0.0.0.0/",
    "http://0.1.2.3/",
    "http://10.0.0.1/",
    "http://167772161/",
    "http://100.64.0.1/",
    "http://100.127.255.255/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://169.254.170.2/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.0.0.170/",
    "http://192.0.2.1/",
    "http://192.88.99.1/",
    "http://192.168.0.1/",
    "http://192.168.257/",
    "http://198.18.0.1/",
    "http://198.51.100.7/",
    "http://203.0.113.9/",
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::]/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::a00:1]/",
    "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a00:1::]/",
    "http://[2001::1]/",
    "http://[2001:db8::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[100::1]/",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://\uff11\uff12\uff17.0.0.1/",
    "http://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3/",
    "http://intranet.example/",
    "http://mixed.example/",
    "http://metadata.google.internal/",
    "http://rebound.example/",
    "http://127.0.0.1.nip.example/",
]
MALFORMED = [
    "file:///etc/passwd",
    "ftp://example.org/",
    "gopher://example.org/",
    "javascript:alert(1)",
    "dict://example.org:11211/",
    "http:///",
    "//example.org/",
    "example.org",
    "",
    "http://example.org:22/",
    "http://example.org:6379/",
    "http://example.org:99999/",
    "http://example.org:0/",
    "http://someone:secret@example.org/",
    "http://example.org@127.0.0.1/",
    "http://127.0.0.1\\@example.org/",
    "http://example.org/\r\nHost: 127.0.0.1",
    "http://exam\tple.org/",
    "http://exam ple.org/",
    "http://[::1/",
    "http://[fe80::1%25eth0]/",
    "http://a..b/",
    "http://%31%32%37.0.0.1/",
]


class Watched:
    """A network without machines: it keeps the connections that were asked for."""

    def __init__(self, *answers):
        self.connected = []
        self.looked_up = []
        self.answers = list(answers)

    def addresses(self, host, port):
        self.looked_up.append(host)
        if self.answers:
            return self.answers.pop(0)
        return NAMES.get(host) or system_addresses(host, port)

    def connect(self, address, port, timeout_s):
        self.connected.append((address, port))
        raise httpcore.ConnectError("no machine there")

    @property
    def network(self):
        return Network(addresses=self.addresses, connect=self.connect)


@pytest.fixture
def server():
    with hostile_server() as running:
        yield running


@pytest.mark.parametrize("url", PRIVATE)
def test_a_private_address_is_refused_before_any_connection(url):
    watched = Watched()
    with pytest.raises(FetchRefused, match="not on the public internet"):
        get(url, network=watched.network)
    assert watched.connected == []


@pytest.mark.parametrize("url", MALFORMED)
def test_an_address_that_is_no_plain_web_address_is_refused_without_a_lookup(url):
    watched = Watched()
    with pytest.raises(FetchRefused):
        get(url, network=watched.network)
    assert watched.looked_up == watched.connected == []


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:4700::1111", "64:ff9b::5db8:d70e", "2002:5db8:d70e::"]
)
def test_a_public_address_is_public_also_inside_an_ipv6_form(address):
    assert is_public(address)


@pytest.mark.parametrize("address", ["fe80::1%eth0", "nonsense", ""])
def test_what_is_no_public_address_in_numbers_is_not_public(address):
    assert not is_public(address)


def test_the_connection_goes_to_the_very_address_that_was_checked():
    watched = Watched(["93.184.215.14"], ["127.0.0.1"])  # a second look-up would find our own machine
    with pytest.raises(FetchFailed):
        get("http://rebinding.example/", network=watched.network)
    assert watched.connected == [("93.184.215.14", 80)]
    assert watched.looked_up == ["rebinding.example"]


def test_every_address_of_a_name_is_tried_in_turn():
    watched = Watched(["93.184.215.14", "2606:4700::1111"])
    with pytest.raises(FetchFailed, match="could not be reached"):
        get("https://example.org:8443/feed", network=watched.network)
    assert watched.connected == [("93.184.215.14", 8443), ("2606:4700::1111", 8443)]


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1/admin",
        "//169.254.169.254/",
        "http://[::1]:8080/",
        "http://2130706433/",
        "file:///etc/passwd",
        "http://intranet.example/",
        "https://me:secret@example.org/",
        "http://example.org:25/",
    ],
)
@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
def test_a_redirect_is_checked_like_the_first_address(location, status):
    moved = response(status=status, headers={"Location": location})
    watched = Watched(["93.184.215.14"])

    def connect(address, port, timeout_s):
        watched.connected.append(address)
        return httpcore.MockStream([moved])

    with pytest.raises(FetchRefused):
        get("http://public.example/", network=Network(addresses=watched.addresses, connect=connect))
    assert watched.connected == ["93.184.215.14"]


def test_an_unknown_name_is_a_failure_and_not_a_refusal():
    def nowhere(host, port):
        raise OSError("Name or service not known")

    with pytest.raises(FetchFailed, match="DNS"):
        get("http://gone.example/", network=Network(addresses=nowhere))


def test_a_message_never_holds_the_secret_part_of_an_address():
    with pytest.raises(FetchRefused) as refused:
        get("http://user:hunter2@example.org/?token=s3cret")
    assert "hunter2" not in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_an_answer_comes_with_its_body_and_validators(server):
    url = server.says(
        "/feed", response(b"<rss/>", headers={"ETag": '"v1"', "Last-Modified": "Sun, 22 Nov 2026"})
    )
    answer = get(url, network=LOCAL)
    assert answer == Fetched(
        200, url, b"<rss/>", answer.headers, etag='"v1"', last_modified="Sun, 22 Nov 2026"
    )
    assert answer.headers["content-length"] == "6"


def test_the_validators_of_the_last_answer_are_sent_and_304_is_an_answer(server):
    url = server.says("/feed", response(status="304 Not Modified"))
    answer = get(url, etag='"v1"', last_modified="Sun, 22 Nov 2026", network=LOCAL)
    assert (answer.status, answer.body) == (304, b"")
    assert 'If-None-Match: "v1"\r\n' in server.asked[0]
    assert "If-Modified-Since: Sun, 22 Nov 2026\r\n" in server.asked[0]


def test_a_validator_that_would_add_a_header_is_not_sent(server):
    get(server.says("/", response()), etag='"v1"\r\nX-Injected: 1', network=LOCAL)
    assert "injected" not in server.asked[0].lower()


def test_no_cookie_is_kept_between_redirects(server):
    server.says("/", response(status="302 Found", headers={"Location": "/b", "Set-Cookie": "a=1"}))
    server.says("/b", response(b"here"))
    assert get(server.url("/"), network=LOCAL).body == b"here"
    assert "cookie" not in server.asked[1].lower()


def test_permanent_redirects_tell_where_a_source_has_moved(server):
    server.says("/old", response(status="301 Moved", headers={"Location": "/newer"}))
    server.says("/newer", response(status="308 Permanent", headers={"Location": "/newest#top"}))
    server.says("/newest", response(b"here"))
    answer = get(server.url("/old"), network=LOCAL)
    assert (answer.url, answer.moved_to) == (server.url("/newest"), server.url("/newest"))


def test_a_move_counts_only_up_to_the_first_temporary_redirect(server):
    server.says("/old", response(status="301 Moved", headers={"Location": "/new"}))
    server.says("/new", response(status="302 Found", headers={"Location": "/today"}))
    server.says("/today", response(status="301 Moved", headers={"Location": "/end"}))
    server.says("/end", response(b"here"))
    assert get(server.url("/old"), network=LOCAL).moved_to == server.url("/new")


def test_a_move_to_a_page_that_fails_is_no_move(server):
    server.says("/old", response(status="301 Moved", headers={"Location": "/gone"}))
    answer = get(server.url("/old"), network=LOCAL)
    assert (answer.status, answer.moved_to) == (404, "")


def test_a_redirect_loop_ends(server):
    url = server.says("/loop", response(status="302 Found", headers={"Location": "/loop"}))
    with pytest.raises(FetchFailed, match="more than 5 times"):
        get(url, network=LOCAL)
    assert len(server.asked) == 6


def test_compressed_answers_are_read(server):
    assert get(server.says("/", gzipped(b"text" * 1000)), network=LOCAL).body == b"text" * 1000


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(gzipped(bytes(50_000_000)), id="gzip bomb"),
        pytest.param(response(bytes(200_000)), id="declared"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(200_000), id="undeclared"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1000\r\n%b\r\n" % bytes(4096) * 40,
            id="chunked",
        ),
    ],
)
def test_an_answer_that_is_too_large_is_cut_short(server, raw):
    with pytest.raises(FetchFailed, match="larger than 100000 bytes"):
        get(server.says("/", raw), limits=SHORT, network=LOCAL)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"HTTP/1.1 200", id="half a status"),
        pytest.param(b"not http at all\r\n\r\n", id="no http"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", id="truncated"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", id="bad length"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", id="truncated chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 300_000 + b"\r\n\r\n", id="endless header"),
        pytest.param(response(b"no gzip", headers={"Content-Encoding": "gzip"}), id="broken gzip"),
        pytest.param(
            response(gzip.compress(b"text" * 9999)[:-20], headers={"Content-Encoding": "gzip"}),
            id="truncated gzip",
        ),
        pytest.param(response(b"x", headers={"Content-Encoding": "br"}), id="unknown encoding"),
    ],
)
def test_a_broken_answer_is_a_failure_and_nothing_else(server, raw):
    with pytest.raises(FetchFailed, match="broken or cut off|could not be reached or broke off"):
        get(server.says("/", raw), limits=SHORT, network=LOCAL)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(silent, id="silent"),
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\nX: "), id="dripping header"),
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n"), id="dripping body"),
    ],
)
def test_a_slow_answer_ends_at_the_time_limit(server, answer):
    server.answers["/slow"] = answer
    with pytest.raises(FetchFailed, match="took too long"):
        get(server.url("/slow"), limits=SHORT, network=LOCAL)


def test_a_closed_port_is_a_failure():
    with hostile_server() as gone:
        url = gone.url()
    with pytest.raises(FetchFailed, match="could not be reached"):
        get(url, network=LOCAL)


def test_a_server_without_tls_is_a_failure_on_https(server):
    with pytest.raises(FetchFailed, match="TLS"):
        get(server.says("/", response()).replace("http:", "https:"), limits=SHORT, network=LOCAL)


def test_tls_asks_for_the_name_and_not_for_the_pinned_address():
    names = []

    class Tls(httpcore.MockStream):
        def start_tls(self, ssl_context, server_hostname=None, timeout=None):
            names.append((server_hostname, ssl_context.check_hostname, ssl_context.verify_mode))
            return self

    network = Network(
        addresses=lambda host, port: ["93.184.215.14"], connect=lambda a, p, t: Tls([response(b"ok")])
    )
    assert get("https://example.org/", network=network).body == b"ok"
    assert names == [("example.org", True, ssl.CERT_REQUIRED)]


def test_an_empty_answer_may_name_an_encoding():
    assert bounded_body(iter([b""]), "gzip", 100) == b""
