"""Whose account elsewhere belongs to whom here, and the attempts to find out."""

import json
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from memberpulse.domains.accounts.errors import LinkUsedUp
from memberpulse.domains.accounts.links.rules import is_plain_case, name_of
from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.mutations import create_user
from memberpulse.domains.accounts.oidc.errors import (
    AccountUnverified,
    LastWayIn,
    LinkedElsewhere,
    ProviderOver,
    ProviderUnverified,
    UnknownProvider,
)
from memberpulse.domains.accounts.oidc.providers import providers
from memberpulse.domains.accounts.proofs.facts import ProviderLinked, ProviderUnlinked
from memberpulse.domains.accounts.proofs.models import LinkedProvider
from memberpulse.domains.accounts.proofs.queries import count_passkeys
from memberpulse.domains.accounts.rules import normalize_email
from memberpulse.domains.accounts.step_up import require_proof
from memberpulse.domains.accounts.tokens import issue_token, spend_token
from memberpulse.engine import INTERNAL, PUBLIC, SIGNED_IN, MutationCtx, QueryCtx, mutation, query
from memberpulse.sealing import seal, unseal

ATTEMPT = "oidc_attempt"
ATTEMPT_LIFE = timedelta(minutes=10)
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class ProviderOffer:
    """A provider with which one may sign in here."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class ProviderView:
    """A provider, and the caller's account with it; email is empty while there is none."""

    key: str
    name: str
    email: str
    linked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class OidcAttempt:
    """A trip to a provider. link_to: the person who links, None for one who signs in."""

    state: str
    nonce: str
    verifier: str
    target: str
    link_to: uuid.UUID | None


@query(requires=PUBLIC)
def list_providers(ctx: QueryCtx) -> list[ProviderOffer]:
    """With what one may sign in here, besides an e-mail address."""
    return [ProviderOffer(each.key, each.name) for each in providers().values()]


@query(requires=SIGNED_IN)
def list_my_providers(ctx: QueryCtx) -> list[ProviderView]:
    """All providers, and the caller's accounts with them."""
    mine = {each.provider: each for each in ctx.db.scalars(_of(ctx.user_id))}
    return [_view(each.key, each.name, mine.get(each.key)) for each in providers().values()]


@mutation(requires=SIGNED_IN)
def prepare_link(ctx: MutationCtx, *, provider: str) -> None:
    """Ask for the proof that linking takes; the browser then posts to /auth/oidc/<provider>/start with link=1.

    Raises UnknownProvider (404).
    """
    if provider not in providers():
        raise UnknownProvider
    require_proof(ctx, "account.providers")


@mutation(requires=SIGNED_IN)
def unlink_provider(ctx: MutationCtx, *, provider: str) -> None:
    """Sign in with it no more. Asks for a proof. Raises UnknownProvider (404), LastWayIn (409)."""
    require_proof(ctx, "account.providers")
    links = list(ctx.db.scalars(_of(ctx.user_id)))
    link = next((each for each in links if each.provider == provider), None)
    if link is None:
        raise UnknownProvider
    has_password = ctx.db.get_one(User, ctx.user_id).password_hash is not None
    if len(links) == 1 and not has_password and not count_passkeys(ctx, ctx.user_id):
        raise LastWayIn
    ctx.db.delete(link)
    ctx.db.flush()
    ctx.record(ProviderUnlinked(entity_id=link.id, user_id=ctx.user_id, target=_name_of(provider)))


@mutation(requires=INTERNAL)
def begin_trip(
    ctx: MutationCtx, *, provider: str, browser: str, target: str, link_to: uuid.UUID | None = None
) -> OidcAttempt:
    """Remember an attempt of a browser for ten minutes. Nonce and verifier are sealed, the state is a fingerprint."""
    state, nonce, verifier = (secrets.token_urlsafe(SECRET_BYTES) for _ in range(3))
    values = {
        "provider": provider,
        "browser": browser,
        "target": target,
        "link_to": str(link_to) if link_to else "",
        "sealed": seal(json.dumps([nonce, verifier]), ATTEMPT),
    }
    issue_token(ctx, kind=ATTEMPT, life=ATTEMPT_LIFE, raw=state, values=values)
    return OidcAttempt(state, nonce, verifier, target, link_to)


