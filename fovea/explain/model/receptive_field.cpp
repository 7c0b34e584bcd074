#include "fovea/explain/model/receptive_field.h"

#include <algorithm>
#include <map>

#include "fovea/core/error.h"
#include "fovea/explain/model/operations.h"
#include "fovea/explain/model/operations/values.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/pool.h"
#include "fovea/tensor/tape.h"

namespace fovea::explain {

namespace {

/// The smallest field that has both.
ReceptiveField joined(const ReceptiveField& a, const ReceptiveField& b) {
  ReceptiveField both = a;
  both.whole = a.whole || b.whole || a.size.ndim() != b.size.ndim();
  for (int i = 0; !both.whole && i < a.size.ndim(); ++i) {
    const std::int64_t end = std::max(a.offset[i] + a.size[i], b.offset[i] + b.size[i]);
    both.offset[i] = std::min(a.offset[i], b.offset[i]);
    both.size[i] = end - both.offset[i];
    both.stride[i] = std::max(a.stride[i], b.stride[i]);
  }
  return both;
}

/// What windows on a layer of field `field` see.
ReceptiveField through(const graph::WindowPlaces& places, ReceptiveField field) {
  for (int i = 0; i < field.size.ndim(); ++i) {
    field.size[i] += (places.reach(i) - 1) * field.stride[i];
    field.offset[i] -= places.begin[i] * field.stride[i];
    field.stride[i] *= places.stride[i];
  }
  return field;
}

/// Fields of tensors, which are known by address.
class FieldTable {
 public:
  explicit FieldTable(const Tensor& input) {
    const int spatial = std::max(input.dim() - 2, 0);
    fields_[input.impl().get()] = {Shape::filled(spatial, 1), Shape::filled(spatial, 1),
                                   Shape::filled(spatial, 0)};
  }

  ReceptiveField add(const LayerRun& layer) {
    const OperationWalk& walk = walk_of(layer);
    ReceptiveField field;
    bool known = false;
    for (const Tensor& input : layer.inputs) {
      if (!input.defined()) continue;
      const auto found = fields_.find(input.impl().get());
      if (found == fields_.end()) continue;
      field = known ? joined(field, found->second) : found->second;
      known = true;
    }
    // What comes from nowhere that is known may come from anywhere.
    field.whole = !known || field.whole || walk.reach == Reach::kAll;
    if (!field.whole && walk.reach == Reach::kWindow) field = through(walk.windows(layer), field);
    for (const Tensor& output : layer.outputs) {
      if (output.defined()) fields_[output.impl().get()] = field;
    }
    return field;
  }

 private:
  std::map<const TensorImpl*, ReceptiveField> fields_;
};

/// The layer that is drawn: the last that sees windows, or the one that is named.
std::size_t chosen(const ModelRun& run, const std::vector<ReceptiveField>& fields,
                   const std::string& name) {
  if (!name.empty()) {
    const LayerRun& layer = find_layer(run, name);
    std::size_t i = 0;
    while (i < run.layers.size() && &run.layers[i] != &layer) ++i;
    check_in_both<ArgumentError>(i < fields.size() && !fields[i].whole, [&] {
      return Text(str("explain: layer expected to see windows of the image, got ", name, " (type ",
                      layer.type, ")"),
                  str("explain: 이미지의 창을 보는 층이어야 하는데 ", name, "입니다 (종류 ",
                      layer.type, ")"));
    });
    return i;
  }
  std::size_t last = fields.size();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!fields[i].whole && walk_of(run.layers[i]).reach == Reach::kWindow) last = i;
  }
  check_in_both<ArgumentError>(last < fields.size(), [&] {
    return Text(str("explain: layers expected to have one that sees windows of the image, got ",
                    fields.size(), " others"),
                str("explain: 이미지의 창을 보는 층이 있어야 하는데 다른 층 ", fields.size(),
                    "개뿐입니다"));
  });
  return last;
}

