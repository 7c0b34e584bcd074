#include "fovea/explain/topics/pool.h"

#include <algorithm>
#include <utility>

#include "fovea/core/error.h"
#include "fovea/core/language.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/topics/conv_sweep.h"
#include "fovea/explain/topics/numbers.h"
#include "fovea/explain/topics/size.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/pool.h"

namespace fovea::explain {

namespace {

constexpr const char* kExplainPool = "explain pool";

const char* pool_word(PoolKind kind) {
  switch (kind) {
    case PoolKind::kMax:
      return "max";
    case PoolKind::kAverage:
      return "average";
    case PoolKind::kMin:
      return "min";
    case PoolKind::kAll:
      return "all";
  }
  no_case_for(kExplainPool, kind);
}

Text pool_name(PoolKind kind) {
  switch (kind) {
    case PoolKind::kMax:
      return {"Max pooling", "최대 풀링"};
    case PoolKind::kAverage:
      return {"Average pooling", "평균 풀링"};
    case PoolKind::kMin:
      return {"Min pooling", "최소 풀링"};
    case PoolKind::kAll:
      return {"Pooling", "풀링"};
  }
  no_case_for(kExplainPool, kind);
}

/// Over the numbers that it gave.
Text pool_map_name(PoolKind kind) {
  if (kind == PoolKind::kAverage) return {"Average", "평균"};
  return kind == PoolKind::kMax ? Text("Max", "최대") : Text("Min", "최소");
}

/// What one kind of pooling gave.
struct Pooled {
  PoolKind kind;
  Tensor output = {};  ///< [c, out_h, out_w]
  Tensor places = {};  ///< [c, out_h, out_w]: where in a channel the number lay; none for a mean
};

/// A pooling that can be walked.
struct PoolCase {
  Tensor image = {}, padded = {};  ///< [c, h, w]
  Shape kernel = {}, stride = {}, padding = {};
  std::vector<Pooled> pooled = {};

  bool has_padding() const { return padding[0] > 0 || padding[1] > 0; }
};

Pooled pool_image(const Tensor& image, PoolKind kind, const PoolCase& pool) {
  const Tensor batch = image.unsqueeze(0);
  const MaxPoolOptions options{
      .kernel_size = pool.kernel, .stride = pool.stride, .padding = pool.padding};
  Pooled pooled{.kind = kind};
  if (kind == PoolKind::kAverage) {
    pooled.output = avg_pool2d(
        batch, {.kernel_size = pool.kernel, .stride = pool.stride, .padding = pool.padding});
  } else {
    std::tie(pooled.output, pooled.places) = kind == PoolKind::kMax
                                                 ? max_pool2d_with_indices(batch, options)
                                                 : min_pool2d_with_indices(batch, options);
    pooled.places = pooled.places.squeeze(0).contiguous();
  }
  pooled.output = pooled.output.squeeze(0).contiguous();
  return pooled;
}

/// The image as given, or the textbook's.
Tensor pool_input(const PoolTopic& topic) {
  const Tensor given =
      topic.image.defined()
          ? topic.image
          : tensor({{3, -1, 12, -1}, {-3, 1, 0, 1}, {2, -3, 0, 1}, {3, -2, 4, -1}}, kExact);
  const Tensor image = exact(given, "pool", "image");
  check<ShapeError>(image.dim() == 2 || image.dim() == 3, kExplainPool,
                    ": image expected 2 or 3 dimensions, got ", image.dim(), " (image ",
                    image.sizes(), ")");
  return image.dim() == 2 ? image.unsqueeze(0) : image;
}

PoolCase make_pool_case(const PoolTopic& topic) {
  const char* const word = pool_word(topic.kind);  // refuses what is no kind
  PoolCase pool{.image = pool_input(topic)};
  pool.kernel = topic.kernel_size.expand(2, kExplainPool, "kernel_size", 1);
  pool.stride =
      topic.stride.empty() ? pool.kernel : topic.stride.expand(2, kExplainPool, "stride", 1);
  pool.padding = topic.padding.expand(2, kExplainPool, "padding", 0);
  std::int64_t places = pool.image.size(0);
  for (int i = 0; i < 2; ++i) {
    check_in_both<ArgumentError>(pool.padding[i] <= pool.kernel[i] / 2, [&] {
      return Text(str(kExplainPool, ": padding expected at most half the window, got ",
                      pool.padding[i], " for ", pool.kernel[i]),
                  str(kExplainPool, ": 패딩은 창의 절반 이하여야 하는데 창 ", pool.kernel[i], "에 ",
                      pool.padding[i], "입니다"));
    });
    const std::int64_t size =
        pool_output_size(pool.image.size(i + 1), pool.kernel[i], pool.stride[i], pool.padding[i]);
    check_in_both<ShapeError>(size >= 1, [&] {
      const std::string padding = str(" (padding ", pool.padding, ")");
      return Text(str(kExplainPool, ": window expected to fit the padded image, got ", pool.kernel,
                      " for ", pool.image.sizes(), padding),
                  str(kExplainPool, ": 창 ", pool.kernel, "이(가) 패딩한 이미지 ",
                      pool.image.sizes(), "보다 큽니다", padding));
    });
    places = checked_mul(places, size);
  }
  const bool all = std::string_view(word) == "all";
  check_stops("pool", checked_mul(places, all ? 3 : 1), pool.kernel.numel());
  pool.padded = pad_around(pool.image, pool.padding, pool.padding);
  for (const PoolKind kind : {PoolKind::kMax, PoolKind::kAverage, PoolKind::kMin})
    if (all || kind == topic.kind) pool.pooled.push_back(pool_image(pool.image, kind, pool));
  return pool;
}

/// One window of one channel, and what one kind of pooling takes of it.
class PoolStop {
 public:
  PoolStop(const PoolCase& pool, std::size_t which, std::int64_t channel, const Shape& at)
      : pool_(pool), pooled_(pool.pooled[which]), which_(which), channel_(channel), at_(at) {
    // What is read: of the border only a mean knows.
    for (int i = 0; i < 2; ++i) {
      const std::int64_t begin = at[i] * pool.stride[i], end = begin + pool.kernel[i];
      const std::int64_t first = is_mean() ? 0 : pool.padding[i];
      begin_.push_back(std::max(begin, first));
      end_.push_back(is_mean() ? end : std::min(end, first + pool.image.size(i + 1)));
    }
    window_ = pool.padded[channel].slice(0, begin_[0], end_[0]).slice(1, begin_[1], end_[1]);
    window_ = window_.contiguous();
    value_ = pooled_.output.at({channel, at[0], at[1]}).item<double>();
  }

