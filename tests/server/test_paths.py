"""Pages and routes share one port: the first part of a path says which of them answers."""

from memberpulse.domains.catalog import DOMAINS
from memberpulse.memberpulse import engine
from memberpulse.server.serve import _first, _first_part
from memberpulse.ui.page import PUBLIC, all_pages


def test_no_route_takes_the_place_of_a_page():
    routes = {_first_part(route) for route in engine.routes()}
    taken = {spec.route: _first(f"/{spec.route.strip('/')}") for spec in all_pages() if spec.route != "/"}
    assert {route: first for route, first in taken.items() if first in routes} == {}
    assert {"calendars", "join-codes"} <= {_first_part(route) for each in DOMAINS for route in each.routes}


def test_of_the_pages_of_an_event_only_the_wall_display_is_open_to_everybody():
    pages = {spec.route: spec.requires for spec in all_pages() if spec.route.startswith("/events")}
    assert [route for route, requires in pages.items() if requires == PUBLIC] == ["/events/[event_id]/display"]
