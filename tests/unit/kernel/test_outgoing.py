"""Asking a server that somebody else named: it may hang, drip, flood, send us elsewhere, or be one of our own."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lms.kernel.outgoing import Connection, Fault, Outgoing, Unreachable, _tls, is_inside
from tests.services.processes import free_port

AT_HOME = Outgoing(may_go_inside=True, limit_s=10)
HURRIED = Outgoing(may_go_inside=True, limit_s=0.3)


Asked = tuple[str, str, dict[str, str], bytes]


class _Handler(BaseHTTPRequestHandler):
    over: Event
    asked: ClassVar[list[Asked]]

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.asked.append((self.command, self.path, dict(self.headers), body))
        acts: dict[str, Callable[[], object]] = {
            "/hangs": lambda: self.over.wait(60),
            "/thinks": self._think,
            "/drips": self._drip,
            "/drips-headers": self._drip_headers,
            "/flood": lambda: self._say(b"x" * 2_000_000),
            "/gushes": self._gush,
            "/round": lambda: self._send_on("/round"),
            "/moved": lambda: self._send_on("/here?x=1"),
            "/away": lambda: self._send_on("http://127.0.0.1:9/"),
            "/inside": lambda: self._send_on("http://169.254.169.254/latest"),
            "/nowhere": lambda: self._send_on("http://[x"),
            "/twice": self._say_twice,
            "/nonsense": lambda: self.wfile.write(b"nonsense\r\n\r\n"),
            "/deep": lambda: self._say(b"[" * 200_000),
        }
        acts.get(self.path, lambda: self._say(json.dumps({"path": self.path}).encode()))()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_words: Any) -> None:
        """Say nothing."""

    def _say(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self._write(body)

    def _send_on(self, there: str) -> None:
        self.send_response(302)
        self.send_header("Location", there)
        self.end_headers()

    def _say_twice(self) -> None:
        self.send_response(200)
        self.send_header("Link", '<?page=2>; rel="next"')
        self.send_header("link", '<?since=1>; rel="differences"')
        self.end_headers()

    def _drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.over.wait(0.02) and self._write(b"."):
            pass

    def _think(self) -> None:
        self.over.wait(0.7)
        self._say(b"{}")

    def _gush(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.over.is_set() and self._write(b"x" * 100_000):
            pass

    def _drip_headers(self) -> None:
        self._write(b"HTTP/1.1 200 OK\r\n")
        while not self.over.wait(0.02) and self._write(b"X-More: yes\r\n"):
            pass

    def _write(self, data: bytes) -> bool:
        try:
            self.wfile.write(data)
            self.wfile.flush()
        except OSError:
            return False
        return True


@contextmanager
def _serving(context: ssl.SSLContext | None = None) -> Iterator[ThreadingHTTPServer]:
    class Handler(_Handler):
        over = Event()
        asked: ClassVar[list[Asked]] = []

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_what: None  # type: ignore[method-assign]  # who hangs up is no news
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        Handler.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with _serving() as running:
        yield running


@pytest.fixture
def url(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def fault_of(outgoing: Outgoing, url: str, **more: Any) -> Fault:
    with pytest.raises(Unreachable) as raised:
        outgoing.ask(url, **more)
    return raised.value.fault


def test_it_says_what_a_server_says(url: str, server: ThreadingHTTPServer) -> None:
    answer = AT_HOME.ask(f"{url}/here?a=1", "POST", headers={"X-Mine": "yes"}, body=b"words")
    assert answer.is_good
    assert answer.json() == {"path": "/here?a=1"}
    assert answer.headers["content-length"] == str(len(answer.body))
    [(method, path, headers, body)] = server.RequestHandlerClass.asked  # type: ignore[attr-defined]
    assert (method, path, headers["X-Mine"], body) == ("POST", "/here?a=1", "yes", b"words")
    assert headers["Host"] == url.removeprefix("http://")


def test_a_name_is_found_too(url: str) -> None:
    assert AT_HOME.ask(url.replace("127.0.0.1", "localhost")).status == 200


@pytest.mark.parametrize("path", ["/hangs", "/drips", "/drips-headers"])
def test_a_server_that_takes_its_time_is_left(url: str, path: str) -> None:
    assert fault_of(HURRIED, url + path) is Fault.TOO_LATE


def test_a_connection_is_kept(url: str, server: ThreadingHTTPServer) -> None:
    server.RequestHandlerClass.protocol_version = "HTTP/1.1"  # type: ignore[attr-defined]
    with closing(Connection(urlsplit(url), may_go_inside=True)) as connection:
        assert [connection.ask("GET", path, {}).json()["path"] for path in ("/one", "/two")] == ["/one", "/two"]
        assert connection.is_open


def test_each_request_on_a_connection_has_its_own_time(url: str, server: ThreadingHTTPServer) -> None:
    server.RequestHandlerClass.protocol_version = "HTTP/1.1"  # type: ignore[attr-defined]
    with closing(Connection(urlsplit(url), may_go_inside=True)) as connection:
        connection.ask("GET", "/here", {}, limit_s=0.4)
        assert connection.ask("GET", "/thinks", {}, limit_s=10).body == b"{}"


@pytest.mark.parametrize("path", ["/flood", "/hangs", "/drips-headers", "/nonsense"])
def test_after_half_an_answer_we_call_again(url: str, server: ThreadingHTTPServer, path: str) -> None:
    server.RequestHandlerClass.protocol_version = "HTTP/1.1"  # type: ignore[attr-defined]
    with closing(Connection(urlsplit(url), may_go_inside=True)) as connection:
        connection.ask("GET", "/here", {})
        with suppress(Unreachable):
            connection.ask("GET", path, {}, limit_s=0.3, most=10)
        assert not connection.is_open
        assert connection.ask("GET", "/here", {}).json() == {"path": "/here"}


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/flood", Fault.TOO_LARGE),
        ("/gushes", Fault.TOO_LARGE),
        ("/round", Fault.ELSEWHERE),
        ("/away", Fault.ELSEWHERE),
        ("/inside", Fault.ELSEWHERE),
        ("/nonsense", Fault.BROKEN),
    ],
)
def test_a_server_that_lies_or_floods_is_refused(url: str, path: str, fault: Fault) -> None:
    assert fault_of(AT_HOME, url + path) is fault


def test_a_redirect_on_the_same_origin_is_followed_and_a_post_never(url: str) -> None:
    assert AT_HOME.ask(f"{url}/moved").json() == {"path": "/here?x=1"}
    assert fault_of(AT_HOME, f"{url}/moved", method="POST", body=b"") is Fault.ELSEWHERE


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_to_what_is_no_address_leads_nowhere(url: str, method: str) -> None:
    assert fault_of(AT_HOME, f"{url}/nowhere", method=method) is Fault.BROKEN


def test_a_header_in_two_lines_is_one_list(url: str) -> None:
    assert AT_HOME.ask(f"{url}/twice").headers["link"] == '<?page=2>; rel="next", <?since=1>; rel="differences"'


def test_json_too_deep_to_read_is_no_json(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        AT_HOME.ask(f"{url}/deep").json()


def test_nobody_there() -> None:
    assert fault_of(AT_HOME, f"http://127.0.0.1:{free_port()}/") is Fault.REFUSED
    assert fault_of(AT_HOME, "http://nowhere.invalid/") is Fault.NO_SUCH_HOST
    assert fault_of(AT_HOME, f"http://{'a' * 70}.example/") is Fault.NO_SUCH_HOST


@pytest.mark.parametrize("path", ["http://localhost", "http://127.0.0.1", "http://2130706433", "http://[::1]"])
def test_nothing_of_our_own_network_is_asked(server: ThreadingHTTPServer, path: str) -> None:
    assert fault_of(Outgoing(may_go_inside=False), f"{path}:{server.server_port}/") is Fault.INSIDE
    assert server.RequestHandlerClass.asked == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("172.16.0.1", True),
        ("192.168.1.1", True),
        ("169.254.169.254", True),
        ("100.64.0.1", True),
        ("0.0.0.0", True),
        ("224.0.0.1", True),
        ("255.255.255.255", True),
        ("::1", True),
        ("::", True),
        ("fe80::1%eth0", True),
        ("fd00::1", True),
        ("ff02::1", True),
        ("::ffff:10.0.0.1", True),
        ("64:ff9b::a00:1", True),
        ("2002:7f00:1::", True),
        ("93.184.215.14", False),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", False),
        ("::ffff:93.184.215.14", False),
        ("64:ff9b::5db8:d70e", False),
    ],
)
def test_which_addresses_are_inside(address: str, *, inside: bool) -> None:
    assert is_inside(address) is inside


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost",
        "ftp://localhost/",
        "file:///etc/passwd",
        "http://",
        "http://me:secret@localhost/",
        "http://localhost:0/",
        "http://localhost:x/",
        "http://[localhost/",
        "http://localhost/a b",
        "http://localhost/\r\nX-Evil: yes",
        "http://xn--/é",
    ],
)
def test_what_is_no_address_is_not_asked(url: str) -> None:
    assert fault_of(AT_HOME, url) is Fault.NOT_AN_ADDRESS


def test_a_name_that_nobody_answers_for_does_not_hold_us_up(monkeypatch: pytest.MonkeyPatch) -> None:
    over = Event()
    monkeypatch.setattr("lms.kernel.outgoing.socket.getaddrinfo", lambda *_args, **_more: over.wait(60) and [])
    assert fault_of(HURRIED, "http://slow.example/") is Fault.TOO_LATE
    over.set()


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(tmp_path))
    with _serving(context) as server:
        assert fault_of(AT_HOME, f"https://localhost:{server.server_port}/") is Fault.NOT_SECURE


@pytest.mark.parametrize("name", ["localhost", "elsewhere.example"])
def test_a_certificate_must_be_that_of_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    file = _self_signed(tmp_path, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    trusting = ssl.create_default_context(cafile=file)
    monkeypatch.setattr(ssl, "create_default_context", lambda: trusting)
    _tls.cache_clear()
    with _serving(context) as server:
        url = f"https://localhost:{server.server_port}/here"
        if name == "localhost":
            assert AT_HOME.ask(url).json() == {"path": "/here"}
        else:
            assert fault_of(AT_HOME, url) is Fault.NOT_SECURE
    _tls.cache_clear()


def _self_signed(folder: Path, host: str = "localhost") -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    day = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(day - timedelta(days=1))
        .not_valid_after(day + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file
