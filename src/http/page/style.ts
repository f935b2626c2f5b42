/** The style of the page: system fonts and colours, so that it is light or dark as the reader has it. */
export const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, CanvasText 25%, Canvas); --act: light-dark(#0b57b0, #8ab8f5); --bad: light-dark(#a11212, #ff9c94); --soft: light-dark(#555, #b5b5b5) }
* { box-sizing: border-box }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText }
main { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }
h1 { font-size: 1.5rem; margin: 0 0 1rem }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .25rem }
p { margin: 0 0 .75rem }
label { display: block; font-weight: 600 }
select, input, textarea { width: 100%; font: inherit; padding: .5rem; border: 1px solid var(--line); border-radius: .25rem; background: Field; color: FieldText }
textarea { resize: vertical }
button { font: inherit; padding: .5rem 1rem; border: 1px solid var(--act); border-radius: .25rem; background: var(--act); color: Canvas; cursor: pointer }
#copy { background: Canvas; color: var(--act) }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px }
.row { display: flex; flex-wrap: wrap; gap: 1rem }
.row p { flex: 1 1 14rem }
.row .narrow { flex: 0 1 9rem }
.hint { color: var(--soft); margin-top: -.5rem }
[hidden] { display: none }
#status.bad { color: var(--bad) }
ol { list-style: none; margin: 0; padding: 0 }
li { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; margin-bottom: .5rem }
li span { overflow-wrap: anywhere }
li progress { grid-column: 1 / -1; width: 100%; height: .6rem; appearance: none; border: 1px solid var(--line); border-radius: .3rem; overflow: hidden; background: Canvas }
progress::-webkit-progress-bar { background: Canvas }
progress::-webkit-progress-value { background: var(--act) }
progress::-moz-progress-bar { background: var(--act) }
#context { padding: .75rem; border: 1px solid var(--line); border-radius: .25rem; white-space: pre-wrap; overflow-wrap: anywhere }
mark { background: light-dark(#ffe58a, #6b5600); color: CanvasText }
pre { overflow: auto; margin: 0 0 .75rem; padding: .75rem; border: 1px solid var(--line); border-radius: .25rem; white-space: pre-wrap; overflow-wrap: anywhere }
@media (forced-colors: active) { progress { appearance: auto } }
`;
