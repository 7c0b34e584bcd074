// The chapter as it was when the program was built: docs/chapter.md and docs/chapter.ko.md, whose
// bytes cmake/FoveaChapter.cmake writes into a source file.
#pragma once

#include <string_view>

#include "fovea/core/language.h"

namespace fovea::serve {

/// The chapter in Markdown.
std::string_view chapter_text(Language language);

}  // namespace fovea::serve
