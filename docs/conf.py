"""The documentation's site: `sphinx-build -W docs out/site`. tools/test builds it, and a warning fails."""

project = "Mien"
extensions = ["myst_parser"]
exclude_patterns = ["images"]
html_theme = "alabaster"
html_theme_options = {
    "description": "GPU compositing for expressive layered 2D characters",
    "page_width": "1000px",
}
# Links to headings are those that a code host makes; links out of docs/ stay as they are.
myst_heading_anchors = 3
suppress_warnings = ["myst.xref_missing", "misc.highlighting_failure"]
