#include "fovea/train/words.h"

namespace fovea::train {

std::string quoted_list(std::span<const std::string> words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "\"" : ", \"") + word + "\"";
  return list;
}

}  // namespace fovea::train
