"""Where programs of others are started: WireViz, Graphviz, and what turns SVG into PNG."""
