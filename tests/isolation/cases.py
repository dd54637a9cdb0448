"""The one place where a function is told what it needs to do something, where its signature cannot suggest it.

A new mutation needs a line here only when `test_freshness` says so. One that cannot change anything is excused, with
the reason in words.
"""

import base64
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pyotp.totp import TOTP

from memberpulse.demo.people import PASSWORD
from memberpulse.demo.stripe.server import fake_stripe
from memberpulse.domains.accounts.proofs.passkeys import CHALLENGE
from memberpulse.domains.accounts.proofs.recovery import SHOWN
from memberpulse.domains.accounts.proofs.totp import PURPOSE
from memberpulse.domains.accounts.rules import reference_of
from memberpulse.domains.newsletter import subscribers
from memberpulse.domains.organizations.invitations.links import hash_of
from memberpulse.domains.payments.provider import Fake, use_fake
from memberpulse.engine import utc_now
from memberpulse.sealing import seal, unseal
from tests.isolation.performing import Case, Maker, answer, case, instant, row, value
from tests.isolation.world import World


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


PROMISES = "it only promises a job, and that is performed by itself"
ANSWERS = "it only answers"
NO_OTHERS = "it fills an empty database, and every test here stands on what it made"

EXCUSED: dict[str, str] = {
    "accounts.ask_for_magic_link": PROMISES,
    "accounts.ask_for_reset": PROMISES,
    "accounts.note_wrong_password": PROMISES,
    "accounts.prepare_link": ANSWERS,
    "accounts.resend_sign_up": PROMISES,
    "audit.prove_export": ANSWERS,
    "demo.reset_demo": PROMISES,
    "demo.seed_fernhill": NO_OTHERS,
    "demo.seed_harbour": NO_OTHERS,
    "events.put_ended_in_order": PROMISES,
    "notifications.release_due": PROMISES,
    "organizations.find_due_deletions": PROMISES,
    "organizations.prepare_export": ANSWERS,
    "payments.prepare_onboarding": ANSWERS,
    "payments.promise_again": PROMISES,
    "payments.try_refund_later": PROMISES,
}
"""Mutations, jobs and actions that change no row of the product, with the reason."""

GOOD_CARD = "4242 4242 4242 4242"
ACTION = "account.password"
LONG_AGO = "2020-01-01 00:00:00.000000"
P256DH = base64url(
    ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
)
AUTH = base64url(b"sixteen bytes...")
ADDRESS = "reader@post.example"


def called(kind: str) -> str:
    """Let the token that was mailed be "Fernhill", which is what every text is that nobody chose."""
    return f"UPDATE one_time_token SET token_hash = '{reference_of(f'{kind}:Fernhill')}' WHERE kind = '{kind}'"


def long_ago(table: str, column: str, where: str = "1") -> str:
    """Let something have happened long ago."""
    return f"UPDATE {table} SET {column} = '{LONG_AGO}' WHERE {where}"


def soon(**delay: float) -> Maker:
    """An instant that is still to come, or with less than nothing one that is over."""
    return lambda world: (utc_now() + timedelta(**delay)).isoformat()


def current_code(world: World) -> str:
    """What the owner's authenticator app shows now."""
    return TOTP(unseal(value("SELECT sealed_secret FROM authenticator")(world), PURPOSE)).now()


def recovery_code(world: World) -> str:
    """One of the codes that the owner is shown."""
    details = json.loads(value(f"SELECT details FROM one_time_token WHERE kind = '{SHOWN}'")(world))
    return json.loads(unseal(details["sealed"], SHOWN))[0]


def subscriber(world: World) -> str:
    """A reader as the links in their letters name them."""
    return seal(str(world.ids_of("newsletter_subscriber")[0]), subscribers._SEALED_FOR)


