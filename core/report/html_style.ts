/** The report's style sheet: a paper's page, light or dark, on a screen, a phone or in print. */
export const HTML_STYLE = `
:root {
  color-scheme: light dark;
  --ink: #222; --faint: #666; --rule: #d8d8d4; --strong: #222; --page: #fdfdfb;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #ddd; --faint: #9a9a9a; --rule: #36393f; --strong: #aaa; --page: #16181c; }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 4rem 1.25rem 6rem; max-width: 58rem;
  background: var(--page); color: var(--ink);
  font: 1.0625rem/1.6 Charter, "Iowan Old Style", "Palatino Linotype", Georgia, serif;
  text-rendering: optimizeLegibility; overflow-wrap: break-word;
}
h1 { font-size: 2.1rem; line-height: 1.2; font-weight: 600; margin: 0 0 .25rem; text-wrap: balance; }
h2 { font-size: 1.3rem; line-height: 1.3; font-weight: 600; margin: 3.25rem 0 .75rem; break-after: avoid; }
p, ul, dl { margin: 0 0 1rem; max-width: 44rem; }
figcaption, .answer { max-width: 44rem; }
.byline, figcaption, caption, .note { color: var(--faint); font-size: .92rem; line-height: 1.5; }
.answer { font-size: 1.3rem; line-height: 1.5; margin: 2rem 0; text-wrap: pretty; }
.table { overflow-x: auto; margin: 1.25rem 0; }
table {
  border-collapse: collapse; width: 100%; white-space: nowrap;
  font: .86rem/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums lining-nums;
  border-block: 1.5px solid var(--strong);
}
caption { caption-side: bottom; text-align: left; white-space: normal; padding-top: .6rem;
  font-family: Charter, "Iowan Old Style", "Palatino Linotype", Georgia, serif; }
th { font-weight: 600; vertical-align: bottom; border-bottom: 1px solid var(--strong); }
th, td { padding: .25rem .55rem; text-align: right; }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
th.text, td.text { text-align: left; }
td.prose { white-space: normal; min-width: 16rem; }
tbody tr + tr td { border-top: 1px solid var(--rule); }
td small { color: var(--faint); font-size: .9em; font-weight: 400; margin-left: .5em; }
caption span { display: block; position: sticky; left: 0; max-width: min(48rem, 100vw - 2.5rem); }
.whole { white-space: nowrap; }
tr.chosen td { font-weight: 600; }
figure { margin: 2rem 0 2.5rem; break-inside: avoid; }
figure svg { display: block; width: 100%; height: auto; }
figure .retort-chart { background: none; color: inherit; }
figcaption { margin-top: .6rem; }
#confusion-matrix { max-width: 36rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.5rem; font-size: .95rem; }
dt { color: var(--faint); }
dd { margin: 0; }
code { font: .8rem/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  body { padding-top: 2rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .5rem; }
}
@media print {
  :root { color-scheme: light; --ink: #000; --faint: #444; --rule: #ccc; --strong: #000; --page: #fff; }
  body { padding: 0; max-width: none; font-size: 10.5pt; }
  .table { overflow: visible; }
  tr { break-inside: avoid; }
}
`;
