// Bundles the page: index.html, and a script and a style sheet whose names tell their content, into
// the folder that FOVEA_PAGE_OUT names (web/dist without it).
import { build } from 'esbuild';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = process.env.FOVEA_PAGE_OUT ?? join(here, 'dist');
await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const { metafile } = await build({
  entryPoints: { app: join(here, 'src/main.tsx') },
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  entryNames: '[name].[hash]',
  legalComments: 'none',
  outdir: out,
  metafile: true,
});
const named = (end) => basename(Object.keys(metafile.outputs).find((name) => name.endsWith(end)));
await writeFile(join(out, 'index.html'), `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fovea</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/${named('.css')}">
<body>
<noscript>This page shows a network at work and needs scripts.</noscript>
<script type="module" src="/${named('.js')}"></script>
</body>
</html>
`);
