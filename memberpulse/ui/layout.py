"""The application's frame: the sidebar, the bar on top, the phone's tabs, the palette, the keys.

The frame knows no domain. The composition root gives it a `Shell`: who is looking, where one can go, and what other
domains put into its slots. Pages call `app_page`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex.vars.function import FunctionVar
from reflex_base.utils.imports import ImportVar

from memberpulse.ui.components import (
    Child,
    DialogHandle,
    Handler,
    anchor,
    avatar,
    bone,
    button,
    close_button,
    dialog,
    drawer,
    head,
    icon,
    icon_button,
    kbd,
    link_button,
    menu,
    menu_choice,
    menu_item,
    menu_rule,
    not_allowed,
    number,
    open_palette,
    palette,
    palette_group,
    palette_item,
)
from memberpulse.ui.components.kinds import LIBRARY, skip_link, style_sheet
from memberpulse.ui.components.marks import with_picture
from memberpulse.ui.components.times import Zone
from memberpulse.ui.live import Live
from memberpulse.ui.page import PUBLIC, SIGNED_IN, all_pages
from memberpulse.ui.theme import Theme, chosen_theme, set_theme
from memberpulse.ui.trail import Trail

_THEMES: tuple[tuple[Theme, str], ...] = (("light", "Light"), ("dark", "Dark"), ("system", "As the device"))

ROLES = {"owner": "Owner", "admin": "Admin", "creator": "Creator", "member": "Member"}


@dataclass(frozen=True)
class NavItem:
    """A place in the application.

    requires: the capability without which it is hidden. go: the letter after G. group: the heading it stands under;
    items without one come first. tab: it has a place among the phone's tabs (at most four). badge: a Var shown at its
    end while it is neither 0 nor empty. live: the badge counts something that is happening now.
    """

    label: str
    icon: str
    route: str
    requires: str | None = None
    go: str | None = None
    group: str | None = None
    tab: bool = False
    short: str | None = None
    badge: Any = None
    live: bool = False


@dataclass(frozen=True)
class KeyHelp:
    """One line of the list of all keys."""

    keys: str
    does: str


def _nothing() -> rx.Component:
    return rx.fragment()


@dataclass(frozen=True)
class Shell:
    """What the composition root puts into the frame.

    viewer: the live query of who is looking. Its value has: person (name, initials, tint), email, organization (id,
    name, initial), organizations (a list of the same), role, capabilities (a list of texts), time_zone, locale.
    bell: the notifications' button with its panel. here: the faces of the others on this page.
    notice: a line over every page, when there is something that one must know. people: a component
    made by `@rx.memo` that returns a `palette_group`, so that its query is subscribed only while the palette is open.
    settings: the places behind "Settings", in groups; the frame of `settings_page` lists them.
    deeds: `palette_item`s of what can be done from anywhere. corner: stands above the connection in the sidebar.
    outside: where to go for somebody who belongs to no organization, or has just lost it. step_up: waits for calls
    that take a fresh proof of who is there, and asks for it. why: where it is said why somebody may not do something,
    with {} for the capability.
    """

    viewer: Live[Any]
    nav: tuple[NavItem, ...]
    settings: tuple[NavItem, ...] = ()
    bell: Callable[[], rx.Component] = _nothing
    here: Callable[[], rx.Component] = _nothing
    notice: Callable[[], rx.Component] = _nothing
    people: Callable[[], rx.Component] | None = None
    deeds: Callable[[], Sequence[rx.Component]] | None = None
    corner: Callable[[], rx.Component] = _nothing
    outside: Callable[[], rx.Component] = _nothing
    banner: Callable[[], rx.Component] = _nothing
    welcome: str = "/welcome"
    step_up: Callable[[], rx.Component] = _nothing
    keys: tuple[KeyHelp, ...] = ()
    version: str = ""
    home: str = "/dashboard"
    why: str = ""


@dataclass
class _Registered:
    shell: Shell | None = field(default=None)


_registered = _Registered()


def use_shell(shell: Shell) -> None:
    """Give the frame its contents. Call once, before the pages are compiled."""
    _registered.shell = shell


def app_page(
    title: str,
    *content: Child,
    action: Child = None,
    crumb: Trail | Child = None,
    heading: Child = None,
    requires: str | None = None,
    keys: tuple[KeyHelp, ...] = (),
) -> rx.Component:
    """A page inside the application's frame.

    title: names the page in the bar and, without a heading, as its h1. heading: `head(…)`, when more stands there than
    the title. action: the page's one action, at the right of the bar. crumb: stands in place of the title in the bar;
    a `Trail` is also the way back on a phone.
    requires: the capability; left out, it is the one the page was registered with under this title. Who loses it while
    looking sees a calm sentence instead. keys: the page's own keys, for the list that ? opens.
    """
    shell = _registered.shell
    if shell is None:
        raise RuntimeError("The frame has no contents yet: call use_shell() before the pages are compiled.")
    needed = requires or _requirement_of(title)
    shown = rx.fragment(heading if heading is not None else head(title=title), *content)
    return rx.fragment(
        skip_link("Skip to content", to="main"),
        rx.el.div(
            rx.el.aside(_side(shell), class_name="side", aria_label="Organization and account"),
            rx.el.div(
                _LostBar.create(),
                shell.notice(),
                _bar(shell, crumb if crumb is not None else title, _unless_refused(shell, needed, action)),
                shell.banner(),
                rx.el.main(_guarded(shell, needed, shown), class_name="page", id="main", tab_index=-1),
                class_name="sheet",
            ),
            class_name="app",
        ),
        _tabs(shell),
        _everywhere(shell, keys),
    )


def settings_page(title: str, *content: Child, requires: str, lede: Child = None, aside: Child = None) -> rx.Component:
    """One page of the settings, beside the list of all of them.

    lede: one sentence under the title. aside: the third column, such as a history; it stacks below on narrow screens.
    """
    shell = _registered.shell
    assert shell is not None, "call use_shell() before the pages are compiled"
    body = rx.el.div(
        style_sheet("settings"),
        rx.el.nav(
            rx.el.div(*_settings_groups(shell), class_name="settings-nav-list"),
            _RevealCurrent.create(),
            class_name="settings-nav",
            aria_label="Settings",
        ),
        rx.el.div(
            rx.el.header(
                rx.el.h1(title, class_name="t20", tab_index=-1),
                *([rx.el.p(lede, class_name="quiet")] if lede is not None else []),
                class_name="settings-head",
            ),
            *content,
            class_name="settings-form",
        ),
        *([rx.el.aside(aside, class_name="settings-aside")] if aside is not None else []),
        class_name="settings",
    )
    return app_page(title, body, heading=rx.fragment(), crumb=_crumb(title), requires=requires)


def _crumb(title: str) -> rx.Component:
    slash = rx.el.span("/", class_name="faint", aria_hidden="true")
    return rx.el.span(rx.el.span("Settings", class_name="soft"), slash, rx.el.b(title), class_name="row g2 t13")


def post(path: str, **fields: Any) -> Handler:
    """A handler that posts a form natively, with a full navigation: sign-out, switching organization."""
    data = VarData(imports={LIBRARY + "shell": [ImportVar(tag="postForm")]})
    return rx.Var("postForm", _var_data=data).to(FunctionVar).partial(path, rx.Var.create(dict(fields)))


def _settings_groups(shell: Shell) -> list[rx.Component]:
    groups: list[rx.Component] = []
    for name in dict.fromkeys(item.group for item in shell.settings):
        items = [item for item in shell.settings if item.group == name]
        links = [_allowed(shell, item, anchor(item.label, href=item.route)) for item in items]
        groups.append(_any_of(shell, items, rx.el.div(rx.el.h2(name), *links, class_name="settings-group")))
    return groups


_navigation = DialogHandle("navigation")
_keys = DialogHandle("keys")


def _requirement_of(title: str) -> str:
    found = {spec.requires for spec in all_pages() if spec.title == title}
    return found.pop() if len(found) == 1 else SIGNED_IN


def _guarded(shell: Shell, needed: str, content: rx.Component) -> rx.Component:
    viewer = shell.viewer
    if needed in (PUBLIC, SIGNED_IN):
        return content
    outside = not_allowed(
        title="You are in no organization now",
        text="You do not belong to this organization, or not any more. Go to another one, or start one of your own.",
        action=rx.fragment(shell.outside(), button("Sign out", on_click=post("/auth/sign-out"))),
    )
    lost: Any = (viewer.status == "ready") & ~viewer.value.organization.bool()
    within = rx.cond(_is_refused(viewer, needed), rx.fragment(_refused(shell, needed)), content)
    return rx.cond(lost, rx.fragment(outside), within)


def _unless_refused(shell: Shell, needed: str, action: Child) -> Child:
    """A page that is not open has nothing to do on it either."""
    if action is None or needed in (PUBLIC, SIGNED_IN):
        return action
    return rx.cond(_is_refused(shell.viewer, needed), rx.fragment(), rx.fragment(action))


def _is_refused(viewer: Live[Any], needed: str) -> Any:
    return (viewer.status == "ready") & ~_may(viewer, needed)


def _refused(shell: Shell, needed: str) -> rx.Component:
    """Why, one click away, where the application can tell."""
    leave = link_button("Go to the dashboard", href=shell.home, kind="ink")
    ask = link_button("Why can’t I see this?", href=shell.why.format(needed)) if shell.why else rx.fragment()
    return not_allowed(action=rx.fragment(leave, ask))


def _may(viewer: Live[Any], capability: str) -> Any:
    held = f"({viewer.value.capabilities!s} ?? []).includes({capability!r})"
    return rx.Var(held, _var_type=bool, _var_data=viewer.value._get_all_var_data()).guess_type()


def _allowed(shell: Shell, item: NavItem, shown: rx.Component) -> rx.Component:
    return shown if item.requires is None else rx.cond(_may(shell.viewer, item.requires), shown, rx.fragment())


def _side(shell: Shell) -> rx.Component:
    return rx.fragment(
        _organization(shell),
        _navigation_list(shell),
        rx.el.div(shell.corner(), _LinkState.create(version=shell.version), _profile(shell), class_name="push-down"),
    )


def _organization(shell: Shell, *, narrow: bool = False) -> rx.Component:
    viewer = shell.viewer.value
    face = with_picture(viewer.organization.initial, viewer.organization.picture)
    tile = rx.el.span(face, class_name="tile", aria_hidden="true")
    role = viewer.role_name
    words = (
        rx.el.span(viewer.organization.name, class_name="strong cut")
        if narrow
        else rx.el.span(
            rx.el.span(viewer.organization.name, class_name="strong cut"),
            rx.el.span(role, class_name="meta cut"),
            class_name="grow col",
        )
    )
    choices = rx.foreach(
        viewer.organizations,
        lambda each: menu_choice(
            each.name,
            checked=each.id == viewer.organization.id,
            on_select=post("/auth/switch-organization", organization_id=each.id, next=shell.home),
            key=each.id,
        ),
    )
    return menu(
        choices,
        menu_rule(),
        menu_item("Start or join another", icon="plus", href=shell.welcome),
        shown=rx.fragment(
            tile,
            words,
            rx.el.span(". Switch organization", class_name="vh"),
            rx.el.span(icon("chevrons_up_down"), class_name="faint"),
        ),
        class_name="org only-s" if narrow else "org",
        title="Switch organization",
        align="start",
        width="14rem",
    )


def _navigation_list(shell: Shell) -> rx.Component:
    ready = rx.el.nav(*_groups(shell), class_name="col g4", aria_label="Main")
    waiting = rx.el.div(
        *[rx.el.div(bone("60%"), class_name="nav-bone") for _ in range(4)], class_name="late", aria_hidden="true"
    )
    return rx.cond(shell.viewer.status == "loading", waiting, ready)


def _groups(shell: Shell) -> list[rx.Component]:
    names = list(dict.fromkeys(item.group for item in shell.nav))
    groups: list[rx.Component] = []
    for name in names:
        items = [item for item in shell.nav if item.group == name]
        links = [_allowed(shell, item, _nav_link(item)) for item in items]
        block = rx.el.div(*([rx.el.h2(name)] if name else []), *links, class_name="nav")
        groups.append(_any_of(shell, items, block) if name else block)
    return groups


def _any_of(shell: Shell, items: Sequence[NavItem], block: rx.Component) -> rx.Component:
    """A group's heading goes with the last of its items."""
    if any(item.requires is None for item in items):
        return block
    seen: Any = _may(shell.viewer, str(items[0].requires))
    for item in items[1:]:
        seen = seen | _may(shell.viewer, str(item.requires))
    return rx.cond(seen, block, rx.fragment())


