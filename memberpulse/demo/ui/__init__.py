"""What the demo shows: the switch of its play."""
