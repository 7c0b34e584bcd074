#include "fovea/train/page_parts.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "fovea/core/error.h"
#include "fovea/io/base64.h"
#include "fovea/io/svg.h"

namespace fovea::train {

std::string both(std::string_view english, std::string_view korean) {
  return str("<span class=\"en\" lang=\"en\">", english, "</span><span class=\"ko\" lang=\"ko\">",
             korean, "</span>");
}

std::string escaped(std::string_view text) { return io::xml_escape(text); }

std::string with_commas(std::int64_t number) {
  std::string text = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first + 3;) text.insert(at -= 3, ",");
  return text;
}

std::string percent_text(double share, int digits) {
  // 100 % is said when all are right, and not when nearly all are.
  const double most = share < 1 ? 100 - std::pow(10.0, -digits) : 100;
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, std::min(share * 100, most));
  return str("<span>", text, "\u00a0%</span>");
}

std::string four_digits(double number) {
  return std::isfinite(number) ? io::svg_number(number, 4) : str(number);
}

std::string duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(std::max(seconds, 0.0)));
  const std::int64_t hours = whole / 3600, minutes = whole / 60 % 60, rest = whole % 60;
  if (hours > 0)
    return both(str(hours, " h ", minutes, " min"), str(hours, "시간 ", minutes, "분"));
  if (minutes > 0) return both(str(minutes, " min ", rest, " s"), str(minutes, "분 ", rest, "초"));
  if (whole < 10) {
    const std::string tenths = io::svg_number(std::max(seconds, 0.0), 1);
    return both(tenths + " s", tenths + "초");
  }
  return both(str(rest, " s"), str(rest, "초"));
}

std::string inline_image(const io::Image& image, std::string_view description) {
  // What has more pixels than it is shown with is better scaled smoothly.
  constexpr std::int64_t kSmall = 64;
  const std::string data = io::encode_base64(io::encode_png(image));
  const bool small = std::max(image.size(1), image.size(2)) <= kSmall;
  return str("<img", small ? " class=\"small\"" : "", " alt=\"", escaped(description),
             "\" src=\"data:image/png;base64,", data, "\">");
}

}  // namespace fovea::train
