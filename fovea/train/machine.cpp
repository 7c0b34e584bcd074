#include "fovea/train/machine.h"

#include "fovea/core/device.h"
#include "fovea/core/parallel.h"
#include "fovea/kernels/backend.h"
#include "fovea/train/words.h"

namespace fovea::train {

namespace {

constexpr Word<Precision> kPrecisions[] = {{"f32", Precision::kF32}, {"bf16", Precision::kBf16}};
constexpr Word<ConvAlgorithm> kConvs[] = {{"auto", ConvAlgorithm::kAuto},
                                          {"direct", ConvAlgorithm::kDirect}};

const MachineSettings& checked(const MachineSettings& settings) {
  validate(settings);
  return settings;
}

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
  const Precision precision = meaning_of("precision", kPrecisions, settings.precision);
  (void)meaning_of("conv", kConvs, settings.conv);
  const Device device(settings.device);
  check<ArgumentError>(
      precision == Precision::kF32 || kernels::can(device, kernels::Feature::kBf16Products),
      "config: precision expected f32 on ", device, ", which has no bf16 dot products, got bf16");
}

MachineScope::MachineScope(const MachineSettings& settings)
    : device_before_(default_device()),
      precision_(meaning_of("precision", kPrecisions, checked(settings).precision)),
      conv_(meaning_of("conv", kConvs, settings.conv)) {
  if (settings.threads > 0) set_num_threads(static_cast<int>(settings.threads));
  set_default_device(Device(settings.device));
}

MachineScope::~MachineScope() { set_default_device(device_before_); }

}  // namespace fovea::train
