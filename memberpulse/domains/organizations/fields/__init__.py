"""What an organization keeps about its members: fields of its own, and what they hold."""
