"""Links that leave the server begin with its address, never with what a request says."""

from collections.abc import Iterator

import pytest

from memberpulse.settings import get_settings
from memberpulse.sites import link


@pytest.fixture(autouse=True)
def _read_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import os

    for name in [each for each in os.environ if each.startswith("MEMBERPULSE_") or each == "SITE_URL"]:
        monkeypatch.delenv(name)
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({}, "http://localhost:8000/join?x=1"),
        ({"PORT": "8123"}, "http://localhost:8123/join?x=1"),
        ({"HOST": "0.0.0.0"}, "http://localhost:8000/join?x=1"),
        ({"HOST": "::1"}, "http://localhost:8000/join?x=1"),
        ({"HOST": "fd00::7"}, "http://[fd00::7]:8000/join?x=1"),
        ({"HOST": "192.0.2.7"}, "http://192.0.2.7:8000/join?x=1"),
        ({"ORIGINS": "https://a.example, https://b.example"}, "https://a.example/join?x=1"),
        ({"ORIGINS": "https://a.example", "SITE_URL": "https://c.example"}, "https://c.example/join?x=1"),
        ({"SITE_URL": "https://c.example/"}, "https://c.example/join?x=1"),
    ],
)
def test_a_link_begins_with_the_address_of_the_site(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], address: str
) -> None:
    for name, value in {"MAILBOX": "1", **environment}.items():
        monkeypatch.setenv(f"MEMBERPULSE_{name}", value)
    assert link("/join?x=1") == address


@pytest.mark.parametrize("path", ["join", "//evil.example/join", "https://evil.example"])
def test_only_a_path_of_this_site_is_linked(path: str) -> None:
    with pytest.raises(ValueError, match="slash"):
        link(path)
