"""Versions of a metric: retention by window, early behaviours, and what they are worth early."""
