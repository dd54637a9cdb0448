"""The page of workspace records: to try things on."""

from typing import Any

import reflex as rx

from memberpulse.domains.organizations.queries import get_viewer
from memberpulse.domains.records.models import Status
from memberpulse.domains.records.mutations import (
    add_samples,
    archive_record,
    create_record,
    edit_record,
    remove_all_records,
    remove_record,
    reset_records,
    restore_records,
    unarchive_record,
)
from memberpulse.domains.records.queries import count_records, get_record, list_owners, list_records
from memberpulse.domains.records.rules import STATUS_WORDS
from memberpulse.domains.records.schemas import RecordList, RecordView, Removal
from memberpulse.ui.address import address_value, set_address
from memberpulse.ui.components import (
    Column,
    DialogHandle,
    avatar,
    badge,
    bone,
    button,
    cell,
    close_button,
    dialog,
    empty_state,
    error_state,
    filtered_empty,
    head,
    kbd,
    menu,
    menu_item,
    menu_rule,
    note,
    row_keys,
    search_field,
    segmented,
    select_field,
    table,
    table_row,
    table_skeleton,
    text_area,
    text_field,
    toolbar,
)
from memberpulse.ui.expressions import expression, may, number, size_of, text_of
from memberpulse.ui.layout import KeyHelp, app_page
from memberpulse.ui.live import LiveList, busy, live, live_form, live_list, problem, run
from memberpulse.ui.page import page

_STATES = (("", "All"), ("open", "Open"), ("in_progress", "In progress"), ("done", "Done"), ("archived", "Archived"))
_STATUSES = tuple((status.value, words) for status, words in STATUS_WORDS.items())
_COLUMNS = (
    Column("Record"),
    Column("Status", width="8rem"),
    Column("Owner", phone=False, width="11rem"),
    Column("Due", phone=False, width="7rem"),
    Column("Actions", hidden_title=True, width="4rem"),
)
_KEYS = (
    KeyHelp("/", "Search records"),
    KeyHelp("C", "Add a record"),
    KeyHelp("J K", "Move"),
    KeyHelp("↵", "Open the menu"),
)

_new = DialogHandle("new-record")
_edit = DialogHandle("edit-record")


@page("/records", "Records", requires="records.view", sheets=("work",))
def records_page() -> rx.Component:
    records = _records()
    may_edit = may(live(get_viewer).value, "records.edit")
    add = button("New record", kind="ink", icon="plus", key="C", on_click=_new.open())
    return app_page(
        "Records",
        _tools(),
        records.view(
            lambda found: _table(found, records),
            table_skeleton(4, 10, label="Loading records"),
            empty=(size_of(records.value.rows) == 0, _none(may_edit)),
            failed=error_state(records, what="The records"),
        ),
        dialog(_new, _new_form(), title="New record"),
        dialog(
            _edit,
            _edit_form(record=_subject("record", RecordView), version=_subject("version", int)),
            title="Edit record",
        ),
        row_keys("tr[data-row]", opens="[aria-haspopup=menu]"),
        heading=_head(),
        action=rx.cond(may_edit, add, rx.fragment()),
        keys=_KEYS,
    )


def _records() -> LiveList[RecordList]:
    state = address_value("state")
    archived: Any = expression("{0} === 'archived'", state, kind=bool)
    status: Any = expression("({0} && {0} !== 'archived') ? {0} : null", state, kind=str)
    return live_list(list_records, search=address_value("q"), status=status, archived=archived)


def _head() -> rx.Component:
    counts = live(count_records).value
    total: Any = counts.total
    beside = rx.cond(
        total,
        rx.el.span(
            rx.el.span(number(total), class_name="tn"),
            ", ",
            rx.el.span(number(counts.open), class_name="tn"),
            " open",
            class_name="meta",
        ),
        rx.fragment(),
    )
    return head(
        beside,
        title="Records",
        actions=(rx.cond(may(live(get_viewer).value, "records.manage"), _all_menu(), rx.fragment()),),
    )


def _tools() -> rx.Component:
    return toolbar(
        search_field(
            label="Search records",
            placeholder="Title or notes",
            value=address_value("q"),
            on_search=set_address("q"),
        ),
        segmented(_STATES, value=address_value("state"), on_change=set_address("state"), label="Status"),
    )


def _undo(removal: Removal) -> Any:
    return run(restore_records, removal_id=removal.id)


def _all_menu() -> rx.Component:
    """What is done to many at once; each can be undone for ten seconds."""

    def remove(samples_only: bool) -> Any:
        return run(
            remove_all_records,
            samples_only=samples_only,
            done=lambda removal: expression("`Removed ${{0}}`", removal.words),
            undo=_undo,
        )

    samples: Any = live(count_records).value.samples
    reset = run(reset_records, done="The records are as they were at first", undo=_undo)
    return menu(
        menu_item(
            "Reset to the samples",
            hint="Everything else goes",
            icon="rotate_ccw",
            on_select=reset,
        ),
        menu_rule(),
        menu_item(
            "Remove the samples",
            hint=rx.cond(samples, "Your own records stay", "There are none"),
            icon="eraser",
            off=~samples.bool(),
            on_select=remove(True),
        ),
        menu_item(
            "Remove everything", hint="Archived records too", icon="trash_2", danger=True, on_select=remove(False)
        ),
        text="All records",
        icon="layers",
        kind="secondary",
        title="All records",
        width="16rem",
    )


