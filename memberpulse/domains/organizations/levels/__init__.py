"""Levels of membership: what they are called, how long they last, and when they are renewed."""
