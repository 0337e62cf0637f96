"""Every connector there is: one line each."""

from collections.abc import Mapping

from monitoring import border
from monitoring.connectors.base import Connector
from monitoring.connectors.bluesky import BlueskyConnector
from monitoring.connectors.importing import ImportConnector
from monitoring.connectors.mailbox import MailboxConnector
from monitoring.connectors.manual import ManualConnector
from monitoring.connectors.mastodon import MastodonConnector
from monitoring.connectors.meta import FacebookConnector, InstagramConnector
from monitoring.connectors.reddit import RedditConnector
from monitoring.connectors.replay import ReplayConnector
from monitoring.connectors.rss import RssConnector
from monitoring.connectors.webhook import WebhookConnector
from monitoring.connectors.x import XConnector
from monitoring.connectors.youtube import YoutubeConnector

EVERY: Mapping[str, Connector] = {
    "bluesky": BlueskyConnector(),
    "email": MailboxConnector(),
    "facebook": FacebookConnector(),
    "import": ImportConnector(),
    "instagram": InstagramConnector(),
    "manual": ManualConnector(),
    "mastodon": MastodonConnector(),
    "reddit": RedditConnector(),
    "replay": ReplayConnector(),
    "rss": RssConnector(),
    "webhook": WebhookConnector(),
    "x": XConnector(),
    "youtube": YoutubeConnector(),
}

INSIDE = ("manual", "replay")
"""All that an exercise has: neither of them asks or tells anybody anything."""

CONNECTORS: Mapping[str, Connector] = {
    name: EVERY[name] for name in (INSIDE if border.is_closed() else EVERY)
}


class UnknownConnector(LookupError):
    """A source names a connector that is not there."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f'There is no connector "{self.name}"; there are: {", ".join(sorted(CONNECTORS))}.'


def connector(name: str) -> Connector:
    """The connector called `name`. Raises UnknownConnector, which names the known ones."""
    try:
        return CONNECTORS[name]
    except KeyError:
        raise UnknownConnector(name) from None
