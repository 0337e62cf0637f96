"""A mail server on this machine that takes mail, or refuses, hangs and drops it: what an alarm meets."""

import base64
import secrets
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message

DROP = ""
"""As an answer: the connection ends without one."""

Weather = Callable[[str], str | None]
"""Asked before every answer, with the command ("MAIL", "RCPT", "DATA", "." for the end of a mail, …).

None: all is well. Else the line that is sent instead, or DROP. It may wait, or kill somebody.
"""

WELL = {"DATA": "354 go on", "QUIT": "221 bye"}


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.mail: list[Message] = []
        self.taken: list[tuple[datetime, Message]] = []
        self.weather: Weather = lambda command: None


class _Talk(socketserver.StreamRequestHandler):
    """One conversation in the little SMTP that a client needs."""

    server: _Server

    def handle(self) -> None:
        with suppress(ConnectionError, ValueError):  # whoever talks to us may die, or be hung up on
            if self._answer("", "220 here"):
                self._talk()

    def _talk(self) -> None:
        while line := self.rfile.readline().decode("ascii", "replace").strip():
            verb = line.split(" ", 1)[0].upper()
            if not self._answer(verb, WELL.get(verb, "250 ok")) or verb == "QUIT":
                return
            if verb == "DATA" and not self._take():
                return

    def _take(self) -> bool:
        """Read a mail. It is kept when it is whole, and taken when its sender was told so."""
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line)
        message = message_from_bytes(b"".join(lines))
        self.server.mail.append(message)
        if not self._answer(".", "250 ok"):
            return False
        self.server.taken.append((datetime.now(UTC), message))
        return True

    def _answer(self, command: str, well: str) -> bool:
        """False when the conversation ends here."""
        said = self.server.weather(command)
        if said == DROP:
            return False
        self.wfile.write(f"{said or well}\r\n".encode())
        return True


class Mailbox:
    """What came in, and how the server is."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        self.port = int(server.server_address[1])

    @property
    def mail(self) -> list[Message]:
        """Every mail that came in whole, whether its sender heard so or not."""
        return self._server.mail

    @property
    def taken(self) -> list[tuple[datetime, Message]]:
        """Every mail whose sender was told that it was taken, and when."""
        return self._server.taken

    @property
    def settings(self) -> dict[str, str]:
        """The environment of a Weerwoord as it is in production, that sends its mail here."""
        return {
            "APP_ENV": "production",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "CREDENTIAL_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "SITE_URL": "https://weerwoord.desk.example",
            "DEFAULT_FROM_EMAIL": "alarm@desk.example",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.port}",
        }

    def is_as(self, weather: Weather) -> None:
        self._server.weather = weather

    def refuse(self, answer: str) -> None:
        """Answer every mail with this line, such as "451 try later"."""
        self._server.weather = {"MAIL": answer}.get

    def accept(self) -> None:
        self._server.weather = lambda command: None


@contextmanager
def running_mailbox() -> Iterator[Mailbox]:
    """A mail server for the length of the block."""
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield Mailbox(server)
        finally:
            server.shutdown()
            thread.join()
