"""The conversation with a provider. Source: OpenID Connect Core 1.0, RFC 7636 (PKCE), RFC 9207 (who answers).

An answer is believed only when its token is signed by a key of the provider's, names this client, this attempt's nonce
and the very issuer that the attempt began with, and is fresh.
"""

import time
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

import httpx
import structlog
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # pyright: ignore[reportUnknownVariableType]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from memberpulse.domains.accounts.oidc.errors import ProviderDown, ProviderRefused
from memberpulse.domains.accounts.oidc.providers import Provider, is_trusted
from memberpulse.tls import trusted

log = structlog.get_logger(__name__)

TIMEOUT_SECONDS = 8.0
LARGEST_ANSWER = 256 * 1024
KNOWN_FOR_SECONDS = 3600.0
LEEWAY_SECONDS = 60
OLDEST_TOKEN_SECONDS = 600
SCOPE = "openid email profile"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures by a key pair only: never none, and never the client's own secret."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a provider says of itself."""

    issuer: str
    authorize: str
    token: str
    keys: str
    userinfo: str
    names_itself: bool
    """It always says in an answer who it is."""
    posts_secret: bool
    """It takes the client's secret in the form only."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is elsewhere. verified: the provider vouches for the address."""

    issuer: str
    subject: str
    email: str
    verified: bool
    name: str


_known: dict[str, tuple[float, Metadata]] = {}
_keys: dict[str, tuple[float, KeySet]] = {}


async def describe(provider: Provider) -> Metadata:
    """The provider's own description, kept for an hour. Raises ProviderDown, ProviderRefused."""
    kept = _known.get(provider.issuer)
    if kept and kept[0] > time.monotonic():
        return kept[1]
    told = await _ask("GET", f"{provider.issuer}/.well-known/openid-configuration")
    found = _metadata(provider, told)
    _known[provider.issuer] = (time.monotonic() + KNOWN_FOR_SECONDS, found)
    return found


def authorize_address(
    provider: Provider, metadata: Metadata, *, state: str, nonce: str, verifier: str, back: str
) -> str:
    """Where to send the browser. back: this server's callback."""
    asked: dict[str, str] = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back,
        "scope": SCOPE,
        "state": state,
        "nonce": nonce,
        "code_challenge": str(create_s256_code_challenge(verifier)),  # pyright: ignore[reportUnknownArgumentType]
        "code_challenge_method": "S256",
    }
    return metadata.authorize + ("&" if "?" in metadata.authorize else "?") + urlencode(asked)


def check_issuer(metadata: Metadata, told: str | None) -> None:
    """Refuse an answer of another provider than the one that was asked. Raises ProviderRefused."""
    if (told is None and metadata.names_itself) or (told is not None and told != metadata.issuer):
        raise _unbelievable("issuer of the answer", told)


async def redeem(
    provider: Provider, metadata: Metadata, *, code: str, verifier: str, nonce: str, back: str
) -> Identity:
    """Who the code stands for. Raises ProviderDown, ProviderRefused."""
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    auth: httpx.BasicAuth | None = None
    if provider.secret is None or metadata.posts_secret:
        asked["client_id"] = provider.client_id
    if provider.secret is not None and metadata.posts_secret:
        asked["client_secret"] = provider.secret
    elif provider.secret is not None:
        auth = httpx.BasicAuth(provider.client_id, provider.secret)
    told = await _ask("POST", metadata.token, data=asked, auth=auth)
    claims = await _claims(provider, metadata, str(told.get("id_token", "")), nonce)
    if "email" not in claims and metadata.userinfo:
        claims = await _more(metadata, claims, str(told.get("access_token", "")))
    email = str(claims.get("email") or "")[:254]
    verified = bool(email) and claims.get("email_verified") in (True, "true")
    return Identity(metadata.issuer, claims["sub"], email, verified, str(claims.get("name") or "")[:120])


