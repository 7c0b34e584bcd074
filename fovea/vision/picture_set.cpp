#include "fovea/vision/picture_set.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/utf8.h"
#include "fovea/tensor/ops.h"
#include "fovea/vision/for_each.h"

namespace fovea::vision {

namespace {

/// What was found out about one picture.
struct Look {
  std::optional<std::string> problem;
  std::int64_t channels = 0;
  data::ImageSize size;
};

Look look_at(const PictureSource& source, std::int64_t sample) {
  Look look;
  try {
    const io::Image image = source.read(sample, io::Channels::kAsStored);
    look.channels = image.size(0);
    look.size = {image.size(1), image.size(2)};
  } catch (const ParseError& error) {
    look.problem = error.what();
  } catch (const IoError& error) {  // a link to nothing, a file that may not be read
    look.problem = error.what();
  }
  return look;
}

/// Adds a picture that can be decoded, with its classes.
void add(const Look& look, std::int64_t sample, const std::vector<std::int64_t>& labels,
         ImageCheck& check) {
  const bool first = check.readable.empty();
  check.readable.push_back(sample);
  for (const std::int64_t label : labels) ++check.per_class[static_cast<std::size_t>(label)];
  if (check.per_count.size() <= labels.size()) check.per_count.resize(labels.size() + 1);
  ++check.per_count[labels.size()];
  if (look.channels == 1) ++check.grey;
  const auto [height, width] = look.size;
  check.least = first ? look.size
                      : data::ImageSize(std::min(check.least.height, height),
                                        std::min(check.least.width, width));
  check.most = {std::max(check.most.height, height), std::max(check.most.width, width)};
}

}  // namespace

PictureSet::PictureSet(PictureSetOptions options, const char* operation)
    : options_(std::move(options)), operation_(operation) {
  const std::int64_t channels = options_.channels;
  check<ArgumentError>(channels == 0 || channels == 1 || channels == 3, operation_,
                       ": channels expected 0, 1 or 3, got ", channels);
}

void PictureSet::look_at_pictures(std::vector<std::string> classes) {
  // Weights files, which keep the names, hold UTF-8 alone: better said now than after an epoch.
  for (const std::string& name : classes) {
    check<ParseError>(is_utf8(name), operation_, ": name of a class expected in UTF-8, got \"",
                      name, "\"");
  }
  options_.classes = std::move(classes);
  if (options_.skip_corrupt) leave_out_corrupt();
  if (options_.channels == 0) options_.channels = find_channels(source(), size());
}

void PictureSet::leave_out_corrupt() {
  const ImageCheck checked = check_images(options_.progress);
  if (options_.on_corrupt) {
    for (const CorruptImage& corrupt : checked.corrupt) options_.on_corrupt(corrupt);
  }
  if (checked.corrupt.empty()) return;
  check<ParseError>(!checked.readable.empty(), operation_,
                    ": pictures that can be decoded expected at least 1, got 0 of ", size(),
                    " (the first is ", checked.corrupt.front().name, ")");
  check_classes_left(checked);
  keep(checked.readable);
}

/// A class that has lost all its pictures would be learned or judged as if it had never been there.
void PictureSet::check_classes_left(const ImageCheck& checked) const {
  for (const CorruptImage& corrupt : checked.corrupt) {
    for (const std::int64_t index : corrupt.labels) {
      const auto label = static_cast<std::size_t>(index);
      check<ParseError>(checked.per_class[label] > 0, operation_, ": pictures of class \"",
                        classes()[label], "\" expected at least 1 that can be decoded, got none (",
                        corrupt.name, ")");
    }
  }
}

PictureSource PictureSet::source() const {
  return {.read = [this](std::int64_t i, io::Channels channels) { return read(i, channels); },
          .name = [this](std::int64_t i) { return name_of(i); }};
}

data::Batch PictureSet::get_batch(std::span<const std::int64_t> indices) const {
  return draw_batch(indices, {.seed = 0, .epoch = 0, .indices = indices});
}

data::Batch PictureSet::draw_batch(std::span<const std::int64_t> indices,
                                   const data::SampleKeys& keys) const {
  data::check_indices(indices, size(), operation_);
  return {read_pictures(source(), indices, keys,
                        {.channels = options_.channels,
                         .image_transform = options_.image_transform,
                         .operation = operation_}),
          targets_of(indices)};
}

Tensor PictureSet::targets_of(std::span<const std::int64_t> indices) const {
  const auto count = static_cast<std::int64_t>(indices.size());
  if (targets() == data::Targets::kSingleLabel) {
    std::vector<std::int64_t> labels;
    for (const std::int64_t index : indices) labels.push_back(label_of(index));
    return from_data(labels, {count});
  }
  std::vector<float> shown(indices.size() * classes().size());
  for (std::size_t i = 0; i < indices.size(); ++i) {
    for (const std::int64_t label : labels_of(indices[i]))
      shown[i * classes().size() + static_cast<std::size_t>(label)] = 1;
  }
  return from_data(shown, {count, static_cast<std::int64_t>(classes().size())});
}

ImageCheck PictureSet::check_images(const ImageProgress& progress) const {
  constexpr std::int64_t kBlock = 256;  // pictures between two calls of progress
  const PictureSource pictures = source();
  const std::int64_t total = size();
  ImageCheck result;
  result.per_class.resize(classes().size());
  for (std::int64_t begin = 0; begin < total; begin += kBlock) {
    const std::int64_t count = std::min(kBlock, total - begin);
    std::array<Look, kBlock> looks;
    for_each_index(count, [&](std::int64_t i) {
      looks[static_cast<std::size_t>(i)] = look_at(pictures, begin + i);
    });
    for (std::int64_t i = 0; i < count; ++i) {
      const Look& look = looks[static_cast<std::size_t>(i)];
      if (look.problem) {
        result.corrupt.push_back({name_of(begin + i), *look.problem, labels_of(begin + i)});
      } else {
        add(look, begin + i, labels_of(begin + i), result);
      }
    }
    if (progress) progress(begin + count, total);
  }
  return result;
}

std::shared_ptr<const PictureSet> PictureSet::with_image_transform(
    data::Transform transform) const {
  std::shared_ptr<PictureSet> other = copy();
  other->options_.image_transform = std::move(transform);
  return other;
}

std::vector<std::int64_t> PictureSet::labels() const {
  check<ShapeError>(targets() == data::Targets::kSingleLabel,
                    "labels: targets expected a class each, got multi-label ones (", operation_,
                    ")");
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < size(); ++i) labels.push_back(label_of(i));
  return labels;
}

