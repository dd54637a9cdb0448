"""Browser push: which browsers people added, the keys of this server, and handing messages to push services."""
