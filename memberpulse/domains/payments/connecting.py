"""Connected accounts: how somebody becomes able to be paid, and how they stop."""

import uuid
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.accounts.step_up import check_proof, require_proof
from memberpulse.domains.payments.describing import name_of
from memberpulse.domains.payments.errors import (
    AccountInUse,
    AccountNotConnected,
    PaymentsNotOffered,
    UnknownToProvider,
)
from memberpulse.domains.payments.facts import AccountChanged
from memberpulse.domains.payments.models import AccountStatus, PayeeAccount, Payment, PaymentStatus
from memberpulse.domains.payments.provider import AccountReading, Stripe, payments_are_offered
from memberpulse.domains.payments.rules import status_of_account
from memberpulse.domains.payments.schemas import ToOnboard
from memberpulse.domains.payments.telling import tell_account
from memberpulse.engine import INTERNAL, ActionCtx, MutationCtx, QueryCtx, action, mutation, query, utc_now
from memberpulse.sites import link

PROOF = "payments.connect"
ONBOARD = "/pay/onboard"


@mutation(requires="payments.connect", limit="20/minute")
def prepare_onboarding(ctx: MutationCtx) -> str:
    """Where the browser goes to connect a Stripe account, for somebody who has proven lately who they are.

    Raises PaymentsNotOffered (404), StepUpRequired (403).
    """
    if not payments_are_offered():
        raise PaymentsNotOffered
    require_proof(ctx, PROOF)
    return ONBOARD


@action(requires="payments.connect", limit="20/minute", remembers=False)
async def begin_onboarding(ctx: ActionCtx) -> str:
    """Stripe's page on which the caller tells about themselves; it makes their account when there is none.

    Raises PaymentsNotOffered (404), StepUpRequired (403), ProviderUnreachable (503).
    """
    stripe = Stripe()
    await ctx.query(check_proof, action=PROOF)
    wanted: ToOnboard = await ctx.mutate(ask_link)
    account = wanted.provider_id or await _make_account(ctx, stripe, wanted)
    try:
        return await _link_to(stripe, account, wanted)
    except UnknownToProvider:  # its holder took our access away, and it is never ours again
        return await _link_to(stripe, await _make_account(ctx, stripe, wanted, instead_of=account), wanted)


async def _make_account(ctx: ActionCtx, stripe: Stripe, wanted: ToOnboard, instead_of: str | None = None) -> str:
    """A new account at Stripe: the first one, or one in the place of another."""
    key = f"memberpulse-account-{wanted.account_id}" + (f"-after-{instead_of}" if instead_of else "")
    about = {"memberpulse_account": str(wanted.account_id)}
    made = await stripe.create_account(key=key, email=wanted.email, metadata=about)
    await ctx.mutate(note_account, account_id=wanted.account_id, provider_id=made, instead_of=instead_of)
    return made


async def _link_to(stripe: Stripe, account: str, wanted: ToOnboard) -> str:
    return await stripe.onboarding_link(
        key=f"memberpulse-link-{wanted.account_id}-{wanted.link_number}-{account}",
        account=account,
        return_url=link(f"{ONBOARD}/return"),
        refresh_url=link(ONBOARD),
    )


@action(requires="payments.connect", limit="20/minute")
async def refresh_account(ctx: ActionCtx) -> None:
    """Look at once how the caller's account stands, without waiting for Stripe's event."""
    found: ToOnboard | None = await ctx.query(find_own_account)
    if found is not None and found.provider_id is not None:
        await read_account(ctx, account_id=found.account_id, provider_id=found.provider_id)


@action(requires=INTERNAL)
async def read_account(ctx: ActionCtx, *, account_id: uuid.UUID, provider_id: str) -> bool:
    """Ask Stripe how an account stands and bring our row there; whether anything changed."""
    began_at = utc_now()
    try:
        reading = await Stripe().read_account(provider_id)
    except UnknownToProvider:
        reading = None
    return await ctx.mutate(apply_account, account_id=account_id, reading=reading, began_at=began_at)


@query(requires=INTERNAL)
def find_own_account(ctx: QueryCtx) -> ToOnboard | None:
    account = account_of(ctx, ctx.user_id)
    return ToOnboard(account.id, account.provider_id, "", account.links) if account else None


def account_of(ctx: QueryCtx, user_id: uuid.UUID) -> PayeeAccount | None:
    """Somebody's account in this organization."""
    return ctx.db.scalars(select(PayeeAccount).where(col(PayeeAccount.user_id) == user_id)).one_or_none()


