"""What helpers tell everybody in a line, and what people say afterwards."""

import uuid

from sqlalchemy import and_, func, or_, select
from sqlmodel import col

from memberpulse.domains.events.errors import WrongMoment
from memberpulse.domains.events.lines.notices import LINE, people_there, place_link
from memberpulse.domains.events.lines.reading import find_event, people_of
from memberpulse.domains.events.lines.writing import may_work, take_line, take_place
from memberpulse.domains.events.models import Feedback, LineMessage, PlaceStatus
from memberpulse.domains.events.rules import clean_feedback, clean_message, decide_own_place, short_name
from memberpulse.domains.events.schemas import FeedbackList, FeedbackRow, MessageView
from memberpulse.domains.notifications.mutations import notify_people
from memberpulse.domains.notifications.schemas import Notice
from memberpulse.domains.organizations.cursors import read_time_cursor, write_cursor
from memberpulse.domains.organizations.schemas import person_view
from memberpulse.engine import MutationCtx, QueryCtx, mutation, query

MESSAGES_SHOWN = 20
PAGE_SIZE = 30


@mutation(requires="events.view", limit="10/minute")
def message_line(ctx: MutationCtx, *, event_id: uuid.UUID, body: str) -> int:
    """Tell everybody who has a place something; how many were told. body: 1 to 500 characters.

    Raises EventNotFound (404), NotAHelper (403), BadPlace (422).
    """
    body = clean_message(body)
    event, _ = take_line(ctx, event_id)
    may_work(ctx, event_id).enforce()
    people = [each for each in people_there(ctx, event_id) if each != ctx.caller.user_id]
    message = LineMessage(
        organization_id=event.organization_id,
        event_id=event_id,
        author_id=ctx.caller.user_id,
        body=body,
        told=len(people),
        at=ctx.now,
    )
    ctx.db.add(message)
    ctx.db.flush()
    notice = Notice(
        type=LINE,
        title=event.title,
        message=body,
        link=place_link(event_id),
        person_id=ctx.caller.user_id,
        source_id=message.id,
    )
    notify_people(ctx, user_ids=people, notice=notice)
    return len(people)


@query(requires="events.view")
def list_messages(ctx: QueryCtx, *, event_id: uuid.UUID) -> list[MessageView]:
    """What helpers told a line, the newest first, at most 20. Raises EventNotFound (404)."""
    find_event(ctx, event_id)
    told = select(LineMessage).where(col(LineMessage.event_id) == event_id)
    newest = told.order_by(col(LineMessage.at).desc(), col(LineMessage.id).desc()).limit(MESSAGES_SHOWN)
    messages = list(ctx.db.scalars(newest))
    people = people_of(ctx, [each.author_id for each in messages])
    return [
        MessageView(
            id=each.id,
            at=each.at,
            author=person_view(people[each.author_id]) if each.author_id in people else None,
            body=each.body,
            told=each.told,
        )
        for each in messages
    ]


@mutation(requires="queue.join", limit="20/minute")
def give_feedback(ctx: MutationCtx, *, place_id: uuid.UUID, rating: int, comment: str = "") -> None:
    """Say how it was, once one has been served; saying it again replaces it. rating: 1 to 5.

    Raises PlaceNotFound (404), NotYourPlace (403), WrongMoment (409), BadPlace (422).
    """
    rating, comment = clean_feedback(rating, comment)
    event, _, place = take_place(ctx, place_id)
    decide_own_place(user_id=ctx.user_id, owner_id=place.user_id).enforce()
    if place.status is not PlaceStatus.COMPLETED:
        raise WrongMoment("Say how it was once you have been served.")
    said = ctx.db.scalars(select(Feedback).where(col(Feedback.place_id) == place_id)).one_or_none()
    if said is None:
        said = Feedback(
            organization_id=event.organization_id,
            event_id=event.id,
            place_id=place_id,
            user_id=ctx.user_id,
            rating=rating,
        )
        ctx.db.add(said)
    said.rating, said.comment, said.at = rating, comment, ctx.now
    ctx.db.flush()


@query(requires="events.view")
def list_feedback(ctx: QueryCtx, *, event_id: uuid.UUID, cursor: str | None = None) -> FeedbackList:
    """What people said afterwards, the newest first, 30 at a time. Raises EventNotFound (404), NotAHelper (403)."""
    find_event(ctx, event_id)
    may_work(ctx, event_id).enforce()
    said = select(Feedback).where(col(Feedback.event_id) == event_id)
    if cursor:
        at, row_id = read_time_cursor(cursor)
        same_time = and_(col(Feedback.at) == at, col(Feedback.id) < row_id)
        said = said.where(or_(col(Feedback.at) < at, same_time))
    rows = list(ctx.db.scalars(said.order_by(col(Feedback.at).desc(), col(Feedback.id).desc()).limit(PAGE_SIZE + 1)))
    page = rows[:PAGE_SIZE]
    people = people_of(ctx, [each.user_id for each in page])
    counted = select(func.count(), func.avg(col(Feedback.rating))).select_from(Feedback)
    count, average = ctx.db.execute(counted.where(col(Feedback.event_id) == event_id)).one()
    return FeedbackList(
        rows=[
            FeedbackRow(each.id, each.at, each.rating, each.comment, short_name(people[each.user_id].name))
            for each in page
        ],
        count=count,
        average=round(float(average), 1) if count else None,
        next_cursor=write_cursor(page[-1].at, page[-1].id) if len(rows) > PAGE_SIZE else None,
    )