def _nav_link(item: NavItem) -> rx.Component:
    parts: list[Child] = [icon(item.icon), item.label]
    if item.badge is not None:
        dot = [rx.el.span(class_name="dot", aria_hidden="true")] if item.live else []
        parts.append(rx.cond(item.badge, rx.el.span(*dot, number(item.badge), class_name="push tn"), rx.fragment()))
    return anchor(*parts, href=item.route)


def _profile(shell: Shell) -> rx.Component:
    person = shell.viewer.value.person
    face = rx.fragment(
        rx.cond(person.tint, avatar(person, seen="here"), bone(round=True)),
        rx.el.span(person.name, class_name="grow cut strong"),
        rx.el.span("Your account", class_name="vh"),
        rx.el.span(icon("ellipsis"), class_name="faint"),
    )
    return menu(
        rx.el.p(rx.el.span(shell.viewer.value.email, class_name="cut"), class_name="menu-title"),
        *[menu_choice(words, checked=chosen_theme() == theme, on_select=set_theme(theme)) for theme, words in _THEMES],
        menu_rule(),
        menu_item("Your settings", icon="sliders_horizontal", href="/settings/profile"),
        menu_item("All keys", icon="keyboard", key="?", on_select=_keys.open()),
        menu_rule(),
        menu_item("Sign out", icon="log_out", on_select=post("/auth/sign-out")),
        shown=face,
        class_name="org",
        align="start",
        side="top",
        width="14rem",
    )


