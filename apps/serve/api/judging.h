// How well runs answer, sample by sample: computed once for each run's weights, in the background
// and on a copy of them, and kept for those that were asked about last.
//
// Threads: all may be called from any.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "apps/serve/api/explaining.h"
#include "apps/serve/api/recent.h"
#include "fovea/train/answers.h"
#include "fovea/train/report.h"

namespace fovea::serve {

/// A run judged on its test data.
struct Judged {
  train::Report report;                            ///< as fovea eval prints it without --tta
  std::vector<train::SampleAnswer> answers = {};   ///< of each sample
  std::shared_ptr<const data::Dataset> data = {};  ///< the samples
};

/// How far a run is judged.
struct JudgingProgress {
  std::int64_t done = 0;   ///< samples
  std::int64_t total = 0;  ///< samples; 0: not known yet
};

/// See the head of this file.
class Judging {
 public:
  /// Finds models and data there, which must outlive it.
  explicit Judging(Explaining& explaining);
  ~Judging();
  Judging(const Judging&) = delete;
  Judging& operator=(const Judging&) = delete;

  /// The judgement of a model's weights ("run:exp"), or how far it is, in which case it is begun.
  /// Throws   NotFound when there is no such model; what judging has thrown, once.
  std::variant<std::shared_ptr<const Judged>, JudgingProgress> ask(const std::string& model);

 private:
  struct Job;
  std::shared_ptr<Job> kept_job(const std::string& model, const std::string& stamp);
  void work();
  std::shared_ptr<const Judged> judge(Job& job);

  Explaining& explaining_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Recent<std::string, std::shared_ptr<Job>> jobs_;  // by model
  std::deque<std::shared_ptr<Job>> waiting_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

/// Adds /api/evaluation, /api/evaluation/cell and /api/comparison.
void add_judging(Router& router, Judging& judging);

}  // namespace fovea::serve
