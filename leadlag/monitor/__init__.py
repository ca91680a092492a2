"""What a ranking says about today: the outlook, what changed, what was promised, what to alert."""
