"""What organizations shows: the members."""