  Stop make(std::int64_t step) const {
    const bool many = pool_.image.size(0) > 1;
    const Text what = many ? Text(str("channel ", channel_), str("채널 ", channel_)) : Text();
    return {.title = stop_title(step, at_, what),
            .lines = {line()},
            .marks = marks(),
            .facts = facts(step, many)};
  }

 private:
  bool is_mean() const { return pooled_.kind == PoolKind::kAverage; }

  std::string line() const {
    const std::vector<double> values = window_.to_vector<double>();
    if (is_mean())
      return str("(", sum_text(values), ") / ", values.size(), " = ", number_text(value_));
    std::string list;
    for (const double value : values) list += (list.empty() ? "" : ", ") + number_text(value);
    return str(pool_word(pooled_.kind), "(", list, ") = ", number_text(value_));
  }

  std::vector<Mark> marks() const {
    std::vector<Mark> all{{.role = Role::kRead,
                           .cells = {.row = begin_[0],
                                     .column = begin_[1],
                                     .rows = end_[0] - begin_[0],
                                     .columns = end_[1] - begin_[1],
                                     .slice = channel_}}};
    if (!is_mean()) {
      const auto place = pooled_.places.at({channel_, at_[0], at_[1]}).item<std::int64_t>();
      const std::int64_t width = pool_.image.size(2);
      all.push_back({.role = Role::kChosen,
                     .cells = {.row = place / width + pool_.padding[0],
                               .column = place % width + pool_.padding[1],
                               .slice = channel_}});
    }
    all.push_back(
        {.role = Role::kWrite,
         .cells = {.grid = which_ + 1, .row = at_[0], .column = at_[1], .slice = channel_}});
    return all;
  }

  Fields facts(std::int64_t step, bool many) const {
    Fields all{{"step", step}};
    if (pool_.pooled.size() > 1) all.emplace_back("kind", pool_word(pooled_.kind));
    if (many) all.emplace_back("channel", channel_);
    all.emplace_back("at", list_of(at_));
    all.emplace_back("window", window_);
    all.emplace_back("value", value_);
    return all;
  }