OWNER, MEMBER = row("user_account", "id = :owner"), row("user_account", "id = :member")
APP_OF_OWNER = ("accounts.confirm_totp", "UPDATE authenticator SET last_step = 0")
BROADCAST = (
    "INSERT INTO notification_broadcast (id, organization_id, type, title, message, created_at, why, group_key) "
    f"VALUES (:owner, :fernhill, 'announcement', 'To all', '', '{LONG_AGO}', '', '')"
)
FIRST_WAITING = "SELECT id FROM event_place WHERE status = 'waiting'"
WAITING_AT = "SELECT event_id FROM event_place WHERE status = 'waiting'"
CAFE = row("event", f"id = ({WAITING_AT})")
SEWING = row("event", "title = 'Sewing evening'")
WAITING, CALLED = row("event_place", "status = 'waiting'"), row("event_place", "status = 'called'")
OF_MEMBER = row("event_place", "user_id = :member")
VALUES: dict[str, Any] = {
    "title": "A new event",
    "time_zone": "Europe/London",
    "starts_at": soon(days=1),
    "ends_at": soon(days=1, hours=2),
}
CALLED_AT = instant("SELECT called_at FROM event_place WHERE status = 'called' ORDER BY rowid")
PENDING, PAID = row("payment", "status = 'pending'"), row("payment", "status = 'paid'")
REQUESTED = row("payment_refund", "status = 'requested'")
ACCOUNT = row("payee_account", "user_id = :owner")


def grow_ready(world: World) -> None:
    """Whoever connects an account tells Stripe all that it asks for."""
    account = value("SELECT provider_id FROM payee_account WHERE user_id = :owner")(world)
    for step in (world.stripe.books.give_details, world.stripe.books.verify, world.stripe.books.add_bank):
        step(account)


def pay(world: World) -> None:
    """Somebody pays what waits to be paid, on the page of the provider."""
    world.stripe.books.pay(value("SELECT session_id FROM payment WHERE status = 'pending'")(world), GOOD_CARD)


