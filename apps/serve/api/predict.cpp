// What a model says of a picture, and pictures that are sent.

#include "apps/serve/api/asked.h"
#include "fovea/explain/render/page_text.h"
#include "fovea/tensor/tape.h"

namespace fovea::serve {

Response upload_response(Explaining& explaining, const Request& request) {
  const QueryReader query(request);
  const std::string id = explaining.images.add(request.body, query.flag("invert"));
  const io::Image image = explaining.images.upload(id);
  return {.body = explain::PageObject()
                      .text("image", id)
                      .number("width", image.size(2))
                      .number("height", image.size(1))
                      .finish()};
}

Response predict_response(Explaining& explaining, const Request& request) {
  const QueryReader query(request);
  const std::int64_t count = query.whole_or("count", 10, 1, 1000);
  const Asked asked(explaining, query);
  const models::Classifier& classifier = asked.model().classifier();
  const NoGrad no_grad;
  const Tensor scores = (*classifier.model().module)(asked.image().x).narrow(0, 0, 1);
  const io::Image prepared = classifier.pixels(asked.image().x).select(0, 0).contiguous();
  const std::string& label = asked.image().label;
  return {.body = explain::PageObject()
                      .json("top", json_of_likeliest(classifier, scores, count))
                      .json("label", label.empty() ? "null" : explain::page_string(label))
                      .json("prepared", explain::page_picture(prepared))
                      .finish()};
}

}  // namespace fovea::serve
