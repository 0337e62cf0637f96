"""Own pages on Meta through the Graph API: a Facebook page and an Instagram account."""

from monitoring.connectors.meta.facebook import FacebookConnector
from monitoring.connectors.meta.instagram import InstagramConnector

__all__ = ["FacebookConnector", "InstagramConnector"]
