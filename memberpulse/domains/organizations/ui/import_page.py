"""Importing people: choose a file, look at every row's fate, let the invitations go out."""

from typing import Any

import reflex as rx

from memberpulse.domains.organizations.imports.models import RowFate
from memberpulse.domains.organizations.imports.mutations import apply_import, discard_import
from memberpulse.domains.organizations.imports.queries import get_import, list_import_rows, list_imports
from memberpulse.domains.organizations.imports.schemas import ImportRows, ImportRowView, ImportView
from memberpulse.domains.organizations.ui.components import role_words
from memberpulse.domains.organizations.ui.places import members_nav
from memberpulse.ui.address import address_value, set_address
from memberpulse.ui.components import (
    Column,
    badge,
    button,
    cell,
    error_state,
    filtered_empty,
    head,
    link,
    link_button,
    note,
    number,
    relative_time,
    row,
    rows,
    rows_skeleton,
    section,
    table,
    table_row,
    table_skeleton,
    text_area,
)
from memberpulse.ui.components.kinds import native_form
from memberpulse.ui.expressions import expression, size_of, text_of
from memberpulse.ui.layout import app_page
from memberpulse.ui.live import LiveList, busy, live, live_form, live_list, problem, query_arg, run
from memberpulse.ui.page import page

_COLUMNS = (
    Column("Row", number=True, phone=False, width="4rem"),
    Column("Person"),
    Column("Role", phone=False, width="7rem"),
    Column("Fate", width="13rem"),
)
_FATES = (
    (RowFate.INVITE, "To invite", "to_invite"),
    (RowFate.MEMBER, "Members already", "members"),
    (RowFate.INVITED, "Invited already", "invited_before"),
    (RowFate.DUPLICATE, "Duplicates", "duplicates"),
    (RowFate.BAD_ADDRESS, "Bad addresses", "bad_addresses"),
    (RowFate.BAD_ROLE, "Bad roles", "bad_roles"),
)


@page("/members/import", "Import", requires="members.import")
def import_page() -> rx.Component:
    return app_page(
        "Import",
        members_nav(),
        rx.cond(address_value("id"), rx.fragment(_one_import()), rx.fragment(_choose(), _latest())),
        heading=head(title="Import members"),
    )


def _choose() -> rx.Component:
    error = query_arg("error", "")
    return rx.el.div(
        rx.cond(error, note(error, kind="danger", role="alert"), rx.fragment()),
        native_form(
            rx.el.div(
                rx.el.label("A CSV file", html_for="field-file", class_name="label"),
                rx.el.input(
                    id="field-file",
                    name="file",
                    type="file",
                    accept=".csv,.tsv,.txt,text/csv",
                    required=True,
                    aria_describedby="hint-file",
                    class_name="file",
                ),
                rx.el.p(
                    "Or drop it here. Its first row names the columns: E-mail, and if you like Name (or First name and "
                    "Last name) and Role. At most 2 MB and 10,000 rows. Any spreadsheet can save one.",
                    class_name="hint",
                    id="hint-file",
                ),
                class_name="field",
            ),
            rx.el.div(button("Check the file", kind="ink", submit=True), class_name="row"),
            action="/import/members",
            custom_attrs={"encType": "multipart/form-data"},
            class_name="col g4",
        ),
        rx.el.p(
            "First you see what would become of every row. Nobody is invited before you say so, and nobody is a member "
            "before they accept. Names of people who are members already stay as they are.",
            class_name="soft",
        ),
        class_name="pad col g4 import-choose",
    )


def _latest() -> rx.Component:
    imports: Any = expression("({0} ?? [])", live(list_imports).value, kind=list[ImportView])
    listed = section(rows(rx.foreach(imports.to(list[ImportView]), _past), label="Latest files"), title="Latest files")
    return rx.cond(size_of(imports) > 0, listed, rx.fragment())


def _past(each: ImportView) -> rx.Component:
    words = rx.match(
        each.state,
        ("checked", rx.fragment(number(each.to_invite), " to invite")),
        ("applying", rx.fragment(number(each.done), " of ", number(each.to_invite), " worked off")),
        rx.fragment(number(each.invited), " invited"),
    )
    return row(
        link(rx.el.bdi(each.file_name), href=expression("`/members/import?id=${{0}}`", each.id)),
        note=rx.fragment(words, ", ", relative_time(each.created_at, form="ago")),
        key=text_of(each.id),
    )


@rx.memo
def _one_import() -> rx.Component:
    found = live(get_import, import_id=_id())
    return rx.fragment(
        found.view(
            _import,
            rows_skeleton(4, avatars=False, label="Loading the file"),
            failed=error_state(found, what="The import"),
        )
    )


def _id() -> Any:
    return address_value("id")


def _import(file: ImportView) -> rx.Component:
    listed = _rows()
    return rx.fragment(
        rx.el.div(
            rx.el.p(
                rx.el.b(rx.el.bdi(file.file_name)),
                rx.el.span(" ", number(file.rows), " rows", class_name="meta"),
            ),
            rx.match(file.state, ("checked", _apply(file)), ("applying", _progress(file)), _result(file)),
            class_name="pad col g4 import-head",
        ),
        _filter(file),
        listed.view(
            _table,
            table_skeleton(4, 8, label="Loading rows"),
            empty=(
                size_of(listed.value.rows) == 0,
                filtered_empty("No row has this fate.", drop="Show all rows", on_drop=set_address("fate").partial("")),
            ),
            failed=error_state(listed, what="The rows"),
        ),
    )


