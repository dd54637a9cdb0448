"""Events and their live queues."""
