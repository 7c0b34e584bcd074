// Printing as NumPy prints arrays: the fewest digits that tell the values apart (at most 8 after
// the point), columns aligned, lines of at most 75 characters, and more than 1,000 elements
// summarised to three at each end.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <ostream>

#include "fovea/tensor/tape.h"
#include "fovea/tensor/tensor.h"

namespace fovea {

namespace {

constexpr std::int64_t kSummaryThreshold = 1000;
constexpr std::int64_t kEdgeItems = 3;
constexpr std::size_t kLineWidth = 75;
constexpr int kPrecision = 8;

template <class... Options>
std::string to_text(Options... options) {
  char buffer[400];  // the longest double in fixed notation has 309 digits before the point
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, options...);
  return error == std::errc() ? std::string(buffer, end) : std::string("?");
}

/// The fewest digits that read back as `value` in the precision that the tensor had. Fixed notation
/// fills up with zeros before the point: 2^27 as f32 is 134217730, as in NumPy.
std::string shortest(double value, bool single, std::chars_format format) {
  std::string text = single ? to_text(static_cast<float>(value), format) : to_text(value, format);
  if (format != std::chars_format::fixed || text.find('.') != std::string::npos) return text;
  const auto scientific = std::chars_format::scientific;
  const std::string digits =
      single ? to_text(static_cast<float>(value), scientific) : to_text(value, scientific);
  std::size_t kept = 0;  // digits that matter, and the sign
  for (const char c : digits.substr(0, digits.find('e'))) kept += c != '.';
  if (kept < text.size())
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(kept), text.end(), '0');
  return text;
}

/// Prints one floating-point tensor's elements, all alike.
class FloatFormat {
 public:
  FloatFormat(const std::vector<double>& values, bool single) : single_(single) {
    double largest = 0, smallest = HUGE_VAL;
    for (const double v : values) {
      if (!std::isfinite(v) || v == 0) continue;
      largest = std::max(largest, std::abs(v));
      smallest = std::min(smallest, std::abs(v));
    }
    if (largest > 0) scientific_ = largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1000;
    for (const double v : values) {
      if (!std::isfinite(v)) continue;
      const std::string text = plain(v);
      const std::size_t point = text.find('.'), end = std::min(text.find('e'), text.size());
      left_ = std::max(left_, point);
      right_ = std::max(right_, end - point - 1);
    }
    for (const double v : values) {
      if (!std::isfinite(v))
        left_ = std::max(left_, special(v).size() - std::min(right_ + 1, special(v).size()));
    }
  }

  std::string operator()(double v) const {
    if (!std::isfinite(v)) {
      const std::size_t width = left_ + 1 + right_ + (scientific_ ? 4 : 0);
      const std::string text = special(v);
      return std::string(width - std::min(width, text.size()), ' ') + text;
    }
    std::string text = plain(v);
    const std::size_t point = text.find('.'), end = std::min(text.find('e'), text.size());
    // Columns are filled with exact digits, not with zeros.
    if (scientific_ && end - point - 1 < right_) {
      text = to_text(v, std::chars_format::scientific, static_cast<int>(right_));
    } else {
      text.insert(end, right_ - (end - point - 1), ' ');
    }
    return std::string(left_ - point, ' ') + text;
  }

 private:
  static std::string special(double v) { return std::isnan(v) ? "nan" : v > 0 ? "inf" : "-inf"; }

  /// Fewest digits, cut to kPrecision after the point; always with a point.
  std::string plain(double v) const {
    const auto format = scientific_ ? std::chars_format::scientific : std::chars_format::fixed;
    std::string text = shortest(v, single_, format);
    std::size_t end = std::min(text.find('e'), text.size());
    const std::size_t point = text.find('.');
    if (point == std::string::npos) {
      text.insert(end, ".");
    } else if (end - point - 1 > kPrecision) {
      text = to_text(v, format, kPrecision);
      end = std::min(text.find('e'), text.size());
      std::size_t last = end;
      while (text[last - 1] == '0') --last;
      text.erase(last, end - last);
    }
    return text;
  }

  bool single_;
  bool scientific_ = false;
  std::size_t left_ = 0, right_ = 0;
};

using ElementText = std::function<std::string(std::int64_t)>;

/// Lays out dimension `dim` onwards, starting at element `at`.
class Layout {
 public:
  Layout(const Shape& sizes, const ElementText& text, bool summarise)
      : sizes_(sizes), text_(text), summarise_(summarise) {}

  std::string block(int dim, std::int64_t at, std::size_t indent) const {
    if (sizes_[dim] == 0) return "[]";
    return dim + 1 == sizes_.ndim() ? row(at, indent) : rows(dim, at, indent);
  }

  /// Calls f with each position along `dim` that is shown, and with -1 for the gap.
  template <class F>
  void shown(int dim, const F& f) const {
    const std::int64_t size = sizes_[dim];
    const bool cut = summarise_ && size > 2 * kEdgeItems;
    for (std::int64_t i = 0; i < size; ++i) {
      if (cut && i == kEdgeItems) {
        f(-1);
        i = size - kEdgeItems;
      }
      f(i);
    }
  }

