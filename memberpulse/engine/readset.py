# pyright: reportPrivateUsage=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false
"""What a statement reads and writes, learned from its SQLAlchemy expression before it runs.

Each table that a SELECT draws rows from becomes a `Read`, narrowed by the equalities and INs that its own WHERE joins
with AND. Anything else (OR, ranges, functions, outer columns) leaves the read as wide as it is. A row outside a
narrowed read cannot be in that SELECT's result, whatever the join, so it cannot change the answer.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Column, Table
from sqlalchemy.orm.util import _ORMJoin
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.dml import Delete, Insert, Update, UpdateBase
from sqlalchemy.sql.elements import (
    AsBoolean,
    BinaryExpression,
    BindParameter,
    BooleanClauseList,
    ClauseElement,
    ColumnClause,
    ColumnElement,
    False_,
    Grouping,
    Null,
    TextClause,
    True_,
)
from sqlalchemy.sql.selectable import (
    CTE,
    Alias,
    CompoundSelect,
    FromClause,
    FromGrouping,
    Join,
    Select,
    SelectBase,
    Subquery,
    TableClause,
    TableValuedAlias,
)
from sqlalchemy.sql.selectable import (
    Values as ValuesClause,
)

from memberpulse.engine import predicates
from memberpulse.engine.errors import UntrackedStatement
from memberpulse.engine.predicates import Read, Write

Parameters = Mapping[str, Any] | None
Occurrence = FromClause
"""A table, or an alias of one: the same table joined twice is two occurrences."""


@dataclass(slots=True)
class Trace:
    """What one statement touches. `unguarded` are tables that it names outside the reach of an ORM filter."""

    reads: list[Read] = field(default_factory=list[Read])
    writes: list[Write] = field(default_factory=list[Write])
    tables: set[str] = field(default_factory=set[str])
    unguarded: set[str] = field(default_factory=set[str])


def trace(statement: Any, parameters: Any) -> Trace:
    """Read a SELECT, INSERT, UPDATE or DELETE. Raises UntrackedStatement for any other."""
    found = Trace()
    if isinstance(statement, SelectBase):
        _trace_select(statement, _single(parameters), found, frozenset())
    elif isinstance(statement, UpdateBase):
        _trace_write(statement, parameters, found)
    else:
        raise UntrackedStatement(f"{type(statement).__name__} hides what it reads or writes; use a select or the ORM")
    return found


def _single(parameters: Any) -> Parameters:
    return parameters if isinstance(parameters, Mapping) else None


# Reads


def _trace_select(statement: ClauseElement, parameters: Parameters, found: Trace, outer: frozenset[Any]) -> None:
    if isinstance(statement, CompoundSelect):
        _refuse_subqueries_around(statement)
        for part in statement.selects:
            _trace_select(part, parameters, found, outer)
        return
    if isinstance(statement, SelectBase) and not isinstance(statement, Select):
        inner = getattr(statement, "element", None)
        if not isinstance(inner, SelectBase):
            raise UntrackedStatement(f"{type(statement).__name__} hides what it reads")
        _trace_select(inner, parameters, found, outer)
        return
    select = cast("Select[Any]", statement)
    own, unguarded = _own_occurrences(select, outer)
    narrow = _narrowing(select._where_criteria, parameters)
    if _has_outer_join(select):
        narrow = {occurrence: _without_null(known) for occurrence, known in narrow.items()}
    for occurrence in own:
        table = _table_of(occurrence)
        where = tuple(sorted(narrow.get(occurrence, {}).items()))
        if all(values for _, values in where):  # an empty IN admits no row, ever
            found.reads.append(Read(table.name, where))
        found.tables.add(table.name)
        if occurrence in unguarded:
            found.unguarded.add(table.name)
    _trace_nested(select, parameters, found, frozenset(own) | outer)


def _refuse_subqueries_around(union: CompoundSelect[Any]) -> None:
    """No filter reaches a SELECT in the order or limit of a union."""
    parts = {id(part) for part in union.selects}
    around = [child for child in union.get_children() if id(child) not in parts]
    if any(isinstance(each, SelectBase) for child in around for each in visitors.iterate(child)):
        raise UntrackedStatement("a subquery in the order or limit of a union; make the union a subquery instead")


def _trace_nested(select: ClauseElement, parameters: Parameters, found: Trace, outer: frozenset[Any]) -> None:
    """Follow the SELECTs inside: those in FROM stand alone, those in expressions may refer to what is outside."""
    for child, correlates in _nested_selects(select):
        _trace_select(child, parameters, found, outer if correlates else frozenset())


def _nested_selects(root: ClauseElement) -> Iterator[tuple[ClauseElement, bool]]:
    pending: list[tuple[ClauseElement, bool]] = [(child, True) for child in root.get_children()]
    seen: set[int] = set()
    while pending:
        element, correlates = pending.pop()
        if id(element) in seen:
            continue
        seen.add(id(element))
        _refuse_text(element)
        if isinstance(element, SelectBase):
            yield element, correlates
            continue
        in_from = isinstance(element, (Subquery, CTE, Alias))
        if isinstance(element, Table):
            continue
        pending.extend((child, correlates and not in_from) for child in element.get_children())


def _refuse_text(element: Any) -> None:
    literal = isinstance(element, ColumnClause) and element.is_literal and not _HARMLESS.fullmatch(element.name)
    if literal or isinstance(element, TextClause):
        raise UntrackedStatement(f"text SQL hides what it reads: {element}")
    if isinstance(element, UpdateBase):
        raise UntrackedStatement("a write inside a select hides what it writes")
    if isinstance(element, ColumnClause) and _is_nameless(element.table):
        raise UntrackedStatement(f"{element}: a table that no model declares hides what it reads")


def _is_nameless(source: Any) -> bool:
    """Whether it is a `table("name")` written in place, with nothing known of it."""
    while isinstance(source, Alias):
        source = source.element
    return isinstance(source, TableClause) and not isinstance(source, Table)


_HARMLESS = re.compile(r"\*|\d+")


def _own_occurrences(select: "Select[Any]", outer: frozenset[Any]) -> tuple[list[Occurrence], set[Occurrence]]:
    """The tables this SELECT draws rows from, and those of them that no ORM entity stands for."""
    named: list[Any] = [*select._raw_columns, *select._from_obj]
    for target, _on, left, _flags in select._setup_joins:
        named.append(target)
        if left is not None:
            named.append(left)
    own: dict[Occurrence, bool] = {}
    for element in named:
        for occurrence, guarded in _occurrences_in(element):
            own[occurrence] = own.get(occurrence, False) or guarded
    for criterion in (*select._where_criteria, *select._having_criteria):
        for column in _columns_in(criterion):
            for occurrence in _flat(column.table):
                if occurrence not in own and not _correlated(select, occurrence, outer):
                    own[occurrence] = False
    return list(own), {occurrence for occurrence, guarded in own.items() if not guarded}


def _correlated(select: "Select[Any]", occurrence: Occurrence, outer: frozenset[Any]) -> bool:
    """Whether the occurrence is that of an enclosing SELECT."""
    named = select._correlate
    automatic = select._auto_correlate
    return occurrence in outer and (automatic or occurrence in named)


def _occurrences_in(element: Any) -> Iterator[tuple[Occurrence, bool]]:
    """Tables behind a column, entity, join or FROM element, with whether an ORM entity stands for each."""
    if isinstance(element, Join) and not isinstance(element, _ORMJoin):
        yield from ((occurrence, False) for occurrence in _flat(element))
    elif isinstance(element, Join):
        yield from _occurrences_in(element.left)
        yield from _occurrences_in(element.right)
    elif isinstance(element, FromGrouping):
        yield from _occurrences_in(element.element)
    elif isinstance(element, FromClause) and not isinstance(element, ColumnElement):
        for occurrence in _flat(element):
            yield occurrence, _is_entity(occurrence)
    elif isinstance(element, ClauseElement):  # a function is both; a bundle is a list of columns
        # the ORM filters the entity behind a plain column, not those that hide in an expression
        plain = isinstance(element, Column) and _is_entity(element)
        for column in _columns_in(element):
            for occurrence in _flat(column.table):
                yield occurrence, plain


def _columns_in(element: Any) -> Iterator[Column[Any]]:
    """The table columns of an expression, without those of the SELECTs inside it."""
    pending = [element]
    while pending:
        part = pending.pop()
        if isinstance(part, Column):
            yield part
        elif not isinstance(part, SelectBase):
            pending.extend(part.get_children())


def _is_entity(element: Any) -> bool:
    return "parententity" in element._annotations


def _is_table(element: FromClause) -> bool:
    if isinstance(element, Table):
        return True
    return (
        isinstance(element, Alias) and not isinstance(element, (CTE, TableValuedAlias)) and _is_table(element.element)
    )


def _flat(source: Any) -> Iterator[Occurrence]:
    if isinstance(source, Join):
        yield from _flat(source.left)
        yield from _flat(source.right)
    elif isinstance(source, FromGrouping):
        yield from _flat(source.element)
    elif isinstance(source, FromClause) and _is_table(source):
        yield source
    elif isinstance(source, Alias) and not isinstance(source, TableValuedAlias):
        yield from _flat(source.element)
    elif not isinstance(source, (Subquery, CTE, TableValuedAlias, ValuesClause, SelectBase)):
        raise UntrackedStatement(f"{type(source).__name__} in FROM hides what it reads")


def _table_of(occurrence: Occurrence) -> Table:
    while isinstance(occurrence, Alias):
        occurrence = occurrence.element
    return cast("Table", occurrence)


def _narrowing(criteria: Sequence[Any], parameters: Parameters) -> dict[Occurrence, dict[str, predicates.Values]]:
    found: dict[Occurrence, dict[str, predicates.Values]] = {}
    for part in _conjuncts(criteria):
        equality = _equality(part, parameters)
        if equality is None:
            continue
        column, values = equality
        known = found.setdefault(column.table, {})
        known[column.name] = known[column.name] & values if column.name in known else values
    return found


def _has_outer_join(select: "Select[Any]") -> bool:
    joined = any(flags["isouter"] or flags["full"] for _target, _on, _left, flags in select._setup_joins)
    return joined or any(
        isinstance(each, Join) and (each.isouter or each.full)
        for source in select._from_obj
        for each in visitors.iterate(source)
    )


def _without_null(known: dict[str, predicates.Values]) -> dict[str, predicates.Values]:
    """NULL may stand for a row that is missing in an outer join; then one that appears changes the answer."""
    return {column: values for column, values in known.items() if None not in values}


def _conjuncts(criteria: Sequence[Any]) -> Iterator[Any]:
    for part in criteria:
        if isinstance(part, Grouping):
            yield from _conjuncts([part.element])
        elif isinstance(part, BooleanClauseList) and part.operator is operators.and_:
            yield from _conjuncts(part.clauses)
        else:
            yield part


def _equality(part: Any, parameters: Parameters) -> tuple[Column[Any], predicates.Values] | None:
    """`column = value`, `column IN (values)`, `column IS NULL`, or a bare boolean column."""
    if isinstance(part, AsBoolean) and isinstance(part.element, Column):
        return _values(part.element, [part.operator is operators.is_true])
    if isinstance(part, Column):
        return _values(part, [True])
    if not isinstance(part, BinaryExpression):
        return None
    left, right = part.left, part.right
    if part.operator is operators.eq and isinstance(right, Column) and not isinstance(left, Column):
        left, right = right, left
    if not isinstance(left, Column):
        return None
    if part.operator in (operators.eq, operators.is_):
        return _values(left, _constants(right, parameters))
    if part.operator is operators.in_op:
        return _values(left, _listed(right, parameters))
    return None


def _values(column: Column[Any], values: list[Any] | None) -> tuple[Column[Any], predicates.Values] | None:
    if values is None:
        return None
    comparable = predicates.narrowed(column, values)
    return None if comparable is None else (column, comparable)


def _constants(element: Any, parameters: Parameters) -> list[Any] | None:
    if isinstance(element, Null):
        return [None]
    if isinstance(element, (True_, False_)):
        return [isinstance(element, True_)]
    if isinstance(element, BindParameter) and not element.expanding:
        return [_bound(element, parameters)]
    return None


def _listed(element: Any, parameters: Parameters) -> list[Any] | None:
    if isinstance(element, BindParameter) and element.expanding:
        value = _bound(element, parameters)
        return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else None
    return None


def _bound(bind: BindParameter[Any], parameters: Parameters) -> Any:
    if parameters and bind.key in parameters:
        return parameters[bind.key]
    return _UNKNOWN if bind.required else bind.effective_value


_UNKNOWN = object()
"""Not comparable, so that a predicate on it narrows nothing."""


# Writes in bulk


def _trace_write(statement: UpdateBase, parameters: Any, found: Trace) -> None:
    table = statement.table
    if not isinstance(table, Table):
        raise UntrackedStatement("a bulk write must name one table")
    found.tables.add(table.name)
    if not _is_entity(table):
        found.unguarded.add(table.name)
    if statement._independent_ctes or getattr(statement, "_prefixes", ()):
        raise UntrackedStatement("a bulk write with a CTE or a prefix hides what it writes")
    if isinstance(statement, Insert):
        found.writes.extend(_inserted(statement, table, parameters))
    elif isinstance(statement, (Update, Delete)):
        found.writes.extend(_changed(statement, table, parameters))
    reads = Trace()
    _trace_nested(statement, _single(parameters), reads, frozenset([table]))
    found.reads += reads.reads
    found.tables |= reads.tables
    found.unguarded |= reads.unguarded


def _inserted(statement: Insert, table: Table, parameters: Any) -> Iterator[Write]:
    rows: list[Mapping[Any, Any]] = []
    if statement._values and parameters:
        raise UntrackedStatement("give an insert either values() or rows, since rows would override the values")
    if statement._values:
        rows = [statement._values]
    elif isinstance(parameters, Mapping):
        rows = [parameters]
    elif isinstance(parameters, Sequence):
        rows = list(parameters)
    upsert = statement._post_values_clause is not None
    if not rows or upsert or statement._multi_values:
        yield Write(table.name, {})
        return
    for row in rows:
        yield predicates.image(table, _literals(row, table))


def _changed(statement: Update | Delete, table: Table, parameters: Any) -> Iterator[Write]:
    criteria = statement._where_criteria
    narrow = _narrowing(criteria, _single(parameters)).get(table, {})
    if isinstance(parameters, Sequence):
        narrow = {}
    before = {name: next(iter(values)) for name, values in narrow.items() if len(values) == 1}
    spread = [(name, values) for name, values in narrow.items() if len(values) > 1]
    images = [before]
    if spread:
        name, values = min(spread, key=lambda each: len(each[1]))
        images = [before | {name: value} for value in values]
    for known in images:
        yield Write(table.name, known)
        if isinstance(statement, Update):
            yield _after(statement, table, known, parameters)


def _after(statement: Update, table: Table, before: Mapping[str, Any], parameters: Any) -> Write:
    assigned: dict[str, Any] = {}
    names: set[str] = set()
    for key, value in _assignments(statement, parameters):
        name = key if isinstance(key, str) else cast("Column[Any]", key).key
        names.add(table.columns[name].name if name in table.columns else name)
        assigned[name] = value
    touched = names | {column.name for column in table.columns if column.onupdate or column.server_onupdate}
    kept = {name: value for name, value in before.items() if name not in touched}
    return Write(table.name, kept | dict(predicates.image(table, _literals(assigned, table)).known))


def assigned(statement: Any, parameters: Any) -> set[str]:
    """The keys of the columns that an UPDATE sets."""
    if not isinstance(statement, Update):
        return set()
    return {key if isinstance(key, str) else key.key for key, _ in _assignments(statement, parameters)}


def _assignments(statement: Update, parameters: Any) -> Iterator[tuple[Any, Any]]:
    yield from (statement._values or {}).items()
    rows = parameters if isinstance(parameters, Sequence) else [parameters or {}]
    for row in rows:
        yield from ((key, _UNKNOWN) for key in row if isinstance(key, str))


def _literals(row: Mapping[Any, Any], table: Table) -> dict[str, Any]:
    """Column key to value for what is a plain value; expressions stay unknown."""
    values: dict[str, Any] = {}
    for key, value in row.items():
        name = key if isinstance(key, str) else cast("Column[Any]", key).key
        if isinstance(value, BindParameter):
            value = value.effective_value
        if isinstance(value, ClauseElement) or hasattr(value, "__clause_element__"):
            value = _UNKNOWN
        values[name] = value
    return values
