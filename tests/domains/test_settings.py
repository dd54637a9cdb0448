"""The environment is refused as a whole, with every fault in a sentence."""

import pytest

from memberpulse.settings import SettingsError, load_settings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [each for each in os.environ if each.startswith("MEMBERPULSE_")]:
        monkeypatch.delenv(name)


def test_nothing_needs_to_be_set() -> None:
    settings = load_settings()
    assert settings.database_url == "sqlite:///data/memberpulse.db"
    assert (settings.host, settings.port, settings.demo, settings.redis_url) == ("127.0.0.1", 8000, False, None)


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMBERPULSE_ORIGINS", "https://pulse.example.org/, http://localhost:3000")
    assert load_settings().origins == ("https://pulse.example.org", "http://localhost:3000")


def test_the_short_scheme_of_postgresql_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMBERPULSE_DATABASE_URL", "postgres://somebody@db/pulse")
    assert load_settings().database_url == "postgresql://somebody@db/pulse"


def test_all_faults_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PORT": "many",
        "DATABASE_URL": "mysql://db",
        "REDIS_URL": "memcached://db",
        "ORIGINS": "pulse.example.org",
        "SECRET": "short",
        "SYNC_MS": "5",
        "DEMO": "perhaps",
    }.items():
        monkeypatch.setenv(f"MEMBERPULSE_{name}", value)
    with pytest.raises(SettingsError) as refusal:
        load_settings()
    faults = refusal.value.faults
    assert len(faults) == 7
    for name in ("PORT", "DATABASE_URL", "REDIS_URL", "ORIGINS", "SECRET", "SYNC_MS", "DEMO"):
        assert sum(fault.startswith(f"MEMBERPULSE_{name} must ") for fault in faults) == 1
    assert all(fault.endswith(".") for fault in faults)


@pytest.mark.parametrize(
    ("settings", "is_open"),
    [
        ({}, True),
        ({"host": "::1", "origins": ("http://localhost:3000",), "site_url": "http://127.0.0.1:8000"}, True),
        ({"host": "0.0.0.0", "demo": True}, True),
        ({"host": "0.0.0.0", "dev": True}, True),
        ({"host": "0.0.0.0", "mailbox": True}, True),
        ({"mailbox": False, "resend_api_key": "re_1", "resend_from": "a@b.example"}, False),
        ({"resend_api_key": "re_1", "resend_from": "a@b.example"}, False),
        ({"resend_api_key": "re_1", "resend_from": "a@b.example", "demo": True}, False),
    ],
)
def test_the_mailbox_is_open_only_where_nobody_is_betrayed(settings: dict[str, object], is_open: bool) -> None:
    assert load_settings(**settings).mailbox_is_open is is_open
