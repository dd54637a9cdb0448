"""The one bridge from the engine to the screens: `live` shows a query, `run` and `live_form` run a mutation.

Everything here is compiled into the page; nothing runs on the server when a value changes or a button is pressed. The
browser's side is `assets/live.js`.
"""

import inspect
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from types import NoneType, UnionType
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import reflex as rx
from reflex.vars import VarData
from reflex.vars.function import ArgsFunctionOperation, FunctionVar
from reflex_base.event import EventChain, no_args_event_spec
from reflex_base.utils.imports import ImportVar

from memberpulse.engine import Kind, function_of

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

LIBRARY = "$/public/live"

Handler = Any
"""An event handler: what `run` returns, a Reflex event, or a Var that is a JavaScript function."""


@dataclass(frozen=True)
class Live(Generic[R]):
    """A query's result as Vars: `status` is loading, ready, forbidden, not_found or error.

    `error` is the sentence to show, `request_id` finds it in the log. While a refresh fails or other arguments load,
    `value` keeps what was last known. `origin` names the function and arguments that `value` belongs to.
    """

    status: rx.Var[str]
    error: rx.Var[str]
    request_id: rx.Var[str]
    origin: rx.Var[str]
    retry: Handler
    _value: rx.Var[Any]

    @property
    def value(self) -> R:
        """The result, typed as the query returns it. Use it inside `view`: before that it is undefined."""
        return cast(R, self._value)

    def view(
        self,
        ready: Callable[[R], rx.Component],
        skeleton: rx.Component,
        *,
        empty: tuple[Any, rx.Component] | None = None,
        failed: rx.Component | None = None,
        forbidden: rx.Component | None = None,
    ) -> rx.Component:
        """Show the result, or why there is none.

        empty: a condition on the value and what to show instead of `ready` when it holds.
        """
        shown = ready(self.value) if empty is None else rx.cond(empty[0], empty[1], ready(self.value))
        refused = forbidden or rx.el.p(self.error, role="status", class_name="live-forbidden")
        broken = failed or _broken(self)
        return cast(
            rx.Component,
            rx.match(
                self.status,
                ("ready", shown),
                ("forbidden", refused),
                ("not_found", refused),
                ("error", broken),
                skeleton,
            ),
        )


@dataclass(frozen=True)
class OneOf(Generic[P, R]):
    """One of two queries with the same arguments and result, for `live` and `live_list`.

    when: a Var, true for `query`, false for `otherwise`; undefined while it is not known: then neither is asked.
    """

    when: Any
    query: Callable[Concatenate[Any, P], R]
    otherwise: Callable[Concatenate[Any, P], R]


def live(query: Callable[Concatenate[Any, P], R] | OneOf[P, R], *_: P.args, **arguments: P.kwargs) -> Live[R]:
    """Subscribe the component to a query. Arguments may be constants or Vars; a change of one resubscribes.

    Raises TypeError for a function that is no query, for arguments it does not have, and for an item of
    `rx.foreach` as an argument (the subscription would stand outside the loop).
    """
    name, result = _asked(query, arguments)
    given = rx.Var.create(dict(arguments))
    _refuse_loop_item("live", str(name), given)
    variable = _variable("live", str(name), given)
    data = _hooked((name, given), f"const {variable} = useLive({name!s}, {given!s});", "useLive")
    retry = _imported("retry").call(_imported("keyOf").call(name, given))

    def part(field: str, kind: Any) -> Any:
        return rx.Var(f"{variable}.{field}", _var_type=kind, _var_data=data).guess_type()

    return Live(
        status=part("status", str),
        error=part("error", str),
        request_id=part("request_id", str),
        origin=part("origin", str),
        retry=ArgsFunctionOperation.create((), retry),
        _value=part("value", result),
    )


@dataclass(frozen=True)
class LiveList(Live[R]):
    """A long list: `value.rows` are the rows of all pages that were asked for, and every one of them stays live.

    more: a handler that asks for the next page. has_more: whether there is one. loading_more: whether it is on its way.
    pages: how many were asked for; as the `scope` of the rows it lets nothing warm that was only fetched.
    """

    more: Handler
    has_more: rx.Var[bool]
    loading_more: rx.Var[bool]
    pages: rx.Var[int]


