"""The page of an organization's own roles: what they are called, and what they add to what every member may."""

from typing import Any

import reflex as rx

from memberpulse.domains.organizations.roles.mutations import (
    create_role,
    edit_role,
    remove_role,
    restore_role,
    set_capability,
)
from memberpulse.domains.organizations.roles.queries import get_role, list_roles
from memberpulse.domains.organizations.roles.rules import MAX_DESCRIPTION_CHARACTERS, MAX_NAME_CHARACTERS
from memberpulse.domains.organizations.roles.schemas import CapabilityChoice, CapabilityGroup, RoleDetail, RoleRow
from memberpulse.ui.address import address_value, set_address
from memberpulse.ui.components import (
    DialogHandle,
    button,
    close_button,
    dialog,
    empty_state,
    error_state,
    link,
    menu,
    menu_item,
    note,
    rows,
    rows_skeleton,
    switch,
    text_button,
    text_field,
)
from memberpulse.ui.expressions import expression, size_of, text_of
from memberpulse.ui.layout import settings_page
from memberpulse.ui.live import busy, live, live_form, problem, run
from memberpulse.ui.page import page

_new = DialogHandle("new-role")
_rename = DialogHandle("rename-role")


@page("/settings/roles", "Roles", requires="roles.manage", sheets=("rights",))
def roles_page() -> rx.Component:
    chosen = address_value("role")
    return settings_page(
        "Roles",
        rx.cond(chosen, _editor(role_id=chosen), rx.fragment(_list())),
        dialog(_new, _new_form(), title="New role", lead="You choose what it may do next. Nobody has it yet."),
        dialog(
            _rename,
            _rename_form(
                role_id=_rename.subject("id"),
                name=_rename.subject("name"),
                description=_rename.subject("description"),
            ),
            title="Rename the role",
        ),
        requires="roles.manage",
        lede=rx.fragment(
            "Beside owners, admins, creators and members you can have roles of your own. ",
            link("See what every role may do", href="/settings/permissions"),
            ".",
        ),
    )


def _list() -> rx.Component:
    roles = live(list_roles)
    add = button("New role", kind="ink", icon="plus", on_click=_new.open())
    none = empty_state(
        "There is no role of your own yet",
        "Make one for people who should do a little more than other members, such as leading the workshop.",
        button("New role", kind="ink", icon="plus", on_click=_new.open()),
    )

    def ready(found: list[RoleRow]) -> rx.Component:
        return rx.fragment(
            rows(rx.foreach(found, _row), label="Roles"),
            rx.el.div(add, class_name="settings-foot"),
        )

    return roles.view(
        ready,
        rows_skeleton(3, avatars=False, label="Loading roles"),
        empty=(size_of(roles.value) == 0, none),
        failed=error_state(roles, what="The roles"),
    )


def _row(role: RoleRow) -> rx.Component:
    about = rx.cond(role.description, role.description, expression("({0} ?? []).join(', ')", role.adds))
    return rx.el.li(
        rx.el.div(
            text_button(rx.el.bdi(role.name), on_click=set_address("role").partial(role.id)),
            rx.el.span(rx.cond(about, about, "May do what every member may"), class_name="meta block"),
            class_name="grow col",
        ),
        rx.el.span(_people(role.holders), class_name="meta nowrap tn"),
        _more(role),
        key=text_of(role.id),
        class_name="rights-row",
    )


def _people(number: Any) -> Any:
    return expression("({0} === 1 ? '1 person' : `${{0} || 'Nobody'}${{0} ? ' people' : ''}`)", number)


def _more(role: RoleRow) -> rx.Component:
    removed = run(
        remove_role,
        role_id=role.id,
        done=expression(
            "`${{0}} is removed; ${{1}}`",
            role.name,
            expression("({0} === 1 ? 'one person is' : `${{0}} people are`) + ' a plain member now'", role.holders),
        ),
        undo=run(restore_role, role_id=role.id),
        then=set_address("role").partial(""),
    )
    return menu(
        menu_item("What it may do", icon="shield_check", on_select=set_address("role").partial(role.id)),
        menu_item(
            "Rename",
            icon="pencil",
            on_select=_rename.open(id=role.id, name=role.name, description=role.description),
        ),
        menu_item(
            "Remove",
            icon="trash_2",
            danger=True,
            on_select=removed,
            hint="Who has it falls back to what every member may",
        ),
        icon="ellipsis",
        size="small",
        label=expression("`More for ${{0}}`", role.name),
        title=role.name,
        width="17rem",
    )


