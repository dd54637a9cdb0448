"""The table of contents of approvals."""

from memberpulse.domains.accounts.facts import AccountErased
from memberpulse.domains.approvals import asking, enclosing, facts, jobs, kinds, mutations, personal, queries
from memberpulse.domains.approvals.of import general, joining
from memberpulse.domains.audit import words
from memberpulse.domains.organizations.requests.facts import JoinRequestAct
from memberpulse.engine import Domain, on

words.register_kind("approval", "Approvals")
words.register(facts.ApprovalRequested, "asked for {target}")
words.register(facts.ApprovalGiven, "approved {target}")
words.register(facts.ApprovalRefused, "rejected {target}")
words.register(facts.ApprovalSupported, "approved {target}, {given} of {needed}")
words.register(facts.DecisionUndone, "took back what they decided about {target}", silent=True)
words.register(facts.RequestWithdrawn, "withdrew the request for {target}")
words.register_kind("approval_rule", "Approval rules")
words.register(facts.ApproversChanged, "changed how many approve requests of the kind {target}")

kinds.register(general.KIND)
kinds.register(joining.KIND)

DOMAIN = Domain(
    name="approvals",
    functions=[
        queries.count_pending,
        queries.count_waiting,
        queries.list_requests,
        queries.get_request,
        queries.list_kinds,
        queries.list_rules,
        mutations.approve_request,
        mutations.reject_request,
        mutations.decide_requests,
        mutations.undo_decisions,
        mutations.set_approvers,
        mutations.decide_request,
        mutations.import_decision,
        mutations.support_request,
        mutations.forget_decided,
        asking.request_approval,
        asking.ask_for_approval,
        asking.withdraw_request,
        enclosing.enclose_file,
        enclosing.take_file_back,
        jobs.tell_requester,
    ],
    ui="memberpulse.domains.approvals.ui.pages",
    listeners=[on(AccountErased, personal.forget_names), on(JoinRequestAct, joining.follow_join_request)],
)
