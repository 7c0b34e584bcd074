#include "apps/base/samples.h"

#include <array>
#include <vector>

#include <fmt/format.h>

#include "apps/base/flag_checks.h"
#include "fovea/io/pictures/image.h"
#include "fovea/vision/picture_set.h"

namespace fovea::cli {

Sample read_picture(const std::string& file, const models::Classifier& classifier,
                    std::uint64_t most) {
  const auto channels = classifier.card().input[0] == 1 ? io::Channels::kGrey : io::Channels::kRgb;
  return {
      .name = file, .label = {}, .image = classifier.prepare(io::read_image(file, channels, most))};
}

std::shared_ptr<const data::Dataset> open_samples(const DataFlags& flags, std::int64_t index,
                                                  models::LoadedModel& model) {
  auto dataset = open_test_data(flags, model.card);
  check_fits(model, *dataset, flags.data);
  check_range("--index", index, 0, dataset->size() - 1);
  if (model.card.classes.empty()) model.card.targets = dataset->targets();
  return dataset;
}

Sample read_sample(const DataFlags& flags, std::int64_t index, const data::Dataset& dataset,
                   const models::Classifier& classifier) {
  const std::array<std::int64_t, 1> which = {index};
  const data::Batch sample = dataset.get_batch(which);
  // Of the sample alone: a data set may have to read all of them to tell the labels of each.
  const data::TensorDataset alone(sample.data, sample.target, {}, {}, dataset.targets());
  const std::vector<std::int64_t> labels = alone.label_sets().front();
  std::string truth;
  for (const std::int64_t label : labels)
    truth += (truth.empty() ? "" : ", ") + dataset.classes()[static_cast<std::size_t>(label)];
  const auto* pictures = dynamic_cast<const vision::PictureSet*>(&dataset);
  return {.name = pictures != nullptr ? pictures->name_of(index)
                                      : fmt::format("{}[{}]", flags.data, index),
          .label = truth.empty() ? "none" : truth,
          .image = classifier.normalize(sample.data)};
}

}  // namespace fovea::cli
