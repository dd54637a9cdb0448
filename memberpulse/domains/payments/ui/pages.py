"""The pages of payments; importing this registers them."""

from memberpulse.domains.payments.ui import detail, receipts, register, settings

__all__ = ["detail", "receipts", "register", "settings"]
