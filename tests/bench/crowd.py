"""Many WebSocket clients in one process, which do little more than note the time of a frame.

    python -m tests.bench.crowd

It takes orders as lines of JSON on stdin and answers each with a line on stdout. One loop over epoll, no framework: the
clients share the machine with the server that they measure.
"""

import json
import random
import resource
import select
import socket
import sys
import uuid
import zlib
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from time import perf_counter
from typing import Any

from tests.bench.toy import token_of

AT_ONCE = 64
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
RETRY_SECONDS = 0.02


@dataclass(frozen=True)
class Dialect:
    """How one kind of server is spoken to.

    path: of the socket. after: what to answer to frames that begin so. ready: the frame that says that the client is
    served. update: what a change begins with. go: what causes one.
    """

    path: str
    after: dict[bytes, list[bytes]]
    ready: bytes
    update: bytes = b"-"
    go: bytes = b""


Call = tuple[str, dict[str, Any]]
"""A function and its arguments."""

NOTICES: Call = ("bench.list_notices", {"board": 0})
REVISE: Call = ("bench.revise_notices", {"board": 0})
AS_A_BROWSER = (
    "Connection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) "
    "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
)
MEMBERS_PAGE: list[Call] = [
    ("organizations.get_viewer", {}),
    ("demo.get_demo", {}),
    ("presence.list_here", {"path": "/members"}),
    ("notifications.list_unread", {}),
    ("organizations.list_members", {"search": "", "role": None}),
    ("presence.count_active", {}),
    ("presence.list_seen", {}),
    ("organizations.count_members", {}),
]
"""What the members page subscribes to."""
HYDRATE = (
    b'40/_event,{"event":{"name":"reflex___state____state.hydrate_and_load","payload":{},'
    b'"router_data":{"pathname":"/","asPath":"/"}}}'
)


def subscriptions(*calls: Call) -> list[bytes]:
    """The frames that ask for these queries, numbered from 1."""
    asked = enumerate(calls, 1)
    return [json.dumps({"t": "sub", "id": number, "fn": name, "args": args}).encode() for number, (name, args) in asked]


AT_MEMBERS = b'{"t":"at","path":"/members"}'


DIALECTS = {
    "live": Dialect("/live", {b'{"t":"hello"': subscriptions(NOTICES)}, b'{"t":"snap"', b'{"t":"set"'),
    "bare": Dialect("/", {}, b"hello", b'{"t":"set"', b"go"),
    "socketio": Dialect(
        "/socket.io/?EIO=4&transport=websocket", {b"0{": [b"40"], b"2": [b"3"]}, b"40{", b'42["set"', b'42["go"]'
    ),
    "reflex": Dialect(
        "/_event/?token={}&EIO=4&transport=websocket",
        {b"0{": [HYDRATE], b"2": [b"3"]},
        b'42/_event,["event",{"delta":{"reflex___state____state":{"is_hydrated',
    ),
    "tab": Dialect(
        "/live",
        {b'{"t":"hello"': [*subscriptions(*MEMBERS_PAGE), AT_MEMBERS]},
        b'{"t":"snap","id":%d' % len(MEMBERS_PAGE),
    ),
}


class Client:
    __slots__ = ("attempts", "inflate", "number", "ready", "rest", "sock", "upgraded")

    def __init__(self, number: int) -> None:
        self.number = number
        self.attempts = 0
        self.inflate: Any = None
        self.sock: socket.socket | None = None
        self.rest = b""
        self.upgraded = self.ready = False


