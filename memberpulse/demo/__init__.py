"""The demo: people to be, and people who move about by themselves."""
