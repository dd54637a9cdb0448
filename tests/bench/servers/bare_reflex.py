"""The smallest Reflex app on uvicorn: a page that shows one variable.

python -m tests.bench.servers.bare_reflex <port> ours|defaults

With the server settings of the product, or with uvicorn's own on the same loop and protocol.
"""

import os
import sys

os.environ |= {"REFLEX_ENV_MODE": "prod", "__REFLEX_SKIP_COMPILE": "true"}

import reflex as rx
import uvicorn

from memberpulse.server.asgi import server_config
from memberpulse.settings import load_settings


class Counter(rx.State):
    count: int = 0


app = rx.App()
app.add_page(lambda: rx.el.p(Counter.count), route="/")


def main() -> None:
    port, whose = int(sys.argv[1]), sys.argv[2]
    config = server_config(lambda: app(), load_settings(port=port, host="127.0.0.1"))
    if whose == "defaults":
        config = uvicorn.Config(
            lambda: app(), factory=True, port=port, loop="uvloop", ws="websockets-sansio", log_level="warning"
        )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
