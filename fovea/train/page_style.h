// How the page of a run looks.
#pragma once

#include <string_view>

namespace fovea::train {

/// The style sheet of report.html. Colours are those of io::SvgCanvas, with its contrasts.
std::string_view page_style();

}  // namespace fovea::train
