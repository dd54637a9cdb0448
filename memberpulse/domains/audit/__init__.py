"""Who did what, with what before and after: chained, so that no act can be changed unseen."""
