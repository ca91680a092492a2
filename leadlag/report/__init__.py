"""The report: a plain dict of everything on the page, and the page, made of that dict alone."""
