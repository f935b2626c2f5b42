/** The style of a report: system fonts and colours, so that it is light or dark as the reader has it. */
export const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, CanvasText 25%, Canvas); --soft: light-dark(#555, #b5b5b5); --bad: light-dark(#a11212, #ff9c94); --s0: light-dark(#0b57b0, #8ab8f5); --s1: light-dark(#a04a00, #f0a868); --s2: light-dark(#1a6b35, #7fd69b); --s3: light-dark(#7a2a90, #d9a0ec) }
* { box-sizing: border-box }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }
h1 { font-size: 1.5rem; margin: 0 }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem }
p { margin: 0 0 .5rem }
.about, .note { color: var(--soft) }
.note { font-size: .9rem; margin: .25rem 0 }
.wide { overflow-x: auto; margin: 0 0 .75rem }
table { border-collapse: collapse; width: 100%; font-size: .95rem }
th, td { padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: break-word }
th { font-weight: 600 }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
td.text { white-space: pre-line }
td.bar { width: 40%; min-width: 6rem; vertical-align: middle }
svg { display: block; width: 100%; overflow: visible }
.bar svg { height: 1rem }
.bar rect { fill: var(--s0) }
.missed rect { fill: var(--bad) }
.missed .verdict { color: var(--bad); font-weight: 600 }
.bar line { stroke: CanvasText; stroke-width: 2 }
.bar .spread { stroke: var(--s1); stroke-width: 4 }
figure { margin: 0 0 1.5rem }
figcaption { font-weight: 600; margin-bottom: .25rem }
.plot { display: grid; grid-template-columns: auto 1fr; gap: .15rem .5rem; font-size: .85rem; color: var(--soft) }
.plot .y { display: flex; flex-direction: column; justify-content: space-between; text-align: right; font-variant-numeric: tabular-nums }
.plot .x { grid-column: 2; display: flex; justify-content: space-between }
.plot svg { height: 12rem; border-left: 1px solid var(--line); border-bottom: 1px solid var(--line) }
.plot path { fill: none; stroke: var(--s0); stroke-width: 2; vector-effect: non-scaling-stroke }
.plot .s1 { stroke: var(--s1); stroke-dasharray: 7 3 }
.plot .s2 { stroke: var(--s2); stroke-dasharray: 2 3 }
.plot .s3 { stroke: var(--s3); stroke-dasharray: 9 3 2 3 }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .25rem 0; padding: 0; font-size: .9rem }
.legend li { display: flex; align-items: center; gap: .4rem }
.legend svg { width: 1.75rem; height: .5rem }
.legend path { fill: none; stroke: var(--s0); stroke-width: 3 }
.legend .s1 { stroke: var(--s1); stroke-dasharray: 7 3 }
.legend .s2 { stroke: var(--s2); stroke-dasharray: 2 3 }
.legend .s3 { stroke: var(--s3); stroke-dasharray: 9 3 2 3 }
summary { cursor: pointer; color: var(--soft); font-size: .9rem }
:focus-visible { outline: 3px solid var(--s0); outline-offset: 2px }
@media print { main { max-width: none; padding: 0 } figure, tr { break-inside: avoid } h2 { break-after: avoid } .wide { overflow: visible } }
`;
