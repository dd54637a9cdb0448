"""The demo's switch: a slim bar in the sidebar, for whoever looks after the organization."""

import reflex as rx

from memberpulse.demo.mutations import reset_demo, set_playing
from memberpulse.demo.queries import get_demo
from memberpulse.domains.organizations.queries import get_viewer
from memberpulse.ui.components import DialogHandle, confirm_dialog, icon_button, switch
from memberpulse.ui.expressions import expression, may
from memberpulse.ui.live import busy, live, run

_reset = DialogHandle("reset-demo")
_navigation = DialogHandle("navigation")


def demo_bar() -> rx.Component:
    """Whether scripted people play, a switch for it, and the way back to the beginning. Nothing outside a demo."""
    viewer, demo = live(get_viewer).value, live(get_demo)
    said = rx.cond(demo.value.playing, "Demo people play", "Demo people rest")
    flip = run(set_playing, playing=expression("!{0}", demo.value.playing, kind=bool))
    control = rx.fragment(
        switch(said, checked=demo.value.playing, on_change=flip),
        icon_button(
            "rotate_ccw",
            label="Reset the demo…",
            size="small",
            on_click=[_navigation.close(), _reset.open()],
        ),
    )
    told = rx.el.span(said, class_name="meta")
    bar = rx.el.div(rx.cond(may(viewer, "organization.manage"), control, told), class_name="demobar")
    return rx.cond(viewer.demo & demo.value.scripted, bar, rx.fragment())


def reset_dialog() -> rx.Component:
    """Asks before everything that visitors did is taken back. Mount it once."""
    return confirm_dialog(
        _reset,
        title="Reset the demo",
        lead="The organization goes back to how it was at first: members, roles, announcements and activity. "
        "Everybody stays signed in.",
        verb="Reset",
        on_confirm=run(reset_demo, done="The demo begins anew"),
        busy=busy(reset_demo),
    )
