"""Where this server is found from outside: the beginning of every link that leaves it, in a letter or a file."""

from memberpulse.settings import get_settings

EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104  what a server may listen on, never where it is found


def link(path: str) -> str:
    """The absolute address of a path, which begins with a slash and may have a query.

    It begins with MEMBERPULSE_SITE_URL, else with the first of MEMBERPULSE_ORIGINS, else with this machine's own
    address. Never with what a request says: a Host header is anybody's to choose, and the link lets people in.
    """
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError("a path begins with one slash")
    return site() + path


def site() -> str:
    """The origin at which people find this server, without a slash at the end."""
    settings = get_settings()
    if settings.site_url:
        return settings.site_url.rstrip("/")
    return settings.origins[0] if settings.origins else _own_address(settings.host, settings.port)


def _own_address(host: str, port: int) -> str:
    if host in EVERY_ADDRESS:
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
