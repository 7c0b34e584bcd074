#include "apps/base/machine.h"

#include <cstdio>  // jpeglib.h needs it

#include <curl/curl.h>
#include <fmt/format.h>
#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

#include "apps/base/exit_code.h"
#include "fovea/core/parallel.h"
#include "fovea/kernels/cpu/elementwise/vector_rows.h"
#include "fovea/kernels/cpu/onednn/version.h"
#include "fovea/tensor/ops/conv.h"

namespace fovea::cli {

std::string instruction_set() { return kernels::cpu::vector_target(); }

std::vector<std::pair<std::string, std::string>> library_versions() {
  const unsigned png = png_access_version_number();
  return {{"oneDNN", kernels::cpu::onednn::version()},
          {"Highway", kernels::cpu::highway_version()},
          {"zlib", zlibVersion()},
          {"libpng", fmt::format("{}.{}.{}", png / 10000, png / 100 % 100, png % 100)},
          // libjpeg says at run time only whether it is the one that was built against.
          {"libjpeg API", fmt::format("{}", JPEG_LIB_VERSION)},
          {"libcurl", curl_version_info(CURLVERSION_NOW)->version}};
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

void add_conv_flag(Command& command, std::string& conv) {
  command.add("--conv", "C", conv, "algorithm of convolutions").one_of({"auto", "direct"});
}

void use_conv(const std::string& conv) {
  set_conv_algorithm(conv == "direct" ? ConvAlgorithm::kDirect : ConvAlgorithm::kAuto);
}

}  // namespace fovea::cli
