"""The demo's library: real pictures, PDFs and texts, made here, so that nothing has to be shipped.

What is made in a transaction is put into the store at once, under names made of the organization's and the file's, so
that seeding anew brings back the same objects. What a transaction that did not commit leaves behind, the nightly
comparison removes.
"""

import hashlib
import io
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from PIL import Image, ImageDraw, ImageFilter

from memberpulse.demo.people import FERNHILL, FERNHILL_ID, HARBOUR, HARBOUR_ID, SIGN_INS, id_of
from memberpulse.domains.files.models import Audience, FileKind
from memberpulse.domains.files.seeding import FileImport, FolderImport, import_files, import_folders
from memberpulse.engine import MutationCtx

_SKIES = ((214, 226, 232), (233, 214, 190), (196, 214, 205), (221, 208, 224), (240, 226, 200))
_GROUNDS = ((84, 104, 92), (122, 98, 74), (70, 88, 108), (140, 122, 88), (96, 84, 100))


@dataclass(frozen=True)
class Seed:
    """One file. words: what is inside, for a text or a PDF."""

    name: str
    folder: str = ""
    audience: Audience = Audience.ORGANIZATION
    words: tuple[str, ...] = ()


FERNHILL_FILES = (
    Seed("Open day, the workshop at ten.jpg"),
    Seed("The new lathe.jpg"),
    Seed("Van in the yard.jpg"),
    Seed("Opening hours for the door.png"),
    Seed("Rota for Saturdays.csv", words=("day,bench,desk", "6 Dec,Kofi,Elif", "13 Dec,Priya,Jonas")),
    Seed("Ideas for the anniversary.md", "", Audience.CREATORS, ("# Ten years", "- A parade of cargo bikes")),
    Seed("Open day, queue at the bench.jpg", "Photos"),
    Seed("Tool wall before.jpg", "Photos"),
    Seed("Tool wall after.jpg", "Photos"),
    Seed("House rules 2026.pdf", words=("House rules", "Who borrows signs.", "Blades are returned clean.", "Ask.")),
    Seed("Insurance certificate.pdf", "Paperwork", words=("Certificate of insurance", "Public liability, 2 million.")),
    Seed("Minutes, general meeting.pdf", words=("Minutes", "Present: 41 members.", "Accounts approved.")),
    Seed("Minutes, committee in October.pdf", "Paperwork", Audience.ADMINS, ("Minutes", "The rent rises in spring.")),
    Seed("Band saw, safety sheet.pdf", "Workshop / Safety", words=("Band saw", "Guard down. Push stick ready.")),
    Seed("Lathe, safety sheet.pdf", "Workshop / Safety", words=("Lathe", "No gloves, no sleeves.", "Chuck key out.")),
    Seed("Shopping list.txt", words=("Shopping list", "Sandpaper 120 and 240", "Wood glue", "Tea")),
    Seed("Bench plan.png", "Workshop"),
    Seed("Translations, house rules.txt", "Paperwork", words=("Hausordnung", "قواعد البيت", "Règlement")),
)
HARBOUR_FILES = (
    Seed("Regatta at dawn.jpg"),
    Seed("Boat house key holders.txt", "", Audience.ADMINS, ("Key holders", "North door: Maren")),
    Seed("Training plan.pdf", words=("Training plan", "Tuesday: steady, 12 km.", "Thursday: starts.")),
)


def draw_files() -> None:
    """Make all contents, so that no transaction has to wait for it. They are made once in a process."""
    for seed in (*FERNHILL_FILES, *HARBOUR_FILES):
        _contents(seed)


def add_fernhill_files(ctx: MutationCtx, chance: Random) -> None:
    people = [id_of(each.email) for each in [*SIGN_INS[:4], *FERNHILL[:9]]]
    _add(ctx, FERNHILL_ID, FERNHILL_FILES, people, chance)


def add_harbour_files(ctx: MutationCtx, chance: Random) -> None:
    _add(ctx, HARBOUR_ID, HARBOUR_FILES, [id_of(each.email) for each in HARBOUR[:4]], chance)


def _add(
    ctx: MutationCtx, organization_id: uuid.UUID, seeds: tuple[Seed, ...], people: list[uuid.UUID], chance: Random
) -> None:
    paths = sorted({seed.folder for seed in seeds if seed.folder})
    folders = import_folders(ctx, folders=[FolderImport(path) for path in paths])
    at = ctx.now - timedelta(minutes=38)
    files: list[FileImport] = []
    for position, seed in enumerate(seeds):
        files.append(_made(seed, organization_id, people[position % len(people)], at, folders.get(seed.folder)))
        at -= timedelta(hours=1 + 5 * position, minutes=chance.randrange(50))
    import_files(ctx, files=files)


def _made(
    seed: Seed, organization_id: uuid.UUID, uploader_id: uuid.UUID, at: datetime, folder_id: uuid.UUID | None
) -> FileImport:
    content, thumbnail, facts = _contents(seed)
    digest = hashlib.sha256(f"{organization_id}{seed.name}".encode()).hexdigest()[:48]
    return FileImport(
        name=seed.name,
        object_name=f"{digest[:2]}/{digest[2:]}",
        content=content,
        thumbnail=thumbnail,
        folder_id=folder_id,
        audience=seed.audience,
        uploader_id=uploader_id,
        uploaded_at=at,
        **facts,
    )


