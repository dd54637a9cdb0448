"""What activity shows: what happened."""
