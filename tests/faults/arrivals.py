"""A platform that keeps no count of ours: what arrived there, arrived."""

from pathlib import Path

from monitoring.connectors.base import Published, Reply, SourceConfig
from monitoring.connectors.errors import PublishUnknown
from monitoring.connectors.replay import ReplayConnector
from tests.faults import killing


class Platform(ReplayConnector):
    """A platform that takes every reply as a new one: only looking first tells what arrived before."""

    def __init__(self, arrived: Path, *, is_mute: bool = False) -> None:
        self.arrived, self.is_mute = arrived, is_mute

    def publish(self, source: SourceConfig, reply: Reply, *, key: str) -> Published:
        """Take a reply; a mute platform never says so. A sender can die before it is taken and after."""
        killing.point()
        with self.arrived.open("a", encoding="utf-8") as file:
            file.write(key + "\n")
        killing.point()
        if self.is_mute:
            raise PublishUnknown("no answer in time")
        return Published(url=f"https://social.example/{key}", external_id=key)

    def find_reply(self, source: SourceConfig, key: str, reply: Reply) -> Published | None:
        found = key in self.keys()
        return Published(url=f"https://social.example/{key}", external_id=key) if found else None

    def keys(self) -> list[str]:
        return self.arrived.read_text(encoding="utf-8").split() if self.arrived.exists() else []
