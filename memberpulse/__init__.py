"""MemberPulse: a self-hosted, real-time platform for membership organizations."""

__version__ = "0.1.0"
