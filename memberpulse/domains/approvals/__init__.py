"""Requests that wait for somebody's decision. For now they are only counted; the queue itself comes later."""
