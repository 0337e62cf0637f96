"""How many replies a minute leave from one account when many are queued at once: pure."""

from collections.abc import Mapping
from typing import Any

PER_MINUTE: Mapping[str, int] = {"bluesky": 8, "mastodon": 12, "x": 6, "replay": 600}
"""Below what each platform lets one account write (docs/messages.md names where that is said)."""

OTHERS = 6
FASTEST = 6000
SETTING = "replies_per_minute"


def per_minute(connector: str, settings: Mapping[str, Any]) -> int:
    """The pace of a source: its own setting, or what is wise on its platform."""
    own = settings.get(SETTING)
    if isinstance(own, int) and not isinstance(own, bool) and 0 < own <= FASTEST:
        return own
    return PER_MINUTE.get(connector, OTHERS)
