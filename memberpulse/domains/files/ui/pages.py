"""The library: folders, files as pictures or as lines, how full it is, the bin."""

from typing import Any

import reflex as rx

from memberpulse.domains.files.kinds import ACCEPT
from memberpulse.domains.files.mutations import restore_files
from memberpulse.domains.files.queries import count_files, get_place, get_storage, list_binned, list_files
from memberpulse.domains.files.schemas import FileList, FileView, FolderChoice, FolderPlace, FolderView, StorageView
from memberpulse.domains.files.ui import dialogs
from memberpulse.domains.files.ui.menus import binned_menu, file_menu, folder_menu
from memberpulse.domains.files.ui.parts import AUDIENCES, KINDS, DropPage, audience_badge, choose_files, picture_of
from memberpulse.domains.organizations.queries import get_viewer
from memberpulse.ui.address import address_value, clear_address, set_address
from memberpulse.ui.components import (
    Column,
    badge,
    bone,
    button,
    cell,
    empty_state,
    error_state,
    filtered_empty,
    head,
    menu,
    menu_choice,
    relative_time,
    row_keys,
    search_field,
    segmented,
    table,
    table_row,
    table_skeleton,
    text_button,
    toolbar,
)
from memberpulse.ui.components.icons import icon
from memberpulse.ui.components.marks import Rows
from memberpulse.ui.expressions import expression, may, number, size_of, text_of
from memberpulse.ui.layout import KeyHelp, app_page
from memberpulse.ui.live import LiveList, live, live_list, run
from memberpulse.ui.page import page

_COLUMNS = (
    Column("Name"),
    Column("Kind", phone=False, width="11rem"),
    Column("Size", phone=False, number=True, width="6rem"),
    Column("Uploaded", phone=False, width="11rem"),
    Column("Actions", hidden_title=True, width="4rem"),
)
_EVERYBODY = AUDIENCES[0][0]
_KEYS = (
    KeyHelp("C", "Upload files"),
    KeyHelp("/", "Search files"),
    KeyHelp("J K", "Move"),
    KeyHelp("↵", "Look at it"),
)


@page("/files", "Files", requires="files.view")
def files_page() -> rx.Component:
    viewer, storage = live(get_viewer).value, live(get_storage)
    may_upload = may(viewer, "files.upload")
    upload = button("Upload", kind="ink", icon="upload", key="C", on_click=choose_files())
    return app_page(
        "Files",
        DropPage.create(
            storage.view(_storage, rx.el.div(bone("16rem"), class_name="storage late")),
            rx.cond(address_value("bin"), _bin(), _library()),
            name="files",
            folder=address_value("folder"),
            audience=address_value("for", _EVERYBODY),
            largest=expression("({0}?.largest_bytes ?? 0)", storage.value, kind=int),
            accept=ACCEPT,
            off=~may_upload | (address_value("bin") != ""),
        ),
        dialogs.all_dialogs(),
        row_keys("[data-row]", opens="[data-open-file]"),
        heading=_head(),
        action=rx.cond(may_upload & (address_value("bin") == ""), upload, rx.fragment()),
        keys=_KEYS,
    )


def _head() -> rx.Component:
    viewer, files = live(get_viewer).value, live(count_files).value
    how_many = rx.el.span(rx.el.span(number(files), class_name="tn"), class_name="meta")
    binned = expression("({0}?.binned ?? 0)", live(get_storage).value, kind=int)
    into_bin = button(
        "Bin",
        icon="trash_2",
        kind="quiet",
        on_click=set_address("bin").partial("1"),
        label=expression("`Bin, ${{0}} files`", binned),
    )
    back = button("Back to the files", icon="arrow_left", on_click=clear_address("bin"))
    folder = button("New folder", icon="folder_plus", on_click=dialogs.new_folder.open(parent_id=_folder_id()))
    organizes = rx.cond(may(viewer, "files.organize"), folder, rx.fragment())
    return head(
        rx.cond(address_value("bin"), rx.fragment(), rx.cond(files, how_many, rx.fragment())),
        title=rx.cond(address_value("bin"), "Bin", "Files"),
        actions=(rx.cond(address_value("bin"), back, rx.fragment(into_bin, organizes)),),
    )


def _folder_id() -> Any:
    return expression("({0} || null)", address_value("folder"))


