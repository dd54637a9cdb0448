"""What happened in an organization, as people read it."""
