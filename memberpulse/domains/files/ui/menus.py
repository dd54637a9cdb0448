"""What can be done with a file or a folder, in its row."""

from typing import Any

import reflex as rx

from memberpulse.domains.files.folders import remove_folder
from memberpulse.domains.files.mutations import bin_files, restore_files
from memberpulse.domains.files.schemas import Binned, FileView, FolderView
from memberpulse.domains.files.ui import dialogs
from memberpulse.ui.components import menu, menu_item, menu_rule
from memberpulse.ui.expressions import expression
from memberpulse.ui.live import run


def download_address(file: FileView) -> Any:
    return expression("`${{0}}?download=1`", file.address)


def into_bin(file: FileView) -> Any:
    """A handler that puts a file into the bin, with Undo."""
    return run(
        bin_files,
        file_ids=[file.id],
        done=expression("`${{0}} is in the bin`", file.name),
        undo=_undo,
    )


def _undo(binned: Binned) -> Any:
    return run(restore_files, file_ids=binned.file_ids)


def file_menu(file: FileView) -> rx.Component:
    """Download for everybody; the rest for who may change it."""
    changing = rx.fragment(
        menu_rule(),
        menu_item("Rename…", icon="pencil", on_select=dialogs.rename.open(file=file)),
        menu_item("Move…", icon="folder_input", on_select=dialogs.move.open(file=file)),
        menu_item("Who may see it…", icon="eye", on_select=dialogs.share.open(file=file)),
        menu_rule(),
        menu_item("Delete", icon="trash_2", danger=True, on_select=into_bin(file)),
    )
    return menu(
        menu_item("Look at it", icon="eye", on_select=dialogs.preview.open(file=file)),
        menu_item("Download", icon="download", href=download_address(file)),
        rx.cond(file.changeable, changing, rx.fragment()),
        icon="ellipsis",
        size="small",
        label=expression("`More for ${{0}}`", file.name),
        title=file.name,
        width="13rem",
    )


def folder_menu(folder: FolderView) -> rx.Component:
    gone = run(remove_folder, folder_id=folder.id)
    return menu(
        menu_item("Rename…", icon="pencil", on_select=dialogs.rename_folder.open(folder=folder)),
        menu_item("Remove", hint="Only when it is empty", icon="trash_2", danger=True, on_select=gone),
        icon="ellipsis",
        size="small",
        label=expression("`More for ${{0}}`", folder.name),
        title=folder.name,
        width="12rem",
    )


def binned_menu(file: FileView) -> rx.Component:
    return menu(
        menu_item("Delete for good…", icon="trash_2", danger=True, on_select=dialogs.delete.open(file=file)),
        icon="ellipsis",
        size="small",
        label=expression("`More for ${{0}}`", file.name),
        title=file.name,
        width="12rem",
    )
