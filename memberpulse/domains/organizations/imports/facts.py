"""What happens to imports. `target` is the name of the file."""

from dataclasses import dataclass

from memberpulse.domains.organizations.facts import Act


@dataclass(frozen=True, kw_only=True)
class ImportChecked(Act):
    """A file was uploaded and looked through; nobody is invited yet."""

    entity_type = "import"
    action = "checked"
    rows: int


@dataclass(frozen=True, kw_only=True)
class ImportApplied(Act):
    """Somebody let the invitations of an import go out."""

    entity_type = "import"
    action = "applied"
    rows: int


@dataclass(frozen=True, kw_only=True)
class ImportFinished(Act):
    entity_type = "import"
    action = "finished"
    invited: int


@dataclass(frozen=True, kw_only=True)
class ImportDiscarded(Act):
    entity_type = "import"
    action = "discarded"
