// How a walk's page looks.
#pragma once

#include <string_view>

namespace fovea::explain {

/// The style sheet of to_html. Colours are those of io::SvgCanvas, with its contrasts.
std::string_view html_style();

}  // namespace fovea::explain
