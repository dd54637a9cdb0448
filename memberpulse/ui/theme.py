"""How MemberPulse looks, as far as Python must know it: style sheets, the head of every page, chart colours.

Every other value is a token in `assets/tokens.css`.
"""

from typing import Any, Literal

import reflex as rx
from reflex.vars import VarData
from reflex.vars.function import FunctionVar
from reflex_base.utils.imports import ImportVar

from memberpulse.ui.components.kinds import Handler

STYLESHEETS = [
    "/fonts.css",
    "/tokens.css",
    "/kit.css",
    "/screens.css",
]
"""For `rx.App(stylesheets=…)`; the fonts come with the build. What few pages need they load by `style_sheet`."""

_FONT = "/fonts/inter-4.1-4-latin.woff2"

Theme = Literal["light", "dark", "system"]

LIGHT = {
    "line": "#424c46",
    "now": "#009a62",
    "now_text": "#006e46",
    "halo": "rgba(0,154,98,.20)",
    "past": "#8b938e",
    "next": "#838b86",
    "band": "#eaefec",
    "grid": "#e9edea",
    "axis": "#cfd4d0",
    "tick": "#5e6762",
    "raised": "#ffffff",
    "ink": "#141e19",
    "surface": "#ffffff",
    "b": "#4a7797",
    "c": "#99732b",
    "d": "#865b82",
}
DARK = {
    "line": "#b7beba",
    "now": "#44d391",
    "now_text": "#6ae5a9",
    "halo": "rgba(68,211,145,.22)",
    "past": "#626a66",
    "next": "#6a726e",
    "band": "#1b221f",
    "grid": "#1c2320",
    "axis": "#333b38",
    "tick": "#959e99",
    "raised": "#181e1b",
    "ink": "#edf1ef",
    "surface": "#111614",
    "b": "#79abcf",
    "c": "#d5b36a",
    "d": "#c293bd",
}


def plot_layout(theme: dict[str, str]) -> dict[str, Any]:
    """The layout every chart starts from. Plotly cannot read CSS variables, so there is one for each theme."""
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "Inter Variable, Inter, system-ui, sans-serif", "size": 11, "color": theme["tick"]},
        "margin": {"l": 32, "r": 12, "t": 8, "b": 24},
        "showlegend": False,
        "dragmode": False,
        "hovermode": "x unified",
        "bargap": 0.24,
        "barcornerradius": 2,
        "hoverlabel": {
            "bgcolor": theme["raised"],
            "bordercolor": theme["axis"],
            "font": {"size": 12, "color": theme["ink"]},
        },
        "colorway": [theme["line"], theme["now"], theme["b"], theme["c"], theme["d"], theme["past"]],
        "xaxis": {
            "showgrid": False,
            "zeroline": False,
            "showline": True,
            "linecolor": theme["axis"],
            "ticks": "",
            "tickangle": 0,
            "fixedrange": True,
        },
        "yaxis": {
            "gridcolor": theme["grid"],
            "zeroline": False,
            "ticklabelstandoff": 6,
            "nticks": 4,
            "rangemode": "tozero",
            "fixedrange": True,
        },
    }


def head_components() -> list[rx.Component]:
    """For `rx.App(head_components=…)`: the icon, the font of every page, and the colour of the browser's own frame."""
    return [
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        rx.el.link(rel="preload", href=_FONT, custom_attrs={"as": "font", "type": "font/woff2", "crossOrigin": ""}),
        rx.el.meta(name="color-scheme", content="light dark"),
        rx.el.meta(name="theme-color", content="#f2f5f3", custom_attrs={"media": "(prefers-color-scheme: light)"}),
        rx.el.meta(name="theme-color", content="#0a0e0c", custom_attrs={"media": "(prefers-color-scheme: dark)"}),
    ]


def chosen_theme() -> rx.Var[str]:
    """What the viewer chose: light, dark or system."""
    return _colour_mode("rawColorMode")


def set_theme(theme: Theme) -> Handler:
    """A handler that changes the theme; the browser remembers it."""
    return _colour_mode("setColorMode").to(FunctionVar).partial(theme)


def _colour_mode(name: str) -> Any:
    data = VarData(
        imports={"$/utils/context": [ImportVar(tag="ColorModeContext")], "react": [ImportVar(tag="useContext")]},
        hooks={f"const {{ {name} }} = useContext(ColorModeContext);": None},
    )
    return rx.Var(name, _var_type=str, _var_data=data).guess_type()
