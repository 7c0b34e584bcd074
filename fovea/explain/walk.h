// A walk: an operation taken apart into what a person can follow. Numbers on tables, the stops of a
// window that moves over them with the sum at each stop, charts, pictures, drawings of how parts
// hang together, and words between them, in English and Korean.
//
//     const Walk walk = walk_conv({.image = image, .kernels = {kernel}});
//     std::cout << to_text(walk, {.language = Language::kKorean});
//     io::write_file("conv.svg", to_svg(walk));
//
// Walks are made from the operations that train (tensor/ops), never from a second arithmetic, and
// renderers (render.h) know no operation: a new operation needs one walk, and every renderer shows
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "fovea/core/language.h"
#include "fovea/io/pictures/image.h"
#include "fovea/tensor/tensor.h"

namespace fovea::explain {

using fovea::Language;
using fovea::Text;

// --- What programs read --------------------------------------------------------------------------

class Value;
/// Values by name, in their order.
using Fields = std::vector<std::pair<std::string, Value>>;
/// Where a document has the facts of all stops, in their order.
struct StopsHere {};

/// What a walk says to programs: JSON, whose numbers may be a tensor's. A tensor is a list of lists
/// as deep as it has dimensions; with none, a number.
class Value {
 public:
  /// One of what JSON has.
  using Kind = std::variant<std::monostate, bool, std::int64_t, double, std::string, Tensor,
                            std::vector<Value>, Fields, StopsHere>;

  Value() = default;  ///< null
  /// Any of the kinds, and what converts to them. (Not what is one already: see `requires`.)
  // NOLINTBEGIN(google-explicit-constructor,bugprone-forwarding-reference-overload)
  template <class T>
  requires(!std::is_same_v<std::remove_cvref_t<T>, Value>) Value(T&& value)
      : kind_(make(std::forward<T>(value))) {}
  // NOLINTEND(google-explicit-constructor,bugprone-forwarding-reference-overload)

  const Kind& kind() const { return kind_; }  ///< what it is

 private:
  template <class T>
  static Kind make(T&& value) {
    using Plain = std::remove_cvref_t<T>;
    if constexpr (std::is_same_v<Plain, bool>) {
      return Kind(std::in_place_type<bool>, value);
    } else if constexpr (std::is_integral_v<Plain>) {
      return Kind(std::in_place_type<std::int64_t>, value);
    } else if constexpr (std::is_floating_point_v<Plain>) {
      return Kind(std::in_place_type<double>, value);
    } else if constexpr (std::is_convertible_v<T, std::string_view>) {
      return Kind(std::in_place_type<std::string>, std::string_view(value));
    } else {
      return Kind(std::in_place_type<Plain>, std::forward<T>(value));
    }
  }