# How full it is


def _storage(storage: StorageView) -> rx.Component:
    percent: Any = storage.percent
    bar = rx.el.div(
        rx.el.span(style={"inlineSize": expression("`${{0}}%`", percent)}),
        class_name="storage-bar",
        role="progressbar",
        aria_label="Storage in use",
        aria_valuemin=0,
        aria_valuemax=100,
        aria_valuenow=percent,
        custom_attrs={"data-state": storage.state},
    )
    said = rx.match(
        storage.state,
        ("warn", rx.el.span(percent, " % full. Empty the bin, or make more room.", class_name="meta warned")),
        ("full", rx.el.span("Full. Nothing more can be uploaded until there is room.", class_name="meta over")),
        rx.fragment(),
    )
    used = rx.el.span(storage.used, " of ", storage.quota, " in use", class_name="meta tn")
    change = text_button(
        "Change", on_click=dialogs.quota.open(quota_mb=storage.quota_mb), aria_label="Change the quota"
    )
    manages = rx.cond(may(live(get_viewer).value, "files.manage"), change, rx.fragment())
    lost = rx.cond(
        storage.missing_files > 0,
        badge(expression("`${{0}} without content`", storage.missing_files), kind="danger"),
        rx.fragment(),
    )
    return rx.el.div(bar, used, said, lost, manages, class_name="storage wrap")


# The library


@rx.memo
def _library() -> rx.Component:
    files, place = _files(), live(get_place, folder_id=_folder_id())
    return rx.fragment(
        _tools(),
        rx.cond(
            _is_filtered(),
            rx.fragment(),
            place.view(_place, rx.fragment(), forbidden=_lost_folder(), failed=rx.fragment()),
        ),
        files.view(
            lambda found: _shown(found, files),
            _grid_skeleton(),
            empty=(size_of(files.value.rows) == 0, _none(place.value)),
            failed=error_state(files, what="The files"),
        ),
    )


def _files() -> LiveList[FileList]:
    kind: Any = expression("({0} || null)", address_value("kind"))
    return live_list(list_files, search=address_value("q"), folder_id=_folder_id(), kind=kind)


def _is_filtered() -> Any:
    return (address_value("q") != "") | (address_value("kind") != "")


def _tools() -> rx.Component:
    view = segmented(
        (
            ("", rx.fragment(icon("layout_grid"), rx.el.span("Grid", class_name="view-word"))),
            ("list", rx.fragment(icon("list"), rx.el.span("List", class_name="view-word"))),
        ),
        value=address_value("view"),
        on_change=set_address("view"),
        label="View",
    )
    return toolbar(
        search_field(label="Search files", placeholder="Name", value=address_value("q"), on_search=set_address("q")),
        segmented(KINDS, value=address_value("kind"), on_change=set_address("kind"), label="Kind"),
        rx.el.span(_audience_menu(), view, class_name="row push"),
    )


def _audience_menu() -> rx.Component:
    """Who will see what one uploads next."""
    chosen = address_value("for", _EVERYBODY)
    words: Any = rx.match(chosen, *AUDIENCES, AUDIENCES[0][1])
    choices = [
        menu_choice(said, checked=chosen == value, on_select=set_address("for", _EVERYBODY).partial(value))
        for value, said in AUDIENCES
    ]
    shown = rx.fragment(icon("eye"), rx.el.span(words, class_name="only-l"))
    offered = menu(
        *choices,
        shown=shown,
        title="Who sees what you upload",
        width="14rem",
        class_name="btn",
        label=expression("`New files are for: ${{0}}`", words),
    )
    return rx.cond(may(live(get_viewer).value, "files.upload"), offered, rx.fragment())


def _place(place: FolderPlace) -> rx.Component:
    here: Any = place.folder

    def step(folder: FolderChoice) -> rx.Component:
        go = text_button(rx.el.bdi(folder.name), on_click=set_address("folder").partial(text_of(folder.id)))
        current = rx.el.span(rx.el.bdi(folder.name), class_name="here", aria_current="page")
        return rx.el.li(rx.cond(folder.id == here.id, current, go), key=text_of(folder.id))

    top = rx.el.li(text_button("All files", on_click=clear_address("folder")))
    way = rx.el.ol(top, rx.foreach(place.way, step), class_name="files-way", aria_label="Folder")
    folders = Rows.create(rx.foreach(place.folders, _folder), as_="ul", class_name="folders", label="Folders")
    return rx.fragment(rx.cond(here, way, rx.fragment()), rx.cond(size_of(place.folders) > 0, folders, rx.fragment()))


