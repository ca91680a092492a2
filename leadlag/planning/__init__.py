"""From a goal back to what it takes: plans, moves of a metric, funnels, past experiments."""