  Kind kind_;
};

/// A list of numbers.
Value list_of(const Shape& numbers);

// --- What people look at -------------------------------------------------------------------------

/// Words between what there is to see.
struct Note {
  /// How they are set.
  enum class Look : std::uint8_t {
    kParagraph,  ///< a sentence or more
    kFormula,    ///< a line of arithmetic
    kCode,       ///< lines as they are, all letters of one width
  };
  Text text = {};                ///< the words
  Look look = Look::kParagraph;  ///< see there
};

/// A table of numbers on a board: an image, a kernel, a feature map.
struct Grid {
  /// How its cells look.
  enum class Look : std::uint8_t {
    kNumbers,  ///< each with its number
    kShades,   ///< each with a shade from the least (pale) to the largest (deep) value
  };
  Text title = {};                ///< what it is
  Tensor values = {};             ///< [rows, columns] or [slices, rows, columns]: slices lie behind
                                  ///< one another
  Look look = Look::kNumbers;     ///< see there
  std::int64_t padding_rows = 0;  ///< so many rows at each end, and
  std::int64_t padding_columns = 0;  ///< columns at each side, are padding and look so
  /// Its cells are empty until a stop has written them.
  bool grows = false;
};

/// Cells of a grid: a block with a step between its rows and columns (a dilated kernel's window).
struct Cells {
  std::size_t grid = 0;          ///< place in Board::grids
  std::int64_t row = 0;          ///< of the first cell
  std::int64_t column = 0;       ///< of the first cell
  std::int64_t rows = 1;         ///< how many
  std::int64_t columns = 1;      ///< how many
  std::int64_t row_step = 1;     ///< from one row to the next
  std::int64_t column_step = 1;  ///< from one column to the next
  std::int64_t slice = 0;        ///< the first slice
  std::int64_t slices = 1;       ///< how many
};

/// What happens to cells at a stop.
enum class Role : std::uint8_t {
  kRead,    ///< they go into the stop's arithmetic
  kWeigh,   ///< so do they, as weights
  kChosen,  ///< of those read they are the ones that count: the largest of a window
  kWrite,   ///< they are its result
};

/// Cells and what happens to them.
struct Mark {
  Role role = Role::kRead;  ///< what happens
  Cells cells;              ///< to these
};

/// One stop: where the window is, and the arithmetic there.
struct Stop {
  Text title = {};                      ///< "Step 3: row 0, column 2"
  std::vector<std::string> lines = {};  ///< the arithmetic: "(1x1)+(0x0) = 1"
  std::vector<Mark> marks = {};         ///< what it reads and writes
  Fields facts = {};                    ///< the same for programs
  Text note = {};                       ///< a word on it; may be empty
};

/// Grids beside one another, and a way over them.
struct Board {
  Text title = {};                      ///< may be empty
  std::vector<Grid> grids = {};         ///< from left to right
  std::vector<std::string> signs = {};  ///< what stands between them: "x", "="; may be fewer
  std::vector<Stop> stops = {};         ///< the way; none: the grids are all there is to see
  std::optional<std::size_t> only =
      {};  ///< of the way this stop alone is shown; past the end: none
  std::optional<std::size_t> rest = {};  ///< where a picture stands still; without one at the end
};

/// Rows of text under headings.
struct Table {
  Text title = {};                           ///< may be empty
  std::vector<Text> headings = {};           ///< a column each
  std::vector<std::vector<Text>> rows = {};  ///< a text a column
};

/// Bars or lines over an axis.
struct Chart {
  /// What is drawn of a series.
  enum class Look : std::uint8_t {
    kBars,  ///< a bar at each x: a histogram
    kLine,  ///< through the points
  };
  /// Numbers that belong together.
  struct Series {
    Text name = {};              ///< for the legend
    std::vector<double> x = {};  ///< rising, as many as y; of bars their middles, equally far apart
    std::vector<double> y = {};  ///< finite
    Look look = Look::kLine;     ///< see there
  };
  Text title = {};                  ///< what it shows
  Text x_label = {};                ///< of the axis to the right
  Text y_label = {};                ///< of the axis upwards
  std::vector<Series> series = {};  ///< at least one
};

/// Pictures under one another's captions, in rows.
struct Sheet {
  /// A picture.
  struct Picture {
    Text caption = {};     ///< may be empty
    io::Image image = {};  ///< [1 or 3, height, width] u8
  };
  Text title = {};                     ///< what they show
  std::vector<Picture> pictures = {};  ///< in reading order
  std::int64_t columns = 8;            ///< pictures a row, at most
};

/// Boxes and arrows: how the parts of something hang together.
struct Diagram {
  /// A part.
  struct Box {
    Text label = {};   ///< its name
    Text detail = {};  ///< a line below; may be empty
  };
  /// From one part to another.
  struct Arrow {
    std::size_t from = 0;  ///< place in `boxes`
    std::size_t to = 0;    ///< place in `boxes`, behind `from`
    Text label = {};       ///< what goes along it; may be empty
  };
  Text title = {};                 ///< what it shows
  std::vector<Box> boxes = {};     ///< in the order in which they are reached
  std::vector<Arrow> arrows = {};  ///< between them
};

/// Anything there is to see.
using Block = std::variant<Note, Board, Table, Chart, Sheet, Diagram>;

/// An operation taken apart. See the head of this file.
struct Walk {
  Text title = {};                 ///< what is shown
  std::vector<Block> blocks = {};  ///< in reading order
  Value document = {};             ///< what programs read
};

/// Of the walk's boards with stops, shows step `number` alone, counted from 1 through all of them,
/// to people and programs.
/// Throws   ArgumentError when there is no such step.
void show_only(Walk& walk, std::int64_t number);

/// How many stops there are.
std::int64_t count_stops(const Walk& walk);

}  // namespace fovea::explain