@rx.memo
def _editor(role_id: rx.Var[str]) -> rx.Component:
    role = live(get_role, role_id=_plain(role_id))
    back = text_button("All roles", on_click=set_address("role").partial(""))
    return rx.el.div(
        rx.el.p(back, class_name="rights-back"),
        role.view(
            _detail,
            rows_skeleton(8, avatars=False, label="Loading the role"),
            forbidden=note("There is no such role, or not any more.", role="status"),
            failed=error_state(role, what="The role"),
        ),
    )


def _detail(role: RoleDetail) -> rx.Component:
    everybody: Any = role.everybody
    return rx.fragment(
        rx.el.header(
            rx.el.div(
                rx.el.h2(rx.el.bdi(role.name), class_name="t20"),
                rx.cond(role.description, rx.el.p(role.description, class_name="soft"), rx.fragment()),
                rx.el.p(_people(role.holders), " with this role. Changes count for them at once.", class_name="meta"),
                class_name="grow col g1",
            ),
            button(
                "Rename",
                icon="pencil",
                size="small",
                on_click=_rename.open(id=role.id, name=role.name, description=role.description),
            ),
            class_name="rights-title",
        ),
        rx.foreach(role.groups, lambda group: _group(role, group)),
        rx.el.section(
            rx.el.h3("What every member may, and so may they", class_name="t14"),
            rx.el.ul(
                rx.foreach(everybody.to(list[str]), lambda each: rx.el.li(each, key=each)), class_name="rights-plain"
            ),
            class_name="rights-group",
        ),
    )


def _group(role: RoleDetail, group: CapabilityGroup) -> rx.Component:
    return rx.el.section(
        rx.el.h3(group.title, class_name="t14"),
        rx.el.ul(rx.foreach(group.rows, lambda each: _capability(role, each)), class_name="rights-list"),
        class_name="rights-group",
        key=group.title,
    )


def _capability(role: RoleDetail, each: CapabilityChoice) -> rx.Component:
    held: Any = each.held
    words = rx.el.span(
        rx.el.span(each.sentence, class_name="block"), rx.el.code(each.name, class_name="meta"), class_name="grow"
    )
    turn = run(set_capability, role_id=role.id, capability=each.name, given=~held)
    fixed = rx.el.span(
        words,
        rx.el.span(rx.cond(held, "Yes. ", "No. "), "You do not hold this yourself", class_name="meta"),
        class_name="row",
    )
    return rx.el.li(rx.cond(each.yours, switch(words, checked=held, on_change=turn), fixed), key=each.name)


@rx.memo
def _new_form() -> rx.Component:
    refused = problem(create_role)
    return live_form(
        create_role,
        _general(refused),
        *_fields(refused, None, None),
        _foot("Create the role", create_role),
        then=[_new.close(), lambda made: set_address("role").partial(made)],
        class_name="col g4",
        aria_label="New role",
    )


@rx.memo
def _rename_form(role_id: rx.Var[str], name: rx.Var[str], description: rx.Var[str]) -> rx.Component:
    refused = problem(edit_role)
    return live_form(
        edit_role,
        _general(refused),
        *_fields(refused, name, description),
        _foot("Save", edit_role),
        arguments={"role_id": _plain(role_id)},
        reset=False,
        then=_rename.close(),
        class_name="col g4",
        aria_label="Rename the role",
    )


def _fields(refused: Any, name: Any, description: Any) -> list[rx.Component]:
    given = {} if name is None else {"default_value": name}
    described = {} if description is None else {"default_value": description}
    return [
        text_field(
            "Name", name="name", error=refused.field("name"), max_length=MAX_NAME_CHARACTERS, required=True, **given
        ),
        text_field(
            "Description",
            name="description",
            hint="What people with this role do. Optional.",
            error=refused.field("description"),
            max_length=MAX_DESCRIPTION_CHARACTERS,
            **described,
        ),
    ]


def _general(refused: Any) -> rx.Component:
    beside = refused.field("name") | refused.field("description")
    return rx.cond((refused.message != "") & ~beside, note(refused.message, kind="danger", role="alert"), rx.fragment())


def _foot(verb: str, mutation: Any) -> rx.Component:
    return rx.el.div(
        rx.el.span(
            close_button("Cancel", kind="secondary"),
            button(verb, kind="ink", submit=True, busy=busy(mutation)),
            class_name="push row",
        ),
        class_name="row",
    )


def _plain(value: Any) -> Any:
    return value.to(str) if isinstance(value, rx.Var) else value
