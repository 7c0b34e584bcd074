// fovea checks: what this Fovea is and what it runs on; the first thing to send with a question.

#include <algorithm>
#include <cstdio>  // jpeglib.h needs it
#include <string>
#include <utility>
#include <vector>

#include <curl/curl.h>
#include <fmt/format.h>
#include <jpeglib.h>
#include <png.h>
#include <tiffio.h>
#include <webp/decode.h>
#include <zlib.h>

#include "apps/base/exit_code.h"
#include "apps/base/output.h"
#include "apps/cli/commands.h"
#include "fovea/core/device.h"
#include "fovea/core/parallel.h"
#include "fovea/core/version.h"
#include "fovea/kernels/backend.h"
#include "fovea/train/environment.h"
#include "fovea/vision/data_sets.h"

namespace fovea::cli {

namespace {

/// Names and versions of the libraries in use, as they say themselves at run time.
std::vector<std::pair<std::string, std::string>> library_versions() {
  const unsigned png = png_access_version_number();
  const auto webp = static_cast<unsigned>(WebPGetDecoderVersion());
  // "LIBTIFF, Version 4.5.0", and a copyright in further lines.
  std::string tiff = TIFFGetVersion();
  tiff.resize(std::min(tiff.find('\n'), tiff.size()));
  return {{"zlib", zlibVersion()},
          {"libpng", fmt::format("{}.{}.{}", png / 10000, png / 100 % 100, png % 100)},
          // libjpeg says at run time only whether it is the one that was built against.
          {"libjpeg API", fmt::format("{}", JPEG_LIB_VERSION)},
          {"libwebp", fmt::format("{}.{}.{}", webp >> 16, webp >> 8 & 255, webp & 255)},
          {"libtiff", tiff.substr(tiff.rfind(' ') + 1)},
          {"libcurl", curl_version_info(CURLVERSION_NOW)->version}};
}

int print_checks() {
  const auto row = [](std::string_view name, std::string_view value) {
    put("{:<16}{}\n", name, value);
  };
  row("version", version());
  row("commit", git_commit());
  row("cpu", train::cpu_name());
  row("instructions", kernels::fact(cpu, "instructions"));
  row("threads", fmt::format("{} of {} processors", num_threads(), available_processors()));
  std::string devices;
  for (const Device& device : Device::available()) {
    devices += (devices.empty() ? "" : ", ") + device.name();
  }
  row("devices", devices);
  for (const auto& [library, its_version] : kernels::facts(cpu))
    if (library != "instructions") row(library, its_version);
  for (const auto& [library, its_version] : library_versions()) row(library, its_version);
  for (const auto& root : vision::data_roots()) row("data root", root.string());
  for (const vision::DataSetInfo& info : vision::data_sets()) {
    const vision::DataSetState state = vision::data_set_state(info);
    row(info.name, state.complete() ? state.folder.string()
                                    : fmt::format("not here; fovea data download {}", info.name));
  }
  return kExitDone;
}

}  // namespace

Command checks_command() {
  Command command("checks",
                  "Show version, processor, instruction set, libraries, threads and data");
  command.examples = {{"fovea checks", "what to send with a question"}};
  command.run = print_checks;
  return command;
}

}  // namespace fovea::cli
