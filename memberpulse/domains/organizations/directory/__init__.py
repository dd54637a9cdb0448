"""Members who chose to be found by the others, and what they show."""
