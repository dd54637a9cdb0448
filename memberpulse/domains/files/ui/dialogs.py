"""The library's dialogs: looking at a file, its name, its place, who may see it, folders, the quota."""

from typing import Any

import reflex as rx

from memberpulse.domains.files.folders import create_folder
from memberpulse.domains.files.folders import rename_folder as rename_folder_mutation
from memberpulse.domains.files.mutations import delete_files, move_files, rename_file, set_audience, set_quota
from memberpulse.domains.files.queries import get_file, get_storage, list_folders
from memberpulse.domains.files.schemas import FileView, FolderView
from memberpulse.domains.files.ui.parts import AUDIENCES, FilePreview
from memberpulse.ui.components import (
    DialogHandle,
    bone,
    button,
    close_button,
    confirm_dialog,
    dialog,
    kbd,
    note,
    relative_time,
    select_field,
    text_field,
)
from memberpulse.ui.components.actions import button_class, face
from memberpulse.ui.components.kinds import plain_link
from memberpulse.ui.expressions import expression, text_of
from memberpulse.ui.live import busy, live, live_form, problem, run

preview = DialogHandle("look-at-file")
rename = DialogHandle("rename-file")
move = DialogHandle("move-file")
share = DialogHandle("share-file")
delete = DialogHandle("delete-file")
new_folder = DialogHandle("new-folder")
rename_folder = DialogHandle("rename-folder")
quota = DialogHandle("storage-quota")


def all_dialogs() -> rx.Component:
    """Mounted once on the page."""
    gone: Any = delete.subject("file").to(FileView)
    return rx.fragment(
        dialog(preview, _look(file=_file(preview)), title=_file(preview).name, wide=True),
        dialog(rename, _rename_form(file=_file(rename)), title="Rename file"),
        dialog(move, _move_form(file=_file(move)), title="Move file"),
        dialog(share, _share_form(file=_file(share)), title="Who may see it"),
        confirm_dialog(
            delete,
            title="Delete for good",
            lead=rx.fragment(rx.el.bdi(gone.name), " cannot be brought back after this. Its room is free at once."),
            verb="Delete for good",
            on_confirm=run(delete_files, file_ids=[gone.id]),
        ),
        dialog(new_folder, _folder_form(parent_id=new_folder.subject("parent_id").to(str)), title="New folder"),
        dialog(
            rename_folder,
            _folder_name_form(folder=rename_folder.subject("folder").to(FolderView)),
            title="Rename folder",
        ),
        dialog(
            quota,
            _quota_form(quota_mb=quota.subject("quota_mb").to(int)),
            title="Change the quota",
            lead="How much your organization may keep, those files in the bin included.",
        ),
    )


def _file(handle: DialogHandle) -> Any:
    return handle.subject("file").to(FileView)


@rx.memo
def _look(file: rx.Var[FileView]) -> rx.Component:
    return _looking(file)


def _looking(opened: Any) -> rx.Component:
    """The file as it is now; what was opened stands until that is known."""
    latest = live(get_file, file_id=opened.id)
    gone: Any = latest.status == "not_found"
    shown = rx.el.div(
        FilePreview.create(
            kind=opened.kind,
            address=opened.address,
            name=opened.name,
            pages=opened.pages,
            missing=expression("({0}?.missing ?? false)", latest.value, kind=bool),
        ),
        class_name="preview-stage",
    )
    return rx.cond(
        gone,
        note("This file was deleted meanwhile, or is not shared with you any more.", kind="warn", role="status"),
        rx.el.div(shown, latest.view(_facts, rx.el.div(bone("8rem"), bone("6rem"))), class_name="preview"),
    )


def _facts(file: FileView) -> rx.Component:
    uploader: Any = file.uploader

    def fact(term: str, *said: Any) -> rx.Component:
        return rx.el.div(rx.el.dt(term), rx.el.dd(*said))

    who = rx.cond(uploader, rx.el.bdi(uploader.name), "Deleted person")
    words: Any = rx.match(file.audience, *AUDIENCES, "")
    seen = rx.cond((file.audience == "only_me") & ~file.mine.bool(), "Only who uploaded it", words)  # pyright: ignore
    change = rx.fragment(
        button("Rename", icon="pencil", on_click=[preview.close(), rename.open(file=file)], full=True),
        button("Move", icon="folder_input", on_click=[preview.close(), move.open(file=file)], full=True),
    )
    return rx.el.div(
        rx.el.dl(
            fact("Kind", file.detail),
            fact("Size", file.size),
            fact("Uploaded", who, ", ", relative_time(file.uploaded_at, form="ago")),
            fact("Folder", rx.cond(file.folder, rx.el.bdi(file.folder), "All files")),
            fact("Who may see it", seen),
            class_name="preview-facts",
        ),
        rx.el.div(
            plain_link(
                *face("Download", "download"),
                href=expression("`${{0}}?download=1`", file.address),
                class_name=button_class("ink", full=True),
            ),
            rx.cond(file.changeable & ~file.gone_at.bool(), change, rx.fragment()),  # pyright: ignore
            class_name="preview-acts",
        ),
    )


