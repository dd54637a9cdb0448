"""Stronger proofs of who somebody is: authenticator app, recovery codes, passkeys, codes by mail, other providers."""
