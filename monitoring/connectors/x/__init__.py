"""X through tweepy: recent search and own mentions, replies, look-ups."""

from monitoring.connectors.x.connector import XConnector

__all__ = ["XConnector"]
