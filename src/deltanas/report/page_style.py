"""How the page of a report looks: light, for screens of any width and for paper."""

from typing import Final

CSS: Final = """
:root { color: #1f2430; background: #fff; color-scheme: light; }
body { font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; max-width: 56rem;
  margin: 2.5rem auto; padding: 0 1.1rem; }
h1 { font-size: 1.65rem; line-height: 1.25; margin: 0 0 1.4rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 0 0 .6rem; }
.kind, .label, dt { color: #57606a; font-size: .85rem; margin: 0; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(11.5rem, 1fr)); gap: .7rem;
  margin: 0 0 1.4rem; }
dl div { border: 1px solid #dfe3e8; border-radius: .5rem; padding: .55rem .8rem; }
dd { margin: 0; font-size: 1.22rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.best { margin: .2rem 0 0; }
code { font: .92rem/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  background: #f3f5f7; border-radius: .3rem; padding: .25rem .45rem; overflow-wrap: anywhere;
  box-decoration-break: clone; -webkit-box-decoration-break: clone; }
figure, section, footer { margin: 2.6rem 0 0; break-inside: avoid; }
.scroll { overflow-x: auto; }
svg { display: block; width: 100%; max-width: 54rem; min-width: 30rem; height: auto; }
svg.narrow { max-width: 38rem; }
figcaption { color: #57606a; font-size: .9rem; margin-top: .5rem; }
table { border-collapse: collapse; font-size: .9rem; }
th { text-align: left; font-weight: 600; white-space: nowrap; }
th, td { padding: .3rem .9rem .3rem 0; vertical-align: top; }
td { font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
footer td { overflow-wrap: anywhere; }
.warning { color: #b42318; font-weight: 600; }
.rows { width: 100%; }
.rows tr { border-bottom: 1px solid #e6e8ec; }
footer { border-top: 1px solid #dfe3e8; padding-top: 1.2rem; color: #57606a; }
@media print { body { margin: 0; max-width: none; font-size: 11pt; } svg { min-width: 0; } }
"""
"""All rules; no fonts or pictures from elsewhere."""
