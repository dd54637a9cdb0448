"""Reads of mail: the local mailbox. Where it is closed, its letters do not exist."""

import uuid

from sqlalchemy import select
from sqlmodel import col

from memberpulse.domains.mail.delivery import open_letter
from memberpulse.domains.mail.letters import Letter
from memberpulse.domains.mail.models import Message
from memberpulse.domains.mail.rendering import render
from memberpulse.domains.mail.schemas import LetterRow, LetterRows, LetterView, MailboxState
from memberpulse.engine import INTERNAL, PUBLIC, QueryCtx, query
from memberpulse.engine.errors import NotFound
from memberpulse.sealing import Unreadable
from memberpulse.settings import get_settings
from memberpulse.sites import site

PAGE = 50
SENDER = "MemberPulse"


@query(requires=PUBLIC)
def get_mailbox_state(ctx: QueryCtx) -> MailboxState:
    """Whether the local mailbox is open here, so that pages may point to it."""
    settings = get_settings()
    return MailboxState(is_open=settings.mailbox_is_open, has_examples=settings.dev or settings.demo)


@query(requires=PUBLIC)
def list_letters(ctx: QueryCtx, *, cursor: str | None = None) -> LetterRows:
    """The letters of the local mailbox, newest first. Raises NotFound (404) where it is closed."""
    _require_open()
    statement = select(Message).order_by(col(Message.id).desc()).limit(PAGE + 1)
    if cursor is not None:
        statement = statement.where(col(Message.id) < _id_of(cursor))
    messages = list(ctx.db.scalars(statement))
    more = len(messages) > PAGE
    shown = messages[:PAGE]
    return LetterRows([_row(each) for each in shown], str(shown[-1].id) if more else None)


@query(requires=PUBLIC)
def get_letter(ctx: QueryCtx, *, message_id: uuid.UUID) -> LetterView:
    """One letter of the local mailbox. Raises NotFound (404), also where it is closed."""
    _require_open()
    message = _message(ctx, message_id)
    letter = _letter_in(message)
    button = letter.button if letter else None
    return LetterView(
        id=message.id,
        address=message.to_email,
        sender=get_settings().resend_from or SENDER,
        kind=message.kind,
        subject=message.subject,
        status=message.status,
        reason=message.reason,
        at=message.created_at,
        readable=letter is not None,
        text=render(letter).text if letter else "",
        code=letter.code if letter else "",
        button_words=button[0] if button else "",
        button_href=_here(button[1]) if button else "",
        unsubscribe_href=_here(letter.unsubscribe_url) if letter else "",
    )


@query(requires=INTERNAL)
def get_letter_html(ctx: QueryCtx, *, message_id: uuid.UUID) -> str:
    """The HTML of a letter, for the frame of the mailbox. Raises NotFound (404), also where it is closed."""
    _require_open()
    letter = _letter_in(_message(ctx, message_id))
    if letter is None:
        raise NotFound
    return for_frame(render(letter).html)


def for_frame(html: str) -> str:
    """A letter's HTML for a frame on this site: its links open beside it, under the name that the browser knows."""
    return html.replace("<head>", '<head><base target="_blank">', 1).replace(f'href="{site()}/', 'href="/')


def _require_open() -> None:
    """Letters let people in: whoever reads them can be anybody here."""
    if not get_settings().mailbox_is_open:
        raise NotFound("This server has no open mailbox.")


def _message(ctx: QueryCtx, message_id: uuid.UUID) -> Message:
    message = ctx.db.get(Message, message_id)
    if message is None:
        raise NotFound("This letter does not exist, or not any more.")
    return message


def _letter_in(message: Message) -> Letter | None:
    """None when a provider has taken it, or another secret sealed it."""
    if message.sealed_letter is None:
        return None
    try:
        return open_letter(message.sealed_letter)
    except Unreadable:
        return None


def _row(message: Message) -> LetterRow:
    letter = _letter_in(message)
    return LetterRow(
        id=message.id,
        address=message.to_email,
        kind=message.kind,
        subject=message.subject,
        glance=letter.paragraphs[0][:160] if letter and letter.paragraphs else "",
        status=message.status,
        at=message.created_at,
    )


def _here(address: str) -> str:
    """An address of this site as a path, so that it stays with the name under which the browser is signed in."""
    return address.removeprefix(site()) if address.startswith(f"{site()}/") else address


def _id_of(cursor: str) -> uuid.UUID:
    try:
        return uuid.UUID(cursor)
    except ValueError:
        raise NotFound("There is no such page.") from None
