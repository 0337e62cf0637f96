"""Sends mail for real, over SMTP; can die before every line that is sent and after every answer."""

import smtplib
from typing import Any

from django.core.mail.backends.smtp import EmailBackend

from tests.faults import killing


class _Dying(smtplib.SMTP):
    def putcmd(self, cmd: str, args: str = "") -> None:
        killing.point()
        super().putcmd(cmd, args)

    def send(self, s: Any) -> None:
        killing.point()
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        answer = super().getreply()
        killing.point()
        return answer


class DyingBackend(EmailBackend):
    """Django's own backend; what it talks with may die."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _Dying
