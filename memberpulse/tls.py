"""What connections to other sites are checked against."""

import ssl
from functools import lru_cache

import httpx


@lru_cache(maxsize=1)
def trusted() -> ssl.SSLContext:
    """The certificates that are believed. Reading them takes tens of milliseconds, so it is done once in a process."""
    return httpx.create_ssl_context()
