"""How Reflex builds and runs MemberPulse.

Holds only the configuration and the frontend plugin: fonts, one bundle for every host, elements without Emotion, and
the development proxy.
"""

import os
import re
from typing import Any

import reflex as rx
from reflex_base.plugins import Plugin

BACKEND_PORT = os.environ.get("MEMBERPULSE_BACKEND_PORT", "8000")
BACKEND_PATHS = (
    "/_event",
    "/live",
    "/api",
    "/auth",
    "/calendars",
    "/content",
    "/export",
    "/healthz",
    "/import",
    "/join-codes",
    "/mail",
    "/newsletter",
    "/pictures",
    "/readyz",
    "/uploads",
    "/webhooks",
)

_ENDPOINT = "  const endpoint = new URL(url_str);\n"
_SAME_ORIGIN = (
    _ENDPOINT
    + """  /* memberpulse: same origin */
  if (typeof window !== "undefined") {
    const secure = window.location.protocol === "https:";
    const scheme = endpoint.protocol.startsWith("ws") ? "ws" : "http";
    return new URL(endpoint.pathname + endpoint.search, `${scheme}${secure ? "s" : ""}://${window.location.host}`);
  }
"""
)
_VITE_SERVER = "  server: {\n"
_VITE_ALIASES = "    alias: [\n"
_EMOTION = """\
      {
        find: "@emotion/react",
        replacement: fileURLToPath(new URL("./public/kit/element.js", import.meta.url)),
      },
"""
_TRANSPORTS = """\
      {
        find: /^\\.\\/(polling-xhr\\.node|webtransport)\\.js$/,
        replacement: fileURLToPath(new URL("./public/kit/no_transport.js", import.meta.url)),
      },
"""
_VITE_GROUPS = "          groups: [\n"
_SHARED = """\
            {{ name: "base", minShareCount: {all}, priority: 2 }},
            {{ name: "frame", minShareCount: {most}, priority: 1 }},
"""


class Frontend(Plugin):
    """Fonts from npm, one build that serves any host and port, plain elements, and a development proxy."""

    def get_frontend_dependencies(self, **context: Any) -> list[str]:
        return ["@fontsource-variable/inter@5.2.8"]

    def get_stylesheet_paths(self, **context: Any) -> list[str]:
        return ["@fontsource-variable/inter/opsz.css"]

    def pre_compile(self, **context: Any) -> None:
        add_modify_task = context["add_modify_task"]
        add_modify_task("utils/state.js", same_origin)
        add_modify_task("utils/state.js", no_direct_eval)
        add_modify_task("vite.config.js", development_proxy)
        add_modify_task("vite.config.js", plain_elements)
        add_modify_task("vite.config.js", only_websockets)
        add_modify_task("vite.config.js", few_files)


def same_origin(source: str) -> str:
    """Make Reflex's socket connect to the host that served the page, whatever it was built for."""
    return _replace_once(source, _ENDPOINT, _SAME_ORIGIN)


def no_direct_eval(source: str) -> str:
    """Make each eval one of the global scope. The policy of our pages allows none, and a direct one keeps the minifier
    from shortening a single name of the file that it ends up in, which here is React Router and socket.io too.
    """
    if "eval(" not in source:
        raise RuntimeError("Reflex's template changed: it has no eval any more")
    return re.sub(r"(?<![\w.])eval\(", "globalThis.eval(", source)


def development_proxy(source: str) -> str:
    """Send backend paths through Vite's port, so that cookies and sockets are same-origin in development too."""
    target = f'{{ target: "http://127.0.0.1:{BACKEND_PORT}", ws: true, changeOrigin: false }}'
    rules = "".join(f'      "^{path}(?:[/?]|$)": {target},\n' for path in BACKEND_PATHS)
    return _replace_once(source, _VITE_SERVER, f"{_VITE_SERVER}    proxy: {{\n{rules}    }},\n")


def plain_elements(source: str) -> str:
    """Let our own `kit/element.js` make the elements: Emotion is 11 KB on the wire and work for each of them."""
    return _replace_once(source, _VITE_ALIASES, _VITE_ALIASES + _EMOTION)


def only_websockets(source: str) -> str:
    """Leave out the ways of socket.io that nobody goes here: its polling is refused at the gate."""
    return _replace_once(source, _VITE_ALIASES, _VITE_ALIASES + _TRANSPORTS)


def few_files(source: str) -> str:
    """Bundle together what nearly all pages share, and what most pages of the application share.

    Each file of its own costs its headers and a way of its own, and compresses alone.
    """
    from memberpulse.ui.page import PUBLIC, all_pages

    pages = all_pages()
    inside = sum(page.requires != PUBLIC for page in pages)
    groups = _SHARED.format(all=round(0.9 * len(pages)), most=round(0.6 * inside))
    return _replace_once(source, _VITE_GROUPS, _VITE_GROUPS + groups)


def _replace_once(source: str, anchor: str, replacement: str) -> str:
    """Replace the anchor, and do nothing when that was done before.

    Raises RuntimeError when the anchor is not there exactly once: Reflex's template has changed.
    """
    if replacement in source:
        return source
    if source.count(anchor) != 1:
        raise RuntimeError(f"Reflex's template changed: {anchor.strip()!r} is not there exactly once")
    return source.replace(anchor, replacement)


config = rx.Config(
    app_name="memberpulse",
    api_url="http://localhost:8000",
    cors_allowed_origins=[],
    telemetry_enabled=False,
    show_built_with_reflex=False,
    state_manager_mode=rx.constants.StateManagerMode.REDIS
    if os.environ.get("REFLEX_REDIS_URL")
    else rx.constants.StateManagerMode.MEMORY,
    frontend_compression_formats=["brotli", "gzip"],
    # Otherwise every package is also imported whole, and with it the Inter that has no optical sizes.
    frontend_lazy_bundled_libraries=True,
    plugins=[Frontend()],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