 private:
  std::string row(std::int64_t at, std::size_t indent) const {
    std::string text = "[", line = text;
    bool first = true;
    shown(sizes_.ndim() - 1, [&](std::int64_t i) {
      const std::string word = i < 0 ? "..." : text_(at + i);
      if (!first && line.size() + 1 + word.size() + indent - 1 >= kLineWidth) {
        text += "\n" + std::string(indent, ' ');
        line = " ";
      } else if (!first) {
        text += " ";
        line += " ";
      }
      text += word;
      line += word;
      first = false;
    });
    return text + "]";
  }

  std::string rows(int dim, std::int64_t at, std::size_t indent) const {
    std::int64_t step = 1;
    for (int d = dim + 1; d < sizes_.ndim(); ++d) step *= sizes_[d];
    const std::string gap(static_cast<std::size_t>(sizes_.ndim() - dim - 1), '\n');
    std::string text = "[";
    bool first = true;
    shown(dim, [&](std::int64_t i) {
      if (!first) text += gap + std::string(indent, ' ');
      text += i < 0 ? "..." : block(dim + 1, at + i * step, indent + 1);
      first = false;
    });
    return text + "]";
  }

  Shape sizes_;
  const ElementText& text_;
  bool summarise_;
};

/// Positions of the elements that are shown.
void collect(const Layout& layout, const Shape& sizes, int dim, std::int64_t at,
             std::vector<std::int64_t>& out) {
  if (dim == sizes.ndim()) {
    out.push_back(at);
    return;
  }
  std::int64_t step = 1;
  for (int d = dim + 1; d < sizes.ndim(); ++d) step *= sizes[d];
  layout.shown(dim, [&](std::int64_t i) {
    if (i >= 0) collect(layout, sizes, dim + 1, at + i * step, out);
  });
}

std::string scalar_text(double v, bool single) {
  if (!std::isfinite(v)) return std::isnan(v) ? "nan" : v > 0 ? "inf" : "-inf";
  const double size = std::abs(v);
  const bool scientific = size != 0 && (size >= 1e16 || size < 1e-4);
  std::string text =
      shortest(v, single, scientific ? std::chars_format::scientific : std::chars_format::fixed);
  if (!scientific && text.find('.') == std::string::npos) text += ".0";
  return text;
}

/// Right-aligned words of one width.
ElementText aligned(std::vector<std::string> words, const std::vector<std::int64_t>& positions) {
  std::size_t width = 0;
  for (const std::string& word : words) width = std::max(width, word.size());
  for (std::string& word : words) word.insert(0, width - word.size(), ' ');
  return [words = std::move(words), positions](std::int64_t at) {
    const auto found = std::lower_bound(positions.begin(), positions.end(), at);
    return words[static_cast<std::size_t>(found - positions.begin())];
  };
}

std::vector<std::string> words_for(const Tensor& tensor,
                                   const std::vector<std::int64_t>& positions) {
  std::vector<std::string> words;
  const bool single = tensor.dtype() != f64;
  if (is_floating(tensor.dtype())) {
    const std::vector<double> all = tensor.to_vector<double>();
    std::vector<double> shown;
    shown.reserve(positions.size());
    for (const std::int64_t p : positions) shown.push_back(all[static_cast<std::size_t>(p)]);
    const FloatFormat format(shown, single);
    for (const double v : shown)
      words.push_back(tensor.dim() == 0 ? scalar_text(v, single) : format(v));
  } else if (tensor.dtype() == boolean) {
    const std::vector<bool> all = tensor.to_vector<bool>();
    for (const std::int64_t p : positions)
      words.push_back(all[static_cast<std::size_t>(p)] ? "True" : "False");
  } else if (tensor.dtype() == u64) {
    const auto all = tensor.to_vector<std::uint64_t>();
    for (const std::int64_t p : positions)
      words.push_back(std::to_string(all[static_cast<std::size_t>(p)]));
  } else {
    const auto all = tensor.to_vector<std::int64_t>();
    for (const std::int64_t p : positions)
      words.push_back(std::to_string(all[static_cast<std::size_t>(p)]));
  }
  return words;
}

}  // namespace

std::string Tensor::to_string() const {
  if (!defined()) return "undefined tensor";
  const NoGrad no_grad;
  const Shape& sizes = this->sizes();
  const ElementText no_text;
  const bool summarise = numel() > kSummaryThreshold;
  std::vector<std::int64_t> positions;
  collect(Layout(sizes, no_text, summarise), sizes, 0, 0, positions);
  const ElementText text = aligned(words_for(*this, positions), positions);
  if (dim() == 0) return text(0);
  if (numel() == 0) return "[]";
  return Layout(sizes, text, summarise).block(0, 0, 1);
}

std::ostream& operator<<(std::ostream& out, const Tensor& tensor) {
  return out << tensor.to_string();
}

}  // namespace fovea
