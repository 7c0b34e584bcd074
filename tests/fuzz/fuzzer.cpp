// libFuzzer's entry points: ./dev fuzz TARGET SECONDS names the target in FOVEA_FUZZ_TARGET.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>

#include "fovea/core/parallel.h"
#include "tests/fuzz/targets.h"

namespace {

const fovea::fuzz::Target* chosen = nullptr;

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): libFuzzer names them
extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  const char* name = std::getenv("FOVEA_FUZZ_TARGET");
  chosen = fovea::fuzz::find_target(name == nullptr ? "" : name);
  if (chosen == nullptr) {
    std::string known;
    for (const auto& target : fovea::fuzz::targets()) known += " " + std::string(target.name);
    std::fprintf(stderr, "fuzz: FOVEA_FUZZ_TARGET expected one of%s, got \"%s\"\n", known.c_str(),
                 name == nullptr ? "" : name);
    std::exit(2);
  }
  fovea::set_num_threads(1);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fovea::fuzz::run(*chosen, std::as_bytes(std::span(data, size)));
  return 0;
}

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  const std::size_t mutated = LLVMFuzzerMutate(data, size, max_size);
  // Now and then the checks of checksums are to be tried too.
  if (chosen->repair != nullptr && seed % 8 != 0)
    chosen->repair(std::as_writable_bytes(std::span(data, mutated)));
  return mutated;
}
// NOLINTEND(readability-identifier-naming)
