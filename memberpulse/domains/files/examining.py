"""Looks into one file in a process of its own, and makes anew what can be made anew.

    python -m memberpulse.domains.files.examining examine <content fd> <thumbnail fd> < file
    python -m memberpulse.domains.files.examining page <number> <picture fd> < file

What people upload may be made to crash, to hang or to fill the memory of whoever opens it. Here it can: this process
has little memory, little time and nothing to tell. It answers with one line of JSON: what was found, or
{"refused": why}. Nothing here knows of the database, of settings or of the server.
"""

import hashlib
import json
import os
import resource
import sys
import zipfile
from collections.abc import Callable, Iterator
from typing import IO, Any, cast

from memberpulse.domains.files import kinds

MAX_PIXELS = 40_000_000
"""Of an image, all its frames together: what a large telephone takes."""
MAX_FRAMES = 200
MEMORY_BYTES = 1_200 * 1024 * 1024
CPU_SECONDS = 20
THUMBNAIL_PIXELS = 480
PAGE_PIXELS = 1_400
EXCERPT_CHARACTERS = 400
MAX_ENTRIES = 2_000
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_RATIO = 200
"""How many times larger an entry of a document may become, beyond its first megabyte."""
LARGEST_DIRECTORY = 1024 * 1024
"""Of a container: the list of its entries."""


class Refused(Exception):
    """Says why, in a sentence for the person who uploaded it."""


def main(arguments: list[str]) -> None:
    _confine()
    content = os.fdopen(0, "rb", closefd=False)
    try:
        if arguments[0] == "page":
            found = draw_page(content, int(arguments[1]), int(arguments[2]))
        else:
            found = examine(content, int(arguments[1]), int(arguments[2]))
    except Refused as refusal:
        found = {"refused": str(refusal)}
    except MemoryError:
        found = {"refused": "This file takes too much memory to open."}
    sys.stdout.write(json.dumps(found))


def examine(content: IO[bytes], content_fd: int, thumbnail_fd: int) -> dict[str, Any]:
    """Tell what it is, write the content to keep if that differs, and a thumbnail. Raises Refused.

    Answers: word (of `kinds`), made_anew, thumbnail, and width, height, pages, excerpt where there are any.
    """
    guessed = kinds.guess(content.read(kinds.HEAD_BYTES))
    content.seek(0)
    if guessed.refused:
        raise Refused(guessed.refused)
    if guessed.archive:
        return {"word": _examine_document(content).word}
    allowed = guessed.allowed
    assert allowed is not None
    looks: dict[str, Callable[..., dict[str, Any]]] = {"pdf": _examine_pdf, "text": _examine_text}
    found = looks.get(allowed.word, _examine_image)(content, allowed, content_fd, thumbnail_fd)
    return {"word": allowed.word, **found}


def draw_page(content: IO[bytes], number: int, picture_fd: int) -> dict[str, Any]:
    """Draw a page of a PDF, counted from 1, as a WebP picture. Raises Refused."""
    document = _open_pdf(content)
    if not 1 <= number <= len(document):
        raise Refused("There is no such page.")
    _save(_drawn(document, number - 1, PAGE_PIXELS), picture_fd, "WEBP", quality=82, method=4)
    return {"pages": len(document)}


# Images: decoded, turned upright, and written anew with nothing but their pixels


def _examine_image(content: IO[bytes], allowed: kinds.Allowed, content_fd: int, thumbnail_fd: int) -> dict[str, Any]:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    broken = Refused("This picture cannot be read. It may be damaged, or not what its name says.")
    try:
        with Image.open(content, formats=[allowed.word.upper()]) as opened:
            frames = min(getattr(opened, "n_frames", 1), MAX_FRAMES + 1)
            if frames > MAX_FRAMES or not 0 < opened.width * opened.height * frames <= MAX_PIXELS:
                raise Refused("This picture has too many pixels. Make it smaller and try again.")
            pictures = [_bare(opened)] if frames == 1 else list(_frames(opened))
            _write_image(pictures, allowed, opened.info, content_fd)
    except (Refused, MemoryError):
        raise
    except Exception as fault:
        raise broken from fault
    first = pictures[0]
    _thumbnail(first, thumbnail_fd)
    return {"made_anew": True, "thumbnail": True, "width": first.width, "height": first.height}


def _frames(opened: Any) -> Iterator[Any]:
    from PIL import ImageSequence

    for frame in ImageSequence.Iterator(opened):
        yield _bare(frame.copy())


def _bare(opened: Any) -> Any:
    """The picture upright in plain colours, without comments, places, profiles and whatever else was in it."""
    from PIL import Image, ImageOps

    opened.load()
    upright = ImageOps.exif_transpose(_in_plain_colours(opened))
    clear = "A" in upright.getbands() or "transparency" in upright.info
    mode = upright.mode if upright.mode in ("1", "L", "LA", "RGB", "RGBA") else "RGBA" if clear else "RGB"
    converted = upright.convert(mode)
    bare = Image.new(mode, converted.size)
    bare.paste(converted)
    return bare


def _in_plain_colours(opened: Any) -> Any:
    """With the colours of its own profile brought to those that everybody shows; its profile goes."""
    profile = opened.info.get("icc_profile")
    if not profile or opened.mode not in ("RGB", "RGBA", "L", "CMYK"):
        return opened
    import io

    from PIL import ImageCms

    try:
        target = "RGBA" if opened.mode == "RGBA" else "RGB"
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        screen: Any = cast(Any, ImageCms).createProfile("sRGB")
        plain = ImageCms.profileToProfile(opened, own, screen, outputMode=target)
    except Exception:
        return opened  # the profile is no use; the pixels are
    if plain is not None:
        plain.info["exif"] = opened.info.get("exif", b"")
    return plain if plain is not None else opened


