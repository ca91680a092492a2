"""Settings of the documentation build (`make docs`)."""

from importlib import metadata

project = "leadlag"
author = "the leadlag developers"
copyright = f"2026, {author}"
version = release = metadata.version("leadlag")

extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc"]
exclude_patterns = ["_build", "generated"]
myst_heading_anchors = 3

numpydoc_show_class_members = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"

html_theme = "pydata_sphinx_theme"
html_theme_options = {"show_prev_next": False, "navigation_with_keys": False}
html_show_sourcelink = False
