"""Keeping a file's dry run, applying it in batches, and throwing it away.

People of an import are invited, not added: whoever is in somebody's file decides for themselves. A member whose name in
the file differs keeps their own: a name is its person's.
"""

import uuid
from collections import Counter
from datetime import timedelta

from sqlalchemy import Select, select
from sqlmodel import col

from memberpulse.domains.accounts.models import User
from memberpulse.domains.organizations.imports.errors import ImportBegun, ImportNotFound
from memberpulse.domains.organizations.imports.facts import (
    ImportApplied,
    ImportChecked,
    ImportDiscarded,
    ImportFinished,
)
from memberpulse.domains.organizations.imports.models import (
    ImportState,
    MemberImportFile,
    MemberImportRow,
    RowFate,
)
from memberpulse.domains.organizations.imports.schemas import CheckedRow
from memberpulse.domains.organizations.invitations.errors import BadAddress
from memberpulse.domains.organizations.invitations.models import Invitation, State
from memberpulse.domains.organizations.invitations.rules import MAX_MESSAGE_CHARACTERS
from memberpulse.domains.organizations.invitations.schemas import Fate
from memberpulse.domains.organizations.invitations.sending import check_imported, invite_one
from memberpulse.domains.organizations.models import Membership, Role
from memberpulse.domains.organizations.roles.holding import check_may_give
from memberpulse.engine import INTERNAL, MutationCtx, job, mutation, uuid7

AT_ONCE = 100
KEPT = timedelta(days=30)


@mutation(requires=INTERNAL)
def keep_import(ctx: MutationCtx, *, file_name: str, rows: list[CheckedRow], by: uuid.UUID) -> uuid.UUID:
    """Keep a file that was read, with every row's fate among the members as they are now. Invites nobody."""
    members, invited = _names_of_members(ctx), _invited(ctx)
    judged = [_among(row, members, invited) for row in rows]
    file = MemberImportFile(
        id=uuid7(),
        organization_id=ctx.organization_id,
        file_name=file_name[:200],
        created_by=by,
        created_at=ctx.now,
        rows=len(rows),
        fates=dict(Counter(fate.value for _, fate, _ in judged)),
    )
    ctx.db.add(file)
    ctx.db.flush()
    ctx.db.add_all(
        MemberImportRow(
            organization_id=ctx.organization_id,
            import_id=file.id,
            number=row.number,
            email=row.email,
            name=row.name,
            role=row.role,
            fate=fate,
            reason=reason[:300],
        )
        for row, fate, reason in judged
    )
    ctx.db.flush()
    ctx.record(ImportChecked(entity_id=file.id, target=file.file_name, rows=len(rows), by=by))
    return file.id


@mutation(requires="members.import", limit="20/hour")
def apply_import(ctx: MutationCtx, *, import_id: uuid.UUID, message: str = "") -> None:
    """Invite everybody whom the dry run found fit, in batches; the caller answers for it, whoever uploaded the file.

    Raises ImportNotFound (404), ImportBegun, TooManyImported (409), NotYoursToGive (403) for a role that gives more
    than the caller's.
    """
    file = _checked(ctx, import_id)
    if len(message.strip()) > MAX_MESSAGE_CHARACTERS:
        raise BadAddress(fields={"message": f"Use at most {MAX_MESSAGE_CHARACTERS} characters."})
    for role in ctx.db.scalars(_roles_in(file).distinct()):
        check_may_give(ctx, role=role)
    check_imported(ctx, _still_to_invite(ctx) + _to_invite(file))
    file.state, file.message = ImportState.APPLYING, message.strip()
    file.created_by = ctx.caller.user_id or file.created_by
    ctx.db.flush()
    ctx.record(ImportApplied(entity_id=file.id, target=file.file_name, rows=_to_invite(file)))
    ctx.schedule(invite_next, import_id=file.id)


@mutation(requires="members.import", limit="60/hour")
def discard_import(ctx: MutationCtx, *, import_id: uuid.UUID) -> None:
    """Throw a dry run away. Raises ImportNotFound (404), ImportBegun (409)."""
    file = _checked(ctx, import_id)
    ctx.db.delete(file)
    ctx.db.flush()
    ctx.record(ImportDiscarded(entity_id=file.id, target=file.file_name))


