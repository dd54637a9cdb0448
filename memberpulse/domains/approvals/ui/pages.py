"""The inbox of approvals: what waits for a decision, what was decided, and what one has asked for oneself."""

from typing import Any

import reflex as rx
from reflex.vars.function import FunctionVar

from memberpulse.domains.approvals.asking import ask_for_approval, withdraw_request
from memberpulse.domains.approvals.mutations import decide_requests, undo_decisions
from memberpulse.domains.approvals.queries import list_kinds, list_requests
from memberpulse.domains.approvals.schemas import KindOption, RequestList, RequestRow
from memberpulse.domains.approvals.ui.deeds import (
    LIST,
    approve_button,
    approve_many,
    decision_dialogs,
    reject_button,
    rejecting_many,
)
from memberpulse.domains.approvals.ui.opened import opened
from memberpulse.domains.approvals.ui.rules_page import rules_page
from memberpulse.domains.organizations.queries import get_viewer
from memberpulse.domains.organizations.ui.directory import filter_select
from memberpulse.domains.presence.ui.components import lookers_of, looking_at
from memberpulse.ui.address import address_value, clear_address, set_address
from memberpulse.ui.components import (
    DialogHandle,
    avatar,
    badge,
    bulk_bar,
    button,
    close_button,
    dialog,
    empty_state,
    error_state,
    filtered_empty,
    head,
    icon_tile,
    link_button,
    note,
    pick,
    relative_time,
    row_keys,
    rows,
    rows_skeleton,
    search_field,
    segmented,
    text_area,
    text_field,
    toolbar,
)
from memberpulse.ui.expressions import expression, may, number, size_of, text_of
from memberpulse.ui.layout import KeyHelp, app_page
from memberpulse.ui.live import LiveList, busy, live, live_form, live_list, problem, run
from memberpulse.ui.page import page

assert rules_page, "imported for its page"

PLACE = "/approvals"
_SHOWN = (("", "Waiting"), ("decided", "Decided"), ("mine", "Yours"))
_AGES = (("", "Any age"), ("1", "Over a day"), ("3", "Over 3 days"), ("7", "Over a week"), ("30", "Over a month"))
_OUTCOMES = (("", "Every outcome"), ("approved", "Approved"), ("rejected", "Rejected"))
_KEYS = (
    KeyHelp("J K", "Move"),
    KeyHelp("↵", "Open or close"),
    KeyHelp("X", "Select; with ⇧ all in between"),
    KeyHelp("A", "Approve"),
    KeyHelp("R", "Reject"),
    KeyHelp("/", "Search requests"),
    KeyHelp("C", "Ask for something"),
)

_ask = DialogHandle("ask-for-approval")


@page(PLACE, "Approvals", requires="approvals.view", sheets=("work",))
def approvals_page() -> rx.Component:
    found = _found()
    words = rx.el.span("Ask", rx.el.span(" for something", class_name="only-l"))
    ask = button(words, icon="plus", key="C", on_click=_ask.open())
    return app_page(
        "Approvals",
        _tools(found),
        found.view(
            _list,
            rows_skeleton(7, label="Loading requests"),
            empty=(size_of(found.value.rows) == 0, _none()),
            failed=error_state(found, what="The requests"),
        ),
        _bulk(found),
        decision_dialogs(),
        _ask_dialog(),
        row_keys(
            "li[data-row]",
            opens="[data-open]",
            acts={"x": "[data-pick]", "a": "[data-approve]", "r": "[data-reject]"},
        ),
        heading=head(
            title="Approvals",
            actions=(
                segmented(_SHOWN, value=address_value("show"), on_change=set_address("show"), label="Shown"),
                rx.cond(
                    may(live(get_viewer).value, "approvals.manage"),
                    rx.el.span(
                        link_button("Rules", href="/settings/approvals", icon="sliders_horizontal"),
                        class_name="only-l",
                    ),
                    rx.fragment(),
                ),
            ),
        ),
        action=rx.cond(may(live(get_viewer).value, "approvals.ask"), ask, rx.fragment()),
        keys=_KEYS,
    )


def _found() -> LiveList[RequestList]:
    show: Any = expression("({0} || 'waiting')", address_value("show"))
    kind: Any = expression("({0} || null)", address_value("kind"))
    outcome: Any = expression(
        "({1} === 'decided' && {0} ? {0} : null)", address_value("outcome"), address_value("show")
    )
    age: Any = expression("(Number({0}) || null)", address_value("age"), kind=int)
    return live_list(
        list_requests, show=show, kind=kind, outcome=outcome, older_than_days=age, search=address_value("q")
    )


