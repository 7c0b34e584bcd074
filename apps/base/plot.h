// Curves in a terminal: of braille, whose cells have two dots by four, or of plain letters.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "apps/base/terminal.h"

namespace fovea::cli {

/// A curve.
struct Curve {
  std::vector<std::pair<double, double>> points = {};  ///< x rising; finite
  Style style = Style::kAccent;                        ///< its colour
  char letter = '*';                                   ///< its dots without unicode
};

/// Where and how large curves are drawn.
struct PlotOptions {
  int columns = 40;          ///< width with the numbers at the left, at least 16
  int rows = 10;             ///< height with the numbers below, at least 3
  double x_most = 1;         ///< the x axis goes from 0 to it
  bool percent = false;      ///< y is a fraction, and is written in per cent
  std::string x_label = {};  ///< what x counts
};

/// Draws curves over one another, later ones on top, as options.rows lines of options.columns
/// columns each. The y axis reaches from the least to the largest value that is drawn.
std::vector<std::string> plot(const std::vector<Curve>& curves, const PlotOptions& options,
                              const Terminal& terminal);

}  // namespace fovea::cli
