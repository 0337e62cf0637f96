"""A web server on loopback that says exactly the bytes it is told, however wrong they are."""

import gzip
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Handler = Callable[[socket.socket, threading.Event], None]


@dataclass
class Hostile:
    """Answers by path, or `otherwise`; `asked` has the head of every request, oldest first."""

    port: int
    answers: dict[str, Handler] = field(default_factory=dict)
    otherwise: Handler | None = None
    asked: list[str] = field(default_factory=list)

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def says(self, path: str, raw: bytes) -> str:
        """The address at which the server answers `raw` and hangs up."""
        self.answers[path] = lambda connection, stopped: connection.sendall(raw)
        return self.url(path)


def response(body: bytes = b"", *, status: str = "200 OK", headers: Mapping[str, str] | None = None) -> bytes:
    """A well-formed answer."""
    fields = {"Content-Length": str(len(body))} | dict(headers or {})
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def gzipped(body: bytes) -> bytes:
    """A compressed answer."""
    return response(gzip.compress(body), headers={"Content-Encoding": "gzip"})


def silent(connection: socket.socket, stopped: threading.Event) -> None:
    """Says nothing until the client gives up."""
    with suppress(OSError):
        while connection.recv(1024):
            pass


def dripping(head: bytes) -> Handler:
    """Says `head`, and then one byte now and then without end."""

    def drip(connection: socket.socket, stopped: threading.Event) -> None:
        connection.sendall(head)
        while not stopped.wait(0.02):
            connection.sendall(b"x")

    return drip


@contextmanager
def hostile_server() -> Iterator[Hostile]:
    """A running server; stopped, with its connections, at the end."""
    listener = socket.create_server(("127.0.0.1", 0))
    server, stopped = Hostile(listener.getsockname()[1]), threading.Event()

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                received = connection.recv(65536)
                if not received:
                    return
                if received.startswith(b"\x16"):  # a client that wants TLS
                    connection.sendall(response(status="400 Plain HTTP only"))
                    return
                head += received
            server.asked.append(head.decode("latin-1"))
            path = head.split(b" ")[1].decode()
            handler = server.answers.get(path, server.otherwise)
            if handler is None:
                connection.sendall(response(status="404 Not Found"))
            else:
                handler(connection, stopped)

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield server
    finally:
        stopped.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
        listener.close()
