"""The line: people as bars, then you, now. For pages that show no data of anyone."""

import reflex as rx

_MINUTES = (
    24, 20, 35, 19, 35, 31, 22, 42, 25, 48, 33, 37, 63, 97, 50, 61, 99, 129, 98, 81,
    128, 47, 108, 77, 45, 40, 48, 72, 35, 53, 54, 42, 52, 31, 33, 45, 81, 71, 69, 99,
    94, 85, 142, 137, 88, 127, 120, 144, 135, 83, 144, 57, 77, 94, 45, 80, 30, 57, 56, 43,
)  # fmt: skip
_STEP = 12.458


def hour() -> rx.Component:
    """An example hour, a bar a minute, that ends in a full stop."""
    bars = [
        rx.el.svg.rect(
            x=f"{index * _STEP:.1f}",
            y=str(150 - height),
            width="6.2",
            height=str(height),
            rx="3.1",
            class_name="p-wait",
            opacity=f"{0.29 + 0.71 * index / (len(_MINUTES) - 1):.2f}",
        )
        for index, height in enumerate(_MINUTES)
    ]
    drawing = rx.el.svg(
        *bars, class_name="pulsestrip", view_box="0 0 742 150", preserve_aspect_ratio="none", aria_hidden="true"
    )
    return rx.el.figure(
        rx.el.div(drawing, class_name="hour-at"),
        rx.el.figcaption(
            rx.el.span("an hour ago"),
            rx.el.span("an example: a bar is what happened in a minute", class_name="only-l"),
            rx.el.b("now", class_name="up"),
        ),
        class_name="hour",
    )
