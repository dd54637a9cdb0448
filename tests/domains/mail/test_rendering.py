"""Letters as they leave."""

from memberpulse.domains.mail.letters import Letter, samples
from memberpulse.domains.mail.rendering import render

LONG = Letter(
    kind="x",
    subject="Two\nlines\r\nBcc: everybody@post.example",
    heading="Grüße aus <Zürich>",
    paragraphs=("One & two. " * 20, "Three."),
    button=("Open", "https://pulse.example/x?a=1&b=2"),
    code="123 456",
    footnote="Why.",
    unsubscribe_url="https://pulse.example/u?who=1",
)


def test_html_and_text_say_the_same() -> None:
    written = render(LONG)
    for part in ("Three.", "Open", "123 456", "Why.", "https://pulse.example/u?who=1"):
        assert part in written.html
        assert part in written.text
    assert "Grüße aus &lt;Zürich&gt;" in written.html
    assert "Grüße aus <Zürich>" in written.text
    assert 'href="https://pulse.example/x?a=1&amp;b=2"' in written.html
    assert "https://pulse.example/x?a=1&b=2" in written.text
    assert max(len(line) for line in written.text.splitlines()) <= 72


def test_a_subject_is_one_line() -> None:
    assert render(LONG).subject == "Two lines Bcc: everybody@post.example"


def test_styles_are_written_into_the_elements_and_the_dark_is_kept() -> None:
    html = render(LONG).html
    assert '<h1 style="' in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert "<link" not in html
    assert "<img" not in html  # nothing tells the sender that a letter was opened


def test_one_press_ends_what_may_be_ended() -> None:
    assert render(LONG).headers == {
        "List-Unsubscribe": "<https://pulse.example/u?who=1>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    bare = Letter(kind="x", subject="x", heading="x", paragraphs=())
    assert render(bare).headers == {}
    assert "Unsubscribe" not in render(bare).html


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert render(LONG) == render(LONG)


def test_every_sample_can_be_written() -> None:
    import memberpulse.domains.catalog  # noqa: F401  registers them

    assert samples()
    for make in samples().values():
        letter = make()
        written = render(letter)
        assert letter.heading in written.text.replace("\n", " ")
        assert not letter.button or letter.button[1].startswith(("http://", "https://"))
