#include "apps/serve/api/images.h"

#include <charconv>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include "apps/base/exit_code.h"
#include "apps/base/samples.h"
#include "apps/serve/http/router.h"
#include "fovea/tensor/ops.h"

namespace fovea::serve {

namespace {

constexpr std::size_t kKeptUploads = 64, kKeptSamples = 4;
constexpr std::size_t kMostKeptBytes = std::size_t{256} << 20;  // of uploads, decoded
constexpr std::uint64_t kMostPixels = 25'000'000;
constexpr std::size_t kMostBytes = std::size_t{8} << 20;

/// An id that no picture had before, also not one of a server that ran earlier.
std::string new_upload_id() {
  std::random_device random;
  std::array<char, 20> digits;
  const std::uint64_t number = (std::uint64_t{random()} << 32) | random();
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  return "upload:" + std::string(digits.data(), end);
}

/// What splits the model's data have in common with those of others, so that they are read once.
std::string key_of(const ServedModel& model, vision::Split split) {
  const models::ModelCard& card = model.classifier().card();
  std::string key = str(model.data().data, "\n", model.data().root, "\n", static_cast<int>(split),
                        "\n", card.input, "\n", card.fit ? static_cast<int>(*card.fit) : -1, "\n",
                        card.held_out ? str(card.held_out->share, " ", card.held_out->seed) : "");
  for (const std::string& name : card.classes) key += "\n" + name;
  return key;
}

}  // namespace

Images::Images() : uploads_(kKeptUploads), samples_(kKeptSamples) {}

std::string Images::add(const std::string& content, bool invert) {
  check<ParseError>(content.size() <= kMostBytes, "upload: picture expected at most ", kMostBytes,
                    " bytes, got ", content.size());
  io::Image image = io::decode_image(std::as_bytes(std::span(content)), "upload",
                                     io::Channels::kAsStored, kMostPixels);
  if (invert) {
    std::vector<std::uint8_t> pixels = image.to_vector<std::uint8_t>();
    for (std::uint8_t& pixel : pixels) pixel = static_cast<std::uint8_t>(255 - pixel);
    image = from_data(pixels, image.sizes(), cpu);
  }
  std::string id = new_upload_id();
  const std::lock_guard lock(mutex_);
  uploads_.put(id, std::move(image));
  uploads_.trim(kMostKeptBytes,
                [](const io::Image& one) { return static_cast<std::size_t>(one.numel()); });
  return id;
}

io::Image Images::upload(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const io::Image* const kept = uploads_.find(id);
  if (kept == nullptr)
    throw NotFound(str("picture expected to be one of the last that were sent, got \"",
                       cli::one_line(id), "\""));
  return *kept;
}

std::shared_ptr<const data::Dataset> Images::samples(const ServedModel& model,
                                                     vision::Split split) const {
  if (model.data().data.empty())
    throw NotFound(str("data expected to be known for the model, got none (", model.id(), ")"));
  const std::string key = key_of(model, split);
  const std::lock_guard lock(mutex_);
  if (const auto* const kept = samples_.find(key)) return *kept;
  std::shared_ptr<const data::Dataset> dataset =
      cli::open_split(model.data(), model.classifier().card(), split);
  cli::check_fits(model.classifier().model(), *dataset, model.data().data);
  return samples_.put(key, std::move(dataset));
}

ServedImage Images::get(const ServedModel& model, const std::string& id) const {
  if (id.starts_with("upload:"))
    return {.id = id, .label = {}, .x = model.classifier().prepare(upload(id))};
  const bool train = id.starts_with("train:");
  std::int64_t number = -1;
  if (train || id.starts_with("test:")) {
    const char* const end = id.data() + id.size();
    const auto read = std::from_chars(id.data() + id.find(':') + 1, end, number);
    if (read.ec != std::errc() || read.ptr != end) number = -1;
  }
  if (number < 0)
    throw BadRequest(
        str("image expected test:N, train:N or upload:ID, got \"", cli::one_line(id), "\""));
  const auto dataset = samples(model, train ? vision::Split::kTrain : vision::Split::kTest);
  if (number >= dataset->size())
    throw NotFound(str("sample expected in 0 to ", dataset->size() - 1, ", got ", number));
  cli::Sample sample = cli::read_sample(model.data(), number, *dataset, model.classifier());
  return {.id = id, .label = std::move(sample.label), .x = std::move(sample.image)};
}

}  // namespace fovea::serve
