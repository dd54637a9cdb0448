"""Pages across domains."""