CASES: dict[str, Case] = {
    "accounts.ask_for_passkey": case("accounts.keep_passkey"),
    "accounts.begin_my_export": case("accounts.prepare_my_export", called("my_export")),
    "accounts.begin_sign_up": case(email=ADDRESS),
    "accounts.cancel_totp": case("accounts.begin_totp"),
    "accounts.change_email": case(by="member", email=ADDRESS),
    "accounts.change_password": case(password="four words in a row"),
    "accounts.change_portrait": case("accounts.keep_picture", user_id=MEMBER, picture=answer("accounts.keep_picture")),
    "accounts.confirm_email": case("accounts.change_email", called("change_email")),
    "accounts.confirm_totp": case("accounts.begin_totp", code=current_code),
    "accounts.count_step_up_try": case(by="owner"),
    "accounts.disable_totp": case("accounts.confirm_totp"),
    "accounts.drop_picture": case("accounts.keep_picture", name=answer("accounts.keep_picture")),
    "accounts.end_session": case(token_hash=value("SELECT :member_reference")),
    "accounts.end_trip": case("accounts.begin_trip", called("oidc_attempt")),
    "accounts.erase_account": case(long_ago("user_account", "erase_at", "id = :member")),
    "accounts.erase_due_accounts": case(long_ago("user_account", "erase_at", "id = :member")),
    "accounts.finish_sign_up": case("accounts.mail_sign_up", called("verify_email")),
    "accounts.grant_proof": case(by="owner", action=ACTION),
    "accounts.hold_sign_in": case(user_id=OWNER, methods=["totp", "passkey"]),
    "accounts.keep_account": case("UPDATE user_account SET erase_at = '2999-01-01 00:00:00' WHERE id = :owner"),
    "accounts.keep_passkey": case(user_id=OWNER),
    "accounts.keep_picture": case(user_id=MEMBER),
    "accounts.link_person": case(user_id=OWNER),
    "accounts.mail_magic_link": case(email=value("SELECT email FROM user_account WHERE id = :member")),
    "accounts.mail_reset": case(email=value("SELECT email FROM user_account WHERE id = :member")),
    "accounts.mail_sign_up": case("accounts.begin_sign_up", email=ADDRESS),
    "accounts.make_recovery_codes": case("accounts.confirm_totp"),
    "accounts.note_passkey_used": case("accounts.keep_passkey", count_before=1, sign_count=2),
    "accounts.open_magic_link": case("accounts.mail_magic_link", called("magic_link")),
    "accounts.pass_second_step": case(*APP_OF_OWNER, "accounts.hold_sign_in", code=current_code),
    "accounts.pass_second_step_by_passkey": case("accounts.hold_sign_in", user_id=OWNER),
    "accounts.prove_address": case("UPDATE user_account SET verified_at = NULL WHERE id = :member"),
    "accounts.prove_by_code": case(*APP_OF_OWNER, action=ACTION, method="totp", code=current_code),
    "accounts.prove_by_password": case(action=ACTION, password=PASSWORD),
    "accounts.prune_pictures": case("accounts.keep_picture", long_ago("picture", "dropped_at")),
    "accounts.prune_proofs": case("accounts.begin_trip", long_ago("one_time_token", "expires_at")),
    "accounts.prune_security_events": case("accounts.tell_wrong_password", long_ago("security_event", "happened_at")),
    "accounts.prune_sessions": case(long_ago("user_session", "revoked_at", "id = :custom_session")),
    "accounts.prune_sign_ups": case("accounts.begin_sign_up", long_ago("sign_up", "created_at")),
    "accounts.put_away_recovery_codes": case("accounts.confirm_totp"),
    "accounts.put_up_portrait": case(user_id=MEMBER),
    "accounts.refuse_proof": case(by="owner"),
    "accounts.remove_passkey": case("accounts.keep_passkey"),
    "accounts.rename_passkey": case("accounts.keep_passkey", name="Telephone"),
    "accounts.renew_session": case(token_hash=value("SELECT :member_reference")),
    "accounts.renew_when_due": case(
        "UPDATE user_session SET renewal_due = 1", token_hash=value("SELECT :member_reference")
    ),
    "accounts.request_deletion": case(
        by="member", confirmation=value("SELECT email FROM user_account WHERE id = :member")
    ),
    "accounts.reset_password": case("accounts.mail_reset", called("reset_password")),
    "accounts.revoke_other_sessions": case("accounts.start_session"),
    "accounts.send_step_up_code": case(by="member", action=ACTION),
    "accounts.set_my_picture": case("accounts.keep_picture", by="member", picture=answer("accounts.keep_picture")),
    "accounts.show_picture": case(
        "accounts.keep_picture", name=answer("accounts.keep_picture"), user_id=MEMBER, organization_id=None
    ),
    "accounts.spend_challenge": case("accounts.begin_challenge", called(CHALLENGE)),
    "accounts.start_session": case(user_id=OWNER),
    "accounts.tell_wrong_password": case(email=value("SELECT email FROM user_account WHERE id = :owner")),
    "accounts.try_code": case(*APP_OF_OWNER, by="owner", action=ACTION, method="totp", code=current_code),
    "accounts.unlink_provider": case("accounts.link_person"),
    "accounts.update_profile": case(by="member", name="Elif Y.", time_zone="Europe/Paris", locale="en-GB"),
    "accounts.use_recovery_code": case("accounts.confirm_totp", user_id=OWNER, code=recovery_code),
    "accounts.use_totp": case(*APP_OF_OWNER, user_id=OWNER, code=current_code),
    "activity.retell": case(entity_id=value("SELECT entity_id FROM activity WHERE entity_id > ''")),
    "announcements.import_announcement": case(author_id=MEMBER),
    "announcements.post_for": case(author_id=MEMBER),
    "announcements.withdraw_announcement": case(
        "announcements.post_announcement",
        announcement_id=row("announcement", "title = 'Fernhill' AND author_id = :owner"),
    ),
    "approvals.decide_request": case(by="owner"),
    "approvals.enclose_file": case(
        "approvals.ask_for_approval", request_id=row("approval_request", "requester_id = :owner")
    ),
    "approvals.request_approval": case(kind="general", requester_id=MEMBER),
    "approvals.set_approvers": case(kind="general", approvers=2),
    "approvals.take_file_back": case(
        "approvals.enclose_file", request_id=row("approval_request", "requester_id = :owner")
    ),
    "approvals.tell_requester": case(
        "approvals.approve_request",
        decided_at=instant("SELECT decided_at FROM approval_request ORDER BY decided_at DESC"),
    ),
    "approvals.undo_decisions": case("approvals.approve_request"),
    "approvals.withdraw_request": case(
        "approvals.ask_for_approval", request_id=row("approval_request", "requester_id = :owner")
    ),
    "audit.prune_entries": case(long_ago("audit_entry", "at")),
    "demo.set_playing": case(playing=False),
    "events.ask_feedback": case("DELETE FROM event_feedback", place_id=row("event_place", "status = 'completed'")),
    "events.close_event": case(event_id=CAFE),
    "events.create_event": case(**VALUES),
    "events.edit_event": case(**VALUES),
    "events.edit_place": case(place_id=WAITING),
    "events.end_forgotten": case(long_ago("event", "ends_at"), place_id=WAITING),
    "events.end_removed": case(
        "DELETE FROM membership WHERE user_id = (SELECT user_id FROM event_place WHERE status = 'waiting')",
        user_id=value("SELECT user_id FROM event_place WHERE status = 'waiting'"),
    ),
    "events.forget_history": case(long_ago("event", "ends_at")),
    "events.give_feedback": case(
        "events.join_line",
        "UPDATE event_place SET status = 'completed', turn = NULL WHERE user_id = :member",
        by="member",
        place_id=OF_MEMBER,
        rating=5,
    ),
    "events.give_up_on": case(place_id=CALLED, called_at=CALLED_AT),
    "events.hold_place": case(place_id=WAITING),
    "events.import_event": case(values=VALUES, status="closed", places=[], helpers=[], created_by=OWNER),
    "events.join_for": case(event_id=SEWING, user_id=MEMBER),
    "events.join_line": case(by="member", event_id=SEWING),
    "events.leave_line": case("events.join_line", by="member", place_id=OF_MEMBER),
    "events.mark_no_show": case(place_id=CALLED),
    "events.release_hold": case("events.hold_place", place_id=WAITING),
    "events.remind_called": case(place_id=CALLED, called_at=CALLED_AT),
    "events.remind_of_event": case(
        "events.join_line", event_id=SEWING, starts_at=instant("SELECT starts_at FROM event WHERE title LIKE 'Sewing%'")
    ),
    "events.remove_cover": case(
        event_id=value("SELECT entity_id FROM file_attachment WHERE entity_type = 'event'"),
        file_id=value("SELECT file_id FROM file_attachment WHERE entity_type = 'event'"),
    ),
    "events.remove_place": case(place_id=WAITING),
    "events.reopen_event": case("events.close_event"),
    "events.resume_line": case("events.pause_line"),
    "events.return_money": case(
        "UPDATE event_place SET status = 'cancelled', payment_id = (SELECT id FROM payment WHERE status = 'paid') "
        "WHERE id = (SELECT id FROM event_place WHERE status = 'completed')",
        place_id=row("event_place", "payment_id > ''"),
        version=value("SELECT version FROM event_place WHERE payment_id > ''"),
    ),
    "events.send_others_away": case(
        "events.close_event", event_id=CAFE, ended_at=instant("SELECT max(ended_at) FROM event"), ended_by=OWNER
    ),
    "events.set_notify_at": case("events.join_line", by="member", place_id=OF_MEMBER),
    "events.staff_station": case(station_id=row("event_station", f"event_id = ({WAITING_AT})"), helper_id=None),
    "events.tell_hold_over": case(
        "events.hold_place",
        place_id=WAITING,
        held_until=instant("SELECT held_until FROM event_place WHERE held_until > ''"),
    ),
    "events.undo_deed": case("events.call_next", entry_id=answer("events.call_next", "entry_id")),
    "files.begin_receiving": case("files.reserve_upload", user_id=OWNER),
    "files.cancel_upload": case("files.reserve_upload"),
    "files.complete_upload": case("files.note_received"),
    "files.delete_files": case("files.bin_files"),
    "files.detach_all": case("files.attach_file"),
    "files.detach_file": case("files.attach_file"),
    "files.empty_bins": case("files.bin_files", long_ago("stored_file", "binned_at", "binned_at > ''")),
    "files.expire_uploads": case("files.reserve_upload", long_ago("file_upload", "expires_at")),
    "files.forget_doomed": case("files.delete_files", names=[value("SELECT object_name FROM doomed_object")]),
    "files.go_on": case("files.begin_check", part=256),
    "files.import_files": case(
        files=[
            {
                "name": "A.txt",
                "object_name": "ab/new",
                "content": "A",
                "thumbnail": "",
                "folder_id": None,
                "audience": "organization",
                "uploader_id": OWNER,
                "uploaded_at": soon(days=-1),
                "kind": "text",
                "media_type": "text/plain",
            }
        ]
    ),
    "files.note_part": case("files.begin_check"),
    "files.note_received": case("files.begin_receiving"),
    "files.remove_doomed": case("files.delete_files", long_ago("doomed_object", "due_at")),
    "files.remove_folder": case("files.create_folder"),
    "files.restore_files": case("files.bin_files"),
    "files.set_quota": case(quota_mb=100),
    "files.stop_receiving": case("files.begin_receiving"),
    "mail.deliver": case("mail.send_letter"),
    "mail.forget_mail_to": case("mail.send_letter"),
    "mail.note_delayed": case("mail.send_letter"),
    "mail.note_refused": case("mail.send_letter"),
    "mail.note_taken": case("mail.send_letter", status="sent"),
    "mail.prune_mail": case("mail.send_letter", long_ago("mail_message", "created_at")),
    "mail.send": case("mail.send_letter"),
    "newsletter.confirm_subscription": case("newsletter.subscribe", called(subscribers.KIND)),
    "newsletter.prune_addresses": case("newsletter.subscribe", long_ago("newsletter_subscriber", "asked_at")),
    "newsletter.subscribe": case(email=ADDRESS),
    "newsletter.unsubscribe": case("newsletter.subscribe", who=subscriber),
    "notifications.add_device": case(endpoint="https://push.example.org/1", p256dh=P256DH, auth=AUTH),
    "notifications.choose": case(type="announcement", channel="email"),
    "notifications.claim_push": case("notifications.try_device"),
    "notifications.clean_up": case(long_ago("notification", "created_at")),
    "notifications.forget_pushes": case("notifications.try_device", long_ago("push_message", "created_at")),
    "notifications.mute_type": case(type="announcement"),
    "notifications.note_push": case("notifications.claim_push"),
    "notifications.notify_people": case(user_ids=[OWNER], notice={"type": "membership", "title": "Your membership"}),
    "notifications.post_push": case("notifications.try_device"),
    "notifications.remove_device": case("notifications.add_device"),
    "notifications.set_letters": case(letters="daily", digest_at="08:00"),
    "notifications.set_preference": case(type="announcement", channel="email"),
    "notifications.snooze_notices": case(when="tomorrow"),
    "notifications.tell_next_members": case(BROADCAST),
    "notifications.tell_waiting": case(
        "notifications.set_letters", "notifications.notify_people", long_ago("notification_outgoing", "due_at")
    ),
    "notifications.try_device": case("notifications.add_device"),
    "notifications.undo_change": case(
        "notifications.mark_all_read", change_id=value("SELECT change_id FROM notification WHERE change_id > ''")
    ),
    "notifications.unmute_type": case("notifications.mute_type", type="announcement"),
    "notifications.withdraw_notice": case(source_id=value("SELECT source_id FROM notification WHERE source_id > ''")),
    "organizations.accept_invitation": case("organizations.invite_people", called("invitation"), by="outsider"),
    "organizations.accept_my_invitation": case("organizations.invite_people", by="outsider"),
    "organizations.apply_import": case("organizations.keep_import"),
    "organizations.ask_deletion": case(name=value("SELECT name FROM organization WHERE id = :fernhill")),
    "organizations.ask_to_join": case(
        "UPDATE organization SET join_policy = 'request' WHERE id = :fernhill",
        by="outsider",
        slug=value("SELECT slug FROM organization WHERE id = :fernhill"),
    ),
    "organizations.cancel_deletion": case("organizations.ask_deletion"),
    "organizations.carry_out_deletion": case(long_ago("organization", "deletes_at", "id = :fernhill")),
    "organizations.change_role": case(role="creator"),
    "organizations.decide": case(by="owner"),
    "organizations.discard_import": case("organizations.keep_import"),
    "organizations.edit_field": case(kind="text"),
    "organizations.fill_in": case(field_id=row("member_field", "name = 'Emergency contact'")),
    "organizations.forget_ended_memberships": case(
        "organizations.remove_member", long_ago("ended_membership", "ended_at")
    ),
    "organizations.forget_old_imports": case("organizations.keep_import", long_ago("member_import", "created_at")),
    "organizations.import_members": case(
        members=[
            {
                "user_id": row("user_account", "id = :outsider"),
                "role": "member",
                "joined_at": soon(days=-1),
            }
        ]
    ),
    "organizations.invite_next": case("organizations.apply_import"),
    "organizations.invite_people": case(addresses=value("SELECT email FROM user_account WHERE id = :outsider")),
    "organizations.join_by_link": case(
        f"UPDATE join_link SET code_hash = '{hash_of('Fernhill')}', revoked_at = NULL", by="outsider"
    ),
    "organizations.keep_import": case(
        by="owner",
        rows=[{"number": 1, "email": ADDRESS, "name": "A reader", "role": "member", "fate": "invite", "reason": ""}],
    ),
    "organizations.leave_organization": case(by="member"),
    "organizations.readdress_invitation": case(email=ADDRESS),
    "organizations.remind_next_members": case("UPDATE membership SET renewal_notice = ''"),
    "organizations.remind_of_renewals": case("UPDATE membership SET renewal_notice = ''"),
    "organizations.remove_member": case(membership_id=row("membership", "user_id = :member")),
    "organizations.renew_membership": case(
        membership_id=row("membership", "user_id = :member"),
        ends_on=value("SELECT renews_on FROM membership WHERE user_id = :member"),
    ),
    "organizations.restore_field": case("organizations.archive_field"),
    "organizations.restore_invitation": case("organizations.revoke_invitation"),
    "organizations.restore_level": case("organizations.archive_level"),
    "organizations.restore_member": case(
        "organizations.remove_member", membership_id=answer("organizations.remove_member")
    ),
    "organizations.restore_role": case("organizations.remove_role"),
    "organizations.set_capability": case(capability="records.manage"),
    "organizations.set_logo": case("organizations.put_up_logo", picture=None),
    "organizations.set_time_zone": case(time_zone="Pacific/Auckland"),
    "organizations.switch_organization": case(
        token_hash=value("SELECT :owner_reference"), organization_id=row("organization", "id = :harbour")
    ),
    "organizations.tell_requester": case(
        "organizations.approve_request", decided_at=instant("SELECT decided_at FROM join_request WHERE decided_at > ''")
    ),
    "organizations.undo_decision": case("organizations.approve_request"),
    "organizations.withdraw_request": case("organizations.ask_to_join", by="outsider"),
    "payments.ask_link": case(by="owner"),
    "payments.cancel_payment": case("payments.create_payment", by="member", payment_id=PENDING),
    "payments.cancel_payment_for": case("payments.create_payment", payment_id=PENDING),
    "payments.carry_out_refund": case("payments.refund_payment", refund_id=REQUESTED),
    "payments.check_payment": case("payments.open_checkout", pay, by="member", payment_id=PENDING),
    "payments.close_session": case("payments.open_checkout", payment_id=PENDING),
    "payments.create_payment": case(
        "payments.refresh_account", payer_id=MEMBER, account_id=ACCOUNT, amount=1250, currency="GBP"
    ),
    "payments.disconnect_account": case("payments.begin_onboarding"),
    "payments.expire_payment": case("payments.open_checkout", long_ago("payment", "expires_at"), payment_id=PENDING),
    "payments.import_account": case(user_id=MEMBER, currency="GBP"),
    "payments.import_payments": case(
        payments=[
            {
                "description": "A book",
                "payer_id": OWNER,
                "amount": 500,
                "currency": "GBP",
                "created_at": soon(days=-1),
            }
        ]
    ),
    "payments.note_account": case("payments.ask_link", account_id=ACCOUNT),
    "payments.note_checkout": case("payments.create_payment", payment_id=PENDING),
    "payments.note_refusal": case(
        "payments.refund_payment",
        refund_id=REQUESTED,
        of_key=lambda world: f"memberpulse-refund-{UUID(REQUESTED(world))}-0",
    ),
    "payments.open_checkout": case("payments.create_payment", by="member", payment_id=PENDING),
    "payments.prune_events": case("payments.take_event", long_ago("payment_event", "received_at")),
    "payments.prune_toasts": case("payments.check_payment", long_ago("payment_toast", "expires_at")),
    "payments.read_account": case(
        "payments.begin_onboarding",
        grow_ready,
        account_id=ACCOUNT,
        provider_id=value("SELECT provider_id FROM payee_account WHERE user_id = :owner"),
    ),
    "payments.read_payment": case("payments.open_checkout", pay, payment_id=PENDING),
    "payments.reconcile": case(
        "payments.open_checkout",
        pay,
        "UPDATE payment SET created_at = datetime('now', '-1 hour') WHERE status = 'pending'",
    ),
    "payments.refresh_account": case("payments.begin_onboarding", grow_ready),
    "payments.refund_typed": case(payment_id=PAID, amount="5.00"),
    "payments.release": case("payments.create_payment", long_ago("payment", "expires_at"), payment_id=PENDING),
    "presence.forget_stale": case("presence.saw_people", long_ago("presence", "last_seen_at")),
    "presence.left": case("presence.saw_people"),
    "records.add_samples": case("records.remove_all_records"),
    "records.forget_removed": case(
        "records.remove_record",
        long_ago("workspace_record", "removed_at", "removed_at > ''"),
        removal_id=value("SELECT removal_id FROM workspace_record WHERE removal_id > ''"),
    ),
    "records.restore_records": case(
        "records.remove_record", removal_id=value("SELECT removal_id FROM workspace_record WHERE removal_id > ''")
    ),
    "records.unarchive_record": case("records.archive_record"),
}

