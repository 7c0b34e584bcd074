// Where in an image a model looks: Grad-CAM, occlusion, saliency, each with its heat alone.

#include <algorithm>
#include <string_view>

#include "apps/serve/api/asked.h"
#include "fovea/explain/model/gradcam.h"
#include "fovea/explain/model/heat.h"
#include "fovea/explain/model/occlusion.h"
#include "fovea/explain/model/saliency.h"
#include "fovea/explain/render.h"
#include "fovea/explain/render/page_text.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"

namespace fovea::serve {

namespace {

constexpr std::int64_t kSmallImage = 64;  // up to which occlusion goes as the command does

/// A field that the walk's document has.
const explain::Value& field_of(const explain::Walk& walk, std::string_view name) {
  const auto& fields = std::get<explain::Fields>(walk.document.kind());
  return std::ranges::find(fields, name, &explain::Fields::value_type::first)->second;
}

/// The patch of an image: of a large one so coarse that there are few places, each a run.
explain::OcclusionOptions occlusion_of(const Shape& sizes,
                                       const std::optional<std::int64_t>& index) {
  const std::int64_t side = std::min(sizes[2], sizes[3]);
  explain::OcclusionOptions options{.index = index};
  options.size = std::min(options.size, side);
  if (std::max(sizes[2], sizes[3]) > kSmallImage) {
    options.size = std::max<std::int64_t>(side / 4, 1);
    options.stride = std::max<std::int64_t>(side / 8, 1);
  }
  return options;
}

/// What is bright where the class is seen, of the image's size.
Tensor heat_of(const explain::Walk& walk, const std::string& kind, const Shape& sizes) {
  const NoGrad no_grad;
  if (kind == "gradcam") return std::get<Tensor>(field_of(walk, "scaled").kind());
  if (kind == "saliency") return std::get<Tensor>(field_of(walk, "saliency").kind());
  const double whole = std::get<double>(field_of(walk, "probability").kind());
  const Tensor fall = whole - std::get<Tensor>(field_of(walk, "probabilities").kind());
  return explain::scaled_map(fall, sizes[2], sizes[3]);
}

}  // namespace

Response attention_response(Explaining& explaining, const Request& request) {
  const QueryReader query(request);
  const std::string& kind = query.text("kind");
  if (kind != "gradcam" && kind != "occlusion" && kind != "saliency")
    throw BadRequest("/api/attention: kind expected gradcam, occlusion or saliency");
  const Asked asked(explaining, query);
  const explain::Subject subject = asked.model().subject(asked.image());
  const Shape& sizes = asked.image().x.sizes();
  const explain::Walk walk =
      kind == "gradcam"    ? explain::walk_gradcam(subject, {.index = asked.index(),
                                                             .layer = query.text_or("layer", "")})
      : kind == "saliency" ? explain::walk_saliency(subject, asked.index())
                           : explain::walk_occlusion(subject, occlusion_of(sizes, asked.index()));
  std::string page = explain::to_page(walk);
  page.erase(page.find_last_of('}'));
  page +=
      ",\"overlay\":" + explain::page_picture(explain::heat_picture(heat_of(walk, kind, sizes))) +
      "}\n";
  return {.body = page};
}

}  // namespace fovea::serve
