// The words of a stop: its title, its arithmetic and its note.
#pragma once

#include "fovea/explain/render/svg_parts.h"

namespace fovea::explain {

/// The width that the arithmetic of a stop would like to have.
double svg_stop_width(const Stop& stop);
/// The height that a stop's words take.
double svg_stop_height(const Stop& stop, const SvgFrame& frame);
/// Draws them.
void svg_stop_words(io::SvgCanvas& canvas, const Stop& stop, const SvgFrame& frame);

}  // namespace fovea::explain
