"""The board: a helper's whole work with one queue."""