def _bar(shell: Shell, crumb: Trail | Child, action: Child) -> rx.Component:
    first = crumb.back() if isinstance(crumb, Trail) else _organization(shell, narrow=True)
    shown = crumb.words() if isinstance(crumb, Trail) else crumb
    name = rx.el.span(shown, class_name="t14") if isinstance(shown, str) else shown
    find = rx.el.button(
        icon("search"),
        rx.el.span("Search or jump to…"),
        rx.el.span(kbd("⌘"), kbd("K"), class_name="push row g1"),
        type="button",
        class_name="find only-l",
        on_click=open_palette(),
    )
    right = [
        rx.el.span(shell.here(), class_name="only-l here-slot"),
        rx.el.span(icon_button("search", label="Search", on_click=open_palette()), class_name="only-s"),
        shell.bell(),
        *([rx.el.span(action, class_name="bar-act")] if action is not None else []),
    ]
    return rx.el.header(
        first,
        rx.el.span(icon_button("menu", label="Navigation", on_click=_navigation.open()), class_name="only-m"),
        rx.el.span(name, class_name="row only-l crumb"),
        find,
        rx.el.div(*right, class_name="bar-r"),
        class_name="bar",
    )


def _tabs(shell: Shell) -> rx.Component:
    links = [
        _allowed(shell, item, anchor(icon(item.icon, large=True), item.short or item.label, href=item.route))
        for item in shell.nav
        if item.tab
    ]
    more = rx.el.button(icon("menu", large=True), "More", type="button", on_click=_navigation.open())
    return rx.el.nav(*links, more, class_name="tabs-b", aria_label="Sections")


