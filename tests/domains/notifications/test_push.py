"""Browser push, against a real push service of this machine that decrypts what it takes and checks who sent it."""

import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from memberpulse.domains.accounts.mutations import end_session, revoke_session
from memberpulse.domains.announcements.mutations import post_announcement, withdraw_announcement
from memberpulse.domains.notifications.errors import BadDevice, DeviceNotFound, TooManyDevices
from memberpulse.domains.notifications.kinds import Channel
from memberpulse.domains.notifications.models import Notification
from memberpulse.domains.notifications.moves import mark_all_read
from memberpulse.domains.notifications.preferences import set_preference
from memberpulse.domains.notifications.push import devices, posting, services, vapid
from memberpulse.domains.notifications.push.devices import (
    add_device,
    get_push_key,
    list_my_devices,
    remove_device,
    try_device,
)
from memberpulse.domains.notifications.push.models import PushDevice, PushMessage, PushState
from memberpulse.domains.notifications.push.posting import claim_push
from memberpulse.domains.notifications.rhythm import set_quiet_hours
from memberpulse.domains.organizations.mutations import leave_organization
from memberpulse.engine import Caller, MutationCtx, system
from memberpulse.settings import get_settings
from tests.domains.conftest import Cast, signed_in
from tests.push_service import Browser, PushService

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("MEMBERPULSE_SECRET", "s" * 40)
    monkeypatch.setenv("MEMBERPULSE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MEMBERPULSE_PUSH_PRIVATE", "1")
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


@pytest.fixture
def service() -> Iterator[PushService]:
    with PushService() as running:
        yield running


async def add(cast: Cast, caller: Caller, browser: Browser) -> uuid.UUID:
    return await cast.engine.mutate(add_device, caller=caller, **browser.subscription)


async def announce(cast: Cast, title: str = "Lathe course") -> uuid.UUID:
    posted = await cast.engine.mutate(post_announcement, caller=cast.ann, title=title, body="On Sunday.")
    return posted.id


async def messages(cast: Cast) -> list[tuple[PushState, int, str]]:
    return await cast.write(
        lambda ctx: [(row.state, row.attempts, row.reason) for row in ctx.db.scalars(select(PushMessage))]
    )


async def test_it_arrives_encrypted_for_the_browser_and_signed_by_this_server(cast: Cast, service: PushService) -> None:
    browser = service.subscribe()
    await add(cast, cast.max, browser)
    posted = await announce(cast)
    await cast.engine.jobs.settle()
    (got,) = service.received
    assert (got.payload["title"], got.payload["body"]) == ("Lathe course", "On Sunday.")
    assert got.payload["link"] == f"/announcements#{posted}"
    assert got.headers["content-encoding"] == "aes128gcm"
    assert got.headers["topic"] == uuid.UUID(got.payload["tag"]).hex
    assert int(got.headers["ttl"]) == 86_400
    assert got.key == await cast.engine.query(get_push_key, caller=cast.max)
    assert 0 < got.claims["exp"] - time.time() <= 24 * 3600
    assert got.claims["sub"].startswith(("mailto:", "https://"))
    assert [state for state, _, _ in await messages(cast)] == [PushState.SENT]
    (listed,) = await cast.engine.query(list_my_devices, caller=cast.max)
    assert listed.told_at is not None


async def test_every_browser_is_told_and_nobody_elses(cast: Cast, service: PushService) -> None:
    await add(cast, cast.max, service.subscribe())
    await add(cast, cast.max, service.subscribe())
    await add(cast, cast.ann, service.subscribe())
    await announce(cast)
    await cast.engine.jobs.settle()
    assert service.told() == ["Lathe course"] * 2, "both of Max's, and not that of Ann, who wrote it"


async def test_it_follows_the_preference(cast: Cast, service: PushService) -> None:
    await add(cast, cast.max, service.subscribe())
    await cast.engine.mutate(set_preference, caller=cast.max, type="announcement", channel=Channel.PUSH, enabled=False)
    await announce(cast)
    await cast.engine.jobs.settle()
    assert service.posts == 0


