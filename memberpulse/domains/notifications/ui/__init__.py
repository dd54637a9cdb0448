"""What notifications shows: the bell."""
