"""Requests that wait for somebody's decision: one inbox over all kinds. It knows no kind; kinds register themselves."""
