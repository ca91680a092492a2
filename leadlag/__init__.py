"""Find which product metrics move before a business outcome."""
