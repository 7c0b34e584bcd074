// How wide text stands on a terminal, and lines that fit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fovea {

/// Columns that UTF-8 `text` takes: East Asian wide characters count two, combining ones none.
int display_width(std::string_view text);
/// As much of the head of `text` as takes no more than `columns`.
std::string_view fitting_head(std::string_view text, int columns);
/// `text` cut at spaces into lines of at most `columns`, all but the first begun with `indent`
/// spaces. A word that is wider than a line is cut too.
std::vector<std::string> wrap(std::string_view text, int columns, int indent = 0);

}  // namespace fovea
