#include "apps/base/machine.h"

#include <cstdio>  // jpeglib.h needs it

#include <curl/curl.h>
#include <fmt/format.h>
#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

#include "apps/base/exit_code.h"
#include "fovea/core/parallel.h"
#include "fovea/kernels/backend.h"

namespace fovea::cli {

std::string instruction_set() {
  for (const auto& [name, value] : kernels::backend_of(cpu).facts())
    if (name == "instructions") return value;
  return "";
}

std::vector<std::pair<std::string, std::string>> library_versions() {
  const unsigned png = png_access_version_number();
  kernels::Facts versions = kernels::backend_of(cpu).facts();
  std::erase_if(versions, [](const auto& fact) { return fact.first == "instructions"; });
  versions.emplace_back("zlib", zlibVersion());
  versions.emplace_back("libpng", fmt::format("{}.{}.{}", png / 10000, png / 100 % 100, png % 100));
  // libjpeg says at run time only whether it is the one that was built against.
  versions.emplace_back("libjpeg API", fmt::format("{}", JPEG_LIB_VERSION));
  versions.emplace_back("libcurl", curl_version_info(CURLVERSION_NOW)->version);
  return versions;
}

void add_threads_flag(Command& command, std::int64_t& threads) {
  command
      .add("--threads", "N", threads, "threads (default all processors that this process may use)")
      .shown_default("");
}

void use_threads(std::int64_t threads) {
  if (threads < 0 || threads > 1024) {
    throw UsageError(fmt::format("--threads expected from 0 to 1024, got {}", threads));
  }
  if (threads > 0) set_num_threads(static_cast<int>(threads));
}

}  // namespace fovea::cli
