"""The table of contents of approvals."""

from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.approvals import facts, mutations, personal, queries
from memberpulse.domains.approvals.listening import follow_join_request
from memberpulse.domains.audit import words
from memberpulse.domains.organizations.requests.facts import JoinRequestAct
from memberpulse.engine import Domain, on

words.register_kind("approval", "Approvals")
words.register(facts.ApprovalRequested, "asked for {target}")
words.register(facts.ApprovalGiven, "approved {target}")
words.register(facts.ApprovalRefused, "rejected {target}")

DOMAIN = Domain(
    name="approvals",
    functions=[
        queries.count_pending,
        mutations.request_approval,
        mutations.decide_request,
        mutations.forget_decided,
    ],
    listeners=[on(AccountErased, personal.forget_names), on(JoinRequestAct, follow_join_request)],
)
