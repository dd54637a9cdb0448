"""What `live`, `run`, `live_form` and `busy` compile to."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import pytest
import reflex as rx

from memberpulse.engine import PUBLIC, MutationCtx, QueryCtx, mutation, query
from memberpulse.ui.live import OneOf, busy, connection_status, live, live_form, problem, query_arg, route_arg, run


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Item:
    id: UUID
    title: str


@dataclass(frozen=True)
class Items:
    rows: list[Item]
    total: int


@query(requires=PUBLIC)
def list_items(ctx: QueryCtx, *, colour: Colour, search: str = "") -> Items:
    return Items([], 0)


@query(requires=PUBLIC)
def list_others(ctx: QueryCtx, *, colour: Colour, search: str = "") -> Items:
    return Items([], 0)


@mutation(requires=PUBLIC)
def add_item(ctx: MutationCtx, *, title: str, count: int = 1, note: str | None = None, loud: bool = False) -> Item:
    raise AssertionError("only its declaration is used")


@mutation(requires=PUBLIC)
def remove_item(ctx: MutationCtx, *, item_id: UUID) -> None:
    raise AssertionError("only its declaration is used")


def hooks(var: rx.Var[object]) -> str:
    data = var._get_all_var_data()
    return "\n".join(data.hooks) if data else ""


def test_the_hook_carries_name_and_arguments():
    shown = live(list_items, colour=Colour.RED, search="oak")
    assert 'useLive("ui.list_items", ({ ["colour"] : "red", ["search"] : "oak" }))' in hooks(shown.status)


def test_one_of_two_queries_is_asked_for_and_none_while_it_is_not_known():
    shown = live(OneOf(route_arg("event_id"), list_items, list_others), colour=Colour.RED)
    written = hooks(shown.status).splitlines()
    assert written[0] == "const routeArgs = useParams();"
    assert "=== undefined ? undefined : " in written[1]
    assert '? "ui.list_items" : "ui.list_others"' in written[1]
    with pytest.raises(TypeError, match="list_items"):
        live(OneOf(route_arg("event_id"), list_items, list_others), search="x")


def test_equal_subscriptions_share_one_variable_and_others_do_not():
    first, same, other = (live(list_items, colour=Colour.RED, search=text) for text in ("a", "a", "b"))
    assert str(first.status) == str(same.status)
    assert str(first.status) != str(other.status)


def test_value_is_typed_as_the_query_returns_it():
    shown = live(list_items, colour=Colour.RED)
    assert str(shown.value.total).endswith('?.["total"]')
    with pytest.raises(AttributeError):
        _ = shown.value.totals  # pyright: ignore[reportAttributeAccessIssue]


def test_hooks_of_arguments_come_first():
    written = hooks(live(list_items, colour=Colour.RED, search=route_arg("event_id")).status).splitlines()
    assert written[0] == "const routeArgs = useParams();"
    assert "useLive(" in written[1]


@pytest.mark.parametrize("arguments", [{"colour": Colour.RED, "serch": "x"}, {}])
def test_arguments_the_query_does_not_have_are_refused(arguments: dict[str, object]):
    with pytest.raises(TypeError, match="list_items"):
        live(list_items, **arguments)  # pyright: ignore[reportCallIssue, reportArgumentType]


def test_a_mutation_cannot_be_shown_and_a_query_cannot_be_run():
    with pytest.raises(TypeError, match="not a query"):
        live(add_item, title="x")
    with pytest.raises(TypeError, match="not a mutation"):
        run(list_items, colour=Colour.RED)


def test_an_item_of_foreach_is_refused_as_an_argument():
    shown = live(list_items, colour=Colour.RED)
    with pytest.raises(TypeError, match=r"rx\.memo"):
        rx.foreach(
            shown.value.rows, lambda row: live(list_items, colour=Colour.RED, search=row.title).view(str, rx.box())
        )
    with pytest.raises(TypeError, match=r"busy\(\) inside an @rx\.memo"):
        rx.foreach(shown.value.rows, lambda row: rx.el.button(disabled=busy(remove_item, item_id=row.id)))


def test_an_item_of_foreach_may_be_run_with():
    shown = live(list_items, colour=Colour.RED)
    row = rx.foreach(shown.value.rows, lambda row: rx.el.button(on_click=run(remove_item, item_id=row.id), key=row.id))
    assert '"ui.remove_item", ({ ["item_id"] : row' in str(row).replace("\\", "")


def test_what_takes_a_deed_back_is_something_that_can_be_called():
    with pytest.raises(TypeError, match="undo is run"):
        run(remove_item, item_id=UUID(int=1), undo=rx.Var("nothing to call"))


def test_run_is_an_event_handler_with_options_from_the_result():
    handler = run(
        add_item, title="x", done=lambda item: item.title, undo=lambda item: run(remove_item, item_id=item.id), go="/"
    )
    written = str(rx.el.button("Add", on_click=handler))
    assert "runMutation" in written
    assert '["kind"] : "mutation"' in written
    assert 'result?.["title"]' in written
    assert '["item_id"] : result?.["id"]' in written


def test_a_form_reads_its_fields_by_the_annotations():
    form = live_form(add_item, rx.el.input(name="title"), arguments={"loud": True})
    kinds = {name: (kind["kind"], kind["optional"]) for name, kind in form.kinds._decode().items()}
    assert kinds == {"title": ("text", False), "count": ("int", False), "note": ("text", True)}


def test_busy_is_by_arguments_or_for_any():
    assert 'useBusy("ui.add_item")' in hooks(busy(add_item))
    assert "keyOf(" in hooks(busy(add_item, title="x"))


def test_problem_connection_and_address_are_plain_vars():
    assert "useFailure" in hooks(problem(add_item).field("title"))
    assert str(connection_status) == "connection.status"
    assert "useSearchParams" in hooks(query_arg("tab", "all"))
