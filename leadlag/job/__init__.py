"""The batch job: a validated configuration, data from where they are, a history, a report."""
