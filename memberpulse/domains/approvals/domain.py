"""The table of contents of approvals."""

from memberpulse.domains.approvals import mutations, queries
from memberpulse.engine import Domain

DOMAIN = Domain(
    name="approvals",
    functions=[
        queries.count_pending,
        mutations.request_approval,
        mutations.decide_request,
        mutations.forget_decided,
    ],
)
