"""What a live socket costs the server in memory, and how fast many come back after a restart."""

from collections.abc import Callable
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter

from tests.bench import toy
from tests.bench.crowd import MEMBERS_PAGE
from tests.bench.fanout import NAMES, payload
from tests.bench.processes import (
    SOCKET_IO,
    Server,
    bare_reflex_server,
    bare_server,
    folder,
    gathered,
    live_server,
    memory_bytes,
    npm_packages,
    running,
    socketio_server,
)
from tests.bench.report import Section, say
from tests.running import RunningServer, built

BACK = 500
PLENTY = {"MEMBERPULSE_SOCKETS_PER_ADDRESS": "100000", "MEMBERPULSE_SOCKETS_PER_SESSION": "100000"}
ABOUT = """\
Growth of the server process's resident memory by N sockets, divided by N; each socket belongs to a person with a
session of their own and watches one query. socket.io and the bare application have neither sessions nor subscriptions.

A whole tab of the app has two sockets: Reflex's, which has hydrated its state, and the live one with the
{subscriptions} subscriptions of the members page. Beside it a tab of the smallest Reflex app, on uvicorn as it comes
(with compression, which browsers offer) and with the settings of MemberPulse (without).

Then: the server is killed under {back} sockets and started again. *Own* clients wait between two tries as
`assets/live.js` and socket.io's client do, and the time runs from the kill until the last socket has its value again:
what people see. MemberPulse opens its port before it has loaded, so that whoever tries meanwhile waits in the queue.
*Eager* clients all try at once and every 20 ms, and the time runs from the moment the new server answers anybody: what
the servers can do."""


def measure(quick: bool) -> Section:
    sizes, rounds = ([500], 1) if quick else ([2_000, 10_000], 5)
    section = Section(
        "memory",
        "Memory of a live socket, and coming back after a restart",
        ABOUT.format(back=BACK, subscriptions=len(MEMBERS_PAGE)),
    )
    table = section.table("KB per socket", *[f"N={size:,}" for size in sizes])
    built()
    with ExitStack() as stack:
        place = stack.enter_context(folder())
        servers = _servers(place, npm_packages(stack, f"socket.io@{SOCKET_IO}"), max(sizes))
        for name, server in servers.items():
            held = [_kilobytes(server(), name, size) for size in sizes]
            table.add(NAMES[name], *held)
            say(f"  {NAMES[name]}: {', '.join(f'{each:.1f}' for each in held)} KB a socket")
            if name == "live":
                for size, each in zip(sizes, held, strict=True):
                    section.aim(f"memory per live socket at N={size:,}", each, 30.0, " KB")
        section.fact(f"{max(sizes):,} live sockets held by one process", True)
        _tabs(section, 100 if quick else 500)
        _come_back(section, servers, rounds)
    return section


def _servers(place: Path, packages: Path, people: int) -> dict[str, Callable[[], Server]]:
    database = f"sqlite:///{place}/bench.db"
    toy.fill(database, people=people)
    text, value = payload(place)
    return {
        "live": lambda: live_server(database),
        "bare": lambda: bare_server(text),
        "socketio": lambda: socketio_server(value, packages),
    }


def _kilobytes(server: Server, name: str, size: int) -> float:
    with running(server):
        with gathered(server.port, name, 10):  # loads what the first sockets load
            pass
        before = memory_bytes(server.pid)
        with gathered(server.port, name, size) as crowd:
            crowd.order("go")  # everybody has had a value
            return (memory_bytes(server.pid) - before) / size / 1024


def _tabs(section: Section, count: int) -> None:
    """What a browser's tab on the members page costs the whole app, and what one costs a bare Reflex app."""
    table = section.table(f"KB per browser tab, {count} tabs", "Reflex's socket", "live socket", "together")
    with folder() as place, RunningServer(place, **PLENTY) as server:
        cookies = [server.sign_in(person) for person in ("owner", "admin", "creator", "member")]
        reflex, live = _tab_kilobytes(server.pid, server.port, ["reflex", "tab"], count, cookies)
    table.add("MemberPulse", reflex, live, reflex + live)
    for whose, settings in {"defaults": "uvicorn's default settings", "ours": "the same settings"}.items():
        with running(bare_reflex_server(whose)) as server:
            (bare,) = _tab_kilobytes(server.pid, server.port, ["reflex"], count, [])
        table.add(f"bare Reflex app, {settings}", bare, "", bare)
        say(f"  a tab: {reflex:.1f} + {live:.1f} KB, of a bare Reflex app on {settings} {bare:.1f} KB")
        section.aim(f"a whole tab / a bare Reflex tab on {settings}", (reflex + live) / bare, 1.25, "x")


def _tab_kilobytes(pid: int, port: int, dialects: list[str], count: int, cookies: list[str]) -> list[float]:
    """The growth by each kind of socket in turn, per tab."""
    with ExitStack() as stack:
        for dialect in dialects:  # loads what the first tabs load
            with gathered(port, dialect, 20, cookies):
                pass
        levels = [memory_bytes(pid)]
        for dialect in dialects:
            stack.enter_context(gathered(port, dialect, count, cookies))
            levels.append(memory_bytes(pid))
    return [(after - before) / count / 1024 for before, after in pairwise(levels)]


def _come_back(section: Section, servers: dict[str, Callable[[], Server]], rounds: int) -> None:
    table = section.table(
        f"{BACK} sockets after a restart, ms", "own clients, from the kill", "eager clients, from the first answer"
    )
    found: dict[str, float] = {}
    for name in NAMES:
        eager = median(_return(servers[name](), name) for _ in range(rounds))
        if name != "bare":
            found[name] = median(_outage(servers[name](), name) for _ in range(rounds))
        table.add(NAMES[name], found.get(name, ""), eager)
        say(f"  {NAMES[name]}: {BACK} back {eager:.0f} ms after its first answer")
    section.aim(f"{BACK} sockets back: MemberPulse / socket.io", found["live"] / found["socketio"], 1.0, "x")


def _return(server: Server, name: str) -> float:
    """From the moment that the new server answers until everybody is back, who all come at once."""
    with running(server), gathered(server.port, name, BACK) as crowd:
        server.kill()
        crowd.order("await_loss")
        server.start()
        started = perf_counter()
        return (crowd.order("open")["at"] - started) * 1000


def _outage(server: Server, name: str) -> float:
    """From the end of the old server, whose successor starts at once, until everybody is back at their own pace."""
    with running(server), gathered(server.port, name, BACK) as crowd:
        crowd.order("be_patient")
        started = perf_counter()
        server.kill()
        crowd.tell("open")
        server.start()
        return (crowd.hear("open")["at"] - started) * 1000
