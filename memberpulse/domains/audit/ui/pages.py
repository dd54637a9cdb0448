"""The page of the audit log."""

from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex.vars.function import FunctionVar

from memberpulse.domains.audit.actions import verify_chain
from memberpulse.domains.audit.mutations import prove_export
from memberpulse.domains.audit.queries import SYSTEM, get_chain, list_entries, list_filters
from memberpulse.domains.audit.schemas import ChainView, EntryList, EntryView, KindView, Line, Part, Style
from memberpulse.domains.organizations.queries import get_viewer
from memberpulse.ui.address import address_value, clear_address, set_address
from memberpulse.ui.components import (
    DialogHandle,
    avatar,
    badge,
    button,
    copyable,
    dialog,
    empty_state,
    error_state,
    filtered_empty,
    icon,
    icon_tile,
    menu,
    menu_item,
    relative_time,
    row_keys,
    rows_skeleton,
    search_field,
)
from memberpulse.ui.components.marks import Rows
from memberpulse.ui.expressions import expression, may, number, size_of, text_of
from memberpulse.ui.layout import settings_page
from memberpulse.ui.live import LiveList, busy, live, live_list, run
from memberpulse.ui.page import page

_FILTERS = ("q", "kind", "person", "since", "until")
_entry = DialogHandle("audit-entry")


@page("/settings/audit", "Audit log", requires="audit.view")
def audit_page() -> rx.Component:
    entries = _entries()
    return settings_page(
        "Audit log",
        _chain(),
        _tools(),
        entries.view(
            lambda found: _list(found, entries),
            rows_skeleton(8, label="Loading the audit log"),
            empty=(size_of(entries.value.rows) == 0, _none()),
            failed=error_state(entries, what="The audit log"),
        ),
        dialog(_entry, _details(entry=_subject()), title="Entry", wide=True),
        row_keys(".auditlist > li", opens=".audit-open"),
        requires="audit.view",
        lede="Every change that matters for the security of the organization: who, what, before and after, from where. "
        "Kept for 365 days.",
    )


def _entries() -> LiveList[EntryList]:
    def given(name: str) -> Any:
        return expression("{0} || null", address_value(name), kind=str)

    return live_list(
        list_entries,
        search=address_value("q"),
        kind=address_value("kind"),
        person=given("person"),
        since=given("since"),
        until=given("until"),
    )


# The chain


def _chain() -> rx.Component:
    chain = live(get_chain)
    return chain.view(
        _chain_state,
        rx.el.div(class_name="audit-chain"),
        failed=error_state(chain, what="The state of the log", small=True),
    )


def _chain_state(chain: ChainView) -> rx.Component:
    known: Any = chain.intact
    state = rx.cond(
        chain.verdict == "",
        badge("Not verified yet", kind="line"),
        rx.cond(known, badge("Unchanged", icon="check"), badge("Changed", kind="danger", icon="triangle_alert")),
    )
    total: Any = chain.total
    never: Any = rx.fragment(
        number(total), rx.cond(total == 1, " entry", " entries"), ", each sealed with the one before it."
    )
    when: Any = chain.verified_at
    checked = rx.cond(
        chain.verdict == "",
        rx.fragment(),
        rx.el.p(
            "Verified ", relative_time(when, form="ago"), " by ", rx.el.bdi(chain.verified_by), ".", class_name="meta"
        ),
    )
    end = rx.el.p(
        "Ends with ",
        rx.el.code(expression("({0} ?? '').slice(0, 12)", chain.hash), class_name="mono"),
        copyable(chain.hash, label="Copy the latest hash"),
        class_name="meta audit-end",
    )
    return rx.el.section(
        rx.el.div(
            rx.el.div(state, rx.el.p(rx.cond(chain.verdict == "", never, chain.verdict)), class_name="audit-verdict"),
            rx.el.div(checked, rx.cond(chain.hash, end, rx.fragment()), class_name="audit-facts"),
            class_name="grow",
            role="status",
        ),
        rx.el.div(
            button("Verify", icon="shield_check", on_click=run(verify_chain), busy=busy(verify_chain)),
            rx.cond(may(live(get_viewer).value, "audit.export"), _export(), rx.fragment()),
            class_name="row",
        ),
        class_name="audit-chain",
        aria_label="State of the log",
    )


def _export() -> rx.Component:
    def take(form: str) -> Any:
        return run(prove_export, then=_download(form))

    return menu(
        menu_item("CSV", hint="For a spreadsheet", icon="table_2", on_select=take("csv")),
        menu_item("JSON lines", hint="With all that is needed to verify it", icon="braces", on_select=take("jsonl")),
        text="Export",
        icon="download",
        kind="secondary",
        title="What the filters show, as",
        width="17rem",
    )


def _download(form: str) -> Any:
    """Fetch the file with the filters of the address; the page stays."""
    go = (
        "(() => { const given = new URLSearchParams(window.location.search);"
        " if (given.has('q')) { given.set('search', given.get('q')); given.delete('q'); }"
        f" given.set('format', '{form}'); window.location.assign('/export/audit?' + given); }})"
    )
    return rx.Var(go).to(FunctionVar)


# The filters


