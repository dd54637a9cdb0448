"""What people type is made fit to stand in a line."""

import pytest

from memberpulse.texts import isolated, one_line, paragraphs


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Two\tor \n three  ", "Two or three"),
        ("\u200b\u2060\ufeff", ""),
        ("\u200d", ""),
        ("abc\u202edef", "abcdef"),
        ("a\x00b\x07", "ab"),
        ("👩\u200d🔧", "👩\u200d🔧"),
        ("نامه\u200cها", "نامه\u200cها"),
    ],
)
def test_a_line_keeps_what_can_be_seen(typed: str, kept: str) -> None:
    assert one_line(typed) == kept


def test_paragraphs_keep_their_lines_unless_nothing_can_be_seen() -> None:
    assert paragraphs(" One\r\n\r\ntwo \n") == "One\n\ntwo"
    assert paragraphs("\u200b\n\u2060") == ""


def test_a_name_from_right_to_left_turns_around_itself_alone() -> None:
    assert isolated("Elif Yıldız") == "Elif Yıldız"
    assert f"{isolated('يوسف')} asks" == "\u2068يوسف\u2069 asks"
