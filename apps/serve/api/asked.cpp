#include "apps/serve/api/asked.h"

#include "fovea/explain/render/page_text.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/activation.h"
#include "fovea/tensor/ops/softmax.h"
#include "fovea/tensor/tape.h"

namespace fovea::serve {

using explain::list_of_all;
using explain::page_number;
using explain::PageObject;

Asked::Asked(const Explaining& explaining, const QueryReader& query)
    : model_(explaining.models.get(query.flag("training") ? "training" : query.text("model"))),
      image_(explaining.images.get(*model_, query.text("image"))),
      index_(query.maybe_whole("class", 0, kMostClasses)),
      gradients_(query.flag("gradients")),
      lock_(model_->mutex()) {}

std::string json_of_sizes(const Shape& sizes) {
  return list_of_all(std::vector<std::int64_t>(sizes.begin(), sizes.end()),
                     [](std::int64_t size) { return std::to_string(size); });
}

std::string json_of_likeliest(const models::Classifier& classifier, const Tensor& scores,
                              std::int64_t count) {
  const NoGrad no_grad;
  const Tensor own = scores.detach().select(0, 0).contiguous();
  const Tensor shares = classifier.is_multi_label() ? sigmoid(own) : softmax(own, 0);
  const std::vector<double> values = own.to_vector<double>();
  return list_of_all(classifier.top(shares, count), [&](const models::Likely& likely) {
    return PageObject()
        .number("index", likely.index)
        .text("name", likely.name)
        .json("probability", page_number(likely.probability))
        .json("score",
              page_number(static_cast<float>(values[static_cast<std::size_t>(likely.index)])))
        .finish();
  });
}

}  // namespace fovea::serve
