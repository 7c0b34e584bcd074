#include "fovea/explain/topics/conv_sweep.h"

#include <algorithm>

#include "fovea/core/error.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/topics/numbers.h"
#include "fovea/tensor/ops.h"
#include "fovea/tensor/ops/pad.h"

namespace fovea::explain {

namespace {

/// One place of the window, and all that a stop says about it.
class SweepStop {
 public:
  SweepStop(const Sweep& sweep, const Shape& at)
      : sweep_(sweep), at_(at), spatial_(at.ndim()), window_(sweep.image) {
    for (int i = 0; i < spatial_; ++i) {
      const std::int64_t reach = sweep.dilation[i] * (sweep.kernel.size(i + 1) - 1) + 1;
      const std::int64_t begin = at[i] * sweep.stride[i];
      window_ = window_.slice(i + 1, begin, begin + reach, sweep.dilation[i]);
    }
    window_ = window_.contiguous();
    products_ = window_ * sweep.kernel;
    Tensor value = sweep.output;
    for (const std::int64_t index : at) value = value.select(0, index);
    value_ = value.item<double>();
  }

  Stop make(std::int64_t step) const {
    return {.title = stop_title(step, at_, sweep_.what),
            .lines = lines(),
            .marks = marks(),
            .facts = facts(step)};
  }

 private:
  /// The sum without the bias.
  double sum_of_products() const {
    return sweep_.bias.defined() ? sum(products_).item<double>() : value_;
  }

  std::string slice_name(std::int64_t slice, std::int64_t depth) const {
    const std::int64_t channels = sweep_.image.size(0);
    std::string channel = channels > 1 ? sweep_.names[static_cast<std::size_t>(slice / depth)] : "";
    if (depth == 1) return channel;
    return str(channel, channel.empty() ? "" : " ", "z", slice % depth);
  }

  std::vector<std::string> lines() const {
    const Tensor values = as_grid(window_, spatial_), weights = as_grid(sweep_.kernel, spatial_);
    const std::vector<double> v = values.to_vector<double>(), w = weights.to_vector<double>();
    const std::int64_t columns = values.size(-1);
    const std::int64_t slices = values.dim() == 3 ? values.size(0) : 1;
    const std::size_t each = v.size() / static_cast<std::size_t>(slices);
    // Slices of one number, as in a 1x1 convolution, go on one line.
    if (slices == 1 || each == 1) {
      std::vector<std::string> all{str(products_text(v, w, each == 1 ? slices : columns), " = ",
                                       number_text(sum_of_products()))};
      if (sweep_.bias.defined()) all.push_back(total(std::vector<double>{sum_of_products()}));
      return all;
    }
    std::vector<std::string> all;
    std::vector<double> sums;
    const Tensor products = as_grid(products_, spatial_);
    const std::int64_t depth = slices / sweep_.image.size(0);
    for (std::int64_t i = 0; i < slices; ++i) {
      const std::size_t from = static_cast<std::size_t>(i) * each;
      sums.push_back(products[i].sum().item<double>());
      all.push_back(str(slice_name(i, depth), ": ",
                        products_text(std::span(v).subspan(from, each),
                                      std::span(w).subspan(from, each), columns),
                        " = ", number_text(sums.back())));
    }
    all.push_back(total(std::move(sums)));
    return all;
  }

  /// The last line: the slices' sums and the bias.
  std::string total(std::vector<double> terms) const {
    if (sweep_.bias.defined()) terms.push_back(sweep_.bias.item<double>());
    return str(sum_text(terms), " = ", number_text(value_));
  }

