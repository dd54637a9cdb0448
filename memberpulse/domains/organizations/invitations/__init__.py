"""Invitations: by e-mail to one address, and by a link that can be passed on."""