@mutation(requires=INTERNAL)
def end_trip(ctx: MutationCtx, *, provider: str, browser: str, state: str) -> OidcAttempt:
    """The attempt that a browser comes back from; it is used up. Raises ProviderOver for any other."""
    try:
        token = spend_token(ctx, kind=ATTEMPT, raw=state)
    except LinkUsedUp:
        raise ProviderOver from None
    kept = token.details
    if kept["provider"] != provider or not secrets.compare_digest(kept["browser"], browser):
        raise ProviderOver
    nonce, verifier = json.loads(unseal(kept["sealed"], ATTEMPT))
    link_to = uuid.UUID(kept["link_to"]) if kept["link_to"] else None
    return OidcAttempt(state, nonce, verifier, kept["target"], link_to)


@mutation(requires=INTERNAL)
def find_or_link_person(
    ctx: MutationCtx, *, provider: str, issuer: str, subject: str, email: str, verified: bool, name: str
) -> uuid.UUID:
    """Who signs in with that account elsewhere. One that is new here is linked by its address, or begins an account.

    By the address only when both sides vouch for it: otherwise whoever claims an address elsewhere, or claimed it here
    before its owner came, would share an account with its owner. Raises ProviderUnverified, AccountUnverified.
    """
    link = _link(ctx, issuer, subject)
    address = normalize_email(email)
    if link is not None:
        user = ctx.db.get_one(User, link.user_id)
        if user.deactivated_at is not None:
            raise ProviderOver
        link.last_used_at, link.email = ctx.now, address or link.email
        ctx.db.flush()
        return user.id
    if not verified or not is_plain_case(email):
        raise ProviderUnverified
    user = ctx.db.scalars(select(User).where(col(User.email) == address)).one_or_none()
    if user is None:
        user_id = create_user(ctx, email=address, name=name_of(name) or address.partition("@")[0])
    elif user.deactivated_at is not None or user.verified_at is None:
        raise AccountUnverified
    else:
        user_id = user.id
    _add(ctx, user_id, provider, issuer, subject, address)
    return user_id


@mutation(requires=INTERNAL)
def link_person(ctx: MutationCtx, *, user_id: uuid.UUID, provider: str, issuer: str, subject: str, email: str) -> None:
    """Link an account elsewhere to somebody who is signed in. Raises LinkedElsewhere."""
    link = _link(ctx, issuer, subject)
    if link is not None and link.user_id != user_id:
        raise LinkedElsewhere
    if link is None:
        _add(ctx, user_id, provider, issuer, subject, normalize_email(email))


def _add(ctx: MutationCtx, user_id: uuid.UUID, provider: str, issuer: str, subject: str, email: str) -> None:
    link = LinkedProvider(
        user_id=user_id,
        provider=provider,
        issuer=issuer,
        subject=subject,
        email=email,
        created_at=ctx.now,
        last_used_at=ctx.now,
    )
    ctx.db.add(link)
    try:
        ctx.db.flush()
    except IntegrityError:  # another account of the same provider is linked already
        raise LinkedElsewhere from None
    ctx.record(ProviderLinked(entity_id=link.id, user_id=user_id, target=_name_of(provider)))


def _link(ctx: QueryCtx, issuer: str, subject: str) -> LinkedProvider | None:
    who = (col(LinkedProvider.issuer) == issuer, col(LinkedProvider.subject) == subject)
    return ctx.db.scalars(select(LinkedProvider).where(*who)).one_or_none()


def _of(user_id: uuid.UUID) -> Select[LinkedProvider]:
    return select(LinkedProvider).where(col(LinkedProvider.user_id) == user_id)


def _name_of(provider: str) -> str:
    known = providers().get(provider)
    return known.name if known else provider


def _view(key: str, name: str, link: LinkedProvider | None) -> ProviderView:
    if link is None:
        return ProviderView(key, name, "", None, None)
    return ProviderView(key, name, link.email or "linked", link.created_at, link.last_used_at)