async def test_it_leaves_only_with_the_commit(cast: Cast, service: PushService) -> None:
    await add(cast, cast.max, service.subscribe())

    def fail(ctx: MutationCtx) -> None:
        from memberpulse.domains.notifications.mutations import notify_people
        from memberpulse.domains.notifications.schemas import Notice

        notify_people(ctx, user_ids=[cast.max.user_id], notice=Notice(type="announcement", title="No"))  # type: ignore[list-item]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await cast.write(fail)
    await cast.engine.jobs.settle()
    assert (service.posts, await messages(cast)) == (0, [])


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_is_gone_is_taken_off_the_list(cast: Cast, service: PushService, status: int) -> None:
    await add(cast, cast.max, service.subscribe())
    service.answers = [(status, {})]
    await announce(cast)
    await cast.engine.jobs.settle()
    assert await cast.engine.query(list_my_devices, caller=cast.max) == []
    assert await messages(cast) == []
    await announce(cast)
    await cast.engine.jobs.settle()
    assert service.posts == 1


async def test_what_certainly_was_not_taken_is_tried_again_and_told_once(cast: Cast, service: PushService) -> None:
    await add(cast, cast.max, service.subscribe())
    service.answers = [(429, {"retry-after": "120"}), (503, {})]
    await announce(cast)
    await cast.engine.jobs.settle()
    assert (service.posts, [state for state, _, _ in await messages(cast)]) == (1, [PushState.QUEUED])
    await cast.engine.jobs.settle()
    assert service.posts == 1, "it waits, as it was asked to"
    await cast.let_time_pass()
    await cast.let_time_pass()
    assert (service.posts, service.told()) == (3, ["Lathe course"])
    assert [state for state, _, _ in await messages(cast)] == [PushState.SENT]


async def test_what_is_tried_again_waits_for_the_end_of_quiet_hours(cast: Cast, service: PushService) -> None:
    await add(cast, cast.max, service.subscribe())
    service.answers = [(503, {})]
    await announce(cast)
    await cast.engine.jobs.settle()
    quiet = {"quiet": True, "quiet_from": "00:00", "quiet_until": "23:59"}
    await cast.engine.mutate(set_quiet_hours, caller=cast.max, **quiet)
    await cast.let_time_pass()
    assert (service.posts, [state for state, _, _ in await messages(cast)]) == (1, [PushState.QUEUED])
    await cast.engine.mutate(set_quiet_hours, caller=cast.max, quiet=False)
    await cast.let_time_pass()
    assert service.told() == ["Lathe course"]


async def test_what_may_have_been_taken_is_not_told_twice(cast: Cast, service: PushService) -> None:
    await add(cast, cast.max, service.subscribe())
    service.answers = [(-1, {})]
    await announce(cast)
    await cast.engine.jobs.settle()
    assert service.told() == ["Lathe course"]
    await cast.let_time_pass()
    assert service.told() == ["Lathe course"]
    ((state, attempts, reason),) = await messages(cast)
    assert (state, attempts) == (PushState.SENDING, 1)
    assert "did not answer" in reason