def _write_image(pictures: list[Any], allowed: kinds.Allowed, info: dict[Any, Any], content_fd: int) -> None:
    first, rest = pictures[0], pictures[1:]
    options: dict[str, Any] = {
        "jpeg": {"quality": 90, "optimize": True, "progressive": True},
        "png": {"optimize": False},
        "webp": {"quality": 88, "method": 4},
        "gif": {},
    }[allowed.word]
    if allowed.word == "jpeg":
        first = first.convert("RGB") if first.mode not in ("L", "RGB") else first
    if rest:
        wait = info.get("duration", 100)
        options |= {"save_all": True, "append_images": rest, "loop": 0, "duration": max(20, int(wait or 100))}
    _save(first, content_fd, allowed.word.upper(), **options)


def _thumbnail(picture: Any, thumbnail_fd: int) -> None:
    small = picture.convert("RGBA" if "A" in picture.getbands() else "RGB")
    small.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
    _save(small, thumbnail_fd, "WEBP", quality=80, method=4)


def _save(picture: Any, fd: int, kind: str, **options: Any) -> None:
    with os.fdopen(fd, "w+b", closefd=False) as written:
        picture.save(written, kind, **options)


# PDF: kept as it came, and only served as a download or as pictures of its pages


def _examine_pdf(content: IO[bytes], allowed: kinds.Allowed, content_fd: int, thumbnail_fd: int) -> dict[str, Any]:
    document = _open_pdf(content)
    _save(_drawn(document, 0, THUMBNAIL_PIXELS), thumbnail_fd, "WEBP", quality=80, method=4)
    return {"thumbnail": True, "pages": len(document)}


def _open_pdf(content: IO[bytes]) -> Any:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content.read())
        pages = len(document)
    except pypdfium2.PdfiumError as fault:
        locked = "password" in str(fault).lower()
        raise Refused(
            "This PDF is locked by a password. Save a copy without one and try again."
            if locked
            else "This PDF cannot be read. It may be damaged, or not what its name says."
        ) from fault
    if pages < 1:
        raise Refused("This PDF has no pages.")
    return document


def _drawn(document: Any, index: int, pixels: int) -> Any:
    """A page with its longer side of so many pixels."""
    try:
        page = document[index]
        longer = max(*page.get_size(), 1.0)
        return page.render(scale=min(pixels / longer, 8.0), may_draw_forms=False).to_pil().convert("RGB")
    except MemoryError:
        raise
    except Exception as fault:
        raise Refused("This PDF cannot be read. It may be damaged, or not what its name says.") from fault


# Text: every byte of it


def _examine_text(content: IO[bytes], allowed: kinds.Allowed, content_fd: int, thumbnail_fd: int) -> dict[str, Any]:
    text = content.read()
    if not kinds.is_text(text):
        raise Refused("This is not plain text in UTF-8. Save it as UTF-8 and try again.")
    begins = text[: EXCERPT_CHARACTERS * 4].decode(errors="ignore").removeprefix("\ufeff")
    return {"excerpt": begins[:EXCERPT_CHARACTERS].strip()}


# Office documents: containers of many files, of which only the list is read


def _examine_document(content: IO[bytes]) -> kinds.Allowed:
    refused = Refused("Archives are not kept here. Unpack it, and upload what is inside.")
    try:
        _check_directory(content)
        with zipfile.ZipFile(content) as opened:
            entries = opened.infolist()
            _check_entries(entries)
            declared = ""
            if entries[0].filename == "mimetype" and entries[0].file_size < 200:
                declared = opened.read(entries[0]).decode("ascii", "replace").strip()
            found = kinds.office_kind([each.filename for each in entries], declared)
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        OSError,
        ValueError,
        RuntimeError,
        IndexError,
        OverflowError,
    ) as fault:
        raise refused from fault
    if found is None:
        raise refused
    return found


def _check_directory(content: IO[bytes]) -> None:
    """Before it is read: the list of a container that was made to be long takes a hundred times its size."""
    size = content.seek(0, os.SEEK_END)
    content.seek(max(0, size - 65_557))
    tail = content.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        raise ValueError
    if int.from_bytes(tail[end + 12 : end + 16], "little") > LARGEST_DIRECTORY:
        raise Refused("This document has too many parts.")
    content.seek(0)


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if not 0 < len(entries) <= MAX_ENTRIES:
        raise Refused("This document has too many parts.")
    if sum(each.file_size for each in entries) > MAX_UNPACKED_BYTES:
        raise Refused("This document becomes too large when it is opened.")
    for each in entries:
        if each.file_size > 1024 * 1024 and each.file_size > each.compress_size * MAX_RATIO:
            raise Refused("This document becomes too large when it is opened.")
        if each.filename.startswith(("/", "\\")) or ".." in each.filename.split("/"):
            raise Refused("This document has parts that would be written elsewhere.")
        if each.filename.lower().endswith(("vbaproject.bin", ".exe", ".js", ".vbs")):
            raise Refused("Documents with programs in them (macros) are not kept here.")


def digest(content: IO[bytes]) -> tuple[str, int]:
    """The SHA-256 and the length of what stands in a file."""
    content.seek(0)
    hashed, size = hashlib.sha256(), 0
    while piece := content.read(1024 * 1024):
        hashed.update(piece)
        size += len(piece)
    content.seek(0)
    return hashed.hexdigest(), size


def _confine() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main(sys.argv[1:])
