#include "fovea/kernels/cpu/winograd/block.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <vector>

#include "fovea/kernels/cpu/cpu.h"
#include "fovea/kernels/cpu/norm/batch_norm_moments.h"
#include "fovea/kernels/cpu/scratch.h"
#include "fovea/kernels/cpu/winograd/tiles.h"
#include "fovea/kernels/cpu/winograd/winograd.h"

namespace fovea::kernels::cpu {

namespace {

/// Memory for a band of each part.
class BandBuffers {
 public:
  /// Bands of a block's result.
  explicit BandBuffers(const ConvBlockSpec& spec)
      : floats_(std::min(std::lcm(spec.epilogue.window_h, kWinogradOut), spec.conv_sizes[2]) *
                spec.conv_sizes[3] * spec.conv_sizes[1]) {}
  void start(int parts) { memory_.emplace(parts * floats_); }
  float* of(int part) const { return memory_->data() + part * floats_; }

 private:
  std::int64_t floats_;
  std::optional<Scratch<>> memory_;
};

/// Keeps the result and gathers its statistics.
class StatisticsSink final : public ConvSink {
 public:
  explicit StatisticsSink(View z) : z_(z), row_(z.size(3) * z.size(1)) {}
  void start(int parts) override { moments_.emplace(parts, z_.size(1)); }
  float* open(int, const ConvBand& band) override {
    return z_.as<float>() + (band.image * z_.size(2) + band.first) * row_;
  }
  void close(int part, const ConvBand& band) override {
    moments_->add(part, open(part, band), band.rows * z_.size(3));
  }
  void write(View mean, View var) { moments_->write(mean, var); }

 private:
  View z_;
  std::int64_t row_;
  std::optional<PartMoments> moments_;
};

/// Normalises, activates and pools at once; keeps the result where z is there.
class PoolSink final : public ConvSink {
 public:
  PoolSink(const ConvBlockSpec& spec, const NormPoolForward& pool, View z)
      : pool_(pool), z_(z), buffers_(spec) {}
  void start(int parts) override {
    if (!z_.data) buffers_.start(parts);
  }
  float* open(int part, const ConvBand& band) override {
    if (!z_.data) return buffers_.of(part);
    return z_.as<float>() + pool_.layout().x_at(band.image, band.first);
  }
  void close(int part, const ConvBand& band) override {
    pool_.rows(band.image, band.first, band.rows, open(part, band));
  }

 private:
  const NormPoolForward& pool_;
  View z_;
  BandBuffers buffers_;
};

/// Makes the result's gradient.
class GradientSource final : public ConvSource {
 public:
  GradientSource(const ConvBlockSpec& spec, const NormPoolInput& dz) : dz_(dz), buffers_(spec) {}
  void start(int parts) override { buffers_.start(parts); }
  void prefetch(const ConvBand& band) const override {
    dz_.prefetch(band.image, band.first, band.rows);
  }
  const float* open(int part, const ConvBand& band) override {
    dz_.rows(band.image, band.first, band.rows, buffers_.of(part));
    return buffers_.of(part);
  }

 private:
  const NormPoolInput& dz_;
  BandBuffers buffers_;
};

}  // namespace

void winograd_block_forward(const ConvBlockSpec& spec, const ConvBlockInputs& in,
                            const ConvBlockResults& out, View z) {
  const std::int64_t height = spec.epilogue.window_h;
  const auto* const prepared = static_cast<const float*>(in.prepared.data);
  if (spec.norm == BlockNorm::kBatch) {
    StatisticsSink sink(z);
    winograd_forward(spec.conv, in.x, in.weight, prepared, in.bias, spec.conv_sizes, 1, sink);
    sink.write(out.mean, out.var);
    return norm_pool_forward(queue(), spec.epilogue, z, out.mean, out.var, spec.eps, in.norm_weight,
                             in.norm_bias, out.y, out.positions);
  }
  const NormPoolForward pool(
      spec.epilogue, spec.conv_sizes,
      NormAffine(spec.conv_sizes[1], out.mean, out.var, spec.eps, in.norm_weight, in.norm_bias),
      out.y, out.positions);
  PoolSink sink(spec, pool, z);
  winograd_forward(spec.conv, in.x, in.weight, prepared, in.bias, spec.conv_sizes, height, sink);
}

void winograd_block_backward(const ConvBlockSpec& spec, const ConvBlockInputs& in,
                             const NormPoolInput& dz, const ConvBlockGradients& d) {
  GradientSource source(spec, dz);
  winograd_backward(spec.conv, in.x, in.weight, spec.conv_sizes, spec.epilogue.window_h, source,
                    d.dx, d.dweight, d.dbias);
}

}  // namespace fovea::kernels::cpu