def _folder(folder: FolderView) -> rx.Component:
    inside: Any = expression(
        "[{0} && ({0} === 1 ? '1 file' : `${{0}} files`), {1} && ({1} === 1 ? '1 folder' : `${{1}} folders`)]"
        ".filter(Boolean).join(', ') || 'Empty'",
        folder.files,
        folder.folders,
    )
    go = rx.el.button(
        rx.el.bdi(folder.name, class_name="cut block"),
        type="button",
        class_name="folder-go",
        on_click=set_address("folder").partial(text_of(folder.id)),
    )
    words = rx.el.span(go, rx.el.span(inside, class_name="meta tn"), class_name="col grow")
    organizes = may(live(get_viewer).value, "files.organize")
    return rx.el.li(
        icon("folder"), words, rx.cond(organizes, folder_menu(folder), rx.fragment()), key=text_of(folder.id)
    )


def _lost_folder() -> rx.Component:
    return filtered_empty("This folder is gone.", drop="Show all files", on_drop=clear_address("folder"))


def _shown(found: FileList, files: LiveList[FileList]) -> rx.Component:
    scope = expression(
        "[{0}, {1}, {2}, {3}, {4}].join()",
        address_value("q"),
        address_value("kind"),
        address_value("folder"),
        address_value("view"),
        files.pages,
    )
    more = button("Show more", on_click=files.more, busy=files.loading_more)
    grid = Rows.create(rx.foreach(found.rows, _card), as_="ul", class_name="file-grid", label="Files", scope=scope)
    lines = table(rx.foreach(found.rows, _line), columns=_COLUMNS, label="Files", size="people", scope=scope)
    return rx.fragment(
        rx.cond(address_value("view") == "list", lines, grid),
        rx.cond(files.has_more, rx.el.div(more, class_name="more-row"), rx.fragment()),
    )


def _card(file: FileView) -> rx.Component:
    excerpt = rx.el.span(file.excerpt, class_name="file-excerpt", dir="auto")
    inside = rx.cond(file.excerpt, excerpt, picture_of(file))
    face = rx.el.button(
        inside,
        audience_badge(file),
        type="button",
        class_name="file-face",
        on_click=dialogs.preview.open(file=file),
        aria_label=expression("`Look at ${{0}}`", file.name),
        custom_attrs={"data-open-file": "", "data-kind": file.kind},
    )
    words = rx.el.span(
        rx.el.bdi(file.name, class_name="cut strong block", title=file.name),
        rx.el.span(file.size, " · ", relative_time(file.uploaded_at, form="ago"), class_name="meta cut tn"),
        class_name="col",
    )
    return rx.el.li(
        face,
        rx.el.div(words, file_menu(file), class_name="file-words"),
        key=text_of(file.id),
        tab_index=-1,
        custom_attrs={"data-row": ""},
    )


def _line(file: FileView) -> rx.Component:
    name = rx.el.button(
        rx.el.bdi(file.name, class_name="cut block"),
        type="button",
        class_name="file-open",
        on_click=dialogs.preview.open(file=file),
        custom_attrs={"data-open-file": ""},
    )
    folder = rx.cond(_is_filtered() & (file.folder != ""), rx.fragment(" in ", rx.el.bdi(file.folder)), rx.fragment())
    under = rx.el.span(
        rx.el.span(file.size, ", ", file.detail, class_name="only-s2"),
        folder,
        class_name="meta cut block",
    )
    what = rx.el.span(
        rx.el.span(picture_of(file), class_name="file-mini", aria_hidden="true"),
        rx.el.span(rx.el.span(name, audience_badge(file), class_name="row"), under, class_name="col grow"),
        class_name="row g3",
    )
    return table_row(
        cell(what, class_name="file-what"),
        cell(rx.el.span(file.detail, class_name="soft")),
        cell(rx.el.span(file.size, class_name="tn"), number=True),
        cell(_who_and_when(file)),
        cell(file_menu(file), actions=True),
        key=text_of(file.id),
        tab_index=-1,
        custom_attrs={"data-row": ""},
    )


