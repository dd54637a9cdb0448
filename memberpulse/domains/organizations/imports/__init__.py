"""Inviting many people from a file: a dry run that shows every row's fate, then the invitations in batches."""
