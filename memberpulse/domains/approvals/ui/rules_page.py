"""How many people it takes to approve each kind of request."""

import reflex as rx

from memberpulse.domains.approvals.mutations import set_approvers
from memberpulse.domains.approvals.queries import list_rules
from memberpulse.domains.approvals.schemas import RuleView
from memberpulse.ui.components import (
    Column,
    cell,
    error_state,
    icon,
    link,
    menu,
    menu_choice,
    table,
    table_row,
    table_skeleton,
)
from memberpulse.ui.expressions import expression, text_of
from memberpulse.ui.layout import settings_page
from memberpulse.ui.live import live, run
from memberpulse.ui.page import page

_NUMBERS = ((1, "One person"), (2, "Two people"), (3, "Three people"))
_COLUMNS = (Column("Kind"), Column("Who must approve", width="13rem"), Column("May decide", phone=False, width="9rem"))


@page("/settings/approvals", "Approval rules", requires="approvals.manage")
def rules_page() -> rx.Component:
    rules = live(list_rules)
    return settings_page(
        "Approval rules",
        rules.view(
            lambda found: table(rx.foreach(found, _rule), columns=_COLUMNS, label="Approval rules"),
            table_skeleton(3, 3, label="Loading the rules"),
            failed=error_state(rules, what="The rules"),
        ),
        rx.el.p(
            "A change holds from the next request on. One person is always enough to reject. Nobody decides about what "
            "they asked for themselves.",
            class_name="hint settings-foot",
        ),
        rx.el.p(link("Open the approvals", href="/approvals"), class_name="settings-foot"),
        requires="approvals.manage",
        lede="How many people must say yes before a request of a kind is approved.",
    )


def _rule(rule: RuleView) -> rx.Component:
    words = rx.match(rule.approvers, *_NUMBERS, "")
    choices = [
        menu_choice(
            text,
            checked=rule.approvers == number,
            off=rule.deciders < number,
            on_select=run(
                set_approvers,
                kind=rule.kind,
                approvers=number,
                done=expression(f"`${{{{0}}}}: {text.lower()}`", rule.words),
                undo=run(set_approvers, kind=rule.kind, approvers=rule.approvers),
            ),
        )
        for number, text in _NUMBERS
    ]
    chosen = menu(
        *choices,
        shown=rx.fragment(words, icon("chevron_down")),
        class_name="rolebtn",
        label=expression("`${{0}}: ${{1}}. Change`", rule.words, words),
        title=rule.words,
        width="12rem",
        align="start",
    )
    deciders = rx.cond(rule.deciders == 1, "1 person", rx.fragment(rule.deciders, " people"))
    return table_row(cell(rule.words), cell(chosen), cell(deciders), key=text_of(rule.kind))
