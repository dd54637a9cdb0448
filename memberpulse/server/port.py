"""The port of this process, opened before anything slow is imported."""

import socket

WAITING = 2048
"""How many may wait until the server is ready; the kernel may have a lower limit of its own."""


def claim(host: str, port: int) -> socket.socket:
    """Open the port for a server that takes over later.

    Whoever comes back after a restart waits in the kernel's queue and is served the moment the server is ready,
    instead of being refused and trying again after a pause. Raises OSError when the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=WAITING)
