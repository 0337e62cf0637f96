"""A mail server on this machine that takes, refuses or drops mail: what an alarm meets in the world."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.mail: list[Message] = []
        self.answer_to_mail = "250 ok"


class _Talk(socketserver.StreamRequestHandler):
    """One conversation in the little SMTP that a client needs."""

    server: _Server

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline().decode("ascii", "replace").strip():
            verb = line.split(" ", 1)[0].upper()
            if verb == "DATA":
                self._say("354 go on")
                self.server.mail.append(message_from_bytes(self._body()))
            self._say({"MAIL": self.server.answer_to_mail, "QUIT": "221 bye"}.get(verb, "250 ok"))
            if verb == "QUIT":
                return

    def _body(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        return b"".join(lines)

    def _say(self, sentence: str) -> None:
        self.wfile.write(f"{sentence}\r\n".encode())


class Mailbox:
    """What came in, and what the server answers to the next mail."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        self.port = int(server.server_address[1])

    @property
    def mail(self) -> list[Message]:
        return self._server.mail

    def refuse(self, answer: str) -> None:
        """Answer every mail with this line, such as "451 try later"."""
        self._server.answer_to_mail = answer

    def accept(self) -> None:
        self._server.answer_to_mail = "250 ok"


@contextmanager
def running_mailbox() -> Iterator[Mailbox]:
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield Mailbox(server)
        finally:
            server.shutdown()
            thread.join()