def live_list(query: Callable[Concatenate[Any, P], R] | OneOf[P, R], *_: P.args, **arguments: P.kwargs) -> LiveList[R]:
    """Subscribe to a query with a `cursor`, whose result has `rows` and `next_cursor`, page by page.

    Give every argument but the cursor. Raises TypeError as `live` does.
    """
    name, result = _asked(query, arguments)
    given = rx.Var.create(dict(arguments))
    _refuse_loop_item("live", str(name), given)
    variable = _variable("list", str(name), given)
    data = _hooked((name, given), f"const {variable} = useLiveList({name!s}, {given!s});", "useLiveList")

    def part(field: str, kind: Any) -> Any:
        return rx.Var(f"{variable}.{field}", _var_type=kind, _var_data=data).guess_type()

    key = _imported("keyOf").call(name, given)
    return LiveList(
        status=part("status", str),
        error=part("error", str),
        request_id=part("request_id", str),
        origin=part("origin", str),
        retry=ArgsFunctionOperation.create((), _imported("retry").call(key)),
        _value=part("value", result),
        more=ArgsFunctionOperation.create((), _imported("showMore").call(key)),
        has_more=part("has_more", bool),
        loading_more=part("loading_more", bool),
        pages=part("pages", int),
    )


def run(
    mutation: Callable[..., Any],
    *,
    done: Any = None,
    undo: Callable[[Any], Handler] | Handler | None = None,
    go: Any = None,
    then: Handler | Sequence[Handler] = (),
    ends: str | None = None,
    **arguments: Any,
) -> Handler:
    """An event handler that runs a mutation or action once, with the arguments as they are when it is pressed.

    done: what a toast says afterwards, where the screen does not show it. undo: offered in that toast for ten
    seconds. go: the local path to go to. then: handlers to call, such as closing a dialog. Each may be a function of
    the mutation's result. ends: the local path to go to when it ends the session itself, before its result can come.
    A refusal becomes a toast.
    """
    name = _declared(mutation, Kind.MUTATION, arguments, Kind.ACTION)
    options = _options(mutation, done=done, undo=undo, go=go, then=then) | ({"ends": ends} if ends else {})
    return _imported("runMutation").partial(name, rx.Var.create(dict(arguments)), options)


def live_form(
    mutation: Callable[..., Any],
    *children: Any,
    done: Any = None,
    undo: Callable[[Any], Handler] | Handler | None = None,
    go: Any = None,
    then: Handler | Sequence[Handler] = (),
    reset: bool = True,
    arguments: Mapping[str, Any] | None = None,
    opened: Mapping[str, Any] | None = None,
    **props: Any,
) -> rx.Component:
    """A form whose named fields are the mutation's arguments; `arguments` are those that are no field.

    opened: such arguments as they were when the form was opened, however they change meanwhile, like a version.
    Numbers and booleans are read by the mutation's own annotations. A refusal is shown inside the form with
    `problem(mutation)`, and the first field marked `aria-invalid` gets the focus.
    """
    fixed, kept = dict(arguments or {}), dict(opened or {})
    given = fixed | kept
    name = _declared(mutation, Kind.MUTATION, given, Kind.ACTION, complete=False)
    options = _options(mutation, done=done, undo=undo, go=go, then=then) | {"reset": reset}
    kinds = {field: _reader(hint) for field, hint in _parameters(mutation).items() if field not in given}
    return LiveForm.create(*children, mutation=name, fixed=fixed, opened=kept, kinds=kinds, options=options, **props)


def busy(mutation: Callable[..., Any], **arguments: Any) -> rx.Var[bool]:
    """Whether the mutation is under way: with these arguments, or with any when none are given.

    Raises TypeError for an item of `rx.foreach` as an argument, as `live` does.
    """
    name = _declared(mutation, Kind.MUTATION, arguments, Kind.ACTION, complete=False)
    given = rx.Var.create(dict(arguments))
    _refuse_loop_item("busy", name, given)
    variable = _variable("busy", name, given)
    key = f"keyOf({json.dumps(name)}, {given!s})" if arguments else json.dumps(name)
    data = _hooked((given,), f"const {variable} = useBusy({key});", "useBusy", "keyOf")
    return rx.Var(variable, _var_type=bool, _var_data=data).guess_type()


