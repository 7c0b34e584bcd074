// What the page sees of a judgement: the report, what is confused, how far probabilities can be
// believed, the images of a cell, and two models on the same images.

#include <variant>

#include "apps/serve/api/json_response.h"
#include "apps/serve/api/judging.h"
#include "apps/serve/api/query_reader.h"
#include "apps/serve/api/samples_sheet.h"
#include "apps/serve/api/sheet.h"
#include "fovea/io/json.h"
#include "fovea/train/calibration.h"
#include "fovea/train/comparison.h"

namespace fovea::serve {

namespace {

constexpr std::size_t kMostPairs = 12, kMostShownMistakes = 24;
constexpr std::int64_t kMostCellTiles = 200, kMostNumber = 1'000'000'000;

Response not_yet(const JudgingProgress& progress) {
  return json_response({{"done", progress.done}, {"total", progress.total}}, 202);
}

io::Json json_of(const train::Calibration& calibration) {
  io::Json bins = io::Json::array();
  for (const train::ReliabilityBin& bin : calibration.bins)
    bins.push_back({{"from", bin.from},
                    {"to", bin.to},
                    {"count", bin.count},
                    {"accuracy", bin.accuracy},
                    {"confidence", bin.confidence}});
  return {{"ece", calibration.ece}, {"bins", bins}};
}

Response evaluation_of(const Judged& judged) {
  io::Json pairs = io::Json::array(), mistakes = io::Json::array();
  for (const train::Confusion& one : train::most_confused(judged.answers, kMostPairs))
    pairs.push_back({{"truth", one.truth}, {"answer", one.answer}, {"count", one.count}});
  for (const std::int64_t i : train::surest_mistakes(judged.answers, kMostShownMistakes)) {
    const train::SampleAnswer& one = judged.answers[static_cast<std::size_t>(i)];
    mistakes.push_back({{"index", i},
                        {"truth", one.truth},
                        {"answer", one.answer},
                        {"probability", one.probability}});
  }
  io::Json json = {{"report", io::parse_json(train::to_json(judged.report)).value()},
                   {"pairs", pairs},
                   {"mistakes", mistakes},
                   {"calibration", io::Json()}};
  if (!judged.answers.empty()) json["calibration"] = json_of(train::calibrate(judged.answers));
  return json_response(json);
}

Response cell_of(const Judged& judged, const QueryReader& query) {
  const std::int64_t truth = query.whole("truth", 0, kMostNumber);
  const std::int64_t answer = query.whole("answer", 0, kMostNumber);
  const std::vector<std::int64_t> all = train::samples_of_cell(judged.answers, truth, answer);
  const auto total = static_cast<std::int64_t>(all.size());
  const std::int64_t from = std::min(query.whole_or("from", 0, 0, kMostNumber), total);
  const std::int64_t count = std::min(query.whole_or("count", 40, 1, kMostCellTiles), total - from);
  const std::vector<std::int64_t> shown(all.begin() + from, all.begin() + from + count);
  io::Json items = io::Json::array();
  for (const std::int64_t i : shown)
    items.push_back(
        {{"index", i}, {"probability", judged.answers[static_cast<std::size_t>(i)].probability}});
  io::Json json = {{"total", total}, {"items", items}};
  json.update(serve::json_of(sheet_of_samples(*judged.data, shown)));
  return json_response(json);
}

std::string model_of(const QueryReader& query, const char* name) {
  return "run:" + query.text(name);
}

/// What `answer` makes of a run's judgement, once it is there.
template <class F>
Response once_judged(Judging& judging, const std::string& model, const F& answer) {
  const auto state = judging.ask(model);
  if (const auto* progress = std::get_if<JudgingProgress>(&state)) return not_yet(*progress);
  return answer(*std::get<std::shared_ptr<const Judged>>(state));
}

Response comparison_of(const std::string& name_a, const Judged& a, const std::string& name_b,
                       const Judged& b) {
  const train::Comparison compared = train::compare(a.answers, b.answers);
  const Text verdict = compared.verdict(name_a, name_b);
  return json_response({{"a", {{"accuracy", a.report.evaluation.accuracy()}}},
                        {"b", {{"accuracy", b.report.evaluation.accuracy()}}},
                        {"both_right", compared.both_right},
                        {"only_a", compared.only_a},
                        {"only_b", compared.only_b},
                        {"both_wrong", compared.both_wrong},
                        {"p", compared.p},
                        {"test", compared.exact ? "exact" : "chi2"},
                        {"verdict", {{"en", verdict.english}, {"ko", verdict.korean}}}});
}

}  // namespace

void add_judging(Router& router, Judging& judging) {
  router.get("/api/evaluation", [&](const Request& request) {
    return once_judged(judging, model_of(QueryReader(request), "run"), evaluation_of);
  });
  router.get("/api/evaluation/cell", [&](const Request& request) {
    const QueryReader query(request);
    return once_judged(judging, model_of(query, "run"),
                       [&](const Judged& judged) { return cell_of(judged, query); });
  });
  router.get("/api/comparison", [&](const Request& request) {
    const QueryReader query(request);
    return once_judged(judging, model_of(query, "a"), [&](const Judged& a) {
      return once_judged(judging, model_of(query, "b"), [&](const Judged& b) {
        return comparison_of(query.text("a"), a, query.text("b"), b);
      });
    });
  });
}

}  // namespace fovea::serve
