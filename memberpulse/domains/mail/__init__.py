"""Letters to people: queued within the transaction that causes them, sent after it, followed until they arrive."""
