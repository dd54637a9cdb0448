"""What workspace records show."""
