#include "fovea/graph/draw_layout.h"

#include <algorithm>
#include <limits>

namespace fovea::graph {

namespace {

/// What places count in means: lines give way to boxes.
double weight(const Place& place) { return place.is_box ? 8 : 1; }

double half_width(const Place& place, const LayoutSizes& sizes) {
  return place.is_box ? sizes.box / 2 : 0;
}

/// Where a place would be if it had its level for itself: at the mean of what it comes from.
double wish(const Place& place, const std::vector<Place>& places) {
  double sum = 0, weights = 0;
  for (const std::size_t from : place.from) {
    sum += weight(places[from]) * places[from].x;
    weights += weight(places[from]);
  }
  return place.from.empty() ? place.x : sum / weights;
}

/// The place on the level above `level` from which a line comes down from `box`; passages that are
/// missing on the way are added.
std::size_t reach(std::size_t box, std::size_t level, std::vector<Place>& places,
                  std::vector<std::vector<std::size_t>>& passages) {
  std::vector<std::size_t>& down = passages[box];
  for (std::size_t next = places[box].level + 1 + down.size(); next < level; ++next) {
    const std::size_t above = down.empty() ? box : down.back();
    down.push_back(places.size());
    places.push_back({.level = next, .from = {above}, .is_box = false});
  }
  const std::size_t between = level - places[box].level - 1;
  return between == 0 ? box : down[between - 1];
}

/// Neighbours that have been pushed together, and where they would like to be.
struct Cluster {
  std::size_t count;
  double weight, position;
};

/// Sets x of a level's places, which stand in order: as near to their wishes as their widths let
/// them. With each place's distance from the first one taken off its wish, what is left to do is to
/// make the wishes rise; places whose wishes fall are pooled at their mean.
/// Source   Barlow et al. 1972, "Statistical Inference under Order Restrictions": pooling of
///          adjacent violators.
void settle(const std::vector<std::size_t>& level, const LayoutSizes& sizes,
            std::vector<Place>& places) {
  std::vector<double> distance(level.size());
  std::vector<Cluster> clusters;
  for (std::size_t i = 0; i < level.size(); ++i) {
    const Place& place = places[level[i]];
    if (i > 0)
      distance[i] = distance[i - 1] + half_width(places[level[i - 1]], sizes) + sizes.gap +
                    half_width(place, sizes);
    clusters.push_back({1, weight(place), wish(place, places) - distance[i]});
    while (clusters.size() > 1 &&
           clusters.back().position < clusters[clusters.size() - 2].position) {
      const Cluster right = clusters.back();
      clusters.pop_back();
      Cluster& left = clusters.back();
      left.position = (left.position * left.weight + right.position * right.weight) /
                      (left.weight + right.weight);
      left.weight += right.weight;
      left.count += right.count;
    }
  }
  std::size_t i = 0;
  for (const Cluster& cluster : clusters)
    for (std::size_t end = i + cluster.count; i < end; ++i)
      places[level[i]].x = cluster.position + distance[i];
}

}  // namespace

std::vector<Place> lay_out(std::span<const std::vector<std::size_t>> uses,
                           const LayoutSizes& sizes) {
  std::vector<Place> places(uses.size());
  for (std::size_t i = 0; i < uses.size(); ++i)
    for (const std::size_t used : uses[i])
      places[i].level = std::max(places[i].level, places[used].level + 1);
  std::vector<std::vector<std::size_t>> passages(uses.size());
  for (std::size_t i = 0; i < uses.size(); ++i) {
    for (const std::size_t used : uses[i]) {
      const std::size_t above = reach(used, places[i].level, places, passages);
      places[i].from.push_back(above);
    }
  }

  std::vector<std::vector<std::size_t>> levels;
  for (std::size_t i = 0; i < places.size(); ++i) {
    levels.resize(std::max(levels.size(), places[i].level + 1));
    levels[places[i].level].push_back(i);
  }
  double left = std::numeric_limits<double>::infinity();
  for (std::vector<std::size_t>& level : levels) {
    std::ranges::stable_sort(level, {}, [&](std::size_t i) { return wish(places[i], places); });
    settle(level, sizes, places);
    left = std::min(left, places[level.front()].x - half_width(places[level.front()], sizes));
  }
  for (Place& place : places) place.x -= left;
  return places;
}

}  // namespace fovea::graph
