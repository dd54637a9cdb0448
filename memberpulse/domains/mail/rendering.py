"""A letter as HTML and as text, with the headers that go with it. The same letter always gives the same bytes."""

import textwrap
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from memberpulse.domains.mail.letters import Letter
from memberpulse.sites import site

COLUMNS = 72


@dataclass(frozen=True, slots=True)
class Rendered:
    """What leaves: no template, no link that has still to be made."""

    subject: str
    html: str
    text: str
    headers: dict[str, str]


def render(letter: Letter) -> Rendered:
    """Write a letter out. Everything in it is escaped; addresses of buttons are those of this site or none."""
    values = {"letter": letter, "site": site(), "host": site().split("://", 1)[1]}
    return Rendered(
        subject=" ".join(letter.subject.split()),
        html=_inliner().inline(_templates().get_template("letter.html").render(values)),
        text=_templates().get_template("letter.txt").render(values).strip() + "\n",
        headers=_headers(letter),
    )


def render_preview(letters: dict[str, Rendered]) -> str:
    """A page with these letters by kind, as HTML and as text."""
    return _templates().get_template("preview.html").render(letters=letters)


def _headers(letter: Letter) -> dict[str, str]:
    """One press in the mail programme ends it. Source: RFC 8058."""
    if not letter.unsubscribe_url:
        return {}
    return {
        "List-Unsubscribe": f"<{letter.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


@lru_cache(maxsize=1)
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["wrapped"] = _wrapped
    return environment


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


def _wrapped(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), COLUMNS, break_long_words=False, break_on_hyphens=False)