async def test_a_process_that_dies_under_it_does_not_make_it_twice(
    cast: Cast, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(cast, cast.max, service.subscribe())
    await announce(cast)

    async def die(*_: object) -> services.Answer:
        raise SystemError("the process died after it had posted")

    with monkeypatch.context() as dying:
        dying.setattr(posting, "deliver", die)
        await cast.engine.jobs.settle()
    await cast.let_time_pass()
    assert service.posts == 0, "nobody knows whether it was posted, so it is not posted again"
    assert [state for state, _, _ in await messages(cast)] == [PushState.SENDING]


async def test_one_attempt_at_a_time_has_a_message(cast: Cast, service: PushService) -> None:
    await add(cast, cast.max, service.subscribe())
    await announce(cast)
    (message_id,) = await cast.write(lambda ctx: list(ctx.db.scalars(select(PushMessage.id))))
    assert await cast.engine.mutate(claim_push, caller=system(cast.here), message_id=message_id) is not None
    assert await cast.engine.mutate(claim_push, caller=system(cast.here), message_id=message_id) is None


async def test_a_refusal_for_good_is_kept_and_not_repeated(cast: Cast, service: PushService) -> None:
    await add(cast, cast.max, service.subscribe())
    service.answers = [(403, {})]
    await announce(cast)
    await cast.engine.jobs.settle()
    await cast.let_time_pass()
    assert (service.posts, [state for state, _, _ in await messages(cast)]) == (1, [PushState.FAILED])


async def test_what_was_read_or_withdrawn_meanwhile_is_not_told(cast: Cast, service: PushService) -> None:
    await add(cast, cast.max, service.subscribe())
    await announce(cast, "Read")
    await cast.engine.mutate(mark_all_read, caller=cast.max)
    withdrawn = await announce(cast, "Withdrawn")
    await cast.engine.mutate(withdraw_announcement, caller=cast.ann, announcement_id=withdrawn)
    await cast.engine.jobs.settle()
    assert (service.posts, await messages(cast)) == (0, [])


async def test_who_leaves_is_told_nothing_that_is_still_on_its_way(cast: Cast, service: PushService) -> None:
    await add(cast, cast.max, service.subscribe())
    await announce(cast)
    await cast.engine.mutate(leave_organization, caller=cast.max)
    await cast.engine.jobs.settle()
    assert service.posts == 0


async def test_signing_out_ends_it_in_that_browser_alone(cast: Cast, service: PushService) -> None:
    assert cast.max.user_id is not None
    other = await signed_in(cast.engine, cast.max.user_id)
    here, there = service.subscribe(), service.subscribe()
    await add(cast, cast.max, here)
    await add(cast, other, there)
    await announce(cast, "On its way")
    assert cast.max.reference is not None
    await cast.engine.mutate(end_session, caller=system(), token_hash=cast.max.reference)
    await cast.engine.jobs.settle()
    assert [each.is_current for each in await cast.engine.query(list_my_devices, caller=other)] == [True]
    assert len(service.received) == 1
    third = await signed_in(cast.engine, cast.max.user_id)
    await cast.engine.mutate(revoke_session, caller=third, session_id=other.session_id)
    assert await cast.engine.query(list_my_devices, caller=third) == []


async def test_a_browser_is_listed_once_and_goes_to_who_added_it_last(cast: Cast, service: PushService) -> None:
    browser = service.subscribe()
    first = await add(cast, cast.max, browser)
    assert await add(cast, cast.max, browser) == first
    await add(cast, cast.abe, browser)
    assert await cast.engine.query(list_my_devices, caller=cast.max) == []
    (listed,) = await cast.engine.query(list_my_devices, caller=cast.abe)
    assert (listed.id, listed.service) == (first, "127.0.0.1")


async def test_nobody_removes_or_tries_somebody_elses_browser(cast: Cast, service: PushService) -> None:
    device_id = await add(cast, cast.max, service.subscribe())
    for caller in (cast.abe, cast.otto):
        for change in (remove_device, try_device):
            with pytest.raises(DeviceNotFound):
                await cast.engine.mutate(change, caller=caller, device_id=device_id)
    await cast.engine.mutate(try_device, caller=cast.max, device_id=device_id)
    await cast.engine.jobs.settle()
    assert service.told() == ["It works"]
    await cast.engine.mutate(remove_device, caller=cast.max, device_id=device_id)
    with pytest.raises(DeviceNotFound):
        await cast.engine.mutate(remove_device, caller=cast.max, device_id=device_id)


async def test_nobody_adds_browsers_without_end(
    cast: Cast, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "MOST_DEVICES", 1)
    await add(cast, cast.max, service.subscribe())
    with pytest.raises(TooManyDevices):
        await add(cast, cast.max, service.subscribe())


async def test_what_waits_is_kept_for_a_week(cast: Cast, service: PushService) -> None:
    from memberpulse.domains.notifications.jobs import forget_pushes

    await add(cast, cast.max, service.subscribe())
    await announce(cast)
    await cast.engine.jobs.settle()

    def age(ctx: MutationCtx) -> None:
        for row in ctx.db.scalars(select(PushMessage)):
            row.created_at -= timedelta(days=8)

    await cast.write(age)
    await cast.engine.transact_async(lambda ctx: ctx.schedule(forget_pushes), system())
    await cast.engine.jobs.settle()
    assert await messages(cast) == []
    assert await cast.write(lambda ctx: len(list(ctx.db.scalars(select(Notification.id))))) == 3


async def test_what_lets_one_send_is_sealed_and_in_no_export(cast: Cast, service: PushService) -> None:
    from memberpulse.domains.accounts.personal import all_held

    browser = service.subscribe()
    await add(cast, cast.max, browser)
    (row,) = await cast.write(lambda ctx: list(ctx.db.scalars(select(PushDevice))))
    kept = " ".join(str(value) for value in row.model_dump().values())
    assert browser.endpoint not in kept
    assert browser.subscription["auth"] not in kept
    assert {"sealed", "endpoint_hash"}.isdisjoint(all_held()["push_device"].shown)


# Where it may lead


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://10.1.2.3/x",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/x",
        "https://2130706433/x",
        "https://localhost/x",
        "https://db.internal/x",
        "https://printer/x",
        "https://push.example.com:8443/x",
        "https://user:word@push.example.com/x",
        "https://push.example.com/x#y",
        "ftp://push.example.com/x",
        "https://push.example.com:99999/x",
        "https://",
        "",
        "https://push.example.com/" + "x" * 1000,
    ],
)
async def test_an_address_that_no_push_service_has_is_refused(
    cast: Cast, service: PushService, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    monkeypatch.setenv("MEMBERPULSE_PUSH_PRIVATE", "0")
    get_settings.cache_clear()
    keys = service.subscribe().subscription | {"endpoint": endpoint}
    with pytest.raises(BadDevice):
        services.check_target(services.Target(**keys))
    services.check_target(services.Target(**keys | {"endpoint": "https://push.example.com/x"}))


@pytest.mark.parametrize(
    "change",
    [{"p256dh": ""}, {"p256dh": "AAAA"}, {"p256dh": "B" + "A" * 86}, {"auth": ""}, {"auth": "é"}, {"auth": "A" * 100}],
)
async def test_keys_that_no_browser_makes_are_refused(service: PushService, change: dict[str, str]) -> None:
    with pytest.raises(BadDevice):
        services.check_target(services.Target(**service.subscribe().subscription | change))


async def test_a_name_that_leads_into_a_private_network_is_never_called(
    service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolved(host: str, port: int, **_: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return [(2, 1, 6, "", ("93.184.216.34", port)), (2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setenv("MEMBERPULSE_PUSH_PRIVATE", "0")
    get_settings.cache_clear()
    monkeypatch.setattr(services.anyio, "getaddrinfo", resolved)
    browser = service.subscribe()
    target = services.Target(**browser.subscription | {"endpoint": browser.endpoint.replace("127.0.0.1", "a.example")})
    parcel = services.Parcel(uuid.uuid4(), uuid.uuid4(), "No", "", "/", None)
    answer = await services.deliver(target.dump(), parcel)
    assert (answer.outcome, service.posts) == (services.Outcome.GONE, 0)


async def test_no_redirect_is_followed(service: PushService) -> None:
    browser = service.subscribe()
    service.answers = [(307, {"location": browser.endpoint})]
    parcel = services.Parcel(uuid.uuid4(), uuid.uuid4(), "No", "", "/", None)
    answer = await services.deliver(services.Target(**browser.subscription).dump(), parcel)
    assert (answer.outcome, service.posts) == (services.Outcome.REFUSED, 1)


async def test_a_service_that_is_down_is_tried_again(service: PushService) -> None:
    keys = service.subscribe().subscription | {"endpoint": "http://127.0.0.1:9/x"}
    parcel = services.Parcel(uuid.uuid4(), uuid.uuid4(), "No", "", "/", None)
    answer = await services.deliver(services.Target(**keys).dump(), parcel)
    assert answer.outcome is services.Outcome.LATER


# The keys of the server


def test_the_keys_are_made_once_and_nobody_else_may_read_them(tmp_path: Path) -> None:
    first = vapid.keys()
    file = tmp_path / "data" / vapid.KEY_FILE
    assert file.stat().st_mode & 0o077 == 0
    vapid._kept.cache_clear()
    assert vapid.keys() == first
    assert len(first.public) == 87


def test_keys_that_were_given_are_used_and_wrong_ones_stop_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    from memberpulse.settings import SettingsError, load_settings

    # The private key of RFC 8291, section 5, and its point.
    monkeypatch.setenv("MEMBERPULSE_VAPID_KEY", "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")
    get_settings.cache_clear()
    assert vapid.keys().public == (
        "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
    )
    for wrong in ("short", "A" * 43, "é" * 43):
        with pytest.raises(SettingsError):
            load_settings(vapid_key=wrong)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("10.0.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("nonsense", False),
    ],
)
def test_what_is_public(address: str, public: bool) -> None:
    assert services.is_public(address) is public
