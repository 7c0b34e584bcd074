// The few things that were used last.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace fovea::serve {

/// Values by key, of which no more than `most` are kept: who was not used for longest goes.
/// Threads  one at a time.
template <class Key, class Value>
class Recent {
 public:
  explicit Recent(std::size_t most) : most_(most) {}  ///< keeps so many

  /// The value of `key`, used now; null where there is none.
  Value* find(const Key& key) {
    const auto found = std::ranges::find(items_, key, &std::pair<Key, Value>::first);
    if (found == items_.end()) return nullptr;
    std::rotate(items_.begin(), found, found + 1);
    return &items_.front().second;
  }
  /// Keeps `value` under `key`, in place of what was there.
  Value& put(const Key& key, Value value) {
    std::erase_if(items_, [&](const auto& item) { return item.first == key; });
    items_.emplace(items_.begin(), key, std::move(value));
    if (items_.size() > most_) items_.pop_back();
    return items_.front().second;
  }
  /// Lets those go that were not used for longest, until what `weight(value)` says of the others is
  /// at most `most` together; the last one put stays.
  template <class Weight>
  void trim(std::size_t most, const Weight& weight) {
    std::size_t sum = 0, kept = 0;
    for (const auto& [key, value] : items_) {
      sum += weight(value);
      if (kept > 0 && sum > most) break;
      ++kept;
    }
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(kept), items_.end());
  }
  std::size_t size() const { return items_.size(); }  ///< how many there are

 private:
  std::size_t most_;
  std::vector<std::pair<Key, Value>> items_;  // used last first
};

}  // namespace fovea::serve
