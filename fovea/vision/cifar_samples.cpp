#include <algorithm>
#include <cstring>

#include "fovea/core/error.h"
#include "fovea/vision/samples.h"

namespace fovea::vision {

namespace {

// Where things are in a record.
struct RecordForm {
  std::size_t labels;  // bytes
  std::size_t image;   // bytes
  std::size_t bytes() const { return labels + image; }
};

RecordForm record_form(const DataSetInfo& info) {
  const auto [channels, height, width] = info.image;
  return {.labels = info.coarse_classes.empty() ? std::size_t{1} : std::size_t{2},
          .image = static_cast<std::size_t>(channels * height * width)};
}

// The records of one file, labels and images apart.
struct Records {
  std::vector<std::uint8_t> labels;
  std::vector<std::byte> pixels;
};

// Byte `at` of the file is a label of `classes`.
void check_label(const DataSetInfo& info, std::byte label, const std::vector<std::string>& classes,
                 const char* kind, const std::string& name, std::size_t at) {
  check<ParseError>(std::to_integer<std::size_t>(label) < classes.size(), info.name, ": ", kind,
                    "label expected 0 to ", classes.size() - 1, ", got ",
                    std::to_integer<int>(label), " (", name, ", byte ", at, ")");
}

Records parse_records(const DataSetInfo& info, std::span<const std::byte> content,
                      const std::string& name, LabelKind kind) {
  const RecordForm form = record_form(info);
  const std::size_t count = content.size() / form.bytes();
  check<ParseError>(count > 0 && count * form.bytes() == content.size(), info.name,
                    ": file expected to hold whole records of ", form.bytes(), " bytes, got ",
                    content.size(), " bytes (", name, ", byte ", count * form.bytes(), ")");
  Records records;
  records.labels.resize(count);
  records.pixels.resize(count * form.image);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = i * form.bytes();
    const std::byte fine = content[at + form.labels - 1];
    check_label(info, fine, info.classes, form.labels > 1 ? "fine " : "", name,
                at + form.labels - 1);
    if (form.labels > 1) check_label(info, content[at], info.coarse_classes, "coarse ", name, at);
    records.labels[i] =
        std::to_integer<std::uint8_t>(kind == LabelKind::kCoarse ? content[at] : fine);
    std::memcpy(&records.pixels[i * form.image], &content[at + form.labels], form.image);
  }
  return records;
}

}  // namespace

Samples read_cifar_samples(const DataSetInfo& info, DataFiles& files, LabelKind kind) {
  std::vector<Records> parts(files.locations().size());
  files.read([&](std::size_t file, std::span<const std::byte> content, const std::string& name) {
    parts[file] = parse_records(info, content, name, kind);
  });
  std::vector<std::uint8_t> labels;
  for (const Records& part : parts)
    labels.insert(labels.end(), part.labels.begin(), part.labels.end());
  const auto [channels, height, width] = info.image;
  const auto total = static_cast<std::int64_t>(labels.size());
  Samples samples{.images = empty({total, channels, height, width}, {.dtype = u8}),
                  .labels = from_data(labels, {total}).to(i64)};
  std::int64_t at = 0;
  for (Records& part : parts) {
    const auto count = static_cast<std::int64_t>(part.labels.size());
    samples.images.narrow(0, at, count)
        .copy_(from_bytes(part.pixels, {count, channels, height, width}, u8));
    part = Records();  // so that all images are in memory once, and one part twice
    at += count;
  }
  return samples;
}

}  // namespace fovea::vision
