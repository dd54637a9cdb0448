"""CSV as a spreadsheet reads it safely. No database, no clock."""

import csv
import io
from collections.abc import Iterable, Sequence

_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file as UTF-8 with a byte order mark, which spreadsheets need to see that it is UTF-8."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(safe_cell(each) for each in header)
    writer.writerows([safe_cell(each) for each in row] for row in rows)
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def safe_cell(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would run as a formula. Source: OWASP, CSV injection."""
    return f"'{text}" if text.lstrip(" ").startswith(_RISKY) or text.startswith(_RISKY) else text