def _everywhere(shell: Shell, keys: tuple[KeyHelp, ...]) -> rx.Component:
    routes = {item.go.lower(): item.route for item in shell.nav if item.go}
    return rx.fragment(
        _Shortcuts.create(routes=routes),
        Zone.create(name=shell.viewer.value.time_zone, locale=shell.viewer.value.locale),
        palette(*_palette_groups(shell)),
        drawer(_navigation, _side(shell), title="Navigation"),
        _key_help(shell, keys),
        shell.step_up(),
    )


def _palette_groups(shell: Shell) -> list[rx.Component]:
    places = [
        _allowed(shell, item, palette_item(item.label, icon=item.icon, href=item.route, **_go_keys(item)))
        for item in shell.nav
    ]
    settings = [
        *[
            _allowed(shell, item, palette_item(item.label, icon=item.icon, href=item.route, keywords="settings"))
            for item in shell.settings
        ],
        palette_item("Light theme", icon="sun", on_select=set_theme("light"), keywords="appearance colour"),
        palette_item("Dark theme", icon="moon", on_select=set_theme("dark"), keywords="appearance colour"),
        palette_item("All keys", icon="keyboard", on_select=_keys.open(), keys="?", keywords="shortcuts help"),
        palette_item("Sign out", icon="log_out", on_select=post("/auth/sign-out"), keywords="log out leave"),
    ]
    deeds = list(shell.deeds()) if shell.deeds else []
    groups = [palette_group("Go", *places)]
    if shell.people:
        groups.append(shell.people())
    groups.append(palette_group("Settings", *settings))
    return [palette_group("Do", *deeds), *groups] if deeds else groups