@rx.memo
def _rename_form(file: rx.Var[FileView]) -> rx.Component:
    refused, given = problem(rename_file), _var(file)
    return live_form(
        rename_file,
        _general(refused, "name"),
        text_field(
            "Name",
            name="name",
            error=refused.field("name"),
            default_value=given.name,
            auto_complete="off",
            max_length=200,
            custom_attrs={"dir": "auto"},
        ),
        _foot("Rename", rename_file),
        arguments={"file_id": given.id},
        reset=False,
        then=rename.close(),
        class_name="col g4",
        aria_label="Rename file",
        key=text_of(given.id),
    )


@rx.memo
def _move_form(file: rx.Var[FileView]) -> rx.Component:
    given, folders = _var(file), live(list_folders)
    choices: Any = expression(
        "[['', 'All files (no folder)'], ...({0} ?? []).map((each) => [each.id, each.path])]",
        folders.value,
        kind=list[tuple[str, str]],
    )
    field = select_field(
        "Folder", name="folder_id", options=choices, default_value=expression("({0} ?? '')", given.folder_id)
    )
    refused = problem(move_files)
    return live_form(
        move_files,
        _general(refused, "folder_id"),
        rx.cond(folders.status == "ready", field, bone(height="2rem")),
        _foot("Move", move_files),
        arguments={"file_ids": [given.id]},
        reset=False,
        done=expression("`${{0}} is moved`", given.name),
        then=move.close(),
        class_name="col g4",
        aria_label="Move file",
        key=text_of(given.id),
    )


@rx.memo
def _share_form(file: rx.Var[FileView]) -> rx.Component:
    refused, given = problem(set_audience), _var(file)
    own = select_field("Shown to", name="audience", options=AUDIENCES, default_value=given.audience)
    others = select_field("Shown to", name="audience", options=AUDIENCES[:3], default_value=given.audience)
    return live_form(
        set_audience,
        _general(refused, "audience"),
        rx.cond(given.mine, own, others),
        _foot("Save", set_audience),
        arguments={"file_id": given.id},
        reset=False,
        then=share.close(),
        class_name="col g4",
        aria_label="Who may see it",
        key=text_of(given.id),
    )


@rx.memo
def _folder_form(parent_id: rx.Var[str]) -> rx.Component:
    refused = problem(create_folder)
    return live_form(
        create_folder,
        _general(refused, "name"),
        _folder_name(refused),
        _foot("Make folder", create_folder),
        arguments={"parent_id": expression("({0} ?? null)", parent_id)},
        then=new_folder.close(),
        class_name="col g4",
        aria_label="New folder",
    )


@rx.memo
def _folder_name_form(folder: rx.Var[FolderView]) -> rx.Component:
    refused, given = problem(rename_folder_mutation), _var(folder)
    return live_form(
        rename_folder_mutation,
        _general(refused, "name"),
        _folder_name(refused, default_value=given.name),
        _foot("Rename", rename_folder_mutation),
        arguments={"folder_id": given.id},
        reset=False,
        then=rename_folder.close(),
        class_name="col g4",
        aria_label="Rename folder",
        key=text_of(given.id),
    )


@rx.memo
def _quota_form(quota_mb: rx.Var[int]) -> rx.Component:
    refused = problem(set_quota)
    most = live(get_storage).value.default_quota_mb
    return live_form(
        set_quota,
        _general(refused, "quota_mb"),
        text_field(
            "Quota",
            name="quota_mb",
            type="number",
            suffix="MB",
            error=refused.field("quota_mb"),
            hint=expression("`Up to ${{0}} MB on this server. Empty: as much as that.`", most),
            default_value=expression("String({0})", quota_mb),
            min=1,
        ),
        _foot("Save", set_quota),
        reset=False,
        then=quota.close(),
        class_name="col g4",
        aria_label="Change the quota",
    )


def _folder_name(refused: Any, **props: Any) -> rx.Component:
    return text_field(
        "Name",
        name="name",
        error=refused.field("name"),
        auto_complete="off",
        max_length=80,
        custom_attrs={"dir": "auto"},
        **props,
    )


def _var(given: Any) -> Any:
    return given


def _general(refused: Any, field: str) -> rx.Component:
    beside: Any = refused.field(field)
    return rx.cond((refused.message != "") & ~beside, note(refused.message, kind="danger", role="alert"), rx.fragment())


def _foot(verb: str, mutation: Any) -> rx.Component:
    shown = rx.fragment(verb, rx.el.span(kbd("⌘"), kbd("↵"), class_name="row g1 only-l"))
    return rx.el.div(
        close_button("Cancel", kind="secondary"),
        button(shown, kind="ink", submit=True, busy=busy(mutation)),
        class_name="row push-end",
    )
