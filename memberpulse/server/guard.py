"""The guard over Reflex: refuses every event that no handler's policy allows.

A browser may send any event with any payload; Reflex checks neither who sends it nor what is in it. So each handler
declares a policy, payloads are validated against its annotations without coercion, and the rest is refused before it
touches the state. Whose tab it is, the gate has settled (`tab_of`). The engine checks again whatever a handler
then asks of it.
"""

import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast, get_type_hints

import pydantic
import structlog
from reflex.app import App
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event
from reflex_base.event.context import EventContext
from reflex_base.registry import RegisteredEventHandler, RegistrationContext

from memberpulse.engine import PUBLIC, Caller

log = structlog.get_logger(__name__)

F = TypeVar("F", bound=Callable[..., Any])

_POLICY = "__policy__"
_FRAMEWORK = frozenset(
    {
        "hydrate",
        "hydrate_and_load",
        "on_load_internal",
        "set_is_hydrated",
        "update_vars_internal",
        "handle_frontend_exception",
    }
)
"""What the browser's side of Reflex sends by itself. They only ever touch the tab that sends them."""

Identify = Callable[[str | None], Awaitable[Caller]]


def policy(*, requires: str) -> Callable[[F], F]:
    """Declare who may send an event. Stands below `@rx.event`.

    requires: a capability, or PUBLIC or SIGNED_IN of the engine.
    """

    def declare(handler: F) -> F:
        setattr(handler, _POLICY, requires)
        return handler

    return declare


@dataclass
class Guard(Middleware):
    """Reflex middleware that refuses by default. `identify` gives the caller behind a session's reference."""

    identify: Identify
    _payloads: dict[str, type[pydantic.BaseModel]] = field(default_factory=dict[str, type[pydantic.BaseModel]])

    async def preprocess(self, app: App, state: BaseState, event: Event) -> StateUpdate | None:
        """Let an allowed event pass (None) or end it without an answer."""
        if EventContext.get().parent_txid is not None:
            return None  # queued by a handler of ours, not sent by a browser
        reference = str(event.router_data.get("headers", {}).get("authorization", "")) or None
        why = await self._refusal(event, reference)
        if why is not None:
            log.warning("event refused", event_name=event.name[:200], why=why, session=(reference or "")[:8])
            return StateUpdate()
        return None

    async def _refusal(self, event: Event, reference: str | None) -> str | None:
        registered = RegistrationContext.get().event_handlers.get(event.name)
        if registered is None:
            return "unknown"
        requires = policy_of(registered)
        if requires is None:
            return "no policy"
        if requires != PUBLIC and not (await self.identify(reference)).may(requires):
            return "forbidden"
        try:
            self._payload_of(event.name, registered).model_validate_json(json.dumps(event.payload))
        except pydantic.ValidationError as error:
            return f"payload: {error.errors(include_url=False, include_input=False)[0]['type']}"
        return None

    def _payload_of(self, name: str, registered: RegisteredEventHandler) -> type[pydantic.BaseModel]:
        if name not in self._payloads:
            self._payloads[name] = payload_model(registered.handler.fn)
        return self._payloads[name]


def refuse_malformed(app: App) -> None:
    """Drop what is no event of ours before Reflex reads it: it would log the whole of it, whatever it says."""
    namespace = app.event_namespace
    if namespace is None:
        return
    read_event = namespace.on_event

    async def on_event(sid: str, data: Any) -> None:
        event = cast("dict[str, Any]", data) if isinstance(data, dict) else {}
        name = event.get("name")
        if name in RegistrationContext.get().event_handlers and isinstance(event.get("payload", {}), dict):
            await read_event(sid, data)
        else:
            log.warning("event refused", event_name=str(name)[:200], why="unknown or malformed")

    namespace.on_event = on_event


def policy_of(registered: RegisteredEventHandler) -> str | None:
    """Who may send this event; None when nobody may."""
    handler = registered.handler.fn
    if handler.__name__ == "setvar":
        return None
    if registered.states[0].__module__.startswith("reflex."):
        return PUBLIC if handler.__name__ in _FRAMEWORK else None
    return getattr(handler, _POLICY, None)


def check_policies() -> None:
    """Refuse to start with a handler that declares no policy or leaves a parameter without an annotation.

    Raises TypeError naming all of them.
    """
    found = {name: _fault_of(registered) for name, registered in RegistrationContext.get().event_handlers.items()}
    faults = [f"{name} {fault}" for name, fault in found.items() if fault]
    if faults:
        raise TypeError("Event handlers that nobody may send:\n" + "\n".join(faults))


def _fault_of(registered: RegisteredEventHandler) -> str | None:
    handler = registered.handler.fn
    if handler.__name__ == "setvar" or registered.states[0].__module__.startswith("reflex."):
        return None
    if policy_of(registered) is None:
        return "declares no policy; add @policy(requires=…) below @rx.event"
    try:
        payload_model(handler)
    except TypeError as error:
        return str(error)
    return None


def payload_model(handler: Callable[..., Any]) -> type[pydantic.BaseModel]:
    """A strict model of what the handler's parameters accept. Raises TypeError for one without an annotation."""
    hints = get_type_hints(handler, include_extras=True)
    fields: dict[str, Any] = {}
    for parameter in list(inspect.signature(handler).parameters.values())[1:]:
        if parameter.name not in hints:
            raise TypeError(f"parameter {parameter.name} has no annotation")
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        fields[parameter.name] = (hints[parameter.name], default)
    config = pydantic.ConfigDict(extra="forbid", strict=True, arbitrary_types_allowed=True)
    return pydantic.create_model("Payload", __config__=config, **fields)
