"""One server for the tests of the gate and the guard."""

from collections.abc import Iterator

import pytest

from tests.running import RunningServer, built


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    built()
    with RunningServer(tmp_path_factory.mktemp("data")) as running:
        yield running
