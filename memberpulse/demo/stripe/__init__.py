"""A local fake that plays Stripe where the demo has no keys: a real HTTP server with its own pages. It moves no money.

It knows nothing of this project: its library, its ids and its events are Stripe's, as far as payments here need them.
"""
