"""Roles of an organization's own: what they may do, and who holds them."""
