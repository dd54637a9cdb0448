"""Decisions about files. No database, no clock, no store."""

import re
import unicodedata
import uuid
from dataclasses import dataclass
from datetime import timedelta

from memberpulse.domains.files.errors import BadFileName, FileNotFound, NotYourFile, StorageFull
from memberpulse.domains.files.models import Audience
from memberpulse.domains.organizations.decisions import Decision, allow, refuse
from memberpulse.texts import one_line

MB = 1024 * 1024
MAX_NAME_CHARACTERS = 120
MAX_FOLDER_CHARACTERS = 80
MAX_DEPTH = 5
MOST_AT_ONCE = 100
BIN_KEEPS = timedelta(days=30)
UPLOAD_LIVES = timedelta(hours=1)
"""How long space stays reserved for a file that does not come."""
UPLOAD_REMEMBERED = timedelta(days=1)
"""How long an upload that ended answers with what came of it."""
MOST_UPLOADS_OPEN = 50
"""By one person: nobody sets the room of all others apart for nothing."""
WARN_AT, CALM_AT = 0.80, 0.75
"""Those who manage files are told once the use reaches the one, and again after it has been below the other."""

VIEW, UPLOAD, ORGANIZE, MANAGE = "files.view", "files.upload", "files.organize", "files.manage"
_CAPABILITY_OF = {Audience.ORGANIZATION: VIEW, Audience.CREATORS: ORGANIZE, Audience.ADMINS: MANAGE}

_SEPARATORS = re.compile(r"[\\/:*?\"<>|]+")


@dataclass(frozen=True)
class Use:
    """How full a storage is, in bytes."""

    used: int
    reserved: int
    quota: int

    @property
    def taken(self) -> int:
        return self.used + self.reserved

    @property
    def free(self) -> int:
        return max(0, self.quota - self.taken)


def check_room(use: Use, more: int) -> None:
    """Pass when so many more bytes fit. Raises StorageFull (409) with how many there are."""
    if use.taken + more > use.quota:
        raise StorageFull(
            f"There is no room for this file: it takes {size_words(max(more, 0))} and {size_words(use.free)} are free. "
            "Empty the bin, or ask an admin for more room."
        )


def is_nearly_full(use: Use) -> bool:
    return use.used >= WARN_AT * use.quota


def is_calm(use: Use) -> bool:
    return use.used < CALM_AT * use.quota


def clean_name(given: str, *, most: int = MAX_NAME_CHARACTERS) -> str:
    """A name without paths, control characters and stray space. Raises BadFileName (422) when nothing is left of it."""
    normal = unicodedata.normalize("NFC", given).replace("\\", "/").rpartition("/")[2]
    shown = _SEPARATORS.sub("-", one_line(normal))
    name = " ".join(shown.split()).strip(". ")
    if not name:
        raise BadFileName(fields={"name": "Give it a name."})
    if len(name) > most:
        stem, dot, extension = name.rpartition(".")
        short = dot and len(extension) <= 8
        name = f"{stem[: most - len(extension) - 1]}.{extension}" if short else name[:most].strip()
    return name


def checked_name(given: str, *, most: int = MAX_NAME_CHARACTERS) -> str:
    """A name that somebody typed: as `clean_name`, but what is too long is refused and not cut."""
    if len(given.strip()) > most:
        raise BadFileName(fields={"name": f"Use at most {most} characters; this has {len(given.strip())}."})
    return clean_name(given, most=most)


def with_extension(name: str, extensions: tuple[str, ...]) -> str:
    """The name with an extension that tells what the content is: the first, unless it has one of them already."""
    _, dot, extension = name.rpartition(".")
    if dot and extension.lower() in extensions:
        return name
    return f"{name[: MAX_NAME_CHARACTERS - len(extensions[0]) - 1]}.{extensions[0]}"


def distinct_name(name: str, taken: set[str]) -> str:
    """The name, or with a number behind it when the folder has one like it. taken: as `name_key`."""
    if name_key(name) not in taken:
        return name
    stem, dot, extension = name.rpartition(".")
    stem, tail = (stem, f".{extension}") if dot else (name, "")
    numbered = (f"{stem[: MAX_NAME_CHARACTERS - len(tail) - 6]} ({number}){tail}" for number in range(2, 10_000))
    return next(each for each in numbered if name_key(each) not in taken)


def name_key(name: str) -> str:
    """How a name is compared and searched."""
    return unicodedata.normalize("NFC", name.casefold())[:MAX_NAME_CHARACTERS]


def decide_view(
    *, audience: Audience, capabilities: frozenset[str], uploader_id: uuid.UUID | None, user_id: uuid.UUID | None
) -> Decision:
    """Whether a person may see a file and download it."""
    if user_id is not None and user_id == uploader_id:
        return allow("files.see/uploader", "They uploaded it.")
    needed = _CAPABILITY_OF.get(audience)
    if needed is not None and needed in capabilities:
        return allow(f"files.see/{audience}", "It is shared with everybody who has their role.")
    return refuse(f"files.see/{audience}", FileNotFound())


def decide_change(*, manages: bool, uploader_id: uuid.UUID | None, user_id: uuid.UUID | None) -> Decision:
    """Whether a person may rename, move, share or delete a file that they see."""
    if user_id is not None and user_id == uploader_id:
        return allow("files.change/uploader", "They uploaded it.")
    if manages:
        return allow("files.change/capability", "They may manage all files.")
    return refuse("files.change/uploader", NotYourFile())


def audiences_of(capabilities: frozenset[str]) -> list[Audience]:
    """The audiences that somebody belongs to by their rights."""
    return [audience for audience, needed in _CAPABILITY_OF.items() if needed in capabilities]


def size_words(size: int) -> str:
    """A size as it is read: "3.4 MB"."""
    if size < 1024:
        return f"{size} B"
    amount, units = size / 1024, ["KB", "MB", "GB", "TB"]
    while amount >= 999.95 and len(units) > 1:
        amount /= 1024
        units.pop(0)
    shown = f"{amount:.0f}" if amount >= 100 else f"{amount:.1f}".removesuffix(".0")
    return f"{shown} {units[0]}"
