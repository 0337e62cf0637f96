"""The tests against a real Bluesky network run only when they are asked for."""

from collections.abc import Iterator

import pytest

from config.bench.engines import EngineMissing
from tests.bluesky_network.network import Network, running_network


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave them out unless their mark is named: they take a network of some 360 MB."""
    if "bluesky_network" in str(config.getoption("-m")):
        return
    left_out = [item for item in items if item.get_closest_marker("bluesky_network")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def network() -> Iterator[Network]:
    """One network for the whole run; its people are other ones in every test."""
    try:
        with running_network() as network:
            yield network
    except EngineMissing as missing:
        pytest.fail(str(missing))
