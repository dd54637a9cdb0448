"""The environment, validated once at start. Every variable is listed here and nowhere else.

`load_settings()` reads it and raises `SettingsError` with every fault at once, each a sentence on how to mend it.
"""

import re
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import pydantic
from pydantic import AliasChoices, Field, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "MEMBERPULSE_"
DATABASE_SCHEMES = ("sqlite", "postgresql", "postgres", "postgresql+psycopg")
REDIS_SCHEMES = ("redis", "rediss", "unix")
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+>?$")


class SettingsError(Exception):
    """The environment does not fit. `faults` holds one sentence for each variable at fault."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


class Settings(BaseSettings):
    """How this process runs. Each field is the variable MEMBERPULSE_<FIELD>."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True, populate_by_name=True)

    data: Path = Path("data")
    """The folder for the embedded database and whatever else lives on disk."""
    database_url: str = ""
    """sqlite:///path or postgresql://…; empty: an SQLite file in the data folder."""
    redis_url: str | None = None
    """Shared limits and faster news between processes; not needed for one process."""
    host: str = "127.0.0.1"
    port: int = 8000
    demo: bool = False
    """Offer demo sign-ins, and let scripted people move about. Never on a server with real members."""
    origins: Annotated[tuple[str, ...], NoDecode] = ()
    """The origins from which browsers may come, separated by commas; empty: the server's own address."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    """Addresses of proxies whose X-Forwarded-* headers count, separated by commas."""
    sync_ms: int = 30_000
    """How often open screens compare what they show with the server, whatever was delivered in between."""
    secret: str | None = None
    """Signs and seals what leaves the server, at least 32 characters; empty: one that is made and kept in `data`."""
    site_url: str = Field(default="", validation_alias=AliasChoices("MEMBERPULSE_SITE_URL", "SITE_URL"))
    """The address that links in mails begin with; empty: this machine's own."""
    resend_api_key: str | None = Field(
        default=None, validation_alias=AliasChoices("MEMBERPULSE_RESEND_API_KEY", "RESEND_API_KEY")
    )
    """Mail leaves through Resend; empty: it lands in the local mailbox."""
    resend_from: str = Field(
        default="", validation_alias=AliasChoices("MEMBERPULSE_RESEND_FROM", "RESEND_AUTH_FROM_EMAIL")
    )
    """The sender of all mail, such as "Fernhill Cycling <pulse@example.org>". Needed with Resend."""
    resend_webhook_secret: str | None = Field(
        default=None, validation_alias=AliasChoices("MEMBERPULSE_RESEND_WEBHOOK_SECRET", "RESEND_WEBHOOK_SECRET")
    )
    """Checks Resend's delivery events; empty: /webhooks/resend does not exist."""
    resend_url: str = "https://api.resend.com"
    """Where Resend answers; another one in tests."""
    auth_domain: str = Field(default="", validation_alias=AliasChoices("MEMBERPULSE_AUTH_DOMAIN", "AUTH_DOMAIN"))
    """The issuer of an OpenID Connect provider: a host name, or an address with https://."""
    auth_client_id: str = Field(
        default="", validation_alias=AliasChoices("MEMBERPULSE_AUTH_CLIENT_ID", "AUTH_CLIENT_ID")
    )
    auth_client_secret: str | None = Field(
        default=None, validation_alias=AliasChoices("MEMBERPULSE_AUTH_CLIENT_SECRET", "AUTH_CLIENT_SECRET")
    )
    auth_name: str = "Single sign-on"
    """What that provider is called on the sign-in page."""
    google_client_id: str = Field(
        default="", validation_alias=AliasChoices("MEMBERPULSE_GOOGLE_CLIENT_ID", "AUTH_GOOGLE_ID")
    )
    google_client_secret: str | None = Field(
        default=None, validation_alias=AliasChoices("MEMBERPULSE_GOOGLE_CLIENT_SECRET", "AUTH_GOOGLE_SECRET")
    )
    stripe_secret_key: str | None = Field(
        default=None, validation_alias=AliasChoices("MEMBERPULSE_STRIPE_SECRET_KEY", "STRIPE_SECRET_KEY"), repr=False
    )
    """Payments go through Stripe; empty: nobody can pay, but on the demo, where a fake plays Stripe."""
    stripe_connect_webhook_secret: str | None = Field(
        default=None,
        validation_alias=AliasChoices(
            "MEMBERPULSE_STRIPE_CONNECT_WEBHOOK_SECRET", "STRIPE_CONNECT_WEBHOOK_SECRET", "STRIPE_WEBHOOK_SECRET"
        ),
        repr=False,
    )
    """Checks the events of connected accounts at /api/webhooks/stripe-connect. Needed with Stripe."""
    stripe_url: str = "https://api.stripe.com"
    """Where Stripe answers; another one in tests."""
    storage_bucket: str = ""
    """Files are kept in this bucket of an S3-compatible service; empty: in the data folder."""
    storage_endpoint: str = ""
    """The address of that service, such as https://s3.example.org; empty: Amazon's own."""
    storage_region: str = "us-east-1"
    storage_access_key: str = ""
    """Needed with a bucket, as is the secret key."""
    storage_secret_key: str | None = None
    storage_prefix: str = ""
    """A folder inside the bucket, where it is shared with something else."""
    storage_quota_mb: int = 5_120
    """How much each organization may keep, unless it has a quota of its own."""
    storage_file_mb: int = 20
    """How large one file may be."""
    vapid_key: str | None = Field(default=None, repr=False)
    """The private key that signs browser pushes, 32 bytes in base64url; empty: one that is made and kept in `data`."""
    push_private: bool = False
    """Let push services be at private addresses and without https: only in tests."""
    sockets_per_address: int = 1_000
    """How many sockets one network address may hold; a whole club may sit behind one."""
    sockets_per_session: int = 60
    """How many sockets one sign-in may hold; a tab has two."""
    background: bool = True
    """Whether this process runs jobs and crons."""
    dev: bool = False
    """Development: the page /kit, and pages compiled as they change."""
    build: str = ""
    """Names the frontend build: open tabs of another one reload. Empty: the hash of what it was built from."""
    mailbox: bool | None = None
    """Whether whoever reaches this server may read the local mailbox, and so sign in as anybody; empty: only on the
    demo, in development, and where nobody but this machine can reach the server. Last, since it depends on all that.
    """

    @field_validator("database_url")
    @classmethod
    def _check_database(cls, value: str) -> str:
        if value and value.split(":", 1)[0] not in DATABASE_SCHEMES:
            raise ValueError("must start with sqlite:/// or postgresql://")
        return value.replace("postgres://", "postgresql://", 1)

    @field_validator("redis_url", mode="before")
    @classmethod
    def _check_redis(cls, value: str | None) -> str | None:
        if not value:
            return None
        if value.split(":", 1)[0] not in REDIS_SCHEMES:
            raise ValueError("must start with redis:// or rediss://")
        return value

    @field_validator("port")
    @classmethod
    def _check_port(cls, value: int) -> int:
        if not 1 <= value <= 65_535:
            raise ValueError("must be a port between 1 and 65535")
        return value

    @field_validator("sync_ms")
    @classmethod
    def _check_sync(cls, value: int) -> int:
        if not 1_000 <= value <= 600_000:
            raise ValueError("must be between 1000 and 600000 milliseconds")
        return value

    @field_validator("vapid_key")
    @classmethod
    def _check_vapid_key(cls, value: str | None) -> str | None:
        if value is not None and not _is_private_key(value):
            raise ValueError("must be a P-256 private key: 32 bytes in base64url, 43 characters")
        return value

    @field_validator("secret")
    @classmethod
    def _check_secret(cls, value: str | None) -> str | None:
        if value is not None and len(value) < 32:
            raise ValueError("must have at least 32 characters; make one with: openssl rand -hex 32")
        return value

    @field_validator(
        "resend_api_key",
        "resend_webhook_secret",
        "auth_client_secret",
        "google_client_secret",
        "stripe_secret_key",
        "stripe_connect_webhook_secret",
        "secret",
        "storage_secret_key",
        "vapid_key",
        "mailbox",
        mode="before",
    )
    @classmethod
    def _nothing_is_none(cls, value: Any) -> Any:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("site_url")
    @classmethod
    def _check_site(cls, value: str) -> str:
        value = value.rstrip("/")
        if value and not (_is_origin(value) and (value.startswith("https://") or is_local(_host_of(value)))):
            raise ValueError("must be an address such as https://pulse.example.org, without a path, and with https")
        return value

    @field_validator("resend_from")
    @classmethod
    def _check_sender(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("resend_api_key") and not value:
            raise ValueError(f"must be set when {PREFIX}RESEND_API_KEY is: the sender of all mail")
        if value and not _ADDRESS.search(value):
            raise ValueError('must hold an e-mail address, such as "Fernhill Cycling <pulse@example.org>"')
        return value

    @field_validator("resend_webhook_secret")
    @classmethod
    def _check_webhook_secret(cls, value: str | None) -> str | None:
        if value is not None and not _is_webhook_secret(value):
            raise ValueError("must begin with whsec_ and go on as Resend shows it beside the webhook")
        return value

    @field_validator("resend_url")
    @classmethod
    def _check_resend_url(cls, value: str) -> str:
        if not _is_origin(value.rstrip("/")):
            raise ValueError("must be an address such as https://api.resend.com")
        return value.rstrip("/")

    @field_validator("auth_domain")
    @classmethod
    def _check_issuer(cls, value: str) -> str:
        address = value if "://" in value else f"https://{value}"
        if value and not (_host_of(address) and (address.startswith("https://") or is_local(_host_of(address)))):
            raise ValueError("must be the provider's host name, or its address with https://")
        return value

    @field_validator("auth_client_id")
    @classmethod
    def _check_client(cls, value: str, info: ValidationInfo) -> str:
        if "auth_domain" in info.data and bool(value) != bool(info.data["auth_domain"]):
            raise ValueError(f"must be set together with {PREFIX}AUTH_DOMAIN, for signing in through that provider")
        return value

    @field_validator("auth_client_secret")
    @classmethod
    def _check_client_secret(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value and not info.data.get("auth_client_id", "unknown"):
            raise ValueError(f"must be set together with {PREFIX}AUTH_CLIENT_ID and {PREFIX}AUTH_DOMAIN")
        return value

    @field_validator("google_client_secret")
    @classmethod
    def _check_google(cls, value: str | None, info: ValidationInfo) -> str | None:
        if bool(value) != bool(info.data.get("google_client_id")):
            raise ValueError(f"must be set together with {PREFIX}GOOGLE_CLIENT_ID, for signing in with Google")
        return value

    @field_validator("stripe_secret_key")
    @classmethod
    def _check_stripe_key(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        if not value.startswith(("sk_", "rk_")):
            raise ValueError("must be a secret key of Stripe, which begins with sk_ or rk_")
        if info.data.get("demo") and "_live_" in value:
            raise ValueError("must not be a live key on the demo: its people would move real money")
        named = info.data.get("site_url") or info.data.get("origins")
        if _PLACE.issubset(info.data) and not (named or _is_for_this_machine(info.data)):
            raise ValueError(f"{PREFIX}SITE_URL must be set when people pay: Stripe sends them back to it")
        return value

    @field_validator("stripe_connect_webhook_secret")
    @classmethod
    def _check_stripe_webhook(cls, value: str | None, info: ValidationInfo) -> str | None:
        if "stripe_secret_key" not in info.data:
            return value
        if bool(value) != bool(info.data["stripe_secret_key"]):
            raise ValueError(f"must be set together with {PREFIX}STRIPE_SECRET_KEY, for payments through Stripe")
        if value is not None and not value.startswith("whsec_"):
            raise ValueError("must begin with whsec_ and go on as Stripe shows it beside the webhook")
        return value

    @field_validator("stripe_url")
    @classmethod
    def _check_stripe_url(cls, value: str) -> str:
        if not _is_origin(value.rstrip("/")):
            raise ValueError("must be an address such as https://api.stripe.com")
        return value.rstrip("/")

    @field_validator("storage_bucket", "storage_access_key", "storage_prefix", mode="before")
    @classmethod
    def _trim(cls, value: Any) -> Any:
        return value.strip().strip("/") if isinstance(value, str) else value

    @field_validator("storage_bucket")
    @classmethod
    def _check_bucket(cls, value: str) -> str:
        if value and not _BUCKET.fullmatch(value):
            raise ValueError("must be the name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens")
        return value

    @field_validator("storage_endpoint")
    @classmethod
    def _check_endpoint(cls, value: str, info: ValidationInfo) -> str:
        value = value.rstrip("/")
        if value and not _is_origin(value):
            raise ValueError("must be an address such as https://s3.example.org, without a path")
        if value and not info.data.get("storage_bucket", "unknown"):
            raise ValueError(f"must be set together with {PREFIX}STORAGE_BUCKET")
        return value

    @field_validator("storage_access_key")
    @classmethod
    def _check_access_key(cls, value: str, info: ValidationInfo) -> str:
        if "storage_bucket" in info.data and bool(value) != bool(info.data["storage_bucket"]):
            raise ValueError(f"must be set together with {PREFIX}STORAGE_BUCKET, for keeping files there")
        return value

    @field_validator("storage_secret_key")
    @classmethod
    def _check_secret_key(cls, value: str | None, info: ValidationInfo) -> str | None:
        if "storage_access_key" in info.data and bool(value) != bool(info.data["storage_access_key"]):
            raise ValueError(f"must be set together with {PREFIX}STORAGE_ACCESS_KEY")
        return value

    @field_validator("storage_prefix")
    @classmethod
    def _check_prefix(cls, value: str) -> str:
        if value and not _PREFIX.fullmatch(value):
            raise ValueError("must be a folder such as memberpulse/files: letters, digits, hyphens and slashes")
        return value

    @field_validator("storage_quota_mb")
    @classmethod
    def _check_quota(cls, value: int) -> int:
        if not 1 <= value <= 100_000_000:
            raise ValueError("must be between 1 and 100000000 megabytes")
        return value

    @field_validator("storage_file_mb")
    @classmethod
    def _check_file_size(cls, value: int) -> int:
        if not 1 <= value <= 1_024:
            raise ValueError("must be between 1 and 1024 megabytes")
        return value

    @field_validator("mailbox")
    @classmethod
    def _check_mail_goes_somewhere(cls, value: bool | None, info: ValidationInfo) -> bool | None:
        found = info.data
        if not _REACH.issubset(found):
            return value
        if found["resend_api_key"]:
            if not (found["site_url"] or found["origins"] or _is_for_this_machine(found)):
                raise ValueError(f"{PREFIX}SITE_URL must be set when mail leaves this server: its links begin with it")
            return value
        if not _mailbox_is_open({**found, "mailbox": value}):
            raise ValueError(
                f"must be 1 as long as {PREFIX}RESEND_API_KEY and {PREFIX}RESEND_FROM are not set, or mail can neither "
                "be sent nor read; 1 lets whoever reaches this server read every letter, so set the key where people do"
            )
        return value

    @field_validator("origins", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        return value

    @field_validator("origins")
    @classmethod
    def _check_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [each for each in value if not _is_origin(each)]
        if wrong:
            raise ValueError(f"must be origins such as https://pulse.example.org, not {', '.join(wrong)}")
        return value

    @model_validator(mode="after")
    def _fill_database(self) -> "Settings":
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{self.data / 'memberpulse.db'}")
        return self

    @property
    def mailbox_is_open(self) -> bool:
        """Whether whoever reaches this server may read all letters, and with them sign in as anybody.

        Closed unless somebody asked for it, this is the demo, or nobody but this machine can reach the server.
        """
        return _mailbox_is_open(self.__dict__)

    @property
    def is_local_only(self) -> bool:
        """Whether the mailbox is open for no other reason than that nobody else should reach the server."""
        return self.mailbox_is_open and self.mailbox is None and not (self.demo or self.dev)

    @property
    def is_for_this_machine(self) -> bool:
        """Whether the server is neither reachable from elsewhere nor known under a name, and behind no proxy."""
        return _is_for_this_machine(self.__dict__)


def load_settings(**overrides: Any) -> Settings:
    """Read the environment; `overrides` win over it. Raises SettingsError with all faults."""
    try:
        return Settings(**overrides)
    except pydantic.ValidationError as error:
        raise SettingsError([_sentence(each["loc"], each["msg"]) for each in error.errors()]) from None


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return load_settings()


def _is_origin(value: str) -> bool:
    parts = urlsplit(value)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and value == f"{parts.scheme}://{parts.netloc}"


_REACH = frozenset({"resend_api_key", "demo", "dev", "host", "origins", "site_url", "trusted_proxies"})
"""What decides over the mailbox; where one of them is at fault itself, nothing is decided."""


_PLACE = frozenset({"host", "origins", "site_url", "trusted_proxies"})
"""What decides whether the server is for its own machine alone."""


def _mailbox_is_open(found: Mapping[str, Any]) -> bool:
    if found["mailbox"] is not None:
        return found["mailbox"]
    return found["resend_api_key"] is None and (found["demo"] or found["dev"] or _is_for_this_machine(found))


def _is_for_this_machine(found: Mapping[str, Any]) -> bool:
    named = [*found["origins"], *([found["site_url"]] if found["site_url"] else [])]
    return not found["trusted_proxies"] and is_local(found["host"]) and all(is_local(_host_of(each)) for each in named)


def _is_webhook_secret(text: str) -> bool:
    try:
        return text.startswith("whsec_") and len(b64decode(text.removeprefix("whsec_") + "==")) >= 16
    except ValueError:
        return False


def _is_private_key(text: str) -> bool:
    try:
        number = int.from_bytes(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return False
    return len(text.rstrip("=")) == 43 and 0 < number < P256_ORDER


def _host_of(address: str) -> str:
    return urlsplit(address).hostname or ""


def is_local(host: str) -> bool:
    """Whether a host name is this machine's for itself."""
    return host in LOCAL_HOSTS or host.endswith(".localhost")


def _sentence(location: tuple[int | str, ...], message: str) -> str:
    name = PREFIX + str(location[0]).upper().removeprefix(PREFIX) if location else "The environment"
    told = message.removeprefix("Value error, ").removeprefix("Input should be ")
    if told.startswith(PREFIX):  # a rule about several variables names the one to set
        return f"{told}."
    told = told if told.startswith("must ") else f"must be {told}"
    return f"{name} {told}."