@dataclass(frozen=True)
class Problem:
    """Why a form was refused, as Vars: empty texts when it was not."""

    message: rx.Var[str]
    request_id: rx.Var[str]
    _fields: rx.Var[dict[str, str]]

    def field(self, name: str) -> rx.Var[str]:
        """What is wrong with one field."""
        return cast("rx.Var[str]", cast(Any, self._fields)[name])


def problem(mutation: Callable[..., Any]) -> Problem:
    """Why `live_form(mutation, …)` was last refused."""
    name = function_of(mutation).name
    none = rx.Var.create({})
    variable = _variable("problem", name, none)
    data = _hooked((none,), f"const {variable} = useFailure({json.dumps(name)});", "useFailure")

    def part(expression: str, kind: Any) -> Any:
        return rx.Var(f"({variable}?.{expression})", _var_type=kind, _var_data=data).guess_type()

    return Problem(
        message=part('message ?? ""', str), request_id=part('request_id ?? ""', str), _fields=part("fields ?? {}", dict)
    )


def route_arg(name: str) -> str:
    """A part of the path, as in `/events/[event_id]`, for use as an argument. Known at once, without the server."""
    data = VarData(
        hooks={"const routeArgs = useParams();": None}, imports={"react-router": [ImportVar(tag="useParams")]}
    )
    return cast(str, rx.Var(f"routeArgs[{json.dumps(name)}]", _var_type=str, _var_data=data).guess_type())


def query_arg(name: str, default: str | None = None) -> str:
    """A value behind the `?` of the address, for use as an argument."""
    data = VarData(
        hooks={"const [queryArgs] = useSearchParams();": None},
        imports={"react-router": [ImportVar(tag="useSearchParams")]},
    )
    expression = f"(queryArgs.get({json.dumps(name)}) ?? {json.dumps(default)})"
    return cast(str, rx.Var(expression, _var_type=str, _var_data=data).guess_type())


def _connection(field: str, kind: Any) -> Any:
    data = VarData(
        hooks={"const connection = useConnection();": None}, imports={LIBRARY: [ImportVar(tag="useConnection")]}
    )
    return rx.Var(f"connection.{field}", _var_type=kind, _var_data=data).guess_type()


connection_status: rx.Var[str] = _connection("status", str)
"""connecting, live, reconnecting or polling."""
connection_latency_ms: rx.Var[int] = _connection("latency", int)
"""The way to the server and back, or null while it is not known."""
connection_as_of: rx.Var[str] = _connection("as_of", str)
"""Since when the values on the screen may be old (ISO 8601), or null while the link is live."""


class LiveForm(rx.Component):
    """A form that runs a mutation; see `live_form`."""

    library = "$/public/live_form"
    tag = "LiveForm"

    mutation: rx.Var[str]
    fixed: rx.Var[dict[str, Any]]
    opened: rx.Var[dict[str, Any]]
    kinds: rx.Var[dict[str, Any]]
    options: rx.Var[dict[str, Any]]


class LivePage(rx.Component):
    """Mounted once around the app: the server learns which page the tab shows."""

    library = LIBRARY
    tag = "LivePage"


@rx.memo
def live_page() -> rx.Component:
    return LivePage.create()


def _asked(query: Callable[..., Any] | OneOf[..., Any], arguments: Mapping[str, Any]) -> tuple[rx.Var[Any], Any]:
    """The name as the browser computes it, and what the query returns."""
    if not isinstance(query, OneOf):
        return rx.Var.create(_declared(query, Kind.QUERY, arguments)), get_type_hints(query)["return"]
    names = [json.dumps(_declared(each, Kind.QUERY, arguments)) for each in (query.query, query.otherwise)]
    when = rx.Var.create(query.when)
    chosen = f"(({when!s}) === undefined ? undefined : ({when!s}) ? {names[0]} : {names[1]})"
    data = when._get_all_var_data()  # pyright: ignore[reportPrivateUsage]
    return rx.Var(chosen, _var_data=data), get_type_hints(query.query)["return"]


def _declared(
    call: Callable[..., Any], kind: Kind, arguments: Mapping[str, Any], *others: Kind, complete: bool = True
) -> str:
    function = function_of(call)
    if function.kind not in (kind, *others):
        raise TypeError(f"{function.name} is a {function.kind}, not a {kind}")
    parameters = inspect.signature(call).parameters
    known = list(parameters)[1:]
    unknown = [name for name in arguments if name not in known]
    required = [name for name in known if parameters[name].default is inspect.Parameter.empty]
    missing = [name for name in required if name not in arguments] if complete else []
    if unknown or missing:
        raise TypeError(f"{function.name}: unknown arguments {unknown}, missing arguments {missing}")
    return function.name


