"""The line of an event: how one comes into it, is called and served, and what one sees of it meanwhile."""
