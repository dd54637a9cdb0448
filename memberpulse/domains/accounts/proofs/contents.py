"""The part of accounts' table of contents that is about proofs."""

from memberpulse.domains.accounts import step_up
from memberpulse.domains.accounts.oidc import http as oidc
from memberpulse.domains.accounts.oidc import linking
from memberpulse.domains.accounts.proofs import (
    actions,
    authenticators,
    http,
    jobs,
    mutations,
    passkeys,
    queries,
    recovery,
    second_step,
)
from memberpulse.engine import Cron

FUNCTIONS = [
    step_up.check_proof,
    queries.get_step_up_options,
    queries.find_person_to_prove,
    mutations.send_step_up_code,
    mutations.count_step_up_try,
    mutations.refuse_proof,
    mutations.grant_proof,
    mutations.try_code,
    mutations.use_totp,
    mutations.use_recovery_code,
    actions.prove_by_password,
    actions.prove_by_code,
    authenticators.get_my_authenticator,
    authenticators.begin_totp,
    authenticators.confirm_totp,
    authenticators.cancel_totp,
    authenticators.disable_totp,
    recovery.get_my_recovery_codes,
    recovery.make_recovery_codes,
    recovery.put_away_recovery_codes,
    passkeys.list_my_passkeys,
    passkeys.prepare_passkey,
    passkeys.rename_passkey,
    passkeys.remove_passkey,
    passkeys.ask_for_passkey,
    passkeys.begin_challenge,
    passkeys.spend_challenge,
    passkeys.find_passkey,
    passkeys.list_passkey_ids,
    passkeys.keep_passkey,
    passkeys.note_passkey_used,
    second_step.list_second_factors,
    second_step.hold_sign_in,
    second_step.find_waiting_sign_in,
    second_step.count_second_step_try,
    second_step.refuse_second_step,
    second_step.pass_second_step,
    second_step.pass_second_step_by_passkey,
    linking.list_providers,
    linking.list_my_providers,
    linking.prepare_link,
    linking.unlink_provider,
    linking.begin_trip,
    linking.end_trip,
    linking.find_or_link_person,
    linking.link_person,
    jobs.prune_proofs,
]
CRONS = [Cron(job=jobs.prune_proofs, crontab="20 * * * *")]
ROUTES = [*http.ROUTES, *oidc.ROUTES]