# The list


def _table(found: RecordList, records: LiveList[RecordList]) -> rx.Component:
    scope = expression("`${{0}}:${{1}}:${{2}}`", address_value("q"), address_value("state"), records.pages)
    more = button("Show more", on_click=records.more, busy=records.loading_more)
    return rx.fragment(
        table(rx.foreach(found.rows, _row), columns=_COLUMNS, label="Records", size="people", scope=scope),
        rx.cond(records.has_more, rx.el.div(more, class_name="more-row"), rx.fragment()),
    )


def _row(record: RecordView) -> rx.Component:
    owner: Any = record.owner
    named = rx.cond(
        owner,
        rx.el.span(avatar(owner, size="small"), rx.el.bdi(owner.name, class_name="cut"), class_name="row"),
        rx.el.span("Nobody", class_name="faint"),
    )
    sample = rx.cond(record.sample, badge("Sample", kind="line"), rx.fragment())
    on_phone = rx.el.span(
        rx.cond(record.sample, "Sample, ", ""),
        rx.cond(owner, rx.el.bdi(owner.name), "nobody’s"),
        rx.cond(record.due, rx.fragment(", due ", record.due), ""),
        class_name="only-s2",
    )
    words = rx.el.span(
        rx.el.span(rx.el.bdi(record.title, class_name="strong cut"), sample, class_name="row"),
        rx.el.span(on_phone, rx.el.span(record.notes, class_name="only-l2"), class_name="meta cut block"),
        class_name="col",
    )
    return table_row(
        cell(words, class_name="record-what"),
        cell(_status(record)),
        cell(named),
        cell(_due(record)),
        cell(rx.cond(_may_change(record), _row_menu(record), rx.fragment()), actions=True),
        key=text_of(record.id),
        tab_index=-1,
        custom_attrs={"data-row": ""},
    )


def _status(record: RecordView) -> Any:
    words = rx.match(record.status, *[(status.value, words) for status, words in STATUS_WORDS.items()], "")
    return rx.match(
        record.status,
        (Status.DONE.value, badge(words, icon="check")),
        (Status.OPEN.value, badge(words, kind="line")),
        badge(words),
    )


def _due(record: RecordView) -> rx.Component:
    late = rx.el.span(record.due, ", overdue", class_name="record-late")
    return rx.cond(record.overdue, late, rx.el.span(record.due, class_name="soft tn"))


def _may_change(record: RecordView) -> Any:
    viewer, owner = live(get_viewer).value, record.owner
    mine: Any = expression("({0}?.id === {1}?.id)", owner, viewer.person, kind=bool)
    return may(viewer, "records.edit") | mine


def _row_menu(record: RecordView) -> rx.Component:
    back = run(unarchive_record, record_id=record.id, done=expression("`${{0}} is back`", record.title))
    away = run(
        archive_record,
        record_id=record.id,
        done=expression("`${{0}} is archived`", record.title),
        undo=run(unarchive_record, record_id=record.id),
    )
    gone = run(remove_record, record_id=record.id, done=expression("`${{0}} is removed`", record.title), undo=_undo)
    remove = rx.fragment(menu_rule(), menu_item("Remove", icon="trash_2", danger=True, on_select=gone))
    return menu(
        menu_item("Edit…", icon="pencil", on_select=_edit.open(record=record, version=record.version)),
        rx.cond(
            record.archived,
            menu_item("Bring back", icon="archive_restore", on_select=back),
            menu_item("Archive", icon="archive", on_select=away),
        ),
        rx.cond(may(live(get_viewer).value, "records.edit"), remove, rx.fragment()),
        icon="ellipsis",
        size="small",
        label=expression("`More for ${{0}}`", record.title),
        title=record.title,
        width="13rem",
    )


def _none(may_edit: Any) -> rx.Component:
    state = address_value("state")
    by_search = filtered_empty(
        rx.fragment("No record says ", rx.el.b("“", rx.el.bdi(address_value("q")), "”"), "."),
        drop="Clear the search",
        on_drop=set_address("q").partial(""),
    )
    by_state = filtered_empty(
        "No record is in this state.", drop="Show all records", on_drop=set_address("state").partial("")
    )
    samples = button("Add samples", kind="ink", on_click=run(add_samples), busy=busy(add_samples))
    first = empty_state(
        "There are no records",
        "Records are for trying things out: add a few samples, change them, remove them all.",
        rx.cond(may(live(get_viewer).value, "records.manage"), samples, rx.fragment()),
        rx.cond(may_edit, button("New record", on_click=_new.open()), rx.fragment()),
    )
    return rx.cond(address_value("q"), by_search, rx.cond(state, by_state, first))


