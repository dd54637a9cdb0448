"""The screens of payments."""
