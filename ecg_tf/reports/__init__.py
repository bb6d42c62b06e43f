"""Reports of evaluations: text, JSON, Markdown and HTML."""
