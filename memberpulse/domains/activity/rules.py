"""How an activity reads. No database, no clock."""

_TEXTS = {
    ("approval", "requested"): "asked for",
    ("member", "changed_role"): "made",
    ("member", "joined"): "joined",
    ("member", "left"): "left the organization",
    ("member", "restored"): "took back the removal of",
    ("organization", "asked_deletion"): "asked to delete",
    ("organization", "cancelled_deletion"): "cancelled the deletion of",
    ("organization", "renamed"): "renamed the organization to",
}


def text_of(entity_type: str, action: str) -> str:
    """The words between who and what: "posted", "asked for"."""
    return _TEXTS.get((entity_type, action)) or action.replace("_", " ")
