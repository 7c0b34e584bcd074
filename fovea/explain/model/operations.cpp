#include "fovea/explain/model/operations.h"

#include <algorithm>

#include "fovea/core/error.h"
#include "fovea/explain/arithmetic.h"
#include "fovea/explain/model/operations/values.h"

namespace fovea::explain {

namespace {

const OperationWalk* find_walk(std::string_view name) {
  using Table = std::span<const OperationWalk> (*)();
  constexpr Table kTables[] = {
#define FOVEA_TABLE(name) name##_walks,
      FOVEA_OPERATION_WALKS(FOVEA_TABLE)
#undef FOVEA_TABLE
  };
  for (const Table table : kTables) {
    const auto found = std::ranges::find(table(), name, &OperationWalk::name);
    if (found != table().end()) return &*found;
  }
  return nullptr;
}

/// Of an operation that nobody has written a walk over, or a module of several.
Account walk_parts(const Visit& visit) {
  Account account;
  Table table{.title = {},
              .headings = {Text("part", "부분"), Text("operation", "연산"), Text("value", "값")}};
  for (const LayerRun& part : visit.layer.parts) {
    const Tensor& output = part.output();
    const Text value = output.sizes() == visit.layer.output().sizes()
                           ? Text(number_text(value_at(output, visit.index)))
                           : Text(output.sizes().to_string());
    table.rows.push_back({part.name, part.type, value});
  }
  account.blocks.emplace_back(Note{
      table.rows.empty()
          ? Text("This operation is not taken apart; the run gave " + number_text(visit.value) +
                     " here.",
                 "이 연산은 나누어 보이지 않습니다. 실행한 값은 " + number_text(visit.value) +
                     "입니다.")
          : Text("The layer consists of these operations, and the last one's value is its own.",
                 "이 층은 다음 연산들로 이루어지며, 마지막 연산의 값이 층의 값입니다.")});
  if (!table.rows.empty()) account.blocks.emplace_back(std::move(table));
  return account;
}

}  // namespace

Shape Visit::at() const {
  Shape places;
  for (int i = 2; i < index.ndim(); ++i) places.push_back(index[i]);
  return places;
}

void check_place_count(const LayerRun& layer, const Shape& at) {
  const Shape& sizes = layer.output().sizes();
  const int places = std::max(sizes.ndim() - 2, 0);
  check_in_both<IndexError>(at.empty() || at.ndim() == places, [&] {
    return Text(str("explain: place expected ", places, " numbers, got ", at.ndim(), " (layer ",
                    layer.name, ", output ", sizes, ")"),
                str("explain: 자리는 수 ", places, "개여야 하는데 ", at.ndim(), "개입니다 (층 ",
                    layer.name, ", 출력 ", sizes, ")"));
  });
}

const OperationWalk& walk_of(const LayerRun& layer) {
  static const OperationWalk kNone{.name = "", .walk = walk_parts, .reach = Reach::kAll};
  // Parts of one size are functions of one element, as activations are.
  static const OperationWalk kParts{.name = "", .walk = walk_parts};
  const OperationWalk* found = find_walk(layer.op.empty() ? layer.type : layer.op);
  if (found != nullptr) return *found;
  const bool alike = std::ranges::all_of(layer.parts, [&](const LayerRun& part) {
    return part.output().sizes() == layer.output().sizes() && walk_of(part).reach == Reach::kPlace;
  });
  return alike && !layer.parts.empty() ? kParts : kNone;
}

}  // namespace fovea::explain
