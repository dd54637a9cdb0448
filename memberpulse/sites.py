"""Where this server is found from outside: the beginning of every link that leaves it, in a letter or a file."""

from memberpulse.settings import get_settings

THIS_MACHINE = ("127.0.0.1", "::1", "0.0.0.0", "::")  # noqa: S104  what a server listens on, called by its name


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
    """By name where there is one: a browser gives no passkey to a bare address."""
    if host in THIS_MACHINE:
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
