"""The page of one's own profile."""

from typing import Any

import reflex as rx

from memberpulse.domains.accounts.pictures import set_my_picture
from memberpulse.domains.accounts.profiles import LOCALES, MAX_CHARACTERS, ProfileView, get_my_profile, update_profile
from memberpulse.ui.components import avatar, error_state, rows_skeleton, select_field, text_field
from memberpulse.ui.components.marks import with_picture
from memberpulse.ui.layout import settings_page
from memberpulse.ui.live import live, problem, run
from memberpulse.ui.page import SIGNED_IN, page
from memberpulse.ui.settings import go_on, picture_field, setting, settings_form, zone_field

_WORDS = {
    "name": "Name",
    "time_zone": "Time zone",
    "locale": "Date format",
    "city": "City",
    "state": "State or county",
    "postcode": "Postcode",
}


@page("/settings", "Settings", requires=SIGNED_IN)
def settings_start_page() -> rx.Component:
    return settings_page("Settings", go_on("/settings/profile"), requires=SIGNED_IN)


@page("/settings/profile", "Profile", requires=SIGNED_IN)
def profile_page() -> rx.Component:
    profile = live(get_my_profile)
    return settings_page(
        "Profile",
        profile.view(
            _profile, rows_skeleton(6, label="Loading your profile"), failed=error_state(profile, what="Your profile")
        ),
        requires=SIGNED_IN,
        lede="How others here see you, and how times are written for you.",
    )


def _profile(profile: ProfileView) -> rx.Component:
    face = avatar(name=profile.name, initials=with_picture(profile.initials, profile.picture), tint=profile.tint)
    portrait = picture_field(face, picture=profile.picture, upload="/pictures/avatar", change=set_my_picture)
    return rx.fragment(
        setting(portrait, title="Picture", hint="Shown beside your name everywhere."),
        settings_form(
            update_profile,
            *_fields(profile),
            values={name: getattr(profile, name) for name in _WORDS},
            words=_WORDS,
            done="Profile saved",
            undo=_undo,
        ),
    )


def _fields(profile: ProfileView) -> list[rx.Component]:
    refused = problem(update_profile)

    def text(name: str, hint: str, **props: Any) -> rx.Component:
        return text_field(
            _WORDS[name],
            name=name,
            hint=hint,
            error=refused.field(name),
            max_length=MAX_CHARACTERS[name],
            custom_attrs={"dir": "auto"},
            **props,
        )

    return [
        text("name", "What others call you.", auto_complete="name", required=True),
        zone_field(
            _WORDS["time_zone"],
            value=profile.time_zone,
            hint="All times are written in it.",
            error=refused.field("time_zone"),
        ),
        select_field(
            _WORDS["locale"],
            name="locale",
            options=tuple(LOCALES.items()),
            hint="How dates and times are written.",
            error=refused.field("locale"),
        ),
        text("city", "Optional.", auto_complete="address-level2"),
        text("state", "Optional.", auto_complete="address-level1"),
        text("postcode", "Optional.", auto_complete="postal-code"),
    ]


def _undo(before: Any) -> Any:
    return run(update_profile, **{name: getattr(before, name) for name in _WORDS})
