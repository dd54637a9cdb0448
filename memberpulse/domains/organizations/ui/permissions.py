"""The pages of permissions: what each role may do, made from the code, and why somebody may or may not do something."""

from typing import Any

import reflex as rx
from reflex.vars.function import FunctionVar

from memberpulse.domains.organizations.mutations import change_role
from memberpulse.domains.organizations.permissions import GROUPS, SENTENCES, group_of, in_order
from memberpulse.domains.organizations.queries import get_viewer
from memberpulse.domains.organizations.schemas import MemberRow
from memberpulse.domains.organizations.ui.components import members_placeholder, members_query
from memberpulse.domains.organizations.why.queries import explain_policy, explain_right, get_matrix, list_policies
from memberpulse.domains.organizations.why.schemas import (
    Explanation,
    Fix,
    Matrix,
    MatrixCell,
    MatrixGroup,
    MatrixRole,
    MatrixRow,
    PolicyRow,
)
from memberpulse.ui.address import address_value, set_address
from memberpulse.ui.components import (
    avatar,
    button,
    error_state,
    filtered_empty,
    icon,
    link,
    link_button,
    note,
    rows_skeleton,
    search_field,
    toolbar,
)
from memberpulse.ui.expressions import expression, may, size_of, text_of
from memberpulse.ui.layout import settings_page
from memberpulse.ui.live import live, run
from memberpulse.ui.page import page

WHY = "/settings/permissions/why"


@page("/settings/permissions", "Permissions", requires="permissions.view", sheets=("rights",))
def permissions_page() -> rx.Component:
    matrix = live(get_matrix, search=address_value("q"))
    none = filtered_empty(
        rx.fragment("Nothing that one can do here is called ", rx.el.b("“", rx.el.bdi(address_value("q")), "”"), "."),
        drop="Clear the search",
        on_drop=set_address("q").partial(""),
    )
    return settings_page(
        "Permissions",
        toolbar(
            search_field(
                label="Search permissions",
                placeholder="Post, invite, audit…",
                value=address_value("q"),
                on_search=set_address("q"),
            ),
            rx.el.span(link_button("Why can’t I…?", href=WHY, icon="circle_help"), class_name="push"),
        ),
        matrix.view(
            _matrix,
            rows_skeleton(12, avatars=False, label="Loading permissions"),
            empty=(matrix.value.matching == 0, none),
            failed=error_state(matrix, what="The permissions"),
        ),
        requires="permissions.view",
        lede="What each role may do here. This page is made from the code that decides.",
    )


def _matrix(matrix: Matrix) -> rx.Component:
    chosen = address_value("role", "member")
    options = rx.foreach(matrix.roles, lambda role: rx.el.option(role.name, value=role.key, key=role.key))
    pick = rx.el.div(
        rx.el.label("Role", html_for="matrix-role", class_name="label"),
        rx.el.span(
            rx.el.select(
                options, id="matrix-role", class_name="sel", value=chosen, on_change=_picked("role", "member")
            ),
            icon("chevron_down"),
            class_name="input",
        ),
        class_name="field rights-pick",
    )
    table = rx.el.table(
        rx.el.caption("What each role may do", class_name="vh"),
        rx.el.thead(
            rx.el.tr(
                rx.el.th("What", scope="col"),
                rx.foreach(matrix.roles, lambda role: _head(role, chosen)),
            )
        ),
        rx.foreach(matrix.groups, lambda group: _group(group, matrix, chosen)),
        class_name="rights-matrix",
    )
    return rx.fragment(
        pick,
        rx.el.div(table, class_name="rights-scroll", tab_index=0, role="region", aria_label="Permissions of all roles"),
    )


def _head(role: MatrixRole, chosen: Any) -> rx.Component:
    return rx.el.th(
        rx.el.span(rx.el.bdi(role.name), class_name="block"),
        rx.el.span(role.members, class_name="meta tn"),
        scope="col",
        class_name=rx.cond(role.key == chosen, "is-chosen", ""),
        key=role.key,
    )


def _group(group: MatrixGroup, matrix: Matrix, chosen: Any) -> rx.Component:
    title = rx.el.tr(
        rx.el.th(group.title, scope="rowgroup", col_span=expression("{0} + 1", size_of(matrix.roles), kind=int))
    )
    return rx.el.tbody(title, rx.foreach(group.rows, lambda each: _row(each, chosen)), key=group.title)