def _apply(file: ImportView) -> rx.Component:
    refused = problem(apply_import)
    nobody = rx.el.div(
        note(
            "There is nobody to invite in this file.",
            action=link_button("Choose another", href="/members/import", size="small"),
        ),
    )
    form = live_form(
        apply_import,
        rx.cond(
            (refused.message != "") & ~refused.field("message").bool(),
            note(refused.message, kind="danger", role="alert"),
            rx.fragment(),
        ),
        text_area(
            "A message",
            name="message",
            hint="Optional. It stands in every letter.",
            error=refused.field("message"),
            rows=2,
            custom_attrs={"dir": "auto"},
        ),
        rx.el.div(
            button(
                rx.fragment("Invite ", number(file.to_invite), rx.cond(file.to_invite == 1, " person", " people")),
                kind="ink",
                submit=True,
                busy=busy(apply_import),
            ),
            _discard(),
            class_name="row",
        ),
        arguments={"import_id": _id()},
        class_name="col g4",
    )
    return rx.cond(file.to_invite > 0, form, nobody)


def _discard() -> rx.Component:
    return button("Discard", on_click=run(discard_import, import_id=_id(), done="Discarded", go="/members/import"))


def _progress(file: ImportView) -> rx.Component:
    return rx.el.div(
        rx.el.progress(
            value=text_of(file.done),
            max=text_of(file.to_invite),
            class_name="bar-progress",
            aria_label="People invited",
        ),
        rx.el.p(
            "Inviting: ",
            rx.el.span(number(file.done), " of ", number(file.to_invite), class_name="tn"),
            ". You may leave this page; it goes on.",
            class_name="soft",
        ),
        class_name="col g2",
    )


def _result(file: ImportView) -> rx.Component:
    left: Any = file.to_invite - file.invited
    others = rx.cond(left > 0, rx.fragment(" ", number(left), " had joined or been invited meanwhile."), "")
    return rx.el.div(
        note(
            rx.el.b(number(file.invited), rx.cond(file.invited == 1, " person is invited.", " people are invited.")),
            others,
            icon="check",
            role="status",
        ),
        rx.el.div(
            link_button("See the invitations", href="/members/invitations", kind="ink"),
            rx.el.a(
                "Download the report",
                href=expression("`/import/members/report?id=${{0}}`", file.id),
                class_name="btn",
                custom_attrs={"download": ""},
            ),
            link_button("Import another file", href="/members/import"),
            class_name="row wrap",
        ),
        class_name="col g4",
    )


def _filter(file: ImportView) -> rx.Component:
    chosen = address_value("fate")

    def choice(value: str, words: str, amount: Any) -> rx.Component:
        pressed: Any = chosen == value
        face = rx.el.button(
            words,
            " ",
            rx.el.span(number(amount), class_name="tn"),
            type="button",
            aria_pressed=pressed,
            on_click=set_address("fate").partial(value),
        )
        return face if not value else rx.cond(amount > 0, rx.fragment(face), rx.fragment())

    return rx.el.div(
        choice("", "All", file.rows),
        *[choice(fate.value, words, getattr(file, field)) for fate, words, field in _FATES],
        class_name="seg fate-seg",
        role="group",
        aria_label="Fate",
    )


def _rows() -> LiveList[ImportRows]:
    fate: Any = expression("{0} || null", address_value("fate"), kind=str)
    return live_list(list_import_rows, import_id=_id(), fate=fate)


def _table(found: ImportRows) -> rx.Component:
    listed = _rows()
    more = button("Show more", on_click=listed.more, busy=listed.loading_more)
    scope = expression("`${{0}}:${{1}}`", address_value("fate"), listed.pages)
    return rx.fragment(
        table(rx.foreach(found.rows, _row), columns=_COLUMNS, label="Rows of the file", size="people", scope=scope),
        rx.cond(listed.has_more, rx.el.div(more, class_name="more-row"), rx.fragment()),
    )


def _row(each: ImportRowView) -> rx.Component:
    address = rx.cond(
        each.email, rx.el.bdi(each.email, class_name="strong cut block"), rx.el.span("No address", class_name="soft")
    )
    return table_row(
        cell(each.number, number=True),
        cell(
            rx.el.span(
                address,
                rx.cond(each.name, rx.el.bdi(each.name, class_name="meta cut block"), rx.fragment()),
                rx.cond(each.reason, rx.el.span(each.reason, class_name="meta why"), rx.fragment()),
                class_name="col",
            )
        ),
        cell(role_words(each.role)),
        cell(_fate(each)),
        key=text_of(each.id),
    )


def _fate(each: ImportRowView) -> rx.Component:
    done = rx.match(
        each.outcome,
        ("invited", badge("Invited", icon="check")),
        ("member", badge("Joined meanwhile", kind="line")),
        ("already_invited", badge("Invited meanwhile", kind="line")),
        badge("Invite", kind="live"),
    )
    return rx.match(  # type: ignore[return-value]
        each.fate,
        (RowFate.INVITE.value, done),
        (RowFate.MEMBER.value, badge("A member already", kind="line")),
        (RowFate.INVITED.value, badge("Invited already", kind="line")),
        (RowFate.DUPLICATE.value, badge("Duplicate", kind="warn")),
        (RowFate.BAD_ADDRESS.value, badge("Bad address", kind="danger")),
        badge("Bad role", kind="danger"),
    )
