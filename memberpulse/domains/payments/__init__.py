"""Money by Stripe Connect: accounts, payments, refunds, webhooks. It knows no events."""
