"""The newsletter of the landing page: nobody is on it who did not confirm, and one click ends it."""
