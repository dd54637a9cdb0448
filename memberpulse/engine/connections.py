"""The open sockets of this process, and those who want to know of them (presence does)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from memberpulse.engine.observe import Observer
    from memberpulse.engine.socket import Connection


class ConnectionObserver(Protocol):
    """Called on the event loop; must return at once and do its work elsewhere."""

    def opened(self, connection: "Connection") -> None: ...
    def moved(self, connection: "Connection") -> None: ...
    def closed(self, connection: "Connection") -> None: ...


class Connections:
    def __init__(self, observer: "Observer") -> None:
        self._open: set[Connection] = set()
        self._observers: list[ConnectionObserver] = []
        self._gauge = observer.connections

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> "Iterable[Connection]":
        return iter(list(self._open))

    def observe(self, observer: ConnectionObserver) -> None:
        self._observers.append(observer)

    def opened(self, connection: "Connection") -> None:
        self._open.add(connection)
        self._gauge.set(len(self._open))
        for observer in self._observers:
            observer.opened(connection)

    def moved(self, connection: "Connection") -> None:
        for observer in self._observers:
            observer.moved(connection)

    def closed(self, connection: "Connection") -> None:
        self._open.discard(connection)
        self._gauge.set(len(self._open))
        for observer in self._observers:
            observer.closed(connection)

    def close_all(self, code: int) -> None:
        for connection in list(self._open):
            connection.close(code)
