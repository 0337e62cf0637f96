"""An e-mail inbox through IMAP: every letter in one folder, read and left as it is."""

from monitoring.connectors.mailbox.connector import MailboxConnector

__all__ = ["MailboxConnector"]