FURNISHED = case(
    "accounts.keep_passkey",
    "UPDATE passkey SET credential_id = 'another'",
    "accounts.tell_wrong_password",
    "events.message_line",
    f"UPDATE event_place SET user_id = :member WHERE id = ({FIRST_WAITING})",
    f"UPDATE event_place SET user_id = :owner WHERE id = ({FIRST_WAITING} AND user_id != :member)",
    "files.bin_files",
    "mail.deliver",
    "newsletter.subscribe",
    "UPDATE newsletter_subscriber SET email = 'another@post.example'",
    "DELETE FROM one_time_token",
    "notifications.add_device",
    "organizations.keep_import",
    "UPDATE payment SET payer_id = :owner WHERE id = (SELECT id FROM payment WHERE status = 'refunded')",
    "presence.saw_people",
    "records.archive_record",
)
"""What has happened in the demo's world before all tests, so that more queries have something to show."""

CAPABILITY = "members.manage"

LOOKS: dict[str, tuple[Case, ...]] = {
    "accounts.get_step_up_options": (case(action=ACTION),),
    "approvals.list_requests": (case(), case(show="decided")),
    "events.list_events": (case(), case(shown="past")),
    "notifications.list_inbox": (case(), case(view="archived")),
    "organizations.explain_policy": (case(policy="announcements.withdraw", thing_id=row("announcement")),),
    "organizations.explain_right": (
        case(capability=CAPABILITY),
        case(capability=CAPABILITY, email="elif@fernhill.example"),
    ),
    "newsletter.get_subscription": (case(who=subscriber),),
    "organizations.get_join_page": (case(slug="fernhill-tool-library"),),
    "organizations.list_members": (case(), case(role="member")),
    "organizations.list_requests": (case(), case(decided=True)),
    "payments.list_payments": (case(), case(shown="refunded")),
    "presence.list_here": (case(path="/dashboard"),),
    "presence.list_looking": (case(page="/dashboard"),),
    "records.list_records": (case(), case(archived=True)),
}
"""With which arguments queries are watched that show nothing with any, or something else with others."""


@asynccontextmanager
async def playing_stripe(world: World) -> AsyncGenerator[None]:
    """Payments are offered for the block, by something that plays Stripe and tells nobody by itself."""
    async with fake_stripe() as world.stripe:
        use_fake(Fake(world.stripe.url, world.stripe.key, world.stripe.secret))
        yield
        use_fake(None)