def _who_and_when(file: FileView) -> rx.Component:
    uploader: Any = file.uploader
    who = rx.cond(uploader, rx.el.bdi(uploader.name, class_name="cut block"), rx.el.span("Deleted person"))
    return rx.el.span(who, rx.el.span(relative_time(file.uploaded_at, form="ago"), class_name="meta"), class_name="col")


def _none(place: FolderPlace) -> rx.Component:
    by_search = filtered_empty(
        rx.fragment("No file is called ", rx.el.b("“", rx.el.bdi(address_value("q")), "”"), "."),
        drop="Clear the search",
        on_drop=set_address("q").partial(""),
    )
    by_kind = filtered_empty(
        "There are no files of this kind.", drop="Show all kinds", on_drop=set_address("kind").partial("")
    )
    upload = rx.cond(
        may(live(get_viewer).value, "files.upload"),
        button("Upload files", kind="ink", icon="upload", on_click=choose_files()),
        rx.fragment(),
    )
    first = empty_state(
        "There are no files yet", "Drop pictures, PDF, text or office documents anywhere on this page.", upload
    )
    in_folder = empty_state("This folder is empty", "Drop files here, or move some into it.", upload)
    has_folders = expression("({0}?.folders?.length ?? 0) > 0", place, kind=bool)
    here = rx.cond(address_value("folder"), in_folder, rx.cond(has_folders, rx.fragment(), first))
    return rx.cond(address_value("q"), by_search, rx.cond(address_value("kind"), by_kind, here))


def _grid_skeleton() -> rx.Component:
    def card(index: int) -> rx.Component:
        face = rx.el.span(class_name="file-face bone", style={"height": "auto"})
        return rx.el.li(face, bone("70%"), style={"opacity": max(0.15, 1 - index * 0.11), "gap": ".5rem"})

    return rx.el.div(
        rx.el.span("Loading files", class_name="vh"),
        rx.el.ul(*[card(index) for index in range(8)], class_name="file-grid", aria_hidden="true"),
        class_name="late",
        role="status",
        aria_busy="true",
    )


# The bin


@rx.memo
def _bin() -> rx.Component:
    files = live_list(list_binned)
    return files.view(
        lambda found: _binned(found, files),
        table_skeleton(3, 6, label="Loading the bin"),
        empty=(
            size_of(files.value.rows) == 0,
            empty_state("The bin is empty", "What you delete stays here for 30 days before it goes for good."),
        ),
        failed=error_state(files, what="The bin"),
    )


def _binned(found: FileList, files: LiveList[FileList]) -> rx.Component:
    columns = (
        Column("Name"),
        Column("Size", phone=False, number=True, width="6rem"),
        Column("Goes for good", phone=False, width="9rem"),
        Column("Actions", hidden_title=True, width="10rem"),
    )
    more = button("Show more", on_click=files.more, busy=files.loading_more)
    return rx.fragment(
        table(rx.foreach(found.rows, _binned_line), columns=columns, label="Bin", size="people", scope=files.pages),
        rx.cond(files.has_more, rx.el.div(more, class_name="more-row"), rx.fragment()),
    )


def _binned_line(file: FileView) -> rx.Component:
    goes = rx.el.span("Goes ", relative_time(file.gone_at, form="date"), class_name="meta only-s2")
    words = rx.el.span(rx.el.bdi(file.name, class_name="strong cut block"), goes, class_name="col grow")
    what = rx.el.span(
        rx.el.span(picture_of(file), class_name="file-mini", aria_hidden="true"), words, class_name="row g3"
    )
    back = button(
        "Restore",
        size="small",
        label=expression("`Restore ${{0}}`", file.name),
        on_click=run(restore_files, file_ids=[file.id], done=expression("`${{0}} is back`", file.name)),
    )
    return table_row(
        cell(what, class_name="file-what"),
        cell(rx.el.span(file.size, class_name="tn"), number=True),
        cell(relative_time(file.gone_at, form="date")),
        cell(back, binned_menu(file), actions=True),
        key=text_of(file.id),
        tab_index=-1,
        custom_attrs={"data-row": ""},
    )
