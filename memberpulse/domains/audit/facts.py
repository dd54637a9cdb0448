"""What happens to the audit log itself."""

from dataclasses import dataclass

from memberpulse.domains.organizations.facts import Act


@dataclass(frozen=True, kw_only=True)
class AuditExported(Act):
    """Somebody took a copy. filters: what it was narrowed to, empty when to nothing; entity_id is the organization.

    Of a search only that there was one: it is mostly a name, and what stands here cannot be erased.
    """

    entity_type = "audit"
    action = "exported"
    format: str
    filters: dict[str, str]
    entries: int
