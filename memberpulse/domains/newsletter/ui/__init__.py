"""Screens of the newsletter."""
