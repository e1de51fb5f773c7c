/** The look of the page of a report: nothing is fetched, and paper gets black on white. */
export const reportStyle = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --soft: #5a636e; --line: #d5dae0; --band: #f4f6f8;
  --good: #1a7f37; --bad: #b42318; --doubt: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --paper: #14171b; --soft: #9aa4b0; --line: #343b44;
  --band: #1d2228; --good: #5bc77a; --bad: #ff8a7a; --doubt: #e3b65a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, "Segoe UI", "Liberation Sans", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .75rem; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .6rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.25rem 0 .4rem; }
p, ul, ol { margin: .4rem 0; }
ul, ol { padding-left: 1.4rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .4rem 0; }
dt, .soft { color: var(--soft); }
dd { margin: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line);
  overflow-wrap: break-word; }
thead th { background: var(--band); font-weight: 600; white-space: nowrap; }
th.count, td.count { text-align: right; white-space: nowrap; }
tfoot td { font-weight: 600; border-bottom: 0; }
code { font: .88em/1.4 ui-monospace, "Liberation Mono", monospace; }
.good { color: var(--good); } .bad { color: var(--bad); } .doubt { color: var(--doubt); }
.short { background: var(--band); border-left: 4px solid var(--line); padding: .6rem 1rem; }
.entry { font-size: .92rem; }
.lines { white-space: pre-wrap; margin: .1rem 0 .3rem 1.2rem; color: var(--soft); font-size: .88rem; }
@media print { :root { color-scheme: light; --ink: #000; --paper: #fff; --soft: #444; --line: #999; --band: #eee;
  --good: #000; --bad: #000; --doubt: #000; }
  body { max-width: none; padding: 0; font-size: 10pt; } h2, h3 { break-after: avoid; }
  tr, .entry, .file { break-inside: avoid; } .wide { overflow: visible; } }
`
