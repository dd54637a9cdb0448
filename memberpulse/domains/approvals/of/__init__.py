"""The kinds of what stands below approvals, and of approvals themselves. Higher domains register theirs at home."""