  const PoolCase& pool_;
  const Pooled& pooled_;
  std::size_t which_;
  std::int64_t channel_;
  Shape at_, begin_, end_;
  Tensor window_;
  double value_ = 0;
};

Board pool_board(const PoolCase& pool) {
  Board board{
      .grids = {{.title = {"Input", "입력"},
                 .values = as_grid(pool.padded, 2),
                 .padding_rows = pool.padding[0],
                 .padding_columns = pool.padding[1]}},
  };
  for (std::size_t which = 0; which < pool.pooled.size(); ++which) {
    const Pooled& pooled = pool.pooled[which];
    board.grids.push_back(
        {.title = pool_map_name(pooled.kind), .values = as_grid(pooled.output, 2), .grows = true});
    for (std::int64_t channel = 0; channel < pool.image.size(0); ++channel)
      for (std::int64_t row = 0; row < pooled.output.size(1); ++row)
        for (std::int64_t column = 0; column < pooled.output.size(2); ++column)
          board.stops.push_back(PoolStop(pool, which, channel, {row, column})
                                    .make(static_cast<std::int64_t>(board.stops.size()) + 1));
  }
  return board;
}

/// The size formula, for height and width where they differ.
std::vector<std::string> pool_size_formulas(const PoolCase& pool) {
  std::vector<std::string> formulas;
  formulas.reserve(2);
  for (int i = 0; i < 2; ++i)
    formulas.push_back(size_formula({.input = pool.image.size(i + 1),
                                     .kernel = pool.kernel[i],
                                     .stride = pool.stride[i],
                                     .padding_begin = pool.padding[i],
                                     .padding_end = pool.padding[i]},
                                    NoPadding::kLeftOut));
  if (formulas[0] == formulas[1]) formulas.pop_back();
  return formulas;
}

void add_pool_notes(const PoolCase& pool, PoolKind kind, std::vector<Block>& blocks) {
  blocks.emplace_back(
      say("Pooling shrinks a feature map, each channel by itself: max pooling takes the largest "
          "number of each window, average pooling the mean, min pooling the smallest.",
          "풀링은 특성 맵을 채널마다 따로 줄입니다. 최대 풀링은 창마다 가장 큰 값을, 평균 풀링은 "
          "평균을, 최소 풀링은 가장 작은 값을 가져옵니다."));
  if (kind != PoolKind::kMin)
    blocks.emplace_back(say("Max is the usual choice, since a mean blurs the strong responses.",
                            "평균은 강한 반응을 흐리게 하므로 보통 최대 풀링을 씁니다."));
  if (pool.has_padding())
    blocks.emplace_back(
        say("The border counts as zeros in a mean; a largest or smallest number never lies there.",
            "덧댄 테두리는 평균에서는 0으로 세지만, 가장 큰 값이나 가장 작은 값으로 뽑히지는 "
            "않습니다."));
  blocks.emplace_back(pool.has_padding() ? say("Output size = floor((W1 - F + 2P) / S) + 1:",
                                               "출력 크기 = floor((W1 - F + 2P) / S) + 1:")
                                         : say("Output size = floor((W1 - F) / S) + 1:",
                                               "출력 크기 = floor((W1 - F) / S) + 1:"));
}

}  // namespace

Walk walk_pool(const PoolTopic& topic) {
  const PoolCase pool = make_pool_case(topic);
  const std::string kernel = by_text(pool.kernel);
  const std::string image = by_text({pool.image.size(1), pool.image.size(2)});
  const Text name = pool_name(topic.kind);
  Walk walk{.title = {str(name.english, ": windows of ", kernel, " over a ", image, " input"),
                      str(name.korean, ": ", image, " 입력 위의 ", kernel, " 창")}};
  add_pool_notes(pool, topic.kind, walk.blocks);
  const std::vector<std::string> formulas = pool_size_formulas(pool);
  say_sizes(formulas, walk.blocks);
  walk.blocks.emplace_back(pool_board(pool));
  Value output;
  if (pool.pooled.size() == 1) {
    output = without_one(pool.pooled[0].output);
  } else {
    Fields outputs;
    for (const Pooled& pooled : pool.pooled)
      outputs.emplace_back(pool_word(pooled.kind), without_one(pooled.output));
    output = std::move(outputs);
  }
  walk.document =
      Fields{{"topic", "pool"},
             {"kind", pool_word(topic.kind)},
             {"input", without_one(pool.image)},
             {"kernel_size", one_or_list(pool.kernel)},
             {"stride", one_or_list(pool.stride)},
             {"padding", one_or_list(pool.padding)},
             {"size_formula", formulas.size() == 1 ? Value(formulas[0]) : list_of_texts(formulas)},
             {"stops", StopsHere{}},
             {"output", std::move(output)}};
  return walk;
}

}  // namespace fovea::explain
