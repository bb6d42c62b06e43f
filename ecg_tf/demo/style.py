"""Style of the page, in light and dark."""

CSS = """
.gradio-container .ecg-banner { position: fixed; inset: 0 0 auto; z-index: 20; margin: 0;
  padding: .4rem 1rem; background: #7a1f1a; color: #fff; font-weight: 600; text-align: center; }
.gradio-container { --ecg-found: #b3261e; --ecg-other: #6b7f95; }
.dark .gradio-container, .gradio-container.dark { --ecg-found: #ff8a80; --ecg-other: #8fa3b8; }
.gradio-container h2 { font-size: 1.35rem; margin: .2rem 0; }
.gradio-container h3 { font-size: 1.05rem; margin: .8rem 0 .3rem; }
.gradio-container .or { color: inherit; }
.ecg-quiet { color: var(--body-text-color); font-size: .875rem; }
.ecg-error { border-left: 4px solid var(--ecg-found); padding: .5rem .8rem; font-size: 1rem;
  background: var(--background-fill-secondary); overflow-wrap: anywhere; }
.gradio-container :is(.ecg-classes, .ecg-windows) { width: 100%; border: 0 !important;
  border-collapse: collapse; font-variant-numeric: tabular-nums; }
.gradio-container :is(.ecg-classes, .ecg-windows) :is(tr, th, td) { border: 0; text-align: left;
  padding: .3rem .6rem .3rem 0; }
.ecg-classes :is(td, th):nth-child(2) { width: 65%; }
.ecg-classes small { display: block; font-weight: 400; }
.ecg-classes thead th { font-weight: 400; font-size: .875rem; }
.ecg-found th, .ecg-found td { color: var(--ecg-found); font-weight: 600; }
.ecg-track { display: block; position: relative; height: .8rem; margin: .35rem 0;
  border-radius: 3px; background: var(--border-color-primary); }
.ecg-track i { position: absolute; inset: 0 auto 0 0; border-radius: 3px;
  background: var(--ecg-other); }
.ecg-found .ecg-track i { background: var(--ecg-found); }
.ecg-track b { position: absolute; top: -.2rem; bottom: -.2rem; width: 3px; margin-left: -1px;
  background: var(--body-text-color); }
.ecg-wide { overflow: auto; }
.ecg-wide img { display: block; width: 100%; min-width: 720px; max-width: 1100px; }
.ecg-images .ecg-wide img { min-width: 300px; max-width: 760px; }
.ecg-wide:has(.ecg-windows) { max-height: 18rem; }
.ecg-windows strong { color: var(--ecg-found); }
"""
