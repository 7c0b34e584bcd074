#include "apps/explain/numbers.h"

#include <charconv>
#include <cmath>
#include <iterator>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "apps/base/exit_code.h"
#include "apps/base/flag_checks.h"
#include "fovea/core/language.h"

namespace fovea::cli {

namespace {

constexpr std::size_t kMostNumbers = 65'536;
/// Of an image, a window or its way.
constexpr std::int64_t kLargestSize = 1'000'000;

std::vector<std::string_view> pieces(std::string_view text, std::string_view between) {
  std::vector<std::string_view> all;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find_first_of(between, begin), text.size());
    all.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return all;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t") == std::string_view::npos;
}

/// The number that all of `text` is.
template <class T>
bool read(std::string_view text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

/// Reads numbers, and remembers how many a row and how many rows a slice there are.
class Reader {
 public:
  explicit Reader(std::string_view flag) : flag_(flag) {}

  void add_slice(std::string_view text) {
    std::int64_t rows = 0;
    // A ";" may stand behind the last row too.
    for (const std::string_view row : pieces(text, ";")) {
      if (is_blank(row)) continue;
      add_row(row);
      ++rows;
    }
    if (rows == 0) refuse({"numbers", "수가"}, std::string(text));
    if (slices_ > 0 && rows != rows_)
      refuse({fmt::format("slices of {} rows", rows_), fmt::format("행이 {}개인 조각이", rows_)},
             fmt::format("{}", rows));
    rows_ = rows;
    ++slices_;
  }
  Tensor finish() const { return from_data(values_, {slices_, rows_, columns_}); }

 private:
  void add_row(std::string_view text) {
    std::int64_t columns = 0;
    for (const std::string_view word : pieces(text, ", \t")) {
      if (word.empty()) continue;
      double value = 0;
      if (!read(word, value) || !std::isfinite(value))
        refuse({"a number", "수가"}, std::string(word));
      if (values_.size() == kMostNumbers)
        refuse({fmt::format("at most {} numbers", kMostNumbers),
                fmt::format("{}개 이하의 수가", kMostNumbers)},
               "...");
      values_.push_back(value);
      ++columns;
    }
    if (columns_ != 0 && columns != columns_)
      refuse(
          {fmt::format("rows of {} numbers", columns_), fmt::format("수가 {}개인 행이", columns_)},
          std::string(text));
    columns_ = columns;
  }
  [[noreturn]] void refuse(const Text& expected, const std::string& got) const {
    throw InBoth<UsageError>(
        {fmt::format("{} expected {}, got \"{}\"", flag_, expected.english, got),
         fmt::format("{}: {} 와야 하는데 \"{}\"입니다", flag_, expected.korean, got)});
  }

  std::string_view flag_;
  std::vector<double> values_;
  std::int64_t slices_ = 0, rows_ = 0, columns_ = 0;
};

}  // namespace

Tensor parse_numbers(std::string_view flag, const std::string& text) {
  Reader reader(flag);
  for (const std::string_view slice : pieces(text, "|")) reader.add_slice(slice);
  return reader.finish();
}

Shape parse_integers(std::string_view flag, const std::string& text, int least, int most) {
  std::vector<std::int64_t> numbers;
  for (const std::string_view word : pieces(text, ",")) {
    std::int64_t number = 0;
    if (!read(word, number)) {
      throw InBoth<UsageError>(
          {fmt::format("{} expected whole numbers with commas between them, got \"{}\"", flag,
                       text),
           fmt::format("{}: 쉼표로 나눈 정수가 와야 하는데 \"{}\"입니다", flag, text)});
    }
    numbers.push_back(number);
  }
  if (std::ssize(numbers) < least || std::ssize(numbers) > most) {
    const std::string count =
        least == most ? std::to_string(least) : fmt::format("{} to {}", least, most);
    const std::string korean =
        least == most ? std::to_string(least) : fmt::format("{}~{}", least, most);
    throw InBoth<UsageError>(
        {fmt::format("{} expected {} whole numbers, got \"{}\"", flag, count, text),
         fmt::format("{}: 정수 {}개가 와야 하는데 \"{}\"입니다", flag, korean, text)});
  }
  return Shape(std::span<const std::int64_t>(numbers));
}

PerDim parse_per_dim(std::string_view flag, const std::string& text, int dims, std::int64_t least) {
  const Shape numbers = parse_integers(flag, text, 1, 3);
  if (numbers.ndim() != 1 && numbers.ndim() != dims) {
    const std::string one = dims == 1 ? "1" : fmt::format("1 or {}", dims);
    const std::string korean = dims == 1 ? "1" : fmt::format("1개나 {}", dims);
    throw InBoth<UsageError>(
        {fmt::format("{} expected {} whole numbers, got \"{}\"", flag, one, text),
         fmt::format("{}: 정수 {}개가 와야 하는데 \"{}\"입니다", flag, korean, text)});
  }
  for (const std::int64_t number : numbers) check_range(flag, number, least, kLargestSize);
  return {numbers};
}

Padding parse_padding(std::string_view flag, const std::string& text, int dims,
                      const PerDim& stride) {
  if (text == "same") {
    for (const std::int64_t step : stride.values()) {
      if (step == 1) continue;
      throw InBoth<UsageError>(
          {fmt::format("{} same expected a stride of 1, got {}", flag, step),
           fmt::format("{} same: 스트라이드가 1이어야 하는데 {}입니다", flag, step)});
    }
  }
  if (text == "same" || text == "valid") return {text};
  return {parse_per_dim(flag, text, dims, 0)};
}

void check_rate(std::string_view flag, double value) {
  if (std::isfinite(value) && value >= 0) return;
  throw InBoth<UsageError>(
      {fmt::format("{} expected a finite number of at least 0, got {}", flag, value),
       fmt::format("{}: 0 이상의 유한한 수여야 하는데 {}입니다", flag, value)});
}

void check_decay(std::string_view flag, double value) {
  if (value >= 0 && value < 1) return;
  throw InBoth<UsageError>({fmt::format("{} expected at least 0 and below 1, got {}", flag, value),
                            fmt::format("{}: 0 이상 1 미만이어야 하는데 {}입니다", flag, value)});
}

}  // namespace fovea::cli
