#include "fovea/train/report.h"

#include "fovea/io/csv.h"
#include "fovea/io/json.h"

namespace fovea::train {

namespace {

using io::Json;

Json matrix(const ConfusionMatrix& confusion) {
  Json rows = Json::array();
  for (std::int64_t truth = 0; truth < confusion.classes(); ++truth) {
    Json row = Json::array();
    for (std::int64_t answer = 0; answer < confusion.classes(); ++answer)
      row.push_back(confusion.count(truth, answer));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

std::string to_json(const Report& report) {
  const Metrics metrics = report.metrics();
  Json json = {{"model", report.model},
               {"data", report.data},
               {"samples", metrics.samples},
               {"loss", report.evaluation.loss},
               {"accuracy", metrics.accuracy},
               {"error_rate", metrics.error_rate},
               {"majority_share", metrics.majority_share},
               {"warnings", metrics.warnings},
               {"per_class", Json::array()},
               {"macro_f1", metrics.macro_f1},
               {"confusion_matrix", matrix(report.evaluation.confusion)}};
  for (const ClassMetrics& of_class : metrics.per_class) {
    json["per_class"].push_back({{"class", of_class.name},
                                 {"index", of_class.index},
                                 {"precision", of_class.precision},
                                 {"recall", of_class.recall},
                                 {"f1", of_class.f1},
                                 {"support", of_class.support}});
  }
  if (report.tta != "none") json["tta"] = report.tta;
  if (!report.run_dir.empty()) json["run_dir"] = report.run_dir;
  return io::json_lines(json) + "\n";
}

std::string confusion_csv(const Report& report) {
  const ConfusionMatrix& confusion = report.evaluation.confusion;
  const Metrics metrics = report.metrics();
  std::string text = "true";
  for (const ClassMetrics& of_class : metrics.per_class) text += "," + io::csv_field(of_class.name);
  text += '\n';
  for (const ClassMetrics& of_class : metrics.per_class) {
    text += io::csv_field(of_class.name);
    for (std::int64_t answer = 0; answer < confusion.classes(); ++answer) {
      text += "," + std::to_string(confusion.count(of_class.index, answer));
    }
    text += '\n';
  }
  return text;
}

}  // namespace fovea::train
