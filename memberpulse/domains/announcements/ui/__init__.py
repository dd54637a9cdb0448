"""What announcements shows: the page to read and to post them."""