@job()
def invite_next(ctx: MutationCtx, *, import_id: uuid.UUID) -> None:
    """Invite the next hundred, until all are. The invitations, the progress and the next promise are one transaction,
    so that a process that dies in the middle neither skips nor repeats anybody."""
    file = ctx.db.get(MemberImportFile, import_id)
    if file is None or file.state is not ImportState.APPLYING:
        return
    waiting = select(MemberImportRow).where(
        col(MemberImportRow.import_id) == file.id,
        col(MemberImportRow.fate) == RowFate.INVITE,
        col(MemberImportRow.number) > file.done_until,
    )
    rows = list(ctx.db.scalars(waiting.order_by(col(MemberImportRow.number)).limit(AT_ONCE)))
    for row in rows:
        fate = invite_one(
            ctx,
            email=row.email,
            name=row.name,
            role=row.role,
            message=file.message,
            import_id=file.id,
            by=file.created_by,
        )
        row.outcome = fate.value
        file.invited += fate is Fate.INVITED
    file.done += len(rows)
    if len(rows) < AT_ONCE:
        _finish(ctx, file)
        return
    file.done_until = rows[-1].number
    ctx.db.flush()
    ctx.schedule(invite_next, import_id=file.id)


@job()
def forget_old_imports(ctx: MutationCtx) -> None:
    """Delete what is older than 30 days: files of people's addresses are not kept for longer than they are needed."""
    with ctx.across_organizations():
        old = select(MemberImportFile).where(
            col(MemberImportFile.created_at) < ctx.now - KEPT,
            col(MemberImportFile.state).in_([ImportState.CHECKED, ImportState.DONE]),
        )
        found = list(ctx.db.scalars(old.limit(20)))
        for file in found:
            ctx.db.delete(file)
    if len(found) == 20:
        ctx.schedule(forget_old_imports)


def _finish(ctx: MutationCtx, file: MemberImportFile) -> None:
    file.state, file.finished_at = ImportState.DONE, ctx.now
    ctx.db.flush()
    ctx.record(ImportFinished(entity_id=file.id, target=file.file_name, invited=file.invited, by=file.created_by))


def _checked(ctx: MutationCtx, import_id: uuid.UUID) -> MemberImportFile:
    file = ctx.db.get(MemberImportFile, import_id)
    if file is None:
        raise ImportNotFound
    if file.state is not ImportState.CHECKED:
        raise ImportBegun
    return file


def _to_invite(file: MemberImportFile) -> int:
    return file.fates.get(RowFate.INVITE.value, 0)


def _still_to_invite(ctx: MutationCtx) -> int:
    """How many people of files that are being applied are waiting for their letter."""
    applying = select(MemberImportFile).where(col(MemberImportFile.state) == ImportState.APPLYING)
    return sum(_to_invite(each) - each.done for each in ctx.db.scalars(applying))


def _roles_in(file: MemberImportFile) -> Select[Role]:
    invited = (col(MemberImportRow.import_id) == file.id, col(MemberImportRow.fate) == RowFate.INVITE)
    return select(col(MemberImportRow.role)).where(*invited)


def _names_of_members(ctx: MutationCtx) -> dict[str, str]:
    statement = select(Membership, User).join(User, col(User.id) == col(Membership.user_id))
    return {user.email: user.name for _, user in ctx.db.execute(statement)}


def _invited(ctx: MutationCtx) -> set[str]:
    pending = select(col(Invitation.email)).where(
        col(Invitation.state) == State.PENDING, col(Invitation.expires_at) > ctx.now
    )
    return set(ctx.db.scalars(pending))


def _among(row: CheckedRow, members: dict[str, str], invited: set[str]) -> tuple[CheckedRow, RowFate, str]:
    if row.fate is RowFate.INVITE and row.email in members:
        own = members[row.email]
        differs = bool(row.name) and row.name != own
        return row, RowFate.MEMBER, f"Stays “{own}”: people change their names themselves." if differs else ""
    if row.fate is RowFate.INVITE and row.email in invited:
        return row, RowFate.INVITED, ""
    return row, row.fate, row.reason