def _row(each: MatrixRow, chosen: Any) -> rx.Component:
    functions: Any = each.functions
    policies: Any = each.policies
    pages: Any = each.pages
    asked = rx.el.details(
        rx.el.summary(
            expression("({0} === 1 ? 'One place asks' : `${{0}} places ask`)", each.asked),
            rx.el.span(expression("` for ${{0}}`", each.capability), class_name="vh"),
        ),
        rx.el.ul(
            rx.foreach(pages, lambda one: rx.el.li("Page ", rx.el.b(one.title), " ", rx.el.code(one.route))),
            rx.foreach(policies.to(list[str]), lambda one: rx.el.li("Rule ", rx.el.code(one))),
            rx.foreach(functions.to(list[str]), lambda one: rx.el.li(rx.el.code(one))),
        ),
        class_name="meta",
    )
    words = rx.el.th(
        rx.el.span(each.sentence, class_name="block"),
        rx.el.code(each.capability, class_name="meta"),
        rx.cond(each.asked, asked, rx.el.span("Nothing asks for it yet", class_name="meta block")),
        scope="row",
    )
    return rx.el.tr(words, rx.foreach(each.cells, lambda one: _cell(one, chosen)), key=each.capability)


def _cell(one: MatrixCell, chosen: Any) -> rx.Component:
    yes = rx.fragment(icon("check"), rx.el.span("Yes", class_name="vh"))
    no = rx.fragment(rx.el.span("–", aria_hidden="true", class_name="faint"), rx.el.span("No", class_name="vh"))
    return rx.el.td(
        rx.cond(one.allowed, yes, no), class_name=rx.cond(one.role == chosen, "is-chosen", ""), key=one.role
    )


def _picked(name: str, default: str = "") -> Any:
    """What a select reports, into the address."""
    reported = expression("(event) => ({0})(event.target.value)", set_address(name, default), kind=Any)
    return reported.to(FunctionVar)


@page(WHY, "Why", requires="permissions.view", sheets=("rights",))
def why_page() -> rx.Component:
    viewer = live(get_viewer).value
    person, capability, policy = address_value("person"), address_value("can"), address_value("rule")
    right = rx.cond(capability, _right(capability=capability, person=person), _nothing_asked())
    return settings_page(
        "Why can or can’t somebody…?",
        rx.el.div(
            rx.cond(may(viewer, "permissions.explain"), rx.fragment(_who(person=person)), rx.fragment()),
            _what(),
            rx.cond(policy, rx.fragment(_things(policy=policy)), rx.fragment()),
            class_name="rights-ask",
        ),
        rx.cond(policy, _ruled(policy=policy, thing=address_value("thing"), person=person), right),
        rx.el.p(link("See what every role may do", href="/settings/permissions"), class_name="settings-foot"),
        requires="permissions.view",
        lede="Choose what it is about. The answer names the rule that decided.",
    )


@rx.memo
def _who(person: rx.Var[str]) -> rx.Component:
    typed = address_value("find")
    found = live(members_query(), search=typed)
    people: Any = expression("({0}?.rows ?? []).slice(0, 6)", found.value, kind=list[MemberRow])
    choices = rx.el.ul(
        rx.foreach(people.to(list[MemberRow]), lambda each: _person(each, person)), class_name="rights-people"
    )
    me = button(
        "Myself",
        size="small",
        aria_pressed=expression("{0} === ''", person, kind=bool),
        on_click=set_address("person").partial(""),
    )
    return rx.el.div(
        rx.el.h2("Who", class_name="t14"),
        rx.el.div(
            search_field(
                label="Find a member", value=typed, on_search=set_address("find"), placeholder=members_placeholder()
            ),
            me,
            class_name="row wrap",
        ),
        choices,
        class_name="col g2",
    )


def _person(each: MemberRow, person: Any) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            avatar(each.person, size="small"),
            rx.el.bdi(each.person.name, class_name="cut"),
            rx.el.span(each.role_name, class_name="meta push"),
            type="button",
            aria_pressed=text_of(each.id) == person,
            on_click=set_address("person").partial(each.id),
        ),
        key=text_of(each.id),
    )


def _what() -> rx.Component:
    titles = list(dict.fromkeys(GROUPS.values()))
    groups = [
        rx.el.optgroup(
            *[rx.el.option(SENTENCES[each], value=each) for each in in_order() if group_of(each) == title], label=title
        )
        for title in titles
        if any(group_of(each) == title for each in in_order())
    ]
    rules = live(list_policies)
    known: Any = expression("({0} ?? [])", rules.value, kind=list[PolicyRow])
    return rx.el.div(
        _select("can", "What", rx.el.option("Choose something to do", value=""), *groups),
        _select(
            "rule",
            "Or a rule about one thing",
            rx.el.option("No rule in particular", value=""),
            rx.foreach(
                known.to(list[PolicyRow]), lambda each: rx.el.option(each.question, value=each.name, key=each.name)
            ),
        ),
        class_name="rights-two",
    )


