"""What the audit log shows: who did what, and whether it is unchanged."""
