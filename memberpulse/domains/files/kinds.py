"""What is kept here: the allow-list, decided by content, never by a name. Pure; the examining process reads it too."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import filetype

HEAD_BYTES = 8192
"""As much of the beginning as is needed to tell."""


class FileKind(enum.StrEnum):
    """What a file is to people; what it is to programs is its media type."""

    IMAGE = "image"
    PDF = "pdf"
    TEXT = "text"
    DOCUMENT = "document"


@dataclass(frozen=True)
class Allowed:
    """One kind of content. extensions: those that fit it, the first is given to a name without any of them."""

    word: str
    kind: FileKind
    media_type: str
    extensions: tuple[str, ...]
    title: str


JPEG = Allowed("jpeg", FileKind.IMAGE, "image/jpeg", ("jpg", "jpeg"), "JPEG")
PNG = Allowed("png", FileKind.IMAGE, "image/png", ("png",), "PNG")
WEBP = Allowed("webp", FileKind.IMAGE, "image/webp", ("webp",), "WebP")
GIF = Allowed("gif", FileKind.IMAGE, "image/gif", ("gif",), "GIF")
PDF = Allowed("pdf", FileKind.PDF, "application/pdf", ("pdf",), "PDF")
TEXT = Allowed("text", FileKind.TEXT, "text/plain", ("txt", "md", "csv", "log", "ics", "vcf"), "Text")

_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = Allowed("docx", FileKind.DOCUMENT, _OFFICE + "wordprocessingml.document", ("docx",), "Word")
XLSX = Allowed("xlsx", FileKind.DOCUMENT, _OFFICE + "spreadsheetml.sheet", ("xlsx",), "Excel")
PPTX = Allowed("pptx", FileKind.DOCUMENT, _OFFICE + "presentationml.presentation", ("pptx",), "PowerPoint")
ODT = Allowed("odt", FileKind.DOCUMENT, "application/vnd.oasis.opendocument.text", ("odt",), "OpenDocument text")
ODS = Allowed(
    "ods", FileKind.DOCUMENT, "application/vnd.oasis.opendocument.spreadsheet", ("ods",), "OpenDocument sheet"
)
ODP = Allowed(
    "odp", FileKind.DOCUMENT, "application/vnd.oasis.opendocument.presentation", ("odp",), "OpenDocument slides"
)

IMAGES = (JPEG, PNG, WEBP, GIF)
OFFICE = {"word/": DOCX, "xl/": XLSX, "ppt/": PPTX}
"""By the folder inside that tells them apart."""
OPEN_DOCUMENT = {each.media_type: each for each in (ODT, ODS, ODP)}
ALL = (*IMAGES, PDF, TEXT, DOCX, XLSX, PPTX, ODT, ODS, ODP)
BY_WORD = {each.word: each for each in ALL}


def _accept(kinds: Iterable[Allowed]) -> str:
    return ",".join(f".{extension}" for each in kinds for extension in each.extensions)


ACCEPT, ACCEPT_IMAGES = _accept(ALL), _accept(IMAGES)
"""For the browser's own picker; it decides nothing."""

_BY_MEDIA_TYPE = {each.media_type: each for each in (*IMAGES, PDF)}
_ZIP = b"PK\x03\x04"
_MARKUP = (
    b"<!doctype",
    b"<html",
    b"<svg",
    b"<?xml",
    b"<script",
    b"<head",
    b"<body",
    b"<iframe",
    b"<?php",
    b"<!--",
    b"<%",
)
_PROGRAM = (b"#!", b"MZ", b"\x7fELF")
_CONTROLS = frozenset(range(32)) - {9, 10, 12, 13, 27}


@dataclass(frozen=True)
class Guess:
    """What a beginning looks like. refused: a sentence, when nothing that begins so is kept."""

    allowed: Allowed | None = None
    archive: bool = False
    """A ZIP container: it may be an office document, which only its inside tells."""
    refused: str = ""


def guess(head: bytes) -> Guess:
    """Tell by the beginning of a content what it is."""
    if not head:
        return Guess(refused="This file is empty.")
    if head.startswith(_ZIP):
        return Guess(archive=True)
    found: Any = filetype.guess(head)  # pyright: ignore[reportUnknownMemberType]
    if found is not None:
        allowed = _BY_MEDIA_TYPE.get(str(found.mime))
        if allowed is None:
            return Guess(refused=f"This is a file of the kind {found.extension}, which is not kept here.")
        return Guess(allowed)
    return _guess_text(head)


def _guess_text(head: bytes) -> Guess:
    begins = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if begins.startswith(_MARKUP):
        return Guess(
            refused="Pages and drawings with markup (HTML, SVG, XML) are not kept here, since they can run code."
        )
    if head.startswith(_PROGRAM):
        return Guess(refused="Programs are not kept here.")
    if is_text(head, cut=True):
        return Guess(TEXT)
    return Guess(refused="Files of this kind are not kept here. Images, PDF, text and office documents are.")


def is_text(content: bytes, *, cut: bool = False) -> bool:
    """Whether it is UTF-8 without control characters. cut: it may end in the middle of a letter."""
    if _CONTROLS.intersection(content):
        return False
    try:
        content.decode()
    except UnicodeDecodeError as fault:
        return cut and fault.start > len(content) - 4
    return True


def office_kind(names: Sequence[str], declared: str) -> Allowed | None:
    """Which office document a container with these entries is. declared: what its `mimetype` entry says."""
    if declared in OPEN_DOCUMENT:
        return OPEN_DOCUMENT[declared]
    if "[Content_Types].xml" not in names:
        return None
    return next((kind for folder, kind in OFFICE.items() if any(name.startswith(folder) for name in names)), None)
