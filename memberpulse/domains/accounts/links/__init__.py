"""Signing up, and everything that is done by a link in a letter."""
