#include "fovea/train/machine.h"

#include "fovea/core/device.h"
#include "fovea/core/parallel.h"
#include "fovea/train/words.h"

namespace fovea::train {

namespace {

constexpr Word<LinearPrecision> kPrecisions[] = {{"f32", LinearPrecision::kF32},
                                                 {"bf16", LinearPrecision::kBf16}};
constexpr Word<ConvAlgorithm> kConvs[] = {{"auto", ConvAlgorithm::kAuto},
                                          {"direct", ConvAlgorithm::kDirect}};

}  // namespace

std::vector<std::string> precision_words() { return words_of(kPrecisions); }
std::vector<std::string> conv_words() { return words_of(kConvs); }

std::vector<std::string> device_words() {
  std::vector<std::string> names;
  for (const Device& device : Device::available()) names.push_back(device.name());
  return names;
}

void validate(const MachineSettings& settings) {
  check<ArgumentError>(settings.threads >= 0 && settings.threads <= kMaxThreads,
                       "config: threads expected in [0, ", kMaxThreads, "], got ",
                       settings.threads);
  (void)meaning_of("precision", kPrecisions, settings.precision);
  (void)meaning_of("conv", kConvs, settings.conv);
  (void)Device(settings.device);
}

MachineScope::MachineScope(const MachineSettings& settings)
    : precision_before_(linear_precision()), conv_before_(conv_algorithm()) {
  validate(settings);
  if (settings.threads > 0) set_num_threads(static_cast<int>(settings.threads));
  set_linear_precision(meaning_of("precision", kPrecisions, settings.precision));
  set_conv_algorithm(meaning_of("conv", kConvs, settings.conv));
}

MachineScope::~MachineScope() {
  set_linear_precision(precision_before_);
  set_conv_algorithm(conv_before_);
}

}  // namespace fovea::train
