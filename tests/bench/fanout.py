"""One write, N watchers: the time until the last one has it."""

import json
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench import toy
from tests.bench.processes import (
    SOCKET_IO,
    Crowd,
    Server,
    bare_server,
    folder,
    gathered,
    live_server,
    node_version,
    npm_packages,
    running,
    socketio_server,
)
from tests.bench.report import Section, say

NAMES = {"live": "MemberPulse", "bare": "bare ASGI broadcast", "socketio": "socket.io"}
ABOUT = """\
N WebSockets, each of a person with a session of their own, watch one query. One of them runs a mutation, which changes
the 12 rows that the query reads: gate, session, authorization, transaction with its commit, invalidation, one run of
the query, comparison, one serialization, N frames. The time ends with the arrival of the new value at the last socket.

Beside it, on any frame from a client: the same text sent to every socket by a bare ASGI application on the same server
and settings, and the same value emitted to everybody by Node's socket.io {socket_io} (Node {node}, WebSocket only, no
compression). All three servers run with their N clients while they take turns; the clients of each are one process
that only notes times. Medians over the rounds.

It begins with the sending of the call or, as a second figure of MemberPulse, when the write is committed. The others
write nothing; so the aims are about the second, which still has the invalidation, the query, the comparison and the
serialization in it, and lacks the way of the call to the server, a fraction of a millisecond. The first is told beside
them; what a write itself costs is measured in “A query and a mutation through the whole engine”."""


def measure(quick: bool) -> Section:
    section = Section(
        "fanout",
        "One write to N live sockets",
        ABOUT.format(socket_io=SOCKET_IO, node=node_version()),
    )
    sizes, rounds = ([200], 5) if quick else ([500, 2000, 5000], 15)
    table = section.table("last socket served, ms", *[f"N={size:,}" for size in sizes])
    results = [_with_sockets(size, rounds) for size in sizes]
    for name, shown in NAMES.items():
        table.add(shown, *[_last(result[name]) for result in results])
    table.add("MemberPulse, from its commit", *[_delivered(result["live"]) for result in results])
    table.add("MemberPulse, first socket", *[median(run["first_ms"] for run in result["live"]) for result in results])
    for size, result in zip(sizes, results, strict=True):
        for name, most in (("bare", 1.5), ("socketio", 1.0)):
            whole, theirs = _last(result["live"]), _last(result[name])
            section.aim(f"N={size:,}: MemberPulse / {NAMES[name]}", _delivered(result["live"]) / theirs, most, "x")
            section.notes.append(f"N={size:,}: from the call on / {NAMES[name]}: {whole / theirs:.2f}x")
    section.fact(
        f"each of the {rounds * len(sizes)} writes: 1 execution of the query, 1 serialization, 1 frame for all", True
    )
    return section


def _with_sockets(size: int, rounds: int) -> dict[str, list[dict[str, float]]]:
    with ExitStack() as stack:
        place = stack.enter_context(folder())
        database = f"sqlite:///{place}/bench.db"
        toy.fill(database, people=size)
        text, value = payload(place)
        servers: dict[str, Server] = {
            "live": live_server(database),
            "bare": bare_server(text),
            "socketio": socketio_server(value, npm_packages(stack, f"socket.io@{SOCKET_IO}")),
        }
        for server in servers.values():
            stack.enter_context(running(server))
        crowds = {name: stack.enter_context(gathered(server.port, name, size)) for name, server in servers.items()}
        return _take_turns(servers["live"], crowds, rounds)


def _take_turns(live: Server, crowds: dict[str, Crowd], rounds: int) -> dict[str, list[dict[str, float]]]:
    found: dict[str, list[dict[str, float]]] = {name: [] for name in crowds}
    for turn in range(rounds + 1):
        before = Counter(live.ask()["counts"])
        runs: dict[str, dict[str, float]] = {}
        for name, crowd in crowds.items():
            run = crowd.order("go")
            assert run["extra"] == 0, f"{name}: {run['extra']} frames too many"
            runs[name] = run
        after = live.ask()
        did = Counter(after["counts"]) - before
        assert did == {"executions": 1, "serializations": 1, "frames": 1}, did
        runs["live"]["delivery_ms"] = (runs["live"]["last_at"] - _committed_at(runs["live"], after)) * 1000
        for name, run in runs.items() if turn else ():  # the first round is for warming up
            found[name].append(run)
    say(f"  {crowds['live'].count:,} sockets: {_told(found)}")
    return found


def _committed_at(run: dict[str, float], asked: dict[str, Any]) -> float:
    """When the write of this run was committed."""
    started_at = run["last_at"] - run["last_ms"] / 1000
    return next(at for at in asked["committed_at"] if at > started_at)


def _told(found: dict[str, list[dict[str, float]]]) -> str:
    return ", ".join(f"{NAMES[name]} {_last(runs):.1f} ms" for name, runs in found.items())


def _delivered(runs: list[dict[str, float]]) -> float:
    return median(run["delivery_ms"] for run in runs)


def _last(runs: list[dict[str, float]]) -> float:
    return median(run["last_ms"] for run in runs)


def payload(place: Path) -> tuple[Path, Path]:
    """A frame as the engine sends it, and its content for those who make their own frames."""
    rows = [{"id": str(toy.uuid7()), "title": f"Notice {row:04}", "revision": 1} for row in range(toy.ROWS)]
    frame = {"t": "set", "q": "e1", "v": "0" * 18, "value": rows}
    text, value = place / "frame.txt", place / "value.json"
    text.write_text(json.dumps(frame, separators=(",", ":")))
    value.write_text(json.dumps(frame))
    return text, value
