"""What the demo may refuse."""

from memberpulse.engine.errors import NotFound


class NoDemo(NotFound):
    code = "no_demo"
    message = "Nothing is scripted in this organization."