  std::vector<Mark> marks() const {
    std::vector<Mark> all;
    const Shape& kernel = sweep_.kernel.sizes();
    const int last = spatial_ - 1, before = spatial_ - 2;
    Cells read{.grid = 0,
               .column = at_[last] * sweep_.stride[last],
               .columns = kernel.back(),
               .column_step = sweep_.dilation[last],
               .slices = kernel[0]};
    Cells written{.grid = 2, .column = at_[last]};
    Cells weights{.grid = 1, .columns = kernel.back()};
    if (spatial_ >= 2) {
      read.row = at_[before] * sweep_.stride[before];
      read.rows = weights.rows = kernel[spatial_ - 1];
      read.row_step = sweep_.dilation[before];
      written.row = at_[before];
    }
    weights.slices = spatial_ == 3 ? kernel[0] * kernel[1] : kernel[0];
    if (spatial_ < 3) {
      all.push_back({.role = Role::kRead, .cells = read});
    } else {
      written.slice = at_[0];
      add_depths(read, all);
    }
    all.push_back({.role = Role::kWeigh, .cells = weights});
    all.push_back({.role = Role::kWrite, .cells = written});
    return all;
  }

  /// What is read of a volume: slices that lie together in one mark.
  void add_depths(Cells read, std::vector<Mark>& all) const {
    const std::int64_t depth = sweep_.kernel.size(1), spread = sweep_.dilation[0];
    for (std::int64_t channel = 0; channel < sweep_.image.size(0); ++channel) {
      const std::int64_t first = channel * sweep_.image.size(1) + at_[0] * sweep_.stride[0];
      for (std::int64_t i = 0; i < (spread == 1 ? 1 : depth); ++i) {
        read.slice = first + i * spread;
        read.slices = spread == 1 ? depth : 1;
        all.push_back({.role = Role::kRead, .cells = read});
      }
    }
  }

  Fields facts(std::int64_t step) const {
    Fields all{{"step", step}};
    all.insert(all.end(), sweep_.facts.begin(), sweep_.facts.end());
    all.emplace_back("at", list_of(at_));
    all.emplace_back("window", without_one(window_));
    all.emplace_back("products", without_one(products_));
    all.emplace_back("sum", sum_of_products());
    if (sweep_.bias.defined()) all.emplace_back("value", value_);
    return all;
  }

  const Sweep& sweep_;
  Shape at_;
  int spatial_;
  Tensor window_, products_;
  double value_ = 0;
};

/// As much of each end as can look like padding at both.
std::int64_t padded_look(const Sweep& sweep, int dimension) {
  if (dimension < 0) return 0;
  return std::max<std::int64_t>(
      0, std::min(sweep.padding_begin[dimension], sweep.padding_end[dimension]));
}

}  // namespace

Board sweep_board(const Sweep& sweep, std::int64_t first_step) {
  const int spatial = sweep.output.dim();
  Board board;
  board.grids.push_back({.title = sweep.image_title,
                         .values = as_grid(sweep.image, spatial),
                         .padding_rows = padded_look(sweep, spatial - 2),
                         .padding_columns = padded_look(sweep, spatial - 1)});
  board.grids.push_back({.title = sweep.kernel_title, .values = as_grid(sweep.kernel, spatial)});
  board.grids.push_back(
      {.title = sweep.output_title, .values = as_grid(sweep.output, spatial), .grows = true});
  board.signs = {"x", "="};
  const Shape sizes = sweep.output.sizes();
  for (std::int64_t i = 0; i < sizes.numel(); ++i) {
    Shape at = Shape::filled(spatial, 0);
    std::int64_t rest = i;
    for (int d = spatial - 1; d >= 0; --d) {
      at[d] = rest % sizes[d];
      rest /= sizes[d];
    }
    board.stops.push_back(SweepStop(sweep, at).make(first_step + i));
  }
  return board;
}

Tensor as_grid(const Tensor& x, int spatial) {
  const std::int64_t columns = x.size(-1), rows = spatial == 1 ? 1 : x.size(-2);
  const std::int64_t slices = x.numel() / (rows * columns);
  const Tensor gapless = x.contiguous();
  return slices == 1 ? gapless.view({rows, columns}) : gapless.view({slices, rows, columns});
}

Tensor without_one(const Tensor& x) { return x.size(0) == 1 ? x.squeeze(0) : x; }

Tensor pad_around(const Tensor& x, const Shape& begin, const Shape& end) {
  std::vector<std::int64_t> pads;
  for (int i = begin.ndim() - 1; i >= 0; --i) {
    pads.push_back(begin[i]);
    pads.push_back(end[i]);
  }
  return pad(x, pads).contiguous();
}

}  // namespace fovea::explain
