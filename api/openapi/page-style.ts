// How the reference page looks, and the little it does: copying commands, which it has name the host it came from.
import { shownOrigin } from './curl.ts';

export const style = `
:root{color-scheme:light dark;--paper:light-dark(#fff,#14171c);--ink:light-dark(#1d232b,#dfe4ea);--quiet:light-dark(#5b6673,#97a3b0);--line:light-dark(#e1e6eb,#2b3139);--soft:light-dark(#f5f7fa,#1b2027);--link:light-dark(#0b5cad,#7fb7f5);--get:light-dark(#18713c,#5fce8c);--post:light-dark(#0b5cad,#7fb7f5);--put:light-dark(#8a5300,#e5b567);--delete:light-dark(#b3261e,#f28b82)}
*{box-sizing:border-box}html{scroll-padding-top:1rem}
body{margin:0;font:16px/1.55 system-ui,sans-serif;background:var(--paper);color:var(--ink)}
a{color:var(--link);text-decoration:none}a:hover,a:focus-visible{text-decoration:underline}
nav{padding:1.25rem 1rem;border-bottom:1px solid var(--line);font-size:.875rem;background:var(--soft)}
nav .name{font-weight:700;font-size:1.125rem;color:var(--ink)}
nav h2{font-size:.75rem;letter-spacing:.06em;text-transform:uppercase;margin:1.1rem 0 .25rem}nav h2 a{color:var(--quiet)}
nav ul{list-style:none;margin:0;padding:0}nav li a{display:grid;grid-template-columns:3.4rem 1fr;color:inherit;padding:.15rem .4rem;margin:0 -.4rem;border-radius:4px}nav li a:hover{background:var(--line);text-decoration:none}
b.get,b.post,b.put,b.delete{text-transform:uppercase;font:700 .7rem/1.9 ui-monospace,monospace;letter-spacing:.03em}
.get{color:var(--get)}.post{color:var(--post)}.put{color:var(--put)}.delete{color:var(--delete)}
main{padding:1.5rem 1.25rem 6rem;max-width:84rem;min-width:0}
h1{font-size:2rem;margin:.25rem 0 1rem}h1 small{color:var(--quiet);font-weight:400;font-size:1rem}
header,h2+p{max-width:46rem}main h2{font-size:1.5rem;margin:3.5rem 0 .25rem}main>h2:not(#problems,#headers,#schemas){text-transform:capitalize}
h3{font-size:1.125rem;margin:0;overflow-wrap:anywhere}h3 a{color:inherit}h4{margin:1.5rem 0 .35rem;font-size:.75rem;letter-spacing:.06em;text-transform:uppercase;color:var(--quiet)}
section{border-top:1px solid var(--line);padding:1.75rem 0;margin-top:1.25rem}section:target h3,tr:target code{background:light-dark(#fff3c4,#4d4217)}
.operation>div,aside{min-width:0}.path{margin:.15rem 0 .75rem}.path b{font-size:.8125rem}.path code{background:none;padding:0;font-size:.9375rem}
code,pre{font:.8125em/1.5 ui-monospace,monospace}code{background:var(--soft);padding:.1em .3em;border-radius:4px;overflow-wrap:anywhere}a code{color:inherit}
.code{position:relative;margin:.5rem 0}pre{margin:0;background:var(--soft);border:1px solid var(--line);border-radius:8px;padding:.8rem 1rem;max-height:24rem;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere}@media(scripting:none){pre{user-select:all}}
.code:has(button) pre{padding-right:4.5rem}
.code button{position:absolute;top:.4rem;right:.4rem;font:.75rem system-ui,sans-serif;color:var(--quiet);background:var(--paper);border:1px solid var(--line);border-radius:5px;padding:.2rem .5rem;cursor:pointer}
details{margin:.35rem 0}summary{cursor:pointer;font-size:.875rem;color:var(--quiet)}summary code{background:none}
table{border-collapse:collapse;width:100%;font-size:.9375rem}td,th{text-align:left;vertical-align:top;padding:.45rem 1rem .45rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}td:first-child{min-width:3.5rem}th{font-size:.8125rem;color:var(--quiet);font-weight:600}td p,dd p{margin:.15rem 0}small{color:var(--quiet)}
dl{margin:0}dt{float:left;font-weight:600;font-variant-numeric:tabular-nums}dd{margin:0 0 .6rem 3.25rem}
.problems{margin:0;font-size:.8125rem;line-height:1.7}.problems span{display:block;padding-left:3.25rem;text-indent:-3.25rem}.problems b{display:inline-block;width:3.25rem;text-indent:0}.problems a{margin-right:.6rem;overflow-wrap:anywhere}
@media(max-width:63.99rem){nav ul{display:none}nav h2{display:inline-block;margin:.5rem 1rem 0 0}nav .name{display:block}}
@media(min-width:64rem){body{display:grid;grid-template-columns:17.5rem minmax(0,1fr)}nav{position:sticky;top:0;height:100vh;overflow:auto;border-bottom:0;border-right:1px solid var(--line)}main{padding:2rem 2.5rem 8rem}}
@media(min-width:84rem){.operation{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,30rem);gap:2.5rem}aside{position:sticky;top:1rem;align-self:start;max-height:calc(100vh - 2rem);overflow:auto}}
@media print{nav,.code:has(button) pre{padding-right:4.5rem}
.code button{display:none}pre{max-height:none}}
`;

export const script = `
for (const block of document.querySelectorAll('.code')) {
  const text = block.firstChild;
  if (location.protocol !== 'file:') text.textContent = text.textContent.replaceAll(${JSON.stringify(shownOrigin)}, location.origin);
  if (!navigator.clipboard) continue;
  const button = document.createElement('button');
  button.textContent = 'copy';
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = 'copied';
    setTimeout(() => { button.textContent = 'copy'; }, 2000);
  });
  block.append(button);
}
`;
