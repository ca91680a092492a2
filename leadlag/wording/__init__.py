"""Every sentence a person reads: words and numbers, explanations, the summary, the two tables."""