def _go_keys(item: NavItem) -> dict[str, Any]:
    return {"keys": f"G {item.go.upper()}"} if item.go else {}


def _key_help(shell: Shell, keys: tuple[KeyHelp, ...]) -> rx.Component:
    everywhere = (
        KeyHelp("⌘ K", "Search or jump to"),
        KeyHelp("/", "Search this page"),
        KeyHelp("[", "Hide or show the sidebar"),
        KeyHelp("U", "Undo, while it is offered"),
        KeyHelp("⌘ ↵", "Send what you are writing"),
        KeyHelp("?", "This list"),
    )
    places = tuple(KeyHelp(f"G {item.go.upper()}", item.label) for item in shell.nav if item.go)
    columns = [_key_list("Everywhere", everywhere), _key_list("Go to", places)]
    own = (*keys, *shell.keys)
    if own:
        columns.insert(0, _key_list("Here", own))
    return dialog(
        _keys,
        rx.el.div(*columns, class_name="keys"),
        title="Keys",
        aside=_KeysSwitch.create(),
        actions=(close_button("Close", kind="secondary"),),
        wide=True,
    )


def _key_list(title: str, keys: Sequence[KeyHelp]) -> rx.Component:
    lines = [
        rx.el.div(rx.el.dt(each.does), rx.el.dd(*[kbd(key) for key in each.keys.split()], class_name="row g1"))
        for each in keys
    ]
    return rx.el.section(rx.el.h3(title, class_name="meta"), rx.el.dl(*lines))


class _ShellPart(rx.Component):
    library = LIBRARY + "shell"


class _Shortcuts(_ShellPart):
    tag = "Shortcuts"

    routes: rx.Var[dict[str, str]]


class _KeysSwitch(_ShellPart):
    tag = "KeysSwitch"


class _Connection(rx.Component):
    library = LIBRARY + "connection"


class _LinkState(_Connection):
    tag = "LinkState"

    version: rx.Var[str]


class _LostBar(_Connection):
    tag = "LostBar"


class _RevealCurrent(rx.Component):
    library = LIBRARY + "settings"
    tag = "RevealCurrent"
