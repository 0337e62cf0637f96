"""The broker that bin/start brings: found by every command, and private."""

from pathlib import Path

import pytest

from config.embedded import LONGEST_SOCKET_PATH, broker_url, private_folder, server_args, socket_path


@pytest.mark.parametrize("given", ["", "embedded"])
def test_without_a_broker_every_command_finds_the_one_of_bin_start(given: str, tmp_path: Path) -> None:
    assert broker_url(given, tmp_path) == f"unix://{socket_path(tmp_path)}"
    assert broker_url("redis://elsewhere:6379/0", tmp_path) == "redis://elsewhere:6379/0"


def test_a_deep_data_directory_gets_a_socket_that_the_kernel_takes_and_always_the_same(
    tmp_path: Path,
) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    assert len(str(socket_path(deep))) <= LONGEST_SOCKET_PATH
    assert socket_path(deep) == socket_path(deep)
    assert socket_path(deep) != socket_path(deep.parent)


def test_the_folder_of_the_socket_is_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "valkey"
    private_folder(folder)
    private_folder(folder)
    assert folder.stat().st_mode & 0o077 == 0


def test_the_broker_opens_no_port_and_keeps_everything(tmp_path: Path) -> None:
    args = server_args(tmp_path / "valkey.sock")
    assert args[args.index("--port") + 1] == "0"
    assert args[args.index("--maxmemory-policy") + 1] == "noeviction"
