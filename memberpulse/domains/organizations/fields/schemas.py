"""What screens and doors are given of fields."""

import uuid
from dataclasses import dataclass

from memberpulse.domains.organizations.fields.models import Audience, Editor, FieldKind

__all__ = ["Audience", "Editor", "FieldKind", "FieldRow", "FilledField"]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field as it is set up. filled: how many members have a value."""

    id: uuid.UUID
    name: str
    hint: str
    kind: FieldKind
    options: list[str]
    required: bool
    seen_by: Audience
    edited_by: Editor
    archived: bool
    filled: int


@dataclass(frozen=True, slots=True)
class FilledField:
    """A field with what it holds of one member.

    value: in its own form, empty for none; words: as it is read. editable: whether the caller may change it.
    """

    id: uuid.UUID
    name: str
    hint: str
    kind: FieldKind
    options: list[str]
    required: bool
    value: str
    words: str
    editable: bool
    seen_by: Audience