@rx.memo
def _things(policy: rx.Var[str]) -> rx.Component:
    rules = live(list_policies)
    chosen: Any = expression(
        "(({0} ?? []).find((each) => each.name === {1}) ?? {things: [], thing: ''})",
        rules.value,
        policy,
        kind=PolicyRow,
    )
    shown = chosen.to(PolicyRow)
    return rx.cond(
        shown.thing,
        rx.fragment(
            _select(
                "thing",
                expression("`Which ${{0}}`", shown.thing),
                rx.el.option("Choose one", value=""),
                rx.foreach(
                    shown.things, lambda each: rx.el.option(each.name, value=text_of(each.id), key=text_of(each.id))
                ),
            )
        ),
        rx.fragment(),
    )


def _select(name: str, label: Any, *options: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=f"why-{name}", class_name="label"),
        rx.el.span(
            rx.el.select(
                *options, id=f"why-{name}", class_name="sel", value=address_value(name), on_change=_picked(name)
            ),
            icon("chevron_down"),
            class_name="input",
        ),
        class_name="field",
    )


def _nothing_asked() -> rx.Component:
    return rx.el.p("Choose what it is about, and the answer appears here.", class_name="rights-answer meta")


@rx.memo
def _right(capability: rx.Var[str], person: rx.Var[str]) -> rx.Component:
    who: Any = expression("({0} || null)", person)
    what: Any = capability
    answer = live(explain_right, capability=what, membership_id=who)
    return answer.view(
        _answer,
        rows_skeleton(2, avatars=False, label="Looking"),
        failed=error_state(answer, what="The answer", small=True),
    )


@rx.memo
def _ruled(policy: rx.Var[str], thing: rx.Var[str], person: rx.Var[str]) -> rx.Component:
    rule: Any = policy
    answer = live(
        explain_policy,
        policy=rule,
        thing_id=expression("({0} || null)", thing),
        membership_id=expression("({0} || null)", person),
    )
    wait = rx.el.p("Choose what it is about, and the answer appears here.", class_name="rights-answer meta")
    return answer.view(
        _answer,
        rows_skeleton(2, avatars=False, label="Looking"),
        failed=rx.cond(thing, error_state(answer, what="The answer", small=True), wait),
    )


def _answer(answer: Explanation) -> rx.Component:
    sign = rx.cond(answer.allowed, icon("circle_check"), icon("circle_x"))
    fixes: Any = answer.fixes
    return rx.el.section(
        rx.el.h2("Answer", class_name="vh"),
        rx.el.p(sign, rx.el.span(answer.sentence), class_name="rights-sentence", role="status"),
        rx.el.p("Decided by ", rx.el.code(answer.rule), class_name="meta"),
        rx.cond(answer.note, note(answer.note), rx.fragment()),
        rx.cond(
            size_of(fixes) > 0,
            rx.el.div(
                rx.el.h3("What would allow it", class_name="t14"),
                rx.el.ul(rx.foreach(fixes.to(list[Fix]), lambda fix: _fix(answer, fix)), class_name="rights-fixes"),
            ),
            rx.fragment(),
        ),
        class_name="rights-answer",
    )


def _fix(answer: Explanation, fix: Fix) -> rx.Component:
    back = run(change_role, membership_id=answer.membership_id, role=answer.role, custom_role_id=answer.custom_role_id)
    go = run(
        change_role,
        membership_id=answer.membership_id,
        role=fix.role,
        custom_role_id=fix.custom_role_id,
        done=fix.done,
        undo=back,
    )
    gains = expression("({0} ?? []).map((each) => each.charAt(0).toLowerCase() + each.slice(1)).join(', ')", fix.gains)
    loses = expression("({0} ?? []).map((each) => each.charAt(0).toLowerCase() + each.slice(1)).join(', ')", fix.loses)
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.cond(
                    size_of(fix.gains) > 0,
                    rx.fragment("They could then also ", gains, "."),
                    "Nothing else changes for them.",
                )
            ),
            rx.cond(size_of(fix.loses) > 0, rx.el.p("They could no longer ", loses, "."), rx.fragment()),
            class_name="grow col soft",
        ),
        button(fix.does, on_click=go),
        key=fix.key,
    )
