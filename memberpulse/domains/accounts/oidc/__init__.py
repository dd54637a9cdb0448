"""Signing in with an account elsewhere: OpenID Connect, by code with PKCE."""
