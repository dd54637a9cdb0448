"""Screens of mail."""
