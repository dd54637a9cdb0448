"""What somebody tells the whole organization."""
