"""Files at a record of any domain, through one component.

    attachments(entity_type="event", entity_id=event.id, attach=attach_cover, detach=remove_cover,
                arguments={"event_id": event.id}, may_change=…, one=True, label="Cover")

attach and detach are the record's own mutations: they check who may change it, take `arguments` and a `file_id`, and
call `attach_file` and `detach_file` of `files.attaching` with their ctx. What is attached appears in every
window by itself.
"""

from collections.abc import Callable, Mapping
from typing import Any

import reflex as rx

from memberpulse.domains.files.kinds import ACCEPT
from memberpulse.domains.files.queries import get_storage, list_attachments
from memberpulse.domains.files.schemas import AttachmentView
from memberpulse.domains.files.ui.parts import AttachField, picture_of
from memberpulse.engine import function_of
from memberpulse.ui.components import icon_button
from memberpulse.ui.components.kinds import Flag, plain_link
from memberpulse.ui.components.marks import Rows
from memberpulse.ui.expressions import expression, size_of, text_of
from memberpulse.ui.live import live, run


def attachments(
    *,
    entity_type: str,
    entity_id: Any,
    attach: Callable[..., Any],
    detach: Callable[..., Any],
    arguments: Mapping[str, Any],
    may_change: Flag = True,
    one: bool = False,
    label: str = "Attachments",
    text: str = "Attach a file",
    accept: str = ACCEPT,
    audience: str = "organization",
) -> rx.Component:
    """The files at a record, and a place to add some. See the module.

    accept: what the browser's picker offers; the attach mutation decides. one: the record has one file at most (its
    attach mutation replaces). In an `rx.foreach`, put it into an `@rx.memo` row that gets the id as a prop.
    """
    files = live(list_attachments, entity_type=entity_type, entity_id=entity_id)

    def row(attached: AttachmentView) -> rx.Component:
        file = attached.file
        gone = run(detach, file_id=file.id, **arguments)
        off = icon_button("x", label=expression("`Remove ${{0}}`", file.name), on_click=gone, size="small")
        return rx.el.li(
            rx.el.span(picture_of(file), class_name="file-mini", aria_hidden="true"),
            rx.el.span(
                plain_link(rx.el.bdi(file.name), href=file.address, class_name="link cut"),
                rx.el.span(file.size, ", ", file.detail, class_name="meta"),
                class_name="col grow",
            ),
            rx.cond(may_change, off, rx.fragment()),
            key=text_of(attached.id),
        )

    field = AttachField.create(
        mutation=function_of(attach).name,
        given=dict(arguments),
        audience=audience,
        largest=live(get_storage).value.largest_bytes,
        accept=accept,
        one=one,
        text=text,
    )
    rows = Rows.create(rx.foreach(files.value, row), as_="ul", class_name="attached", label=label)
    shown = files.view(lambda found: rx.cond(size_of(found) > 0, rows, rx.fragment()), rx.fragment())
    return rx.el.div(shown, rx.cond(may_change, _once_known(field), rx.fragment()), class_name="col")


def _once_known(field: rx.Component) -> rx.Component:
    """How large a file may be must be known first."""
    return live(get_storage).view(lambda _: field, rx.fragment())
