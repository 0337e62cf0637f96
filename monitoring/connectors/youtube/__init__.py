"""YouTube: comments on our channel and under chosen videos, answers to them, and now and then a search."""

from monitoring.connectors.youtube.connector import YoutubeConnector

__all__ = ["YoutubeConnector"]
