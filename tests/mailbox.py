"""A mail server on this machine that takes, refuses or drops mail: what an alarm meets in the world."""

from config.bench.mailbox import DROP, Mailbox, running_mailbox

__all__ = ["DROP", "Mailbox", "running_mailbox"]
