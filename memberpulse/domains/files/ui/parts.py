"""What the library's screens share: the browser's side of uploads and previews, words, and signs."""

from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex.vars.function import FunctionVar
from reflex_base.utils.imports import ImportVar

from memberpulse.domains.files.models import Audience, FileKind
from memberpulse.domains.files.schemas import FileView
from memberpulse.ui.components import badge
from memberpulse.ui.components.icons import icon
from memberpulse.ui.components.kinds import Handler

LIBRARY = "$/public/files"

AUDIENCES = (
    (Audience.ORGANIZATION.value, "Everybody here"),
    (Audience.CREATORS.value, "Creators and admins"),
    (Audience.ADMINS.value, "Admins only"),
    (Audience.ONLY_ME.value, "Only me"),
)
KINDS = (("", "All"), ("image", "Images"), ("pdf", "PDF"), ("text", "Text"), ("document", "Documents"))


def choose_files() -> Handler:
    """A handler that opens the browser's picker of the page's `DropPage`."""
    data = VarData(imports={LIBRARY: [ImportVar(tag="chooseFiles")]})
    return rx.Var("chooseFiles", _var_data=data).to(FunctionVar).partial("files")


def sign_of(file: FileView) -> Any:
    """The icon of what has no picture."""
    return rx.match(
        file.kind,
        (FileKind.IMAGE.value, icon("image")),
        (FileKind.PDF.value, icon("file_text")),
        (FileKind.TEXT.value, icon("file_text")),
        icon("file_spreadsheet"),
    )


def audience_badge(file: FileView) -> Any:
    """Says who may see it, where that is not everybody."""
    return rx.match(
        file.audience,
        (Audience.CREATORS.value, badge("Creators", icon="users")),
        (Audience.ADMINS.value, badge("Admins", icon="shield")),
        (Audience.ONLY_ME.value, badge("Only you", icon="lock")),
        rx.fragment(),
    )


def picture_of(file: FileView) -> Any:
    """A thumbnail, or the icon that stands for it. Silent: the name stands beside it."""
    image = rx.el.img(src=file.thumbnail, alt="", loading="lazy", decoding="async", draggable=False)
    return rx.cond(file.thumbnail, image, sign_of(file))


class DropPage(rx.Component):
    """Around a page: files that are dropped or pasted on it are uploaded, and those on their way are shown."""

    library = LIBRARY
    tag = "DropPage"

    name: rx.Var[str]
    folder: rx.Var[Any]
    audience: rx.Var[str]
    largest: rx.Var[int]
    accept: rx.Var[str]
    off: rx.Var[bool]


class FilePreview(rx.Component):
    """One file, as large as there is room."""

    library = LIBRARY
    tag = "FilePreview"

    kind: rx.Var[str]
    address: rx.Var[str]
    name: rx.Var[str]
    pages: rx.Var[int]
    missing: rx.Var[bool]


class AttachField(rx.Component):
    """Uploads what is chosen or dropped, and hands it to a mutation."""

    library = LIBRARY
    tag = "AttachField"

    mutation: rx.Var[str]
    given: rx.Var[dict[str, Any]]
    audience: rx.Var[str]
    largest: rx.Var[int]
    accept: rx.Var[str]
    one: rx.Var[bool]
    text: rx.Var[str]
