"""Contents of every kind: as people upload them, and as others would."""

import io
import struct
import zipfile
import zlib
from random import Random
from typing import Any

from PIL import Image

SCRIPT = b"<script>alert(1)</script>"


def picture(kind: str = "PNG", size: tuple[int, int] = (320, 200), colour: str = "teal", **options: Any) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, kind, **options)
    return written.getvalue()


def noisy(size: tuple[int, int], seed: int = 1, kind: str = "PNG") -> bytes:
    """A picture that no format makes small."""
    written = io.BytesIO()
    Image.frombytes("RGB", size, Random(seed).randbytes(size[0] * size[1] * 3)).save(written, kind)
    return written.getvalue()


def moving(frames: int = 3, size: tuple[int, int] = (40, 30)) -> bytes:
    """An animated GIF with a comment inside."""
    pictures = [Image.new("RGB", size, (index * 37 % 256, 90, 120)) for index in range(frames)]
    written = io.BytesIO()
    pictures[0].save(written, "GIF", save_all=True, append_images=pictures[1:], comment=SCRIPT, duration=80)
    return written.getvalue()


def pdf(pages: int = 2, text: str = "Minutes") -> bytes:
    """A small PDF with a line of text on each page."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{4 + index * 2} 0 R" for index in range(pages))
    objects += [f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>"]
    objects += ["<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    for index in range(pages):
        drawn = f"BT /F1 24 Tf 72 720 Td ({text}, page {index + 1}) Tj ET"
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + index * 2} 0 R "
        objects += [page + "/Resources << /Font << /F1 3 0 R >> >> >>"]
        objects += [f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream"]
    written, places = io.BytesIO(b""), []
    written.write(b"%PDF-1.4\n")
    for number, each in enumerate(objects, 1):
        places.append(written.tell())
        written.write(f"{number} 0 obj\n{each}\nendobj\n".encode())
    table = written.tell()
    written.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    written.write("".join(f"{place:010d} 00000 n \n" for place in places).encode())
    written.write(f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n".encode())
    return written.getvalue()


def container(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as opened:
        for name, content in entries.items():
            opened.writestr(name, content)
    return written.getvalue()


def docx(**more: bytes) -> bytes:
    types = b'<?xml version="1.0"?><Types/>'
    return container({"[Content_Types].xml": types, "word/document.xml": b"<w/>", **more})


def odt() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as opened:
        opened.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        opened.writestr("content.xml", "<x/>")
    return written.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def pixel_bomb(side: int = 60_000) -> bytes:
    """A PNG of so many pixels a side in a few hundred bytes."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 7501)) + chunk(b"IEND", b"")


def zip_bomb(megabytes: int = 300) -> bytes:
    """A document whose one part is that large, and a thousandth of it when it is packed."""
    return docx(**{"word/media/zeros.bin": b"\0" * (megabytes * 1024 * 1024)})


def endless_directory(entries: int = 40_000) -> bytes:
    """A document that lists so many empty parts."""
    one = container({"word/part": b""}, zipfile.ZIP_STORED)
    start, end = one.index(b"PK\x01\x02"), one.index(b"PK\x05\x06")
    listed = one[start:end] * entries
    return one[:start] + listed + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, entries, entries, len(listed), start, 0)


def lying_directory() -> bytes:
    """A container whose list says that it is four gigabytes long."""
    honest = bytearray(docx())
    end = honest.rfind(b"PK\x05\x06")
    honest[end + 12 : end + 16] = b"\xff\xff\xff\xf0"
    return bytes(honest)


REFUSED: dict[str, tuple[str, bytes]] = {
    "a pixel bomb": ("holiday.png", pixel_bomb()),
    "a pixel bomb beside the limit": ("holiday.png", pixel_bomb(6_400)),
    "many frames": ("party.gif", moving(220)),
    "svg with script": ("logo.svg", b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>"),
    "svg behind a declaration": ("logo.png", b'\xef\xbb\xbf  <?xml version="1.0"?><svg onload="alert(1)"/>'),
    "html named png": ("cute.png", b"<!doctype html>" + SCRIPT),
    "html named txt": ("notes.txt", b"\n\n  <HTML><body>" + SCRIPT),
    "a script": ("tool.txt", b"#!/bin/sh\nrm -rf /\n"),
    "a program": ("setup.pdf", b"MZ" + bytes(200)),
    "an elf": ("photo.jpg", b"\x7fELF" + bytes(200)),
    "noise": ("data.bin", Random(3).randbytes(4_000)),
    "text with zeros": ("notes.txt", b"hello\0world"),
    "latin-1": ("brief.txt", "Grüße aus Fürth".encode("latin-1")),
    "a zip": ("all.zip", container({"a.txt": b"a"})),
    "a zip named docx": ("letter.docx", container({"evil.exe": b"MZ"})),
    "a document with macros": ("budget.docx", docx(**{"word/vbaProject.bin": b"x"})),
    "a document that climbs": ("budget.docx", docx(**{"../../etc/passwd": b"x"})),
    "an endless document": ("big.docx", endless_directory()),
    "a lying document": ("big.docx", lying_directory()),
    "half a zip": ("cut.docx", docx()[:-30]),
    "half a png": ("half.png", noisy((64, 64))[:-200]),
    "the head of a png": ("head.png", b"\x89PNG\r\n\x1a\n"),
    "half a jpeg": ("half.jpg", picture("JPEG")[:40]),
    "half a pdf": ("half.pdf", b"%PDF-1.7\n1 0 obj\n"),
    "a pdf of nothing": ("none.pdf", pdf(0)),
    "a tiff": ("scan.tiff", picture("TIFF")),
    "a bitmap": ("scan.bmp", picture("BMP")),
    "gzip": ("logs.txt", b"\x1f\x8b\x08" + bytes(100)),
}
"""Name and content of what nobody keeps."""

HARMLESS: dict[str, tuple[str, bytes, bytes]] = {
    "a jpeg with html behind": ("a.jpg", picture("JPEG") + SCRIPT, b"script"),
    "a png with a zip behind": ("a.png", picture() + container({"x": b"PAYLOAD"}, 0), b"PAYLOAD"),
    "a gif with a comment": ("a.gif", moving(), b"script"),
    "a png named html": ("index.html", picture(), b"\xff\xfe\xfd\xfc"),
    "a jpeg that begins with php": ("a.php", picture("JPEG", comment=b"<?php system($_GET[0]); ?>"), b"php"),
    "a webp": ("a.exe", picture("WEBP"), b"\xff\xfe\xfd\xfc"),
}
"""Name, content, and what must not be in what is kept of it."""

NAMES = {
    "../../etc/passwd": "passwd",
    "C:\\Windows\\system32\\evil.txt": "evil.txt",
    "a\u202egnp.exe": "agnp.exe",
    "a\0b.txt": "ab.txt",
    "  spaced   out .txt ": "spaced out .txt",
    "what?*<>|.txt": "what-.txt",
    "...hidden": "hidden",
    "x" * 300 + ".txt": "x" * 116 + ".txt",
}
"""What is made of a name."""
