"""Parts that show members and change their roles, for any page."""

from typing import Any

import reflex as rx

from memberpulse.domains.organizations.mutations import change_role, remove_member
from memberpulse.domains.organizations.queries import (
    get_viewer,
    list_members,
    list_members_with_addresses,
    list_my_organizations,
)
from memberpulse.domains.organizations.removal import restore_member
from memberpulse.domains.organizations.roles.queries import list_role_choices
from memberpulse.domains.organizations.roles.schemas import RoleChoice
from memberpulse.domains.organizations.schemas import MemberList, MemberRow, OrganizationView, Role
from memberpulse.ui.components import (
    DialogHandle,
    avatar,
    button,
    confirm_by_name,
    menu,
    menu_choice,
    menu_item,
    menu_rule,
    palette_group,
    palette_item,
    palette_text,
)
from memberpulse.ui.components.icons import icon
from memberpulse.ui.expressions import expression, may, text_of
from memberpulse.ui.layout import post
from memberpulse.ui.live import OneOf, live, run

_ABOUT = {
    Role.OWNER: "Everything, and who else owns",
    Role.ADMIN: "Members, roles, announcements, the organization",
    Role.CREATOR: "Sees everything here and posts announcements",
    Role.MEMBER: "Sees the dashboard, the others and the news",
}
_NAMES = {Role.OWNER: "an owner", Role.ADMIN: "an admin", Role.CREATOR: "a creator", Role.MEMBER: "a member"}

_removal = DialogHandle("remove-member")


def members_query() -> OneOf[..., MemberList]:
    """The list of members with addresses and levels for those who manage members, without for everybody else."""
    return OneOf(manages_members(), list_members_with_addresses, list_members)


def manages_members() -> Any:
    """Whether the viewer manages members; undefined while it is not known."""
    return expression("{0}?.includes('members.manage')", live(get_viewer).value.capabilities, kind=bool)


def members_placeholder() -> Any:
    """What members are found by."""
    return rx.cond(manages_members(), "Name or e-mail", "Name")


def role_words(role: Any) -> Any:
    """A role as it is read."""
    return rx.match(role, *[(each.value, each.value.capitalize()) for each in Role], "")


def role_menu(member: MemberRow) -> rx.Component:
    """The member's role; for those who may, a button that changes it, with Undo."""
    words: Any = member.role_name
    changing = menu(
        *_role_choices(member),
        shown=rx.fragment(words, icon("chevron_down")),
        label=expression("`Role of ${{0}}: ${{1}}`", member.person.name, words),
        title=member.person.name,
        class_name="rolebtn",
        align="start",
        width="18rem",
    )
    return rx.cond(may(live(get_viewer).value, "members.change_role"), changing, words)


def member_menu(member: MemberRow) -> rx.Component:
    """What else can be done about a member; nothing for those who may do nothing."""
    viewer = live(get_viewer).value
    unowned = (member.role == Role.OWNER.value) & (viewer.role != Role.OWNER.value)
    more = menu(
        menu_item(
            "Details",
            icon="user",
            href=expression("`/members/person?id=${{0}}`", member.id),
            hint="Level, renewal and what is kept about them",
            off=~may(viewer, "members.manage"),
        ),
        menu_item(
            "Why can or can’t they…?",
            icon="circle_help",
            href=expression("`/settings/permissions/why?person=${{0}}`", member.id),
            off=~may(viewer, "permissions.explain"),
        ),
        menu_rule(),
        *_role_choices(member),
        menu_rule(),
        menu_item(
            "Remove…",
            icon="user_x",
            danger=True,
            off=unowned,
            on_select=_removal.open(id=member.id, name=member.person.name),
        ),
        icon="ellipsis",
        size="small",
        label=expression("`More for ${{0}}`", member.person.name),
        title=member.person.name,
        width="18rem",
    )
    return rx.cond(may(viewer, "members.remove"), more, rx.fragment())


def removal_dialog() -> rx.Component:
    """Asks for the name before somebody is removed. Mount it once on a page with `member_menu`."""
    name = _removal.subject("name")
    gone = run(
        remove_member,
        membership_id=_removal.subject("id"),
        done=expression("`${{0}} is no member any more`", name),
        undo=lambda membership_id: run(restore_member, membership_id=membership_id),
        then=_removal.close(),
    )
    return confirm_by_name(
        _removal,
        title=rx.fragment("Remove ", rx.el.bdi(name)),
        lead="Their open tabs lose access at once. What they wrote stays. For ten seconds you can undo it.",
        word=name,
        verb="Remove",
        on_confirm=gone,
    )


@rx.memo
def other_organizations() -> rx.Component:
    """For somebody who is no member of this organization any more: a button for each of their others."""
    mine = live(list_my_organizations)
    known: Any = expression("({0} ?? [])", mine.value, kind=list[OrganizationView])
    return rx.fragment(rx.foreach(known, _switch_to))


def _switch_to(organization: OrganizationView) -> rx.Component:
    go = post("/auth/switch-organization", organization_id=organization.id, next="/dashboard")
    return rx.fragment(
        button(rx.fragment("Go to ", organization.name), kind="ink", on_click=go), key=text_of(organization.id)
    )


@rx.memo
def people_group() -> rx.Component:
    """People in the palette: found by what is typed, among all members."""
    typed: Any = palette_text()
    members = live(members_query(), search=typed)
    people: Any = expression("({0}?.rows ?? []).slice(0, 8)", members.value, kind=list[MemberRow])
    return palette_group("People", rx.foreach(people.to(list[MemberRow]), _person))


def _person(member: MemberRow) -> rx.Component:
    return palette_item(
        member.person.name,
        lead=avatar(member.person, size="small"),
        hint=rx.cond(member.email, member.email, member.role_name),
        href=expression("`/members?q=${encodeURIComponent({0} || {1})}`", member.email, member.person.name),
        key=text_of(member.id),
    )


def _role_choices(member: MemberRow) -> list[rx.Component]:
    owns: Any = live(get_viewer).value.role == Role.OWNER.value
    is_owner: Any = member.role == Role.OWNER.value

    back = run(change_role, membership_id=member.id, role=member.role, custom_role_id=member.custom_role_id)

    def choice(role: Role) -> rx.Component:
        refused: Any = ~owns if role is Role.OWNER else ~owns & is_owner
        change = run(
            change_role,
            membership_id=member.id,
            role=role.value,
            done=expression(f"`${{{{0}}}} is {_NAMES[role]} now`", member.person.name),
            undo=back,
        )
        return menu_choice(
            role.value.capitalize(),
            checked=(member.role == role.value) & (member.role_name == role.value.capitalize()),
            on_select=change,
            hint=rx.cond(refused, "Only an owner may change this", _ABOUT[role]),
            off=refused,
        )

    def own(custom: RoleChoice) -> rx.Component:
        change = run(
            change_role,
            membership_id=member.id,
            role=Role.MEMBER.value,
            custom_role_id=custom.id,
            done=expression("`${{0}} is ${{1}} now`", member.person.name, custom.name),
            undo=back,
        )
        return menu_choice(
            custom.name,
            checked=text_of(member.custom_role_id) == text_of(custom.id),
            on_select=change,
            hint=rx.cond(~owns & is_owner, "Only an owner may change this", custom.about),
            off=~owns & is_owner,
            key=text_of(custom.id),
        )

    known: Any = expression("({0} ?? [])", live(list_role_choices).value, kind=list[RoleChoice])
    customs = rx.foreach(known.to(list[RoleChoice]), own)
    return [*[choice(role) for role in Role], customs]
