"""Asking to join an organization, and deciding about it."""
