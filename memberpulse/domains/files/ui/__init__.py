"""What the file library shows."""
