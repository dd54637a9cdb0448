"""`python -m memberpulse` is the command line."""

from memberpulse.cli import main

main()