@lru_cache(maxsize=64)
def _contents(seed: Seed) -> tuple[bytes, bytes, dict[str, Any]]:
    extension, chance = seed.name.rpartition(".")[2], Random(seed.name)
    if extension in ("jpg", "png"):
        made = _drawing(seed.name, chance) if extension == "png" else _landscape(chance)
        kind = "JPEG" if extension == "jpg" else "PNG"
        facts: dict[str, Any] = {
            "kind": FileKind.IMAGE,
            "media_type": f"image/{kind.lower()}",
            "width": made.width,
            "height": made.height,
        }
        return _written(made, kind), _thumbnail(made), facts
    if extension == "pdf":
        facts = {"kind": FileKind.PDF, "media_type": "application/pdf", "pages": 1}
        return pdf_of(seed.words), _thumbnail(_sheet(seed.words)), facts
    text = "\n".join(seed.words) + "\n"
    media_type = "text/csv" if extension == "csv" else "text/plain"
    return text.encode(), b"", {"kind": FileKind.TEXT, "media_type": media_type, "excerpt": text.strip()}


def _landscape(chance: Random) -> Image.Image:
    """Hills under a sky: enough of a photograph for a thumbnail."""
    width, height = 800, 600
    sky, ground = chance.choice(_SKIES), chance.choice(_GROUNDS)
    made = Image.new("RGB", (width, height), sky)
    drawn = ImageDraw.Draw(made)
    x, y, size = chance.randrange(width), chance.randrange(60, 220), chance.randrange(60, 130)
    drawn.ellipse((x, y, x + size, y + size), fill=tuple(min(255, each + 24) for each in sky))
    for layer in range(4):
        base = 250 + layer * 92
        heights = [base + chance.randrange(-70, 70) for _ in range(7)]
        points = [(index * width // 6, each) for index, each in enumerate(heights)]
        shade = tuple(int(low + (high - low) * (3 - layer) / 4) for low, high in zip(ground, sky, strict=True))
        drawn.polygon([(0, height), *points, (width, height)], fill=shade)
    for _ in range(chance.randrange(3, 7)):
        x, y, size = chance.randrange(width), chance.randrange(360, 550), chance.randrange(30, 90)
        drawn.rectangle((x, y, x + size, y + size * 2), fill=tuple(each // 2 for each in ground))
    return made.filter(ImageFilter.GaussianBlur(2))


def _drawing(title: str, chance: Random) -> Image.Image:
    """A plan: a title and boxes with lines between them."""
    made = Image.new("RGB", (900, 640), "white")
    drawn = ImageDraw.Draw(made)
    drawn.text((40, 32), title.rpartition(".")[0], fill=(20, 30, 25), font_size=34)
    for row in range(3):
        for column in range(4):
            x, y = 40 + column * 210, 120 + row * 165
            fill = chance.choice(((230, 235, 232), (222, 248, 233), (255, 243, 218), (214, 228, 247)))
            drawn.rounded_rectangle((x, y, x + 180, y + 130), 12, fill=fill, outline=(131, 139, 142), width=2)
            drawn.line((x + 20, y + 50, x + 20 + chance.randrange(60, 140), y + 50), fill=(94, 103, 98), width=6)
            drawn.line((x + 20, y + 80, x + 20 + chance.randrange(30, 110), y + 80), fill=(180, 186, 182), width=6)
    return made


def _sheet(words: tuple[str, ...]) -> Image.Image:
    """How the first page of a PDF with these words looks."""
    made = Image.new("RGB", (595, 842), "white")
    drawn = ImageDraw.Draw(made)
    drawn.text((64, 70), words[0], fill=(20, 30, 25), font_size=36)
    for index, line in enumerate(words[1:]):
        drawn.text((64, 150 + index * 34), line, fill=(66, 76, 70), font_size=20)
    return made


def pdf_of(words: tuple[str, ...]) -> bytes:
    """One page with a title and lines of plain text."""
    lines = [f"/F1 {28 if index == 0 else 14} Tf ({_plain(line)}) Tj 0 -30 Td" for index, line in enumerate(words)]
    drawn = f"BT 64 760 Td {' '.join(lines)} ET"
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R "
        "/Resources << /Font << /F1 3 0 R >> >> >>",
        f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream",
    ]
    written, places = io.BytesIO(), list[int]()
    written.write(b"%PDF-1.4\n")
    for number, part in enumerate(parts, 1):
        places.append(written.tell())
        written.write(f"{number} 0 obj\n{part}\nendobj\n".encode("latin-1"))
    table = written.tell()
    written.write(f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n".encode())
    written.write("".join(f"{place:010d} 00000 n \n" for place in places).encode())
    written.write(f"trailer\n<< /Size {len(parts) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n".encode())
    return written.getvalue()


def _plain(text: str) -> str:
    return (
        text.encode("latin-1", "replace")
        .decode("latin-1")
        .replace("\\", "\\\\")
        .replace("(", "\\(")
        .replace(")", "\\)")
    )


def _written(made: Image.Image, kind: str) -> bytes:
    written = io.BytesIO()
    made.save(written, kind, **({"quality": 82} if kind == "JPEG" else {}))
    return written.getvalue()


def _thumbnail(made: Image.Image) -> bytes:
    small, written = made.copy(), io.BytesIO()
    small.thumbnail((480, 480))
    small.save(written, "WEBP", quality=78, method=2)
    return written.getvalue()
