"""The least that an ASGI server can do: on any frame, the same text to every socket.

python -m tests.bench.servers.bare <port> <file with the text>
"""

import sys
from pathlib import Path

import uvicorn
from starlette.types import Message, Receive, Scope, Send

from memberpulse.server.asgi import server_config, spare_collector
from memberpulse.settings import load_settings

everybody: set[Send] = set()
message: Message = {}


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await receive()
        spare_collector()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["type"] == "websocket":
        await _socket(receive, send)


async def _socket(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": "hello"})
    everybody.add(send)
    while (await receive())["type"] != "websocket.disconnect":
        for each in everybody:
            await each(message)
    everybody.discard(send)


def main() -> None:
    message.update({"type": "websocket.send", "text": Path(sys.argv[2]).read_text()})
    settings = load_settings(port=int(sys.argv[1]), host="127.0.0.1")
    uvicorn.Server(server_config(lambda: application, settings)).run()


if __name__ == "__main__":
    main()
