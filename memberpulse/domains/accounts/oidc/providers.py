"""Which providers this server offers, out of its settings."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from memberpulse.settings import get_settings

GOOGLE_ISSUER = "https://accounts.google.com"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Provider:
    """key: stands in addresses. issuer: where its description is found. secret: None for a public client."""

    key: str
    name: str
    issuer: str
    client_id: str
    secret: str | None


def providers() -> dict[str, Provider]:
    """By key, in the order in which they are shown."""
    settings, found = get_settings(), list[Provider]()
    if settings.google_client_id:
        secret = settings.google_client_secret
        found.append(Provider("google", "Google", GOOGLE_ISSUER, settings.google_client_id, secret))
    if settings.auth_domain and settings.auth_client_id:
        issuer = _issuer_of(settings.auth_domain)
        found.append(Provider("sso", settings.auth_name, issuer, settings.auth_client_id, settings.auth_client_secret))
    return {provider.key: provider for provider in found if is_trusted(provider.issuer)}


def is_trusted(address: str) -> bool:
    """Whether secrets may go there: over https, or to this machine itself."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def _issuer_of(domain: str) -> str:
    return domain.rstrip("/") if "://" in domain else f"https://{domain.rstrip('/')}"
