"""When and where one is told: quiet hours, digests, and the browsers that are told while they are closed."""

from typing import Any

import reflex as rx

from memberpulse.domains.notifications.models import Letters
from memberpulse.domains.notifications.push.devices import (
    DeviceView,
    add_device,
    get_push_key,
    list_my_devices,
    remove_device,
    try_device,
)
from memberpulse.domains.notifications.rhythm import get_my_rhythm, set_letters, set_quiet_hours
from memberpulse.domains.notifications.schemas import RhythmView
from memberpulse.engine import function_name
from memberpulse.ui.components import (
    badge,
    bone,
    button,
    error_state,
    icon,
    relative_time,
    segmented,
    select_field,
    switch,
    text_field,
)
from memberpulse.ui.components.marks import Rows
from memberpulse.ui.expressions import expression, size_of, text_of
from memberpulse.ui.live import busy, live, live_form, problem, run
from memberpulse.ui.settings import setting

_LETTERS = (
    (Letters.AT_ONCE.value, "At once"),
    (Letters.DAILY.value, "Daily"),
    (Letters.WEEKLY.value, "Weekly"),
    (Letters.NEVER.value, "Never"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def push_section() -> rx.Component:
    """This browser, and the others that are told."""
    devices = live(list_my_devices)
    return setting(
        live(get_push_key).view(lambda key: _here(key, devices.value), bone("60%"), failed=rx.fragment()),
        rx.cond(size_of(devices.value) > 0, _devices(devices.value), rx.fragment()),
        title="Browser push",
        hint="What you switched on under “Push” also reaches these browsers while MemberPulse is closed.",
    )


def rhythm_sections() -> rx.Component:
    rhythm = live(get_my_rhythm)
    return rhythm.view(
        lambda found: rx.fragment(_quiet(found), _letters(found)),
        rx.fragment(setting(bone("40%"), title="Quiet hours"), setting(bone("40%"), title="Letters")),
        failed=error_state(rhythm, what="Quiet hours", small=True),
    )


def _here(key: Any, devices: Any) -> rx.Component:
    add = expression(
        "(endpoint, p256dh, auth) => runMutation({0}, { endpoint, p256dh, auth }, { inline: true })",
        function_name(add_device),
        kind=Any,
        runMutation="$/public/live",
    )
    remove = expression(
        "(id) => runMutation({0}, { device_id: id }, {})",
        function_name(remove_device),
        kind=Any,
        runMutation="$/public/live",
    )
    marks = expression("({0} ?? []).map((each) => [each.mark, each.id])", devices, kind=list[Any])
    return _PushHere.create(public_key=key, marks=marks, on_add=add, on_remove=remove)


def _devices(devices: Any) -> rx.Component:
    return Rows.create(rx.foreach(devices, _device), as_="ul", class_name="devices", label="Browsers that are told")


def _device(device: DeviceView) -> rx.Component:
    handheld = expression("/iPhone|iPad|Android/.test({0})", device.browser, kind=bool)
    told: Any = device.told_at
    remove = button(
        "Remove",
        size="small",
        on_click=run(remove_device, device_id=device.id, done=expression("`${{0}} is told no more`", device.browser)),
        label=expression("`Remove ${{0}}`", device.browser),
    )
    trial = button(
        "Send a test",
        size="small",
        kind="quiet",
        on_click=run(try_device, device_id=device.id, done="A test is on its way"),
    )
    return rx.el.li(
        rx.el.span(rx.cond(handheld, icon("smartphone"), icon("monitor")), class_name="ico"),
        rx.el.div(
            rx.el.p(
                rx.el.span(device.browser, class_name="strong"),
                rx.cond(device.is_current, badge("This session", kind="line"), ""),
                class_name="row g2",
            ),
            rx.el.p(
                rx.cond(told, rx.fragment("Last told ", relative_time(device.told_at, form="ago")), "Nothing told yet"),
                rx.fragment(", since ", relative_time(device.added_at, form="clock")),
                class_name="meta",
            ),
            class_name="grow",
        ),
        trial,
        remove,
        key=text_of(device.id),
    )


def _quiet(rhythm: RhythmView) -> rx.Component:
    def turn(on: Any) -> Any:
        return run(set_quiet_hours, quiet=on)

    now, is_on = rx.Var.create(rhythm.quiet_now), rx.Var.create(rhythm.quiet)
    refused = problem(set_quiet_hours)
    times = live_form(
        set_quiet_hours,
        text_field(
            "From", name="quiet_from", type="time", default_value=rhythm.quiet_from, error=refused.field("quiet_from")
        ),
        text_field(
            "Until",
            name="quiet_until",
            type="time",
            default_value=rhythm.quiet_until,
            error=refused.field("quiet_until"),
        ),
        button("Save times", submit=True, busy=busy(set_quiet_hours)),
        arguments={"quiet": True},
        reset=False,
        done="Quiet hours saved",
        class_name="times-form",
        aria_label="Quiet hours",
        key=expression("`${{0}}-${{1}}`", rhythm.quiet_from, rhythm.quiet_until),
    )
    said = rx.cond(
        now,
        rx.fragment("It is quiet until ", rx.el.span(rhythm.quiet_until, class_name="tn"), "."),
        rx.fragment("Times are those of ", rhythm.zone, "."),
    )
    return setting(
        switch("Let letters and push wait", checked=is_on, on_change=turn(~is_on.to(bool))),
        rx.cond(is_on, rx.fragment(times, rx.el.p(said, class_name="hint")), rx.fragment()),
        title="Quiet hours",
        hint="What comes meanwhile is in the app at once, and leaves when they end, unless you have read it by then.",
    )


def _letters(rhythm: RhythmView) -> rx.Component:
    chosen = rx.Var.create(rhythm.letters)
    is_digest = (chosen == Letters.DAILY.value) | (chosen == Letters.WEEKLY.value)
    choose = expression(
        "(value) => runMutation({0}, { letters: value }, {})",
        function_name(set_letters),
        kind=Any,
        runMutation="$/public/live",
    )
    refused = problem(set_letters)
    day = select_field(
        "On",
        name="digest_weekday",
        options=[(str(index), words) for index, words in enumerate(_DAYS)],
        default_value=rx.Var.create(rhythm.digest_weekday).to(str),
        error=refused.field("digest_weekday"),
    )
    when = live_form(
        set_letters,
        rx.cond(chosen == Letters.WEEKLY.value, day, rx.fragment()),
        text_field(
            "At", name="digest_at", type="time", default_value=rhythm.digest_at, error=refused.field("digest_at")
        ),
        button("Save time", submit=True, busy=busy(set_letters)),
        arguments={"letters": chosen},
        reset=False,
        done="Digest saved",
        class_name="times-form",
        aria_label="When the digest leaves",
        key=expression("`${{0}}-${{1}}-${{2}}`", rhythm.letters, rhythm.digest_at, rhythm.digest_weekday),
    )
    following = rx.el.p(
        "The next one leaves ",
        relative_time(rhythm.next_digest, form="stamp"),
        ", if there is anything unread.",
        class_name="hint",
    )
    never = rx.el.p("No letter of notifications reaches you, whatever is switched on above.", class_name="hint")
    return setting(
        segmented(_LETTERS, value=chosen, on_change=choose.to(rx.vars.FunctionVar), label="When letters leave"),
        rx.cond(is_digest, rx.fragment(when, following), rx.fragment()),
        rx.cond(chosen == Letters.NEVER.value, never, rx.fragment()),
        title="Letters",
        hint="Each by itself at once, or all in one digest a day or a week.",
    )


class _PushHere(rx.Component):
    library = "$/public/push"
    tag = "PushHere"

    public_key: rx.Var[str]
    marks: rx.Var[list[Any]]
    on_add: rx.Var[Any]
    on_remove: rx.Var[Any]