std::vector<std::vector<std::int64_t>> PictureSet::label_sets() const {
  std::vector<std::vector<std::int64_t>> sets;
  for (std::int64_t i = 0; i < size(); ++i) sets.push_back(labels_of(i));
  return sets;
}

std::vector<std::int64_t> spread_samples(const PictureSet& pictures, std::int64_t count) {
  check<ArgumentError>(count >= 1, "spread_samples: count expected at least 1, got ", count);
  if (pictures.targets() == data::Targets::kMultiLabel) {
    const std::int64_t taken = std::min(count, pictures.size());
    std::vector<std::int64_t> samples;
    for (std::int64_t i = 0; i < taken; ++i) samples.push_back(i * pictures.size() / taken);
    return samples;
  }
  std::vector<std::vector<std::int64_t>> of_class(pictures.classes().size());
  for (std::int64_t i = 0; i < pictures.size(); ++i)
    of_class[static_cast<std::size_t>(pictures.label_of(i))].push_back(i);
  std::vector<std::size_t> taken(of_class.size());
  // All classes that have more get the same; of a rest that is too small for that, some get one.
  for (auto left = static_cast<std::size_t>(std::min(count, pictures.size())); left > 0;) {
    std::vector<std::size_t> open;
    for (std::size_t c = 0; c < of_class.size(); ++c) {
      if (taken[c] < of_class[c].size()) open.push_back(c);
    }
    const std::size_t share = std::max<std::size_t>(left / open.size(), 1);
    const std::size_t takers = std::min(open.size(), left);
    for (std::size_t i = 0; i < takers; ++i) {
      const std::size_t c = open[i * open.size() / takers];
      const std::size_t more = std::min(share, of_class[c].size() - taken[c]);
      taken[c] += more;
      left -= more;
    }
  }
  std::vector<std::int64_t> samples;
  for (std::size_t c = 0; c < of_class.size(); ++c) {
    for (std::size_t i = 0; i < taken[c]; ++i)
      samples.push_back(of_class[c][i * of_class[c].size() / taken[c]]);
  }
  std::sort(samples.begin(), samples.end());
  return samples;
}

data::Subset limited_samples(const std::shared_ptr<const data::Dataset>& dataset,
                             std::int64_t count) {
  const auto* pictures = dynamic_cast<const PictureSet*>(dataset.get());
  if (pictures == nullptr) return data::first_samples(dataset, count);
  return {dataset, spread_samples(*pictures, count)};
}

}  // namespace fovea::vision
