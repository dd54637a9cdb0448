"""What a person should know of: the bell."""