# The forms


def _subject(field: str, kind: Any) -> Any:
    return _edit.subject(field).to(kind)


@rx.memo
def _new_form() -> rx.Component:
    refused = problem(create_record)
    return live_form(
        create_record,
        _general(refused, ("title", "notes", "owner_id", "due_on")),
        _fields(refused, None),
        _foot("Add record", create_record),
        done="Record added",
        then=_new.close(),
        class_name="col g4",
        aria_label="New record",
    )


@rx.memo
def _edit_form(record: rx.Var[RecordView], version: rx.Var[int]) -> rx.Component:
    return _editing(record, version)


def _editing(record: Any, version: Any) -> rx.Component:
    """The values it started from stay; what others change meanwhile is said above them."""
    latest = live(get_record, record_id=record.id)
    refused = problem(edit_record)
    newer: Any = expression("({0}?.version ?? {1}) > {1}", latest.value, version, kind=bool)
    gone: Any = latest.status == "not_found"
    return live_form(
        edit_record,
        rx.cond(
            gone,
            note("This record has been removed meanwhile.", kind="warn", role="status"),
            rx.cond(
                newer,
                _newer(record, latest.value),
                _general(refused, ("title", "status", "notes", "owner_id", "due_on")),
            ),
        ),
        _fields(refused, record),
        _foot("Save", edit_record),
        arguments={"record_id": record.id, "version": version},
        reset=False,
        then=_edit.close(),
        class_name="col g4",
        aria_label="Edit record",
        key=expression("`${{0}}:${{1}}`", record.id, record.version),
    )


def _newer(mine: Any, latest: RecordView) -> rx.Component:
    """Somebody was faster: take their values, or put one's own over them."""
    keep = button("Keep mine", size="small", on_click=_edit.open(record=mine, version=latest.version))
    take = button("Take theirs", size="small", on_click=_edit.open(record=latest, version=latest.version))
    words = rx.match(latest.status, *[(status.value, words) for status, words in STATUS_WORDS.items()], "")
    owner: Any = latest.owner
    facts = [
        rx.el.b(rx.el.bdi(latest.title)),
        ", ",
        words,
        rx.cond(owner, rx.fragment(", ", rx.el.bdi(owner.name)), ", nobody’s"),
        rx.cond(latest.due, rx.fragment(", due ", latest.due), ""),
    ]
    return note(
        rx.el.p(rx.el.b(rx.el.bdi(latest.changed_by)), " changed this record while you were editing. It says now:"),
        rx.el.p(*facts, class_name="record-newer"),
        rx.el.div(take, keep, class_name="row"),
        kind="warn",
        role="status",
    )


def _general(refused: Any, fields: tuple[str, ...]) -> rx.Component:
    beside: Any = refused.field(fields[0])
    for name in fields[1:]:
        beside = beside | refused.field(name)
    return rx.cond((refused.message != "") & ~beside, note(refused.message, kind="danger", role="alert"), rx.fragment())


def _fields(refused: Any, record: Any) -> rx.Component:
    """record: whose values to begin with; None: a new one."""

    def begin(value: Any) -> dict[str, Any]:
        return {} if record is None else {"default_value": value}

    owners = live(list_owners)
    choices: Any = expression(
        "[['', 'Nobody'], ...({0} ?? []).map((each) => [each.id, each.name])]",
        owners.value,
        kind=list[tuple[str, str]],
    )
    owner_id = "" if record is None else expression("({0}?.id ?? '')", record.owner)
    due = "" if record is None else expression("({0} ?? '')", record.due_on)
    owner = select_field("Owner", name="owner_id", options=choices, error=refused.field("owner_id"), **begin(owner_id))
    waiting = rx.el.div(rx.el.span("Owner", class_name="label"), bone(height="2rem"), class_name="field")
    return rx.fragment(
        text_field(
            "Title",
            name="title",
            error=refused.field("title"),
            auto_complete="off",
            max_length=200,
            custom_attrs={"dir": "auto"},
            **begin("" if record is None else record.title),
        ),
        rx.el.div(
            select_field(
                "Status",
                name="status",
                options=_STATUSES,
                error=refused.field("status"),
                **begin("" if record is None else record.status),
            ),
            text_field("Due", name="due_on", type="date", error=refused.field("due_on"), **begin(due)),
            class_name="record-pair",
        ),
        rx.cond(owners.status == "ready", owner, waiting),
        text_area(
            "Notes",
            name="notes",
            rows=4,
            error=refused.field("notes"),
            custom_attrs={"dir": "auto"},
            **begin("" if record is None else record.notes),
        ),
    )


def _foot(verb: str, mutation: Any) -> rx.Component:
    shown = rx.fragment(verb, rx.el.span(kbd("⌘"), kbd("↵"), class_name="row g1 only-l"))
    return rx.el.div(
        close_button("Cancel", kind="secondary"),
        button(shown, kind="ink", submit=True, busy=busy(mutation)),
        class_name="row push-end",
    )
