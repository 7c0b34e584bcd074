#include "fovea/explain/render/svg_motion.h"

#include <algorithm>
#include <utility>

#include "fovea/core/error.h"

namespace fovea::explain {

namespace {

/// Seconds: a loop of few stops gives time to read each of them, one of many ends within a minute.
constexpr double kWholeLoop = 40, kLongestSlot = 2.6, kShortestSlot = 0.9, kPause = 3.5;
/// Shares of a slot at which things have happened.
constexpr double kWindowArrived = 0.3, kResultLeaves = 0.5, kResultSeen = 0.55,
                 kResultArrived = 0.85;
/// Seconds in which words come and go.
constexpr double kFade = 0.12;

std::string moved_by(io::SvgPoint shift) {
  return str("transform:translate(", io::svg_number(shift.x, 1), "px,", io::svg_number(shift.y, 1),
             "px)");
}

}  // namespace

SvgMotion::SvgMotion(std::string prefix, std::size_t stops, std::size_t rest)
    : prefix_(std::move(prefix)), stops_(stops), rest_(rest) {
  slot_ = std::clamp(kWholeLoop / static_cast<double>(std::max<std::size_t>(stops, 1)),
                     kShortestSlot, kLongestSlot);
  loop_ = slot_ * static_cast<double>(stops) + kPause;
  const auto share = [&](double seconds, double lasts) {
    return io::svg_number(100 * (seconds < 0 ? lasts + seconds : seconds) / loop_) + "%";
  };
  // The words of a stop, and those of the last, which stay for the pause.
  for (const bool last : {false, true}) {
    const double lasts = last ? slot_ + kPause : slot_;
    const std::string name = prefix_ + (last ? "end" : "say");
    rules_ +=
        str("@keyframes ", name, "{0%{opacity:0}", share(kFade, lasts), ",", share(-kFade, lasts),
            "{opacity:1}", share(lasts, lasts), ",100%{opacity:0}}", "\n.", name,
            "{animation:", name, " ", io::svg_number(loop_), "s linear infinite}\n");
  }
}

std::string SvgMotion::at(std::size_t stop, double part) const {
  return io::svg_number(100 * slot_ * (static_cast<double>(stop) + part) / loop_) + "%";
}

std::string SvgMotion::add(const std::string& keyframes, const char* timing) {
  std::string name = str(prefix_, "m", names_++);
  rules_ += str("@keyframes ", name, "{", keyframes, "}\n.", name, "{animation:", name, " ",
                io::svg_number(loop_), "s ", timing, " infinite}\n");
  return name;
}

std::string SvgMotion::add_window(const std::vector<std::optional<io::SvgPoint>>& places) {
  const bool always = std::ranges::all_of(places, [](const auto& place) { return !!place; });
  const auto frame = [&](const std::string& when, io::SvgPoint place, int seen) {
    return str(when, "{", moved_by(place), always ? "" : str(";opacity:", seen), "}");
  };
  std::string keyframes;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!places[i]) continue;
    const bool came = i > 0 && places[i - 1], goes = i + 1 == places.size() || !places[i + 1];
    if (i > 0 && !came) {
      if (keyframes.empty()) keyframes += frame("0%", *places[i], 0);
      keyframes += frame(at(i, 0), *places[i], 0);
    }
    keyframes += frame(i == 0 ? "0%" : at(i, kWindowArrived), *places[i], 1);
    if (i + 1 == places.size()) {
      keyframes += frame("100%", *places[i], 1);
      continue;
    }
    keyframes += frame(at(i + 1, 0), *places[i], 1);
    if (!goes) continue;
    keyframes += frame(at(i + 1, kWindowArrived), *places[i], 0);
    const bool again = std::any_of(places.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                   places.end(), [](const auto& place) { return !!place; });
    if (!again) keyframes += frame("100%", *places[i], 0);
  }
  return add(keyframes, "ease-in-out");
}

std::string SvgMotion::add_result(std::size_t stop, io::SvgPoint from) {
  const std::string away = moved_by(from);
  return add(
      str("0%,", at(stop, kResultLeaves), "{opacity:0;", away, "}", at(stop, kResultSeen),
          "{opacity:1;", away, "}", at(stop, kResultArrived), ",100%{opacity:1;transform:none}"),
      "ease-in-out");
}

std::string SvgMotion::add_sudden(std::size_t stop) {
  return add(str("0%,", at(stop, 0), "{opacity:0}", at(stop, kWindowArrived), ",100%{opacity:1}"),
             "linear");
}

io::SvgGroup SvgMotion::seen_during(std::size_t stop) const {
  const bool last = stop + 1 == stops_;
  // The loop is begun in the past, so that this stop's slot is at the loop's begin.
  const double delay = slot_ * static_cast<double>(stop) - loop_;
  return {.classes = prefix_ + (last ? "end" : "say"),
          .style = str("animation-delay:", io::svg_number(delay), "s"),
          .opacity = stop == rest_ ? 1.0 : 0.0};
}

std::string SvgMotion::add_progress() {
  std::string name =
      add(str("0%{transform:scaleX(0)}", at(stops_, 0), ",100%{transform:scaleX(1)}"), "linear");
  rules_ += str(".", name, "{transform-box:fill-box;transform-origin:0 0}\n");
  return name;
}

std::string SvgMotion::rules() const {
  return str("@media(prefers-reduced-motion:no-preference){\n", rules_,
             "}\nsvg:active *{animation-play-state:paused}\n");
}

}  // namespace fovea::explain
