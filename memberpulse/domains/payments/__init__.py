"""Payments by Stripe Connect: accounts of those who are paid, payments with a reservation, refunds and their ledger."""
