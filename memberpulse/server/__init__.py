"""The ASGI side: the gate in front, the guard over Reflex events, and the server itself."""