def _tools(found: LiveList[RequestList]) -> rx.Component:
    decided = address_value("show") == "decided"
    outcome = filter_select("outcome", "Outcome", *[rx.el.option(words, value=value) for value, words in _OUTCOMES])
    matching = rx.cond(found.value.matching, rx.fragment(number(found.value.matching), _noun()), "")
    return toolbar(
        search_field(
            label="Search requests",
            placeholder="Who or what",
            value=address_value("q"),
            on_search=set_address("q"),
        ),
        rx.fragment(_kind_filter()),
        filter_select("age", "Age", *[rx.el.option(words, value=value) for value, words in _AGES]),
        rx.cond(decided, outcome, rx.fragment()),
        rx.el.span(matching, class_name="push meta tn", role="status"),
    )


def _noun() -> Any:
    return rx.match(address_value("show"), ("decided", " decided"), ("mine", " of yours"), " waiting")


@rx.memo
def _kind_filter() -> rx.Component:
    known: Any = expression("({0} ?? [])", live(list_kinds).value, kind=list[KindOption])
    options = rx.foreach(
        known.to(list[KindOption]), lambda each: rx.el.option(each.words, value=each.name, key=each.name)
    )
    return filter_select("kind", "Kind", rx.el.option("Every kind", value=""), options)


# The list


def _list(found: RequestList) -> rx.Component:
    requests = _found()
    looks, viewer = looking_at(PLACE), live(get_viewer).value
    more = button("Show more", on_click=requests.more, busy=requests.loading_more)
    scope = expression(
        "[{0}, {1}, {2}, {3}, {4}, {5}].join()",
        *[address_value(name) for name in ("show", "kind", "outcome", "age", "q")],
        requests.pages,
    )
    return rx.fragment(
        rows(
            rx.foreach(found.rows, lambda request: _request(request, looks, viewer)),
            label="Requests",
            scope=scope,
        ),
        rx.cond(requests.has_more, rx.el.div(more, class_name="more-row"), rx.fragment()),
    )


def _request(request: RequestRow, looks: Any, viewer: Any) -> rx.Component:
    is_open = address_value("open") == text_of(request.id)
    who: Any = request.requester
    chooses = rx.el.span(
        rx.cond(
            request.may_decide,
            pick(LIST, request.id, label=expression("`Select ${{0}}`", request.title)),
            rx.fragment(),
        ),
        class_name="pick-slot",
    )
    face = rx.cond(who, avatar(who), icon_tile("user"))
    toggle = expression(
        "() => ({0})({1} === {2} ? '' : {2})", set_address("open"), address_value("open"), request.id, kind=Any
    ).to(FunctionVar)
    named = rx.el.button(
        rx.el.bdi(rx.cond(who, who.name, "Somebody"), class_name="strong"),
        " ",
        rx.el.bdi(request.title),
        type="button",
        class_name="request-open",
        on_click=toggle,
        aria_expanded=is_open,
        custom_attrs={"data-open": ""},
    )
    words = rx.el.div(
        named,
        rx.el.span(
            _about(request),
            class_name="meta cut",
        ),
        class_name="what col",
    )
    return rx.el.li(
        chooses,
        face,
        words,
        lookers_of(looks, request.id, viewer),
        rx.el.span(_standing(request), class_name="acts"),
        rx.cond(is_open, opened(request_id=text_of(request.id)), rx.fragment()),
        class_name=rx.cond(is_open, "approval is-open", "approval"),
        key=text_of(request.id),
        tab_index=-1,
        custom_attrs={"data-row": ""},
    )


def _about(request: RequestRow) -> rx.Component:
    """Its kind, where the title does not say that already, and the requester's words."""
    known = request.kind_words == request.title
    both = rx.cond(known | (request.summary == ""), "", ", ")
    return rx.fragment(rx.cond(known, "", request.kind_words), both, rx.el.bdi(request.summary))