/// The image with the field of output pixel `at` marked, in larger pixels where it is large.
Board field_board(const LayerRun& layer, const ReceptiveField& field, const Tensor& x,
                  const Shape& at) {
  constexpr std::int64_t kLargest = 64;
  Tensor image = x.select(0, 0).mean({0});
  Shape begin = at, end = at;
  for (int i = 0; i < at.ndim(); ++i) {
    begin[i] =
        std::clamp<std::int64_t>(field.offset[i] + at[i] * field.stride[i], 0, image.size(i));
    end[i] = std::clamp<std::int64_t>(field.offset[i] + at[i] * field.stride[i] + field.size[i],
                                      begin[i], image.size(i));
  }
  Text title("image", "이미지");
  const std::int64_t side = std::max(image.size(0), image.size(image.dim() - 1));
  if (side > kLargest && image.dim() == 2) {
    const std::int64_t factor = (side + kLargest - 1) / kLargest;
    image = avg_pool2d(image.view({1, 1, image.size(0), image.size(1)}),
                       {.kernel_size = factor, .ceil_mode = true})
                .squeeze();
    for (int i = 0; i < 2; ++i) {
      begin[i] /= factor;
      end[i] = (end[i] + factor - 1) / factor;
    }
    title = {
        "image, a cell for " + std::to_string(factor) + "x" + std::to_string(factor) + " pixels",
        "이미지, 칸 하나가 " + std::to_string(factor) + "x" + std::to_string(factor) + "픽셀"};
  }
  const Shape zeros = Shape::filled(at.ndim(), 0), ones = Shape::filled(at.ndim(), 1);
  WindowAt window{.begin = begin, .cells = end, .step = ones, .border = zeros};
  for (int i = 0; i < at.ndim(); ++i) window.cells[i] = end[i] - begin[i];
  // Nothing is to be seen of an image of one value: then the field itself is what is drawn.
  if (image.dim() == 2 && all(image == image.flatten()[0]).item<bool>()) {
    image = image.clone().fill_(0);
    image.slice(0, begin[0], end[0]).slice(1, begin[1], end[1]).fill_(1);
    title = {"image: what is seen of it", "이미지에서 보는 부분"};
  }
  MapView view = map_view(title, image, window);
  const Text place = place_text(at);
  Stop stop{.title = {layer.name + ", " + place.english, layer.name + ", " + place.korean},
            .marks = {{Role::kRead, view.window}}};
  return {.grids = {std::move(view.grid)}, .stops = {std::move(stop)}};
}

/// The output pixel that is drawn, checked.
Shape pixel_of(const LayerRun& layer, const Shape& given) {
  const Shape& sizes = layer.output().sizes();
  check_place_count(layer, given);
  Shape at;
  for (int i = 2; i < sizes.ndim(); ++i) {
    at.push_back(given.empty() ? sizes[i] / 2 : given[i - 2]);
    check_in_both<IndexError>(at.back() >= 0 && at.back() < sizes[i], [&] {
      return Text(str("explain: place expected in 0 to ", sizes[i] - 1, ", got ", at.back(),
                      " (layer ", layer.name, ", output ", sizes, ")"),
                  str("explain: 자리 번호는 0에서 ", sizes[i] - 1, "까지여야 하는데 ", at.back(),
                      "입니다 (층 ", layer.name, ", 출력 ", sizes, ")"));
    });
  }
  return at;
}

/// "14x14", or "14" where all are the same.
std::string numbers_text(const Shape& numbers) {
  std::string text;
  bool alike = true;
  for (const std::int64_t number : numbers) {
    alike = alike && number == numbers[0];
    text += (text.empty() ? "" : "x") + std::to_string(number);
  }
  return alike && !numbers.empty() ? std::to_string(numbers[0]) : text;
}

}  // namespace

std::vector<ReceptiveField> receptive_fields(const ModelRun& run) {
  FieldTable fields(run.input);
  std::vector<ReceptiveField> all;
  all.reserve(run.layers.size());
  for (const LayerRun& layer : run.layers) all.push_back(fields.add(layer));
  return all;
}

Walk walk_receptive_field(nn::Module& module, const Tensor& x, const FieldOptions& options) {
  const NoGrad no_grad;
  check<ShapeError>(x.dim() >= 3, "explain: image expected [1, channels, height, width], got ",
                    x.sizes());
  const ModelRun run = evaluate_model(module, x);
  const std::vector<ReceptiveField> fields = receptive_fields(run);
  const std::size_t which = chosen(run, fields, options.layer);
  Walk walk{.title = {"What a value of each layer sees of the image",
                      "각 층의 값 하나가 이미지에서 보는 범위"}};
  Table table{.title = {},
              .headings = {Text("layer", "층"), Text("type", "종류"), Text("field", "수용 영역"),
                           Text("stride", "간격"), Text("offset", "시작")}};
  std::vector<Value> list;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const LayerRun& layer = run.layers[i];
    const ReceptiveField& field = fields[i];
    const auto shown = [&](const Shape& numbers) {
      return field.whole ? Value() : list_of(numbers);
    };
    list.emplace_back(Fields{{"layer", layer.name},
                             {"type", layer.type},
                             {"size", shown(field.size)},
                             {"stride", shown(field.stride)},
                             {"offset", shown(field.offset)}});
    table.rows.push_back(
        field.whole ? std::vector<Text>{layer.name, layer.type, Text("all", "전체"), "", ""}
                    : std::vector<Text>{layer.name, layer.type, numbers_text(field.size),
                                        numbers_text(field.stride), numbers_text(field.offset)});
  }
  walk.blocks.emplace_back(Note{
      Text("With each window the field grows by (size - 1) x the strides so far. The offset says "
           "where the field of the first value begins; below 0 lies the border.",
           "창을 지날 때마다 수용 영역은 (크기 - 1) x 지금까지의 스트라이드만큼 커집니다. 시작은 "
           "첫 값의 "
           "영역이 시작되는 곳이며, 0보다 작으면 테두리입니다.")});
  walk.blocks.emplace_back(std::move(table));
  walk.blocks.emplace_back(
      field_board(run.layers[which], fields[which], x, pixel_of(run.layers[which], options.at)));
  walk.document = std::move(list);
  return walk;
}

}  // namespace fovea::explain
