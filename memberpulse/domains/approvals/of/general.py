"""What members ask for in their own words. Nothing happens by itself: the decision is what they wanted to know."""

from memberpulse.domains.approvals.kinds import Kind

GENERAL = "general"

KIND = Kind(name=GENERAL, words="General", requires="approvals.decide")