def _standing(request: RequestRow) -> rx.Component:
    """At the right: how it stands, since when, and what can be done."""
    takes_more: Any = request.needed > 1
    given = rx.el.span(request.given, " of ", request.needed, class_name="badge line tn", title="Approvals")
    waiting = rx.fragment(
        rx.cond(takes_more, given, rx.fragment()),
        rx.el.span(relative_time(request.created_at), class_name="meta age"),
        rx.cond(request.may_decide, rx.fragment(reject_button(request), approve_button(request)), rx.fragment()),
        rx.cond(request.voted, rx.el.span("You approved", class_name="meta"), rx.fragment()),
        rx.cond(request.undoable, _undo(request), rx.fragment()),
        rx.cond(request.mine, _withdraw(request), rx.fragment()),
    )
    by: Any = request.decider
    decided = rx.fragment(
        rx.match(
            request.status,
            ("approved", badge("Approved", icon="check")),
            ("rejected", badge("Rejected", kind="line", icon="x")),
            badge("Withdrawn", kind="line"),
        ),
        rx.cond(by, rx.el.span("by ", rx.el.bdi(by.name), class_name="meta cut only-l"), rx.fragment()),
        rx.el.span(relative_time(request.decided_at), class_name="meta age"),
        rx.cond(request.undoable, _undo(request), rx.fragment()),
    )
    return rx.cond(request.status == "pending", waiting, decided)


def _undo(request: RequestRow) -> rx.Component:
    return button(
        "Undo",
        icon="undo_2",
        size="small",
        on_click=run(undo_decisions, request_ids=[request.id]),
        label=expression("`Undo your decision about ${{0}}`", request.title),
    )


def _withdraw(request: RequestRow) -> rx.Component:
    return button(
        "Withdraw",
        kind="quiet",
        size="small",
        on_click=run(withdraw_request, request_id=request.id),
        label=expression("`Withdraw ${{0}}`", request.title),
    )


def _bulk(found: LiveList[RequestList]) -> rx.Component:
    known: Any = expression(
        "({0} ?? []).filter((row) => row.may_decide).map((row) => row.id)", found.value.rows, kind=list[str]
    )
    return bulk_bar(
        LIST,
        button("Approve", key="A", on_click=approve_many(), busy=busy(decide_requests)),
        button("Reject…", key="R", on_click=rejecting_many.open()),
        known=known,
    )


def _none() -> rx.Component:
    filtered = expression(
        "Boolean({0} || {1} || {2} || {3})",
        *[address_value(name) for name in ("q", "kind", "age", "outcome")],
        kind=bool,
    )
    nothing_fits = filtered_empty(
        "No request fits this.", drop="Show them all", on_drop=clear_address("q", "kind", "age", "outcome")
    )
    ask = rx.cond(
        may(live(get_viewer).value, "approvals.ask"),
        button("Ask for something", on_click=_ask.open()),
        rx.fragment(),
    )
    nothing = rx.match(
        address_value("show"),
        ("decided", empty_state("Nothing was decided yet", "Who decided what, when and why stands here afterwards.")),
        (
            "mine",
            empty_state("You have asked for nothing", "What you ask for stands here, with what became of it.", ask),
        ),
        empty_state(
            "Nothing waits for you",
            "What members ask for appears here at the same moment, whatever it is, with who is looking at it.",
            ask,
        ),
    )
    return rx.cond(filtered, nothing_fits, nothing)


# Asking


def _ask_dialog() -> rx.Component:
    refused = problem(ask_for_approval)
    beside = refused.field("title").bool() | refused.field("summary").bool()
    form = live_form(
        ask_for_approval,
        rx.cond((refused.message != "") & ~beside, note(refused.message, kind="danger", role="alert"), rx.fragment()),
        text_field(
            "What you ask for",
            name="title",
            placeholder="A key for the wood shop",
            error=refused.field("title"),
            auto_complete="off",
            max_length=120,
            custom_attrs={"dir": "auto"},
        ),
        text_area(
            "Why",
            name="summary",
            hint="Optional. Whoever decides reads it.",
            error=refused.field("summary"),
            rows=4,
            custom_attrs={"dir": "auto"},
        ),
        rx.el.div(
            close_button("Cancel", kind="secondary"),
            button("Ask", kind="ink", submit=True, busy=busy(ask_for_approval)),
            class_name="row dialog-acts",
        ),
        done="Those who decide are told. It is under Yours, where you can add files.",
        then=_ask.close(),
        class_name="col g4",
    )
    return dialog(
        _ask, form, title="Ask for something", lead="Somebody who may decide says yes or no, and you are told."
    )
