"""The environment is refused as a whole, with every fault in a sentence."""

import pytest

from memberpulse.settings import SettingsError, load_settings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    theirs = ("MEMBERPULSE_", "RESEND_", "AUTH_", "SITE_URL", "STRIPE_")
    for name in [each for each in os.environ if each.startswith(theirs)]:
        monkeypatch.delenv(name)


def test_nothing_needs_to_be_set() -> None:
    settings = load_settings()
    assert settings.database_url == "sqlite:///data/memberpulse.db"
    assert (settings.host, settings.port, settings.demo, settings.redis_url) == ("127.0.0.1", 8000, False, None)


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMBERPULSE_ORIGINS", "https://pulse.example.org/, http://localhost:3000")
    monkeypatch.setenv("MEMBERPULSE_MAILBOX", "1")
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


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"RESEND_API_KEY": "re_1"}, ["RESEND_FROM"]),
        ({"RESEND_API_KEY": "re_1", "RESEND_FROM": "Pulse"}, ["RESEND_FROM"]),
        ({"SITE_URL": "pulse.club.example"}, ["SITE_URL"]),
        ({"SITE_URL": "http://pulse.club.example"}, ["SITE_URL"]),
        ({"SITE_URL": "https://pulse.club.example/app"}, ["SITE_URL"]),
        ({"RESEND_URL": "api.resend.com"}, ["RESEND_URL"]),
        ({"RESEND_WEBHOOK_SECRET": "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, ["RESEND_WEBHOOK_SECRET"]),
        ({"RESEND_WEBHOOK_SECRET": "whsec_short"}, ["RESEND_WEBHOOK_SECRET"]),
        ({"AUTH_DOMAIN": "club.eu.auth.example"}, ["AUTH_CLIENT_ID"]),
        ({"AUTH_CLIENT_ID": "abc"}, ["AUTH_CLIENT_ID"]),
        ({"AUTH_CLIENT_SECRET": "abc"}, ["AUTH_CLIENT_SECRET"]),
        ({"AUTH_DOMAIN": "http://club.example", "AUTH_CLIENT_ID": "abc"}, ["AUTH_DOMAIN"]),
        ({"GOOGLE_CLIENT_ID": "abc"}, ["GOOGLE_CLIENT_SECRET"]),
        ({"GOOGLE_CLIENT_SECRET": "abc"}, ["GOOGLE_CLIENT_SECRET"]),
        ({"HOST": "0.0.0.0"}, ["MAILBOX"]),
        ({"MAILBOX": "0"}, ["MAILBOX"]),
        ({"TRUSTED_PROXIES": "127.0.0.1"}, ["MAILBOX"]),
        ({"ORIGINS": "https://pulse.club.example"}, ["MAILBOX"]),
        ({"HOST": "0.0.0.0", "RESEND_API_KEY": "re_1", "RESEND_FROM": "a@b.example"}, ["SITE_URL"]),
        ({"RESEND_API_KEY": "re_1", "GOOGLE_CLIENT_ID": "abc", "PORT": "0"}, ["GOOGLE", "PORT", "RESEND_FROM"]),
    ],
)
def test_what_does_not_go_together_is_told_by_name(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], names: list[str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(f"MEMBERPULSE_{name}", value)
    with pytest.raises(SettingsError) as refusal:
        load_settings()
    faults = sorted(refusal.value.faults)
    assert len(faults) == len(names)
    assert all(
        fault.startswith(f"MEMBERPULSE_{name}") and fault.endswith(".")
        for fault, name in zip(faults, names, strict=True)
    )


def test_the_short_names_of_the_providers_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "RESEND_API_KEY": "re_1",
        "RESEND_AUTH_FROM_EMAIL": "pulse@club.example",
        "RESEND_WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "SITE_URL": "https://pulse.club.example/",
        "AUTH_DOMAIN": "club.eu.auth.example",
        "AUTH_CLIENT_ID": "abc",
        "AUTH_GOOGLE_ID": "google",
        "AUTH_GOOGLE_SECRET": "secret",
    }.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert (settings.site_url, settings.resend_from) == ("https://pulse.club.example", "pulse@club.example")
    assert (settings.google_client_id, settings.mailbox_is_open) == ("google", False)


def test_a_variable_that_is_there_and_empty_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RESEND_API_KEY", "RESEND_WEBHOOK_SECRET", "GOOGLE_CLIENT_SECRET", "MAILBOX", "SECRET", "SITE_URL"):
        monkeypatch.setenv(f"MEMBERPULSE_{name}", "")
    settings = load_settings()
    assert (settings.resend_api_key, settings.resend_webhook_secret, settings.mailbox) == (None, None, None)


KEY, HOOK = "STRIPE_SECRET_KEY", "STRIPE_CONNECT_WEBHOOK_SECRET"


@pytest.mark.parametrize(
    ("given", "at_fault"),
    [
        ({KEY: "sk_test_1"}, HOOK),
        ({HOOK: "whsec_1"}, HOOK),
        ({KEY: "pk_test_1", HOOK: "whsec_1"}, KEY),
        ({KEY: "sk_test_1", HOOK: "secret"}, HOOK),
        ({KEY: "sk_live_1", HOOK: "whsec_1", "DEMO": "1"}, KEY),
        ({KEY: "sk_test_1", HOOK: "whsec_1", "HOST": "0.0.0.0", "MAILBOX": "1"}, "SITE_URL"),
        ({"STRIPE_URL": "api.stripe.com"}, "STRIPE_URL"),
    ],
)
def test_what_stripe_needs_is_set_together(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], at_fault: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"MEMBERPULSE_{name}", value)
    with pytest.raises(SettingsError) as refusal:
        load_settings()
    assert [fault.split()[0].removeprefix("MEMBERPULSE_") for fault in refusal.value.faults] == [at_fault]
    assert "sk_live" not in str(refusal.value)


def test_the_keys_of_stripe_are_in_no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_hidden")
    monkeypatch.setenv("STRIPE_CONNECT_WEBHOOK_SECRET", "whsec_hidden")
    settings = load_settings()
    assert (settings.stripe_secret_key, settings.stripe_connect_webhook_secret) == ("sk_test_hidden", "whsec_hidden")
    assert "hidden" not in repr(settings)