class Crowd:
    """`count` clients of one server. watch: the query that a live one looks at; deed: what changes its result."""

    def __init__(
        self,
        port: int,
        dialect: str,
        count: int,
        cookies: list[str],
        watch: Call | None = None,
        deed: Call = REVISE,
    ) -> None:
        self.port = port
        self.cookies = cookies
        self.name = dialect
        self.deed = deed
        self.answer: dict[str, Any] | None = None
        self.dialect = DIALECTS[dialect]
        if watch:
            self.dialect = replace(self.dialect, after={b'{"t":"hello"': subscriptions(watch)})
        self.clients = [Client(number) for number in range(count)]
        self.poll = select.epoll()
        self.poll.register(0, select.EPOLLIN)  # an order ends the waiting
        self.by_fd: dict[int, Client] = {}
        self.waiting: list[tuple[float, int]] = [(0.0, number) for number in range(count)]
        self.at_once = AT_ONCE
        self.opening = 0
        self.ready = 0
        self.patient = False
        self.arrivals: list[float] = []

    def open(self, seconds: float) -> dict[str, Any]:
        """Connect and subscribe all that are not."""
        started = perf_counter()
        while self.ready < len(self.clients):
            if perf_counter() > started + seconds:
                return {"error": f"{self.ready} of {len(self.clients)} clients are served after {seconds} s"}
            while self.waiting and self.opening < self.at_once and self.waiting[0][0] <= perf_counter():
                self._connect(self.clients[heappop(self.waiting)[1]])
            self.turn(0.005)
        return {"at": perf_counter()}

    def be_patient(self, seconds: float) -> None:
        """From now on, wait between two tries as the clients of this kind do in browsers."""
        self.patient, self.at_once = True, len(self.clients)

    def go(self, seconds: float) -> dict[str, Any]:
        """Cause one change, and say after how many milliseconds the first, the middle and the last client had it."""
        self.arrivals = []
        started = perf_counter()
        self._send(self.clients[0], self.dialect.go or _run(*self.deed))
        while len(self.arrivals) < len(self.clients):
            if perf_counter() > started + seconds:
                return {"error": f"{len(self.arrivals)} of {len(self.clients)} clients were served"}
            self.turn(0.1)
        last = self.arrivals[-1]
        self.idle(0.05)
        extra = len(self.arrivals) - len(self.clients)
        middle = self.arrivals[len(self.clients) // 2]
        return {
            "first_ms": (self.arrivals[0] - started) * 1000,
            "middle_ms": (middle - started) * 1000,
            "last_ms": (last - started) * 1000,
            "last_at": last,
            "extra": extra,
        }

    def work(self, seconds: float) -> dict[str, Any]:
        """Call whoever is first in a line and send them to its end again, each as soon as the one before is answered.

        calls: how many; seconds: until the last client had the last frame; frames: how many a client got.
        """
        self.arrivals = []
        started, calls = perf_counter(), 0
        while perf_counter() < started + seconds:
            self._ask(calls, *self.deed)
            self._send_back(calls)
            calls += 1
        self.idle(1)
        return {
            "calls": calls,
            "seconds": self.arrivals[-1] - started,
            "frames": len(self.arrivals) / len(self.clients),
        }

    def send_back(self, seconds: float) -> None:
        """Undo the last call of `go`."""
        self._send_back(0)
        self.idle(0.3)

    def _send_back(self, number: int) -> None:
        assert self.answer is not None
        place_id = self.answer["value"]["place_id"]
        self._ask(number, "events.return_to_line", {"place_id": place_id, "behind": 100_000})

    def _ask(self, number: int, name: str, arguments: dict[str, Any]) -> None:
        """Run a function as the nth client in turn, and wait for its answer."""
        self.answer = None
        self._send(self.clients[number % len(self.clients)], _run(name, arguments))
        while self.answer is None:
            self.turn(1)
        if "error" in self.answer:
            raise SystemExit(f"{name}: {self.answer['error']}")

    def await_loss(self, seconds: float) -> dict[str, Any]:
        """Wait until the server has dropped everybody."""
        until = perf_counter() + seconds
        while any(client.sock for client in self.clients):
            if perf_counter() > until:
                return {"error": "the server kept its sockets"}
            self.turn(0.02)
        return {}

    def idle(self, seconds: float) -> None:
        until = perf_counter() + seconds
        while (left := until - perf_counter()) > 0:
            self.turn(left)

    def turn(self, seconds: float) -> None:
        for fd, events in self.poll.poll(seconds, 4096):
            client = self.by_fd.get(fd)
            if client is None:
                continue
            if events & select.EPOLLOUT and not client.upgraded:
                self._handshake(client)
            elif events & (select.EPOLLERR | select.EPOLLHUP) and not events & select.EPOLLIN:
                self._lost(client)
            else:
                self._read(client)

    def _connect(self, client: Client) -> None:
        client.sock = sock = socket.socket()
        client.attempts += 1
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.opening += 1
        sock.connect_ex(("127.0.0.1", self.port))
        self.by_fd[sock.fileno()] = client
        self.poll.register(sock, select.EPOLLOUT)

    def _handshake(self, client: Client) -> None:
        assert client.sock is not None
        if client.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._lost(client)
            return
        host = f"127.0.0.1:{self.port}"
        client.sock.send(
            f"GET {self.dialect.path.format(uuid.uuid4())} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
            f"{AS_A_BROWSER}Cookie: {self._cookie(client)}\r\n\r\n".encode()
        )
        self.poll.modify(client.sock, select.EPOLLIN)

    def _cookie(self, client: Client) -> str:
        """That of the nth person of the toy, unless cookies were given."""
        if self.cookies:
            return self.cookies[client.number % len(self.cookies)]
        return f"memberpulse={token_of(client.number)}"

    def _read(self, client: Client) -> None:
        assert client.sock is not None
        try:
            data = client.sock.recv(262_144)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        now = perf_counter()
        if not data:
            self._lost(client)
            return
        data = client.rest + data if client.rest else data
        if not client.upgraded:
            head, mark, data = data.partition(b"\r\n\r\n")
            if not mark:
                client.rest = head
                return
            if not head.startswith(b"HTTP/1.1 101"):
                raise SystemExit(f"refused: {head.decode()}")
            client.upgraded = True
            client.inflate = zlib.decompressobj(-15) if b"permessage-deflate" in head.lower() else None
        client.rest = self._frames(client, data, now)

    def _frames(self, client: Client, data: bytes, now: float) -> bytes:
        """Handle the whole frames in `data`; the rest is returned."""
        at, size = 0, len(data)
        while size - at >= 2:
            length, start = data[at + 1], at + 2
            if length == 126:
                length, start = int.from_bytes(data[at + 2 : at + 4]), at + 4
            elif length == 127:
                length, start = int.from_bytes(data[at + 2 : at + 10]), at + 10
            if start + length > size:
                break
            payload = data[start : start + length]
            if data[at] & 64:  # compressed
                payload = client.inflate.decompress(payload + b"\0\0\xff\xff")
            self._frame(client, data[at] & 15, payload, now)
            at = start + length
        return data[at:]

    def _frame(self, client: Client, opcode: int, payload: bytes, now: float) -> None:
        dialect = self.dialect
        if opcode == TEXT and payload.startswith(dialect.update):
            self.arrivals.append(now)
        elif opcode == TEXT and payload.startswith(b'{"t":"done"'):
            self.answer = json.loads(payload)
        elif opcode == PING:
            self._send(client, payload, PONG)
        elif opcode == TEXT and not client.ready and payload.startswith(dialect.ready):
            client.ready, client.attempts = True, 0
            self.opening -= 1
            self.ready += 1
        elif opcode == TEXT:
            for beginning, answers in dialect.after.items():
                for answer in answers if payload.startswith(beginning) else ():
                    self._send(client, answer)
        elif opcode == CLOSE:
            self._lost(client)

    def _send(self, client: Client, payload: bytes, opcode: int = TEXT) -> None:
        """A frame masked by zeros, which leaves its payload as it is."""
        assert client.sock is not None
        length = len(payload)
        size = bytes([128 | length]) if length < 126 else bytes([128 | 126]) + length.to_bytes(2)
        client.sock.send(bytes([128 | opcode]) + size + b"\0\0\0\0" + payload)

    def _lost(self, client: Client) -> None:
        if client.sock is None:
            return
        if client.ready:
            self.ready -= 1
        else:
            self.opening -= 1
        heappush(self.waiting, (perf_counter() + self._pause(client.attempts), client.number))
        del self.by_fd[client.sock.fileno()]
        client.sock.close()
        client.sock, client.rest, client.upgraded, client.ready = None, b"", False, False

    def _pause(self, attempts: int) -> float:
        """Seconds until the next try."""
        if not self.patient:
            return RETRY_SECONDS
        if self.name == "socketio":  # reconnectionDelay 1 s, at most 5 s, randomizationFactor 0.5
            return min(5.0, 1.0 * 2**attempts * random.uniform(0.5, 1.5))
        return random.uniform(0, min(0.7, 0.15 * 2**attempts))  # assets/live.js


def _run(name: str, arguments: dict[str, Any]) -> bytes:
    return json.dumps({"t": "run", "id": str(uuid.uuid4()), "fn": name, "args": arguments}).encode()


def main() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    crowd: Crowd | None = None
    sys.stdin.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    while order := _next_order(crowd):
        if order["do"] == "gather":
            crowd = Crowd(**order["of"])
            answer: dict[str, Any] = {}
        else:
            assert crowd is not None
            answer = getattr(crowd, order["do"])(order["seconds"]) or {}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _next_order(crowd: Crowd | None) -> dict[str, Any] | None:
    """The next line of stdin; until it comes, the clients go on answering pings."""
    ready = select.poll()
    ready.register(0, select.POLLIN)
    while crowd is not None and not ready.poll(0):
        crowd.turn(10)
    line = sys.stdin.readline()
    return json.loads(line) if line else None


if __name__ == "__main__":
    main()
