"""Style of reports: colours and fonts of pages and figures."""

INK, QUIET, RULE, GRID, PAPER = "#1d2733", "#5d6b7a", "#d5dbe1", "#eceff2", "#ffffff"
ACCENT, WARNING = "#1f5fa8", "#c8553d"

# Of the classes, in order; lines and markers differ for greyscale and colour-blind readers.
CLASS_LOOKS = (  # colour, marker, line
    (ACCENT, "o", "-"),
    (WARNING, "s", (0, (5, 1.5))),
    ("#2a7f62", "^", (0, (1.5, 1))),
    ("#8a5a9e", "D", (0, (6, 1.5, 1.5, 1.5))),
    ("#8c6d1f", "v", (0, (8, 1.5, 1.5, 1.5, 1.5, 1.5))),
)

FEW = len(CLASS_LOOKS)  # classes that can be told apart in one panel, and in columns of a table

WIDTH = 7.4  # inches, of the figures of a page

MATPLOTLIB = {
    "font.family": "DejaVu Sans",  # ships with matplotlib: the same on every machine
    "font.size": 8,
    "axes.titlesize": 8.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelcolor": QUIET,
    "axes.edgecolor": RULE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": RULE,
    "ytick.color": RULE,
    "xtick.labelcolor": QUIET,
    "ytick.labelcolor": QUIET,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "lines.linewidth": 1.3,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "svg.fonttype": "path",  # text as paths: no font is needed
    "svg.hashsalt": "ecg_tf",  # equal figures give equal files
}

# Figures stay on light paper in dark mode; paper in the printer is light.
CSS = f"""
:root {{ color-scheme: light dark; --ink: {INK}; --quiet: {QUIET}; --rule: {RULE};
  --paper: {PAPER}; --warning: #b5452d; }}
@media screen and (prefers-color-scheme: dark) {{
  :root {{ --ink: #e6ebf0; --quiet: #a3b0bd; --rule: #3a4653; --paper: #14191f;
    --warning: #ff9b82; }}
  figure img {{ background: {PAPER}; border-radius: 4px; padding: .5rem; }}
}}
* {{ box-sizing: border-box; }}
body {{ margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 54rem; background: var(--paper);
  color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue",
  Arial, sans-serif; }}
body.broad {{ max-width: 66rem; }}
h1 {{ font-size: 1.75rem; line-height: 1.2; margin: 0 0 .4rem; }}
h2 {{ font-size: 1.2rem; line-height: 1.3; margin: 2.75rem 0 .6rem; padding-top: .9rem;
  border-top: 1px solid var(--rule); }}
h3, h2.question {{ font-size: 1rem; margin: 1.5rem 0 .3rem; padding: 0; border: 0; }}
p {{ margin: .5rem 0; max-width: 44rem; overflow-wrap: anywhere; }}
.quiet, figcaption, .definition td {{ color: var(--quiet); font-size: .85rem; line-height: 1.45; }}
.lead {{ font-size: 1.08rem; }}
.caution {{ border-left: 3px solid var(--warning); padding: .1rem 0 .1rem .8rem; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .8rem 0; }}
.wide {{ overflow-x: auto; }}
.wide:focus-visible {{ outline: 2px solid var(--ink); outline-offset: 2px; }}
th, td {{ padding: .22rem .75rem .22rem 0; text-align: right; vertical-align: baseline; }}
th:first-child, td:first-child, .facts td {{ text-align: left; }}
th {{ font-weight: 600; }}
thead :is(th, td) {{ border-bottom: 1px solid var(--ink); }}
tbody th {{ white-space: nowrap; }}
.metrics tbody th {{ white-space: normal; overflow-wrap: anywhere; min-width: 6.5rem; }}
.facts th {{ font-weight: 400; color: var(--quiet); }}
.facts td {{ overflow-wrap: anywhere; }}
.apart {{ border-top: 1px solid var(--rule); }}
.metrics {{ width: 100%; }}
.metrics .numbers th, .metrics .numbers td {{ padding-top: .55rem; padding-bottom: 0; }}
.metrics td small {{ display: block; color: var(--quiet); font-size: .78rem; white-space: nowrap; }}
.classes th, .classes td {{ padding-right: .4rem; }}
.classes thead th {{ font-size: .75rem; }}
.classes tbody th {{ min-width: 4.5rem; font-size: .85rem; white-space: normal;
  overflow-wrap: anywhere; }}
.classes td {{ font-size: .85rem; }}
.classes td small {{ font-size: .68rem; }}
.definition td {{ padding: 0 0 .5rem; border-bottom: 1px solid var(--rule);
  text-align: left; }}
.definition p {{ margin: 0; }}
.wrong {{ color: var(--warning); font-weight: 600; }}
figure {{ margin: 1rem 0 1.25rem; break-inside: avoid; }}
figure img {{ display: block; width: 100%; height: auto; }}
figure.small img {{ width: 66%; }}
figcaption {{ margin-top: .4rem; max-width: 44rem; }}
.record {{ break-inside: avoid; }}
@media screen and (max-width: 40rem) {{
  body {{ padding: 1.25rem 1rem 3rem; }}
  th, td {{ padding-right: .5rem; }}
  table {{ font-size: .875rem; }}
  .wide :is(th, td):first-child:not([colspan]) {{ position: sticky; left: 0;
    background: var(--paper); }}
  .definition p {{ position: sticky; left: 0; max-width: calc(100vw - 2.5rem); }}
  figure.small img {{ width: 100%; }}
}}
@page {{ margin: 16mm; }}
@media print {{
  body {{ padding: 0; max-width: none; font-size: 10pt; }}
  h2, h3 {{ break-after: avoid; }}
  tr {{ break-inside: avoid; }}
  .wide {{ overflow: visible; }}
  .metrics {{ font-size: 8pt; }}
  .metrics th, .metrics td {{ padding-right: .4rem; }}
  .metrics td small, .metrics .definition td {{ font-size: 7pt; }}
  .classes thead th, .classes tbody th, .classes td {{ padding-right: .25rem; font-size: 7pt; }}
  .classes td small {{ font-size: 5.5pt; }}
}}
"""
