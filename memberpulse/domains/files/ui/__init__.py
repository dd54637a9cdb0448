"""The screens of files."""
