"""Who is here, on which page, and how many usually are."""
