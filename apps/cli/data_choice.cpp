#include "apps/cli/data_choice.h"

#include <array>
#include <utility>

#include "fovea/vision/data_sets.h"
#include "fovea/vision/mnist.h"

namespace fovea::cli {

std::shared_ptr<data::Dataset> open_data(const std::string& name, const std::string& root,
                                         bool train, std::int64_t limit) {
  auto dataset = vision::make_data_set(name, {.root = root, .train = train});
  if (limit == 0) return dataset;
  return std::make_shared<data::Subset>(
      data::first_samples(std::shared_ptr<const data::Dataset>(std::move(dataset)), limit));
}

Shape image_shape(const data::Dataset& dataset) {
  constexpr std::array<std::int64_t, 1> kFirst = {0};
  Shape shape = dataset.get_batch(kFirst).data.sizes();
  shape.erase(0);
  return shape;
}

void add_data_flags(Command& command, std::string& name, std::string& root) {
  command.add("--data", "D", name, "data set")
      .one_of(vision::data_set_names(), Words::kOpen)
      .in("Data");
  command
      .add("--data-root", "PATH", root,
           "where data sets lie (default $FOVEA_DATA, ~/.cache/fovea, /usr/share/datasets)")
      .directories()
      .in("Data");
}

}  // namespace fovea::cli
