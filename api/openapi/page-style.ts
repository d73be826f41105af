// How the reference page looks, and the little it does: copying commands, which it has name the host it came from.
import { shownOrigin } from './curl.ts';

export const style = `
:root{color-scheme:light dark;--line:light-dark(#d8dee4,#3b424a);--soft:light-dark(#f5f7f9,#1b2026);--link:light-dark(#0b57d0,#8ab4f8)}
body{margin:0;font:16px/1.5 system-ui,sans-serif;background:light-dark(#fff,#111418);color:light-dark(#1c2126,#e3e6ea)}
nav{padding:1rem 1.5rem;border-bottom:1px solid var(--line);font-size:.875rem}
nav h2{font-size:1rem;margin:.75rem 0 .25rem}nav ul{list-style:none;margin:0;padding:0}
main{padding:1rem 1.5rem;max-width:60rem}
a{color:var(--link)}h3{overflow-wrap:anywhere}h3 b,nav b{text-transform:uppercase;font-size:.8em}
section{border-top:1px solid var(--line);padding:.5rem 0 1rem}
code,pre{font:.875em/1.45 ui-monospace,monospace}code{background:var(--soft);padding:.1em .3em;border-radius:3px;overflow-wrap:anywhere}
.code{position:relative}.code pre{background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:.75rem 4.5rem .75rem .75rem;white-space:pre-wrap;overflow-wrap:anywhere}
.code button{position:absolute;top:.5rem;right:.5rem;font-size:.8rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line)}
dt{font-weight:600;font-variant-numeric:tabular-nums}dd{margin:0 0 .75rem 1.5rem}dd p,td p{margin:.25rem 0}
@media(min-width:70rem){body{display:grid;grid-template-columns:22rem 1fr}nav{position:sticky;top:0;height:100vh;overflow:auto;box-sizing:border-box;border-bottom:0;border-right:1px solid var(--line)}}
`;

export const script = `
for (const block of document.querySelectorAll('.code')) {
  const text = block.querySelector('pre');
  text.textContent = text.textContent.replace(${JSON.stringify(shownOrigin)}, location.origin);
  const button = block.querySelector('button');
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = 'copied';
  });
}
`;
