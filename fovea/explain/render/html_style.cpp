#include "fovea/explain/render/html_style.h"

namespace fovea::explain {

std::string_view html_style() {
  return R"css(
:root { color-scheme: light dark; --paper: #ffffff; --ground: #f3f5f8; --text: #1f2328;
  --muted: #59636e; --line: #d1d9e0; --blue: #0072b2; --code: #eef1f5 }
@media (prefers-color-scheme: dark) { :root { --paper: #0d1117; --ground: #05070b;
  --text: #e6edf3; --muted: #9aa4af; --line: #30363d; --blue: #56b4e9; --code: #1a2029 } }
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100% }
body { margin: 0; padding: 1rem 1rem 3rem; background: var(--ground); color: var(--text);
  font: 1rem/1.55 system-ui, "Segoe UI", Helvetica, Arial, "Apple SD Gothic Neo", "Noto Sans KR",
  NanumGothic, sans-serif; word-break: keep-all; overflow-wrap: anywhere }
main { max-width: 70rem; margin: 0 auto }
h1 { margin: .5rem 0 1rem; font-size: clamp(1.5rem, 5vw, 2.2rem); line-height: 1.2;
  letter-spacing: -.02em }
h2 { margin: 0 0 .75rem; font-size: 1.25rem; letter-spacing: -.01em }
h3 { margin: 1.5rem 0 .5rem; font-size: 1.05rem }
p { margin: 0 0 .75rem; max-width: 46rem }
section { margin: 1.25rem 0 0; padding: clamp(1rem, 3vw, 1.75rem); background: var(--paper);
  border: 1px solid var(--line); border-radius: 14px }
.picture { padding: 0; overflow: hidden }
.picture svg { display: block; width: 100%; height: auto; border-radius: 13px }
.hint { margin: .5rem 0 0; color: var(--muted); font-size: .875rem }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .9em }
code { overflow-wrap: anywhere }
pre { margin: 0 0 .75rem; padding: .6rem 1rem; overflow-x: auto; background: var(--code);
  border-radius: 8px; line-height: 1.5 }
.table { overflow-x: auto; margin: 0 0 .75rem }
table { border-collapse: collapse; font-size: .925rem; font-variant-numeric: tabular-nums }
caption { padding: 0 0 .35rem; text-align: left; color: var(--muted) }
th, td { padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top }
th { color: var(--muted); font-weight: 600 }
.number { text-align: right }
.grids { display: flex; flex-wrap: wrap; align-items: start; gap: .75rem 2rem; overflow-x: auto }
.grids td { padding: .1rem .45rem; border: 1px solid var(--line); text-align: right }
details { margin: 0 0 .75rem }
summary { padding: .35rem 0; cursor: pointer; color: var(--blue) }
details ol { margin: .25rem 0 0; padding-left: 2.25rem; display: grid; gap: .6rem }
details code { display: block }
.note { color: var(--muted) }
@media (max-width: 30rem) { body { padding: .5rem .5rem 2rem } section { border-radius: 10px } }
@media print { body { background: none } }
)css";
}

}  // namespace fovea::explain