def _tools() -> rx.Component:
    choices = live(list_filters).value
    kinds: Any = expression("({0}?.kinds ?? [])", choices, kind=list[KindView])
    people: Any = expression("({0}?.people ?? [])", choices, kind=list[KindView])
    return rx.el.div(
        search_field(
            label="Search the audit log",
            placeholder="Name, value or request id",
            value=address_value("q"),
            on_search=set_address("q"),
        ),
        _choice("kind", "Kind", "Every kind", kinds),
        _choice("person", "Person", "Everyone", people),
        _day("since", "From"),
        _day("until", "To"),
        class_name="audit-tools",
        role="search",
        aria_label="Narrow the audit log",
    )


def _choice(name: str, label: str, every: str, options: Any) -> rx.Component:
    known = rx.foreach(options.to(list[KindView]), lambda each: rx.el.option(each.label, value=each.key, key=each.key))
    control = rx.el.select(
        rx.el.option(every, value=""),
        known,
        id=f"filter-{name}",
        value=address_value(name),
        on_change=_changed(name),
        aria_label=label,
        class_name="sel",
    )
    return rx.el.span(control, icon("chevron_down"), class_name="input")


def _day(name: str, label: str) -> rx.Component:
    control = rx.el.input(
        id=f"filter-{name}", type="date", value=address_value(name), on_change=_changed(name), aria_label=label
    )
    return rx.el.span(rx.el.span(label, class_name="meta", aria_hidden="true"), control, class_name="input audit-day")


def _changed(name: str) -> Any:
    """Put what a field holds into the address."""
    put = set_address(name)
    data = put._get_all_var_data()
    return rx.Var(
        f"((given) => {put!s}(given?.target ? given.target.value : given))", _var_data=VarData.merge(data)
    ).to(FunctionVar)


def _none() -> rx.Component:
    narrowed: Any = expression(" || ".join(f"{{{i}}}" for i in range(5)), *map(address_value, _FILTERS), kind=str)
    nothing = filtered_empty("No entry fits these filters.", drop="Show every entry", on_drop=clear_address(*_FILTERS))
    first = empty_state("Nothing has been done yet", "The first change to the organization appears here by itself.")
    return rx.cond(narrowed, nothing, first)


# The list


def _list(found: EntryList, entries: LiveList[EntryList]) -> rx.Component:
    scope = expression(
        "`${{0}}:${{1}}:${{2}}:${{3}}:${{4}}:${{5}}`", *map(address_value, _FILTERS), entries.pages, kind=str
    )
    more = button("Show more", on_click=entries.more, busy=entries.loading_more)
    return rx.fragment(
        Rows.create(
            rx.foreach(found.rows, _row), as_="ul", class_name="auditlist", label="Entries, newest first", scope=scope
        ),
        rx.cond(entries.has_more, rx.el.div(more, class_name="more-row"), rx.fragment()),
    )


def _row(entry: EntryView) -> rx.Component:
    actor: Any = entry.actor
    face = rx.cond(actor, avatar(actor), icon_tile("settings_2", small=True))
    sentence = rx.el.button(
        rx.el.bdi(_name(actor), class_name="strong"),
        " ",
        rx.foreach(entry.parts, _part),
        type="button",
        class_name="audit-open",
        aria_haspopup="dialog",
        on_click=_entry.open(entry=entry),
    )
    return rx.el.li(
        face,
        rx.el.div(
            sentence,
            rx.cond(entry.origin, rx.el.p(entry.origin, class_name="meta cut"), rx.fragment()),
            class_name="grow",
        ),
        relative_time(entry.at, form="stamp", class_name="meta tn"),
        key=text_of(entry.id),
        tab_index=-1,
    )


def _name(actor: Any) -> Any:
    return rx.cond(actor, actor.name, SYSTEM)


def _part(part: Part) -> rx.Component:
    shown: Any = rx.match(
        part.style,
        (Style.STRONG.value, rx.el.bdi(part.text, class_name="strong")),
        (Style.STRUCK.value, rx.el.del_(rx.el.bdi(part.text))),
        rx.el.span(part.text),
    )
    return shown


# One entry


def _subject() -> Any:
    return _entry.subject("entry").to(EntryView)


@rx.memo
def _details(entry: rx.Var[EntryView]) -> rx.Component:
    return _entry_facts(entry)


def _entry_facts(entry: Any) -> rx.Component:
    actor: Any = entry.actor
    at: Any = entry.at
    lines: Any = entry.lines
    return rx.el.div(
        rx.el.p(rx.el.bdi(_name(actor), class_name="strong"), " ", rx.foreach(entry.parts, _part), class_name="t14"),
        rx.el.dl(
            _fact("When", relative_time(at, form="full")),
            _fact("From where", rx.cond(entry.origin, entry.origin, "The server itself")),
            _fact("Kind", entry.kind),
            rx.foreach(lines.to(list[Line]), lambda line: _fact(line.name, rx.el.bdi(line.value), key=line.name)),
            _fact("Entry", number(entry.sequence)),
            rx.cond(entry.request_id, _code("Request id", entry.request_id), rx.fragment()),
            _code("Hash", entry.hash),
            _code("Stands on", entry.previous_hash),
            class_name="audit-fields",
        ),
        class_name="col g4",
    )


def _fact(name: Any, value: Any, **props: Any) -> rx.Component:
    return rx.el.div(rx.el.dt(name), rx.el.dd(value), **props)


def _code(name: str, value: Any) -> rx.Component:
    shown = rx.el.span(rx.el.code(value, class_name="mono"), copyable(value, label=f"Copy the {name.lower()}"))
    return rx.el.div(rx.el.dt(name), rx.el.dd(shown))
