"""Serves the built browser bundle: compressed, cached, and with a policy for what its pages may run."""

import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from reflex.utils.precompressed_staticfiles import PrecompressedStaticFiles
from starlette.responses import Response
from starlette.types import Scope

_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)

_POLICY = (
    "default-src 'self'; base-uri 'none'; connect-src 'self' {sockets}; font-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; img-src 'self' data: blob:; object-src 'none'; script-src 'self' {scripts}; "
    "style-src 'self' 'unsafe-inline'"
)
"""No script from elsewhere, none written into a page by its content, and no eval: each inline script of the build is
named by its hash. Styles stay open: React and the toast library write style elements."""


PUSH_WORKER = "push-worker.js"
_WORKER_POLICY = "default-src 'none'; connect-src 'self'; img-src 'self'"
"""The worker that shows pushes calls this server and loads no script; it stands at the root, so that it serves all."""


class Frontend(PrecompressedStaticFiles):
    """The bundle in `directory`. `router` matches a path to the app's route, for pages that are not prerendered."""

    def __init__(self, directory: Path, router: Callable[[str], str | None]) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]
            directory=directory, html=True, encodings=("brotli", "gzip"), router=router
        )
        self._root = directory
        self._script_hashes: dict[Path, str] = {}

    async def get_response(self, path: str, scope: Scope) -> Response:
        # `/sign-in` is answered by sign-in.html, not by a redirect to the folder `/sign-in/`.
        page = f"{path.rstrip('/')}.html"
        if "." not in path.rpartition("/")[2] and path not in ("", ".") and (self._root / page).is_file():
            path = page
        response = await super().get_response(path, scope)
        if path == PUSH_WORKER:
            response.headers["content-security-policy"] = _WORKER_POLICY
        if _is_page(path, response):
            response.headers["content-security-policy"] = self._policy_for(path, response.status_code, scope)
        return response

    def _policy_for(self, path: str, status: int, scope: Scope) -> str:
        file = self._root / ("index.html" if path in ("", ".") else path)
        if status == 404 or not file.is_file():
            file = self._root / "404.html"
        scheme = "wss" if scope["scheme"] == "https" else "ws"
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        sockets = f"{scheme}://{host}" if re.fullmatch(r"[\w.\-:\[\]]+", host) else ""
        return _POLICY.format(sockets=sockets, scripts=self._hashes_of(file))

    def _hashes_of(self, file: Path) -> str:
        if file not in self._script_hashes:
            scripts = _INLINE_SCRIPT.findall(file.read_bytes())
            digests = [b64encode(sha256(script).digest()).decode() for script in scripts if script]
            self._script_hashes[file] = " ".join(f"'sha256-{digest}'" for digest in dict.fromkeys(digests))
        return self._script_hashes[file]


def _is_page(path: str, response: Response) -> bool:
    """Whether it is HTML, or says that the browser's copy of a page is current: then its policy counts as well."""
    if response.status_code == 304:
        return path.endswith(".html") or "." not in path.rpartition("/")[2].strip(".")
    return response.headers.get("content-type", "").startswith("text/html")
