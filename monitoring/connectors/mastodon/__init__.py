"""Mastodon through Mastodon.py: our notifications, hashtags, search, replies in public and direct."""

from monitoring.connectors.mastodon.connector import MastodonConnector

__all__ = ["MastodonConnector"]
