// Writes the bundled page as C++ that apps/serve/http/assets.h declares, each file packed with gzip.
//
//     node embed.mjs FOLDER OUTPUT.cpp
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
const [folder, output] = process.argv.slice(2);
const files = readdirSync(folder).sort();
const arrays = [], rows = [];
files.forEach((file, i) => {
  const packed = gzipSync(readFileSync(join(folder, file)), { level: 9 });
  const bytes = [...packed].map(String);
  const lines = [];
  for (let k = 0; k < bytes.length; k += 32) lines.push(bytes.slice(k, k + 32).join(','));
  arrays.push(`const unsigned char kFile${i}[] = {\n${lines.join(',\n')}};`);
  const name = file === 'index.html' ? '/' : `/${file}`;
  rows.push(`      {"${name}", {"${TYPES[extname(file)]}; charset=utf-8", text(kFile${i}), ${name !== '/'}}},`);
});
writeFileSync(output, `// The page, by web/embed.mjs.
#include "apps/serve/http/assets.h"

namespace fovea::serve {
namespace {
${arrays.join('\n')}

template <std::size_t size>
std::string_view text(const unsigned char (&bytes)[size]) {
  return {reinterpret_cast<const char*>(bytes), size};
}
}  // namespace

const Assets& page_assets() {
  static const Assets kAssets = {
${rows.join('\n')}
  };
  return kAssets;
}

}  // namespace fovea::serve
`);