@mutation(requires=INTERNAL)
def ask_link(ctx: MutationCtx) -> ToOnboard:
    """Make the caller's row where there is none, take a disconnected one up again, and count the link."""
    account = account_of(ctx, ctx.user_id)
    if account is None:
        account = PayeeAccount(organization_id=ctx.organization_id, user_id=ctx.user_id, created_at=ctx.now)
        ctx.db.add(account)
    account.links += 1
    if account.disconnected_at is not None:
        account.disconnected_at = None
        account.read_at = None
        account.status, account.charges_enabled, account.payouts_enabled = AccountStatus.ONBOARDING, False, False
    ctx.db.flush()
    email = ctx.db.get_one(User, ctx.user_id).email
    return ToOnboard(account.id, account.provider_id, email, account.links)


@mutation(requires=INTERNAL)
def note_account(ctx: MutationCtx, *, account_id: uuid.UUID, provider_id: str, instead_of: str | None = None) -> None:
    """Keep the id that Stripe gave; the first one stays. instead_of: the one that is replaced, if it is still there."""
    account = ctx.db.get_one(PayeeAccount, account_id, with_for_update=True)
    if account.provider_id == instead_of:
        account.provider_id = provider_id
    ctx.db.flush()


@mutation(requires="payments.connect", limit="20/minute")
def disconnect_account(ctx: MutationCtx) -> None:
    """Be paid through it no more. What was paid stays the holder's, and can still be refunded; connecting again takes
    the same account up.

    Raises AccountNotConnected, AccountInUse (409), StepUpRequired (403).
    """
    account = account_of(ctx, ctx.user_id)
    if account is None or account.disconnected_at is not None:
        raise AccountNotConnected
    require_proof(ctx, PROOF)
    if count_open(ctx, account.id):
        raise AccountInUse
    account.disconnected_at = ctx.now
    _move(ctx, account, AccountStatus.DISCONNECTED)


def count_open(ctx: QueryCtx, account_id: uuid.UUID) -> int:
    """How many payments to an account may still be paid."""
    open_ = (
        select(func.count())
        .select_from(Payment)
        .where(col(Payment.account_id) == account_id, col(Payment.status) == PaymentStatus.PENDING)
    )
    return ctx.db.scalars(open_).one()


@mutation(requires=INTERNAL)
def apply_account(
    ctx: MutationCtx, *, account_id: uuid.UUID, reading: AccountReading | None, began_at: datetime
) -> bool:
    """Take what Stripe said of an account of this organization; whether it changed anything.

    reading: None when Stripe does not let us see it any more: its holder took our access away.
    began_at: when Stripe was asked. An answer to an earlier question than the one that is shown is passed over: the
    later one knew all that it knew.
    """
    account = ctx.db.get_one(PayeeAccount, account_id, with_for_update=True)
    if account.read_at is not None and began_at <= account.read_at:
        return False
    account.read_at = began_at
    if reading is None:
        account.disconnected_at = account.disconnected_at or ctx.now
        account.charges_enabled = account.payouts_enabled = False
        return _move(ctx, account, AccountStatus.DISCONNECTED)
    before = _image(account)
    for name in ("charges_enabled", "payouts_enabled", "details_submitted", "requirements", "disabled_reason"):
        setattr(account, name, getattr(reading, name))
    account.country, account.currency = reading.country, reading.currency
    status = status_of_account(
        charges_enabled=reading.charges_enabled,
        details_submitted=reading.details_submitted,
        disconnected=account.disconnected_at is not None,
        disabled_reason=reading.disabled_reason,
    )
    return _move(ctx, account, status) or _image(account) != before


def _image(account: PayeeAccount) -> tuple[object, ...]:
    return (
        account.status,
        account.charges_enabled,
        account.payouts_enabled,
        account.details_submitted,
        tuple(account.requirements),
        account.disabled_reason,
    )


def _move(ctx: MutationCtx, account: PayeeAccount, status: AccountStatus) -> bool:
    before, account.status = account.status, status
    ctx.db.flush()
    if before is status:
        return False
    fact = AccountChanged(
        entity_id=account.id,
        target=name_of(ctx, account.user_id),
        user_id=account.user_id,
        before=before.value,
        after=status.value,
        is_ready=status is AccountStatus.ACTIVE,
        by=account.user_id,
    )
    ctx.record(fact)
    tell_account(ctx, account, before)
    return True