async def _claims(provider: Provider, metadata: Metadata, token: str, nonce: str) -> dict[str, Any]:
    claims = await _signed(metadata, token)
    now = time.time()
    audience = claims.get("aud")
    audiences = cast("list[Any]", audience) if isinstance(audience, list) else [audience]
    expires, issued = claims.get("exp"), claims.get("iat")
    checks = {
        "issuer": claims.get("iss") == metadata.issuer,
        "audience": provider.client_id in audiences,
        "party": claims.get("azp", provider.client_id) == provider.client_id,
        "parties": len(audiences) == 1 or "azp" in claims,
        "expiry": isinstance(expires, int | float) and expires > now - LEEWAY_SECONDS,
        "age": isinstance(issued, int | float) and now - OLDEST_TOKEN_SECONDS < issued < now + LEEWAY_SECONDS,
        "nonce": claims.get("nonce") == nonce,
        "subject": isinstance(claims.get("sub"), str) and 0 < len(claims["sub"]) <= 255,
    }
    wrong = [name for name, right in checks.items() if not right]
    if wrong:
        raise _unbelievable("claims of the token", ", ".join(wrong))
    return claims


async def _signed(metadata: Metadata, token: str) -> dict[str, Any]:
    """What a token says, once its signature was checked. A key that is not known may be newer than those kept."""
    for fresh in (False, True):
        try:
            found = jwt.decode(token, await _key_set(metadata, fresh=fresh), algorithms=list(ALGORITHMS))
            return dict(found.claims)
        except (JoseError, ValueError, KeyError, TypeError) as fault:
            if fresh:
                raise _unbelievable("signature of the token", str(fault)) from fault
    raise AssertionError


async def _key_set(metadata: Metadata, *, fresh: bool) -> KeySet:
    kept = _keys.get(metadata.keys)
    if kept and kept[0] > time.monotonic() and not fresh:
        return kept[1]
    told: Any = await _ask("GET", metadata.keys)
    try:
        found = KeySet.import_key_set(told)
    except (JoseError, ValueError, KeyError, TypeError) as fault:
        raise _unbelievable("keys", str(fault)) from fault
    _keys[metadata.keys] = (time.monotonic() + KNOWN_FOR_SECONDS, found)
    return found


async def _more(metadata: Metadata, claims: dict[str, Any], access_token: str) -> dict[str, Any]:
    """What the token left out. It counts only when it is about the same subject."""
    told = await _ask("GET", metadata.userinfo, headers={"Authorization": f"Bearer {access_token}"})
    if told.get("sub") != claims["sub"]:
        raise _unbelievable("subject of the userinfo", str(told.get("sub"))[:80])
    return {**claims, **{name: told[name] for name in ("email", "email_verified", "name") if name in told}}


def _metadata(provider: Provider, told: dict[str, Any]) -> Metadata:
    issuer = str(told.get("issuer", ""))
    if issuer.rstrip("/") != provider.issuer.rstrip("/"):
        raise _unbelievable("issuer of the description", issuer)
    addresses = [str(told.get(name, "")) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    if not all(is_trusted(address) for address in addresses):
        raise _unbelievable("addresses of the description", " ".join(addresses))
    userinfo = str(told.get("userinfo_endpoint", ""))
    ways: list[str] = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Metadata(
        issuer=issuer,
        authorize=addresses[0],
        token=addresses[1],
        keys=addresses[2],
        userinfo=userinfo if is_trusted(userinfo) else "",
        names_itself=told.get("authorization_response_iss_parameter_supported") is True,
        posts_secret="client_secret_basic" not in ways and "client_secret_post" in ways,
    )


async def _ask(method: str, address: str, **options: Any) -> dict[str, Any]:
    """A provider's JSON. Redirects are not followed: secrets go where the description says, and nowhere else."""
    try:
        async with httpx.AsyncClient(verify=trusted(), timeout=TIMEOUT_SECONDS, follow_redirects=False) as client:
            answer = await client.request(
                method, address, headers={"Accept": "application/json"} | options.pop("headers", {}), **options
            )
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        log.warning("a provider does not answer", address=address, fault=repr(fault))
        raise ProviderDown from fault
    if answer.status_code >= 500:
        log.warning("a provider failed", address=address, status=answer.status_code)
        raise ProviderDown
    try:
        told: Any = answer.json() if len(answer.content) <= LARGEST_ANSWER else None
    except ValueError:
        told = None
    if answer.status_code != 200 or not isinstance(told, dict):
        raise _unbelievable("answer", f"{answer.status_code} of {address}")
    return told  # pyright: ignore[reportUnknownVariableType]


def _unbelievable(what: str, detail: Any) -> ProviderRefused:
    log.warning("a provider's answer was refused", what=what, detail=detail)
    return ProviderRefused()
