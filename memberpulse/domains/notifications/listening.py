"""What notifications does when something happens below."""

from sqlalchemy import delete
from sqlmodel import col

from memberpulse.domains.notifications.models import Notification, Outgoing
from memberpulse.domains.notifications.mutations import notify_people, withdraw_notice
from memberpulse.domains.notifications.push.models import PushMessage
from memberpulse.domains.notifications.schemas import Notice
from memberpulse.domains.notifications.sending import add_notifications
from memberpulse.domains.organizations.facts import MemberLeft, MemberRemoved
from memberpulse.domains.organizations.levels.facts import RenewalDue
from memberpulse.domains.organizations.models import Organization
from memberpulse.domains.organizations.requests.facts import (
    JoinApprovalFinal,
    JoinDecisionUndone,
    JoinRequestAct,
    JoinRequested,
)
from memberpulse.domains.organizations.requests.models import JoinRequest
from memberpulse.domains.organizations.roles.holding import holders_of
from memberpulse.engine import MutationCtx
from memberpulse.texts import isolated


def forget_member(ctx: MutationCtx, fact: MemberLeft | MemberRemoved) -> None:
    """Who is no member any more keeps nothing of the organization's."""
    for table in (Notification, Outgoing, PushMessage):
        theirs = delete(table).where(col(table.user_id) == fact.user_id)
        ctx.db.execute(theirs.execution_options(synchronize_session=False))


def tell_about_join_request(ctx: MutationCtx, fact: JoinRequestAct) -> None:
    """Who may decide is told that somebody asks, while it waits."""
    withdraw_notice(ctx, source_id=fact.entity_id)
    if isinstance(fact, JoinRequested):
        _tell_deciders(ctx, fact, note=fact.note)
    elif isinstance(fact, JoinDecisionUndone):
        _tell_deciders(ctx, fact, note=ctx.db.get_one(JoinRequest, fact.entity_id).note, again=True)


def tell_new_member(ctx: MutationCtx, fact: JoinApprovalFinal) -> None:
    """Who asked to join may, and that will not be taken back any more."""
    name = ctx.db.get_one(Organization, ctx.organization_id).name
    notice = Notice(
        type="join_request",
        title=f"You are a member of {isolated(name)}",
        message="Your request to join was approved.",
        link="/dashboard",
        person_id=fact.decided_by,
        source_id=fact.entity_id,
        why="you asked to join",
    )
    notify_people(ctx, user_ids=[fact.user_id], notice=notice)


def _tell_deciders(ctx: MutationCtx, fact: JoinRequestAct, *, note: str, again: bool = False) -> None:
    """again: they were told before the decision that was taken back, so that it is only put back in the app."""
    notice = Notice(
        type="join_request",
        title=f"{isolated(fact.target)} asks to join",
        message=note,
        link="/members/requests",
        person_id=fact.user_id,
        source_id=fact.entity_id,
        group="join_request.asked",
        why="you may approve or reject requests to join",
    )
    notify_people(ctx, user_ids=holders_of(ctx, "requests.decide"), notice=notice, in_app_only=again)


def tell_renewal(ctx: MutationCtx, fact: RenewalDue) -> None:
    """A membership ends soon, or has ended."""
    title = "Your membership has lapsed" if fact.notice == "lapsed" else "Your membership ends soon"
    notice = Notice(type="membership", title=title, message=fact.words, link="/directory/me", source_id=fact.entity_id)
    add_notifications(ctx, [fact.user_id], notice, ctx.now)
