"""Fields of the form of an event. What is typed in the event's zone or in major units is sent as the doors take it."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from memberpulse.ui.components.kinds import Flag, Text, given

_LIBRARY = "$/public/queue/fields"


def moment_field(
    label: str, *, name: str, value: Any = None, zone: Any = None, after: str | None = None, error: Text = ""
) -> rx.Component:
    """A day and a time in the zone of the form's `zone_field`. after: the earlier moment whose day it follows."""
    return _MomentField.create(label=label, name=name, error=error, **given(value=value, zone=zone, after=after))


def zone_field(label: str, *, value: Any = None, hint: str | None = None) -> rx.Component:
    """The zone of the form's moments, `time_zone`; the browser's own to begin with."""
    return _ZoneField.create(label=label, **given(value=value, hint=hint))


def price_field(
    *, amount: Any = 0, currency: Any = "", currencies: Sequence[str], error: Text = "", off: Flag = False
) -> rx.Component:
    """A price as `price_amount` in minor units and `currency`; left empty it is free."""
    return _PriceField.create(amount=amount, currency=currency, currencies=list(currencies), error=error, off=off)


def when_newer(shown: rx.Component, *, version: Any) -> rx.Component:
    """Shows something once there is a newer version than the one that the form was opened with."""
    return _WhenNewer.create(shown, version=version)


class _Field(rx.Component):
    library = _LIBRARY

    label: rx.Var[str]
    value: rx.Var[Any]
    error: rx.Var[str]


class _MomentField(_Field):
    tag = "MomentField"

    name: rx.Var[str]
    zone: rx.Var[Any]
    after: rx.Var[str]


class _ZoneField(_Field):
    tag = "ZoneField"

    hint: rx.Var[str]


class _PriceField(rx.Component):
    library = _LIBRARY
    tag = "PriceField"

    amount: rx.Var[Any]
    currency: rx.Var[Any]
    currencies: rx.Var[list[str]]
    error: rx.Var[str]
    off: rx.Var[bool]


class _WhenNewer(rx.Component):
    library = _LIBRARY
    tag = "WhenNewer"

    version: rx.Var[int]
