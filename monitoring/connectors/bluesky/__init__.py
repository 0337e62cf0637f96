"""Bluesky through atproto: own mentions, search, threads, look-ups and replies."""

from monitoring.connectors.bluesky.connector import BlueskyConnector

__all__ = ["BlueskyConnector"]
