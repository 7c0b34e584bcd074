#include "fovea/train/page_style.h"

namespace fovea::train {

std::string_view page_style() {
  return R"css(
:root { color-scheme: light dark; --paper: #ffffff; --ground: #f3f5f8; --text: #1f2328;
  --muted: #59636e; --line: #d1d9e0; --blue: #0072b2; --orange: #c04f00; --code: #eef1f5 }
@media (prefers-color-scheme: dark) { :root { --paper: #0d1117; --ground: #05070b;
  --text: #e6edf3; --muted: #9aa4af; --line: #30363d; --blue: #56b4e9; --orange: #f0883e;
  --code: #1a2029 } }
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100% }
body { margin: 0; padding: 0 1rem 3rem; background: var(--ground); color: var(--text);
  font: 1rem/1.55 system-ui, "Segoe UI", Helvetica, Arial, "Apple SD Gothic Neo", "Noto Sans KR",
  NanumGothic, sans-serif; word-break: keep-all; overflow-wrap: anywhere }
header, main, footer { max-width: 62rem; margin: 0 auto }
.choice { position: absolute; opacity: 0; pointer-events: none }
.languages { display: flex; justify-content: flex-end; gap: .25rem; padding: .75rem 0 0;
  max-width: 62rem; margin: 0 auto; font-size: .875rem }
.languages label { padding: .25rem .75rem; border-radius: 999px; color: var(--muted);
  cursor: pointer }
#en:checked ~ .languages [for=en], #ko:checked ~ .languages [for=ko] { background: var(--paper);
  color: var(--text); box-shadow: 0 0 0 1px var(--line) }
#en:focus-visible ~ .languages [for=en], #ko:focus-visible ~ .languages [for=ko] {
  outline: 2px solid var(--blue) }
#en:checked ~ * .ko, #ko:checked ~ * .en { display: none }
h1 { margin: .25rem 0; font-size: clamp(1.6rem, 5vw, 2.4rem); line-height: 1.15;
  letter-spacing: -.02em }
h1 small { color: var(--muted); font-size: .6em; font-weight: 400; letter-spacing: 0 }
h2 { margin: 0 0 .25rem; font-size: 1.2rem; letter-spacing: -.01em }
p { margin: 0 0 .75rem }
.note { color: var(--muted); font-size: .925rem; max-width: 46rem }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .9em }
.state { display: inline-block; margin: .25rem 0 .5rem; padding: .15rem .75rem; border-radius:
  999px; font-size: .875rem; color: var(--orange); box-shadow: 0 0 0 1px currentColor }
section { margin: 1.25rem 0 0; padding: clamp(1rem, 3vw, 1.75rem); background: var(--paper);
  border: 1px solid var(--line); border-radius: 14px }
.first { display: flex; flex-wrap: wrap; align-items: center; gap: 1.25rem 2.5rem }
.ring { position: relative; flex: none; width: 10.5rem; height: 10.5rem; margin: 0 auto }
.ring svg { display: block; width: 100%; height: 100% }
.ring .all { stroke: var(--line) }
.ring .right { stroke: var(--blue) }
.ring .chance { stroke: var(--orange) }
.ring div { position: absolute; inset: 0; display: flex; flex-direction: column;
  align-items: center; justify-content: center; line-height: 1.2; text-align: center }
.ring b { font-size: 1.5rem; letter-spacing: -.03em; font-variant-numeric: tabular-nums }
.ring div > span { color: var(--muted); font-size: .85rem }
.told { flex: 1 1 16rem }
.numbers { display: grid; grid-template-columns: repeat(2, 1fr); gap: .75rem; margin: 0 }
@media (min-width: 40rem) { .numbers { grid-template-columns: repeat(3, 1fr) } }
.numbers div { padding: .5rem .75rem; border-left: 3px solid var(--line) }
.numbers dt { color: var(--muted); font-size: .8rem }
.numbers dd { margin: 0; font-size: 1.15rem; font-weight: 600; font-variant-numeric: tabular-nums }
.warning { margin: .75rem 0 0; padding: .5rem .75rem; border-left: 3px solid var(--orange);
  background: var(--code); border-radius: 0 8px 8px 0; font-size: .925rem }
.curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
  gap: 1rem }
.curves svg, .matrix svg { display: block; width: 100%; height: auto }
.matrix { overflow-x: auto }
.matrix svg { min-width: 34rem; max-width: 52rem; margin: 0 auto }
.confused { margin: .5rem 0 1rem; padding: 0; list-style: none; display: flex; flex-wrap: wrap;
  gap: .5rem }
.confused li { padding: .2rem .7rem; border-radius: 999px; background: var(--code);
  font-size: .9rem }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(6rem, 1fr));
  gap: 1rem .75rem; margin: 1rem 0 0 }
figure { margin: 0 }
figure img, .filters img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain;
  border-radius: 6px; box-shadow: 0 0 0 1px var(--line) }
.small { image-rendering: pixelated }
figcaption { margin-top: .35rem; font-size: .85rem; line-height: 1.35 }
figcaption b { display: block; color: var(--orange) }
figcaption b span { color: inherit; white-space: nowrap }
figcaption span { color: var(--muted) }
.filters { display: grid; grid-template-columns: repeat(auto-fill, minmax(3.2rem, 1fr)); gap: .4rem;
  margin-top: 1rem }
.filters img { border-radius: 4px }
.scale { display: inline-block; width: 6rem; height: .7em; border-radius: 999px;
  background: linear-gradient(90deg, rgb(0 95 170), #fff, rgb(200 75 0));
  box-shadow: 0 0 0 1px var(--line) }
table { width: 100%; border-collapse: collapse; font-size: .925rem }
td { padding: .35rem .5rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
td:first-child { width: 12rem; color: var(--muted) }
pre { margin: .35rem 0 0; padding: .75rem 1rem; overflow-x: auto; background: var(--code);
  border-radius: 8px; line-height: 1.5 }
pre.command { white-space: pre-wrap; overflow-wrap: anywhere }
.steps { margin: .75rem 0 0; padding: 0; list-style: none; display: grid; gap: 1rem }
details { margin-top: 1rem }
summary { cursor: pointer; color: var(--blue) }
footer { margin-top: 1.5rem; color: var(--muted); font-size: .875rem }
a { color: var(--blue) }
@media (max-width: 30rem) { body { padding: 0 .6rem 2rem } td:first-child { width: 8.5rem }
  section { padding: .9rem .8rem; border-radius: 10px } }
@media print { body { background: none } section { break-inside: avoid }
  .languages { display: none } }
)css";
}

}  // namespace fovea::train
