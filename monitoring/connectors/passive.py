"""Connectors that ask nobody anything: people or platforms bring what they hold."""

NEVER_POLLED = frozenset({"manual", "webhook"})
"""A source of these has no next poll, so it is never overdue."""