def _options(mutation: Callable[..., Any], *, done: Any, undo: Any, go: Any, then: Any) -> dict[str, Any]:
    result = rx.Var("result", _var_type=get_type_hints(mutation).get("return", NoneType)).guess_type()
    options: dict[str, Any] = {"kind": function_of(mutation).kind.value}
    for name, given in (("done", done), ("go", go)):
        if given is not None:
            options[name] = _of_result(given, result)
    if isinstance(undo, rx.Var) and not isinstance(undo, FunctionVar):
        raise TypeError(f"{function_of(mutation).name}: undo is run(…), or a function of the result that returns it")
    if undo is not None:
        options["undo"] = _of_result(undo, result)
    follows = cast("Sequence[Any]", then) if isinstance(then, Sequence) and not isinstance(then, str) else [then]
    if follows:
        options["then"] = [_as_function(follow, result) for follow in follows]
    return options


def _of_result(given: Any, result: rx.Var[Any]) -> Any:
    if isinstance(given, FunctionVar):
        return ArgsFunctionOperation.create(("result",), given.call())
    if callable(given) and not isinstance(given, rx.Var):
        made = given(result)
        made = made.call() if isinstance(made, FunctionVar) else made
        return ArgsFunctionOperation.create(("result",), made)
    return given


def _as_function(follow: Any, result: rx.Var[Any]) -> Any:
    if isinstance(follow, rx.Var):
        return follow
    if callable(follow) and not isinstance(follow, rx.EventHandler):
        return _of_result(follow, result)
    return rx.Var.create(EventChain.create(follow, args_spec=no_args_event_spec))


def _reader(hint: Any) -> dict[str, Any]:
    members = [member for member in get_args(hint) if member is not NoneType] if _is_union(hint) else [hint]
    optional = _is_union(hint) and NoneType in get_args(hint)
    kind = members[0] if len(members) == 1 else str
    known: dict[Any, str] = {int: "int", float: "float", bool: "bool"}
    bare = get_args(kind)[0] if get_args(kind) else kind  # of Annotated[int, …]
    return {"kind": known.get(bare, "text"), "optional": optional}


def _is_union(hint: Any) -> bool:
    return get_origin(hint) in (Union, UnionType)


def _parameters(call: Callable[..., Any]) -> dict[str, Any]:
    hints = get_type_hints(call)
    return {name: hints[name] for name in list(inspect.signature(call).parameters)[1:]}


def _variable(prefix: str, name: str, given: rx.Var[Any]) -> str:
    """One name for one function and arguments: Reflex repeats the hook in each part it memoizes by itself."""
    return f"{prefix}_{sha256(f'{name}{given!s}'.encode()).hexdigest()[:10]}"


def _hooked(given: Sequence[rx.Var[Any]], hook: str, *tags: str) -> VarData | None:
    ours = VarData(hooks={hook: None}, imports={LIBRARY: [ImportVar(tag=tag) for tag in tags]})
    # The hooks of the arguments stand first: ours reads their variables.
    return VarData.merge(*[each._get_all_var_data() for each in given], ours)  # pyright: ignore[reportPrivateUsage]


def _imported(tag: str) -> FunctionVar[Any]:
    data = VarData(imports={LIBRARY: [ImportVar(tag=tag)]})
    return rx.Var(tag, _var_data=data).to(FunctionVar)


def _refuse_loop_item(call: str, name: str, given: rx.Var[Any]) -> None:
    found = re.search(r"(?<![.\w])\w+_rx_state_\b", str(given))
    data = given._get_all_var_data()  # pyright: ignore[reportPrivateUsage]
    if found and found[0] not in "".join(data.hooks if data else ()):
        raise TypeError(
            f"{call}({name}): {found[0]} is an item of rx.foreach. Call {call}() inside an @rx.memo row and give the "
            "row what it needs as a prop."
        )


def _broken(result: Live[Any]) -> rx.Component:
    return rx.el.div(
        rx.el.p(result.error),
        rx.cond(result.request_id != "", rx.el.p("Request ", rx.el.code(result.request_id))),
        rx.el.button("Try again", on_click=result.retry, type="button"),
        role="alert",
        class_name="live-error",
    )
