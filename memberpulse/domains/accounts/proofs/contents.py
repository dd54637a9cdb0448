"""The part of accounts' table of contents that is about proofs."""

from memberpulse.domains.accounts import step_up
from memberpulse.domains.accounts.proofs import actions, jobs, mutations, queries
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
    jobs.prune_proofs,
]
CRONS = [Cron(job=jobs.prune_proofs, crontab="20 * * * *")]
