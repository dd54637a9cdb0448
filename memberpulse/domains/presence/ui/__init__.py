"""What presence shows: who is here, and how many were."""
