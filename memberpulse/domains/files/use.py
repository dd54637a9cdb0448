"""The use of storage: one row per organization, locked while it is changed, in the transaction of what changes it."""

from sqlalchemy import select

from memberpulse.domains.files.models import StorageUse
from memberpulse.domains.files.rules import MANAGE, MB, Use, check_room, is_calm, is_nearly_full, size_words
from memberpulse.domains.notifications.mutations import notify_people
from memberpulse.domains.notifications.schemas import Notice
from memberpulse.domains.organizations.facts import OrganizationFounded
from memberpulse.domains.organizations.roles.holding import holders_of
from memberpulse.engine import MutationCtx, QueryCtx
from memberpulse.settings import get_settings


def default_quota_bytes() -> int:
    return get_settings().storage_quota_mb * MB


def use_of(row: StorageUse | None) -> Use:
    """What a row says; no row is an organization that has never kept anything."""
    if row is None:
        return Use(0, 0, default_quota_bytes())
    return Use(row.used_bytes, row.reserved_bytes, row.quota_bytes or default_quota_bytes())


def read_use(ctx: QueryCtx) -> StorageUse | None:
    return ctx.db.scalars(select(StorageUse)).one_or_none()


def lock_use(ctx: MutationCtx) -> StorageUse:
    """The organization's row, which nobody else changes until this transaction ends."""
    row = ctx.db.scalars(select(StorageUse).with_for_update()).one_or_none()
    if row is None:
        row = StorageUse(organization_id=ctx.organization_id)
        ctx.db.add(row)
        ctx.db.flush()
    return row


def reserve(ctx: MutationCtx, size: int) -> None:
    """Set so many bytes apart. Raises StorageFull (409)."""
    row = lock_use(ctx)
    check_room(use_of(row), size)
    row.reserved_bytes += size
    ctx.db.flush()


def release(ctx: MutationCtx, size: int) -> None:
    """Give back what was set apart."""
    row = lock_use(ctx)
    row.reserved_bytes = max(0, row.reserved_bytes - size)
    ctx.db.flush()


def resize(ctx: MutationCtx, before: int, after: int) -> None:
    """Set more or less apart for something than was. Raises StorageFull (409)."""
    row = lock_use(ctx)
    check_room(use_of(row), after - before)
    row.reserved_bytes = max(0, row.reserved_bytes - before + after)
    ctx.db.flush()


def take(ctx: MutationCtx, reserved: int, size: int) -> None:
    """Make use of what was set apart, and tell those who manage files when it is nearly all."""
    row = lock_use(ctx)
    row.reserved_bytes = max(0, row.reserved_bytes - reserved)
    row.used_bytes += size
    ctx.db.flush()
    _warn(ctx, row)


def give_back(ctx: MutationCtx, size: int) -> None:
    """Say that so many bytes are kept no more."""
    row = lock_use(ctx)
    row.used_bytes = max(0, row.used_bytes - size)
    if is_calm(use_of(row)):
        row.warned_at = None
    ctx.db.flush()


def begin_with_nothing(ctx: MutationCtx, fact: OrganizationFounded) -> None:
    """A new organization has its row from the start, so that no two first uploads have to make it."""
    lock_use(ctx)


def _warn(ctx: MutationCtx, row: StorageUse) -> None:
    use = use_of(row)
    if row.warned_at is not None or not is_nearly_full(use):
        return
    row.warned_at = ctx.now
    ctx.db.flush()
    percent = use.used * 100 // use.quota
    notice = Notice(
        type="storage",
        title=f"Storage is {percent} % full",
        message=f"{size_words(use.used)} of {size_words(use.quota)} are in use. Empty the bin, or make more room.",
        link="/files",
        source_id=row.id,
    )
    notify_people(ctx, user_ids=holders_of(ctx, MANAGE), notice=notice)
