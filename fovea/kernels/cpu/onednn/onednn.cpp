#include "fovea/kernels/cpu/onednn/onednn.h"

#include "fovea/kernels/cpu/onednn/plan.h"

namespace fovea::kernels::cpu::onednn {

namespace {

using Desc = dnnl::memory::desc;
using Dims = dnnl::memory::dims;
using Tag = dnnl::memory::format_tag;
constexpr auto kF32 = dnnl::memory::data_type::f32;

// --- Convolution ---------------------------------------------------------------------------------

/// A convolution in oneDNN's terms. 1-D runs as 2-D of height 1.
struct ConvProblem {
  Desc x, y;        ///< channels-last
  Desc weight;      ///< contiguous, [groups,] k, c, kernel...
  Desc weight_any;  ///< of any layout
  Desc bias;        ///< empty when there is none
  Dims stride, dilation, padding_begin, padding_end;
};

Dims dims_of(const Shape& shape, int spatial, std::int64_t filler) {
  Dims dims(shape.begin(), shape.end());
  if (spatial == 1) dims.insert(dims.end() - 1, filler);
  return dims;
}

ConvProblem describe(const ConvSpec& spec, const ConstView& x, const ConstView& weight,
                     const ConstView& y, bool has_bias) {
  const bool volume = spec.spatial == 3;
  const Tag channels_last = volume ? Tag::ndhwc : Tag::nhwc;
  Dims kernel = dims_of(weight.sizes, spec.spatial, 1);
  const std::int64_t outputs = kernel[0];
  Tag plain = volume ? Tag::oidhw : Tag::oihw;
  if (spec.groups > 1) {
    kernel[0] = outputs / spec.groups;
    kernel.insert(kernel.begin(), spec.groups);
    plain = volume ? Tag::goidhw : Tag::goihw;
  }
  ConvProblem problem;
  problem.x = Desc(dims_of(x.sizes, spec.spatial, 1), kF32, channels_last);
  problem.y = Desc(dims_of(y.sizes, spec.spatial, 1), kF32, channels_last);
  problem.weight = Desc(kernel, kF32, plain);
  problem.weight_any = Desc(kernel, kF32, Tag::any);
  if (has_bias) problem.bias = Desc(Dims{outputs}, kF32, Tag::a);
  problem.stride = dims_of(spec.stride, spec.spatial, 1);
  problem.dilation = dims_of(spec.dilation, spec.spatial, 1);
  for (auto& distance : problem.dilation) distance -= 1;  // oneDNN counts the elements skipped
  problem.padding_begin = dims_of(spec.padding_begin, spec.spatial, 0);
  problem.padding_end = dims_of(spec.padding_end, spec.spatial, 0);
  return problem;
}

Key key_of(Kind kind, const ConvSpec& spec, const ConstView& x, const ConstView& weight,
           const ConstView& y, bool has_bias) {
  Key key(kind);
  key.add(spec.spatial);
  key.add(x.sizes);
  key.add(weight.sizes);
  key.add(y.sizes);
  key.add(spec.stride);
  key.add(spec.padding_begin);
  key.add(spec.padding_end);
  key.add(spec.dilation);
  key.add(spec.groups);
  key.add(has_bias ? 1 : 0);
  return key;
}

constexpr auto kDirect = dnnl::algorithm::convolution_direct;

// 2.x describes an operation first and then looks for an implementation; 3.x does both in one
// constructor.
#if DNNL_VERSION_MAJOR < 3
dnnl::convolution_forward::primitive_desc forward_desc(const ConvProblem& p) {
  const auto kind = dnnl::prop_kind::forward_training;
  const auto desc =
      p.bias.get_size()
          ? dnnl::convolution_forward::desc(kind, kDirect, p.x, p.weight_any, p.bias, p.y, p.stride,
                                            p.dilation, p.padding_begin, p.padding_end)
          : dnnl::convolution_forward::desc(kind, kDirect, p.x, p.weight_any, p.y, p.stride,
                                            p.dilation, p.padding_begin, p.padding_end);
  return {desc, attributes(), engine()};
}

dnnl::convolution_backward_data::primitive_desc backward_input_desc(const ConvProblem& p) {
  const dnnl::convolution_backward_data::desc desc(kDirect, p.x, p.weight_any, p.y, p.stride,
                                                   p.dilation, p.padding_begin, p.padding_end);
  return {desc, attributes(), engine(), forward_desc(p)};
}

dnnl::convolution_backward_weights::primitive_desc backward_weight_desc(const ConvProblem& p) {
  using Backward = dnnl::convolution_backward_weights;
  const auto desc = p.bias.get_size()
                        ? Backward::desc(kDirect, p.x, p.weight_any, p.bias, p.y, p.stride,
                                         p.dilation, p.padding_begin, p.padding_end)
                        : Backward::desc(kDirect, p.x, p.weight_any, p.y, p.stride, p.dilation,
                                         p.padding_begin, p.padding_end);
  return {desc, attributes(), engine(), forward_desc(p)};
}

dnnl::matmul::primitive_desc product_desc(const Desc& a, const Desc& b, const Desc& bias,
                                          const Desc& y) {
  return {bias.get_size() ? dnnl::matmul::desc(a, b, bias, y) : dnnl::matmul::desc(a, b, y),
          attributes(), engine()};
}
#else
dnnl::convolution_forward::primitive_desc forward_desc(const ConvProblem& p) {
  return {engine(),      dnnl::prop_kind::forward_training,
          kDirect,       p.x,
          p.weight_any,  p.bias,
          p.y,           p.stride,
          p.dilation,    p.padding_begin,
          p.padding_end, attributes()};
}

dnnl::convolution_backward_data::primitive_desc backward_input_desc(const ConvProblem& p) {
  return {engine(),   kDirect,         p.x,           p.weight_any,    p.y,         p.stride,
          p.dilation, p.padding_begin, p.padding_end, forward_desc(p), attributes()};
}

dnnl::convolution_backward_weights::primitive_desc backward_weight_desc(const ConvProblem& p) {
  return {engine(),   kDirect,         p.x,           p.weight_any,    p.bias,      p.y, p.stride,
          p.dilation, p.padding_begin, p.padding_end, forward_desc(p), attributes()};
}

dnnl::matmul::primitive_desc product_desc(const Desc& a, const Desc& b, const Desc& bias,
                                          const Desc& y) {
  if (bias.get_size()) return {engine(), a, b, bias, y, attributes()};
  return {engine(), a, b, y, attributes()};
}
#endif

}  // namespace

namespace {

/// The plan of a forward pass whose weight comes as the caller has it, or prepared.
Plan& forward_plan(const ConvSpec& spec, const ConvInputs& in, const Shape& y, bool prepared) {
  const bool has_bias = in.bias.data != nullptr;
  const ConstView result{nullptr, f32, y, {}};
  const Kind kind = prepared ? Kind::kForwardPrepared : Kind::kForward;
  return find(key_of(kind, spec, in.x, in.weight, result, has_bias), [&] {
    const ConvProblem problem = describe(spec, in.x, in.weight, result, has_bias);
    const auto desc = forward_desc(problem);
    Plan plan(dnnl::convolution_forward(desc), desc);
    plan.operand(DNNL_ARG_SRC, problem.x);
    plan.input(DNNL_ARG_WEIGHTS, prepared ? desc.weights_desc() : problem.weight,
               desc.weights_desc());
    plan.operand(DNNL_ARG_DST, problem.y);
    if (has_bias) plan.operand(DNNL_ARG_BIAS, problem.bias);
    return plan;
  });
}

}  // namespace

PreparedPlan convolution_plan(const ConvSpec& spec, const ConvInputs& in, const Shape& y) {
  return translated([&] {
    const Layout* layout = forward_plan(spec, in, y, false).reordered(DNNL_ARG_WEIGHTS);
    if (layout == nullptr) return PreparedPlan();
    return PreparedPlan{.purpose = Purpose::kConvolution,
                        .bytes = static_cast<std::int64_t>(layout->desc.get_size()),
                        .layout = layout->hash};
  });
}

void convolution_prepare(const ConvSpec& spec, const ConvInputs& in, const Shape& y,
                         void* prepared) {
  translated([&] {
    const Layout* layout = forward_plan(spec, in, y, false).reordered(DNNL_ARG_WEIGHTS);
    reorder(describe(spec, in.x, in.weight, {nullptr, f32, y, {}}, false).weight, in.weight.data,
            layout->desc, prepared);
  });
}

void convolution_forward(const ConvSpec& spec, const ConvInputs& in, const View& y) {
  const void* const prepared = in.prepared.data;
  translated([&] {
    forward_plan(spec, in, y.sizes, prepared != nullptr)
        .run({in.x.data, prepared ? prepared : in.weight.data, y.data, in.bias.data});
  });
}

void convolution_backward_input(const ConvSpec& spec, const ConstView& dy, const ConstView& weight,
                                const View& dx) {
  const auto make = [&] {
    const ConvProblem problem = describe(spec, dx, weight, dy, false);
    const auto desc = backward_input_desc(problem);
    Plan plan(dnnl::convolution_backward_data(desc), desc);
    plan.operand(DNNL_ARG_DIFF_DST, problem.y);
    plan.input(DNNL_ARG_WEIGHTS, problem.weight, desc.weights_desc());
    plan.operand(DNNL_ARG_DIFF_SRC, problem.x);
    return plan;
  };
  run(key_of(Kind::kBackwardInput, spec, dx, weight, dy, false), make,
      {dy.data, weight.data, dx.data});
}

// oneDNN's own layout for x and dy makes the weight gradient of a first layer about twice as fast,
// but moving dy there costs what that wins (Zen 4, one thread, batch 100: 1->32 3x3 28x28 0.95 ms
// as it is, 0.44 + 0.33 with the reorder; 3->64 3x3 32x32 7.8 and 3.4 + 4.2; 3->64 7x7 64x64, batch
// 32, 32 and 24 + 10), so only the weight is reordered.
void convolution_backward_weight(const ConvSpec& spec, const ConstView& x, const ConstView& dy,
                                 const View& dweight, const View& dbias) {
  const bool has_bias = dbias.data != nullptr;
  const auto make = [&] {
    const ConvProblem problem = describe(spec, x, dweight, dy, has_bias);
    const auto desc = backward_weight_desc(problem);
    Plan plan(dnnl::convolution_backward_weights(desc), desc);
    plan.operand(DNNL_ARG_SRC, problem.x);
    plan.operand(DNNL_ARG_DIFF_DST, problem.y);
    plan.output(DNNL_ARG_DIFF_WEIGHTS, problem.weight, desc.diff_weights_desc());
    if (has_bias) plan.operand(DNNL_ARG_DIFF_BIAS, problem.bias);
    return plan;
  };
  const Key key = key_of(Kind::kBackwardWeight, spec, x, dweight, dy, has_bias);
  run(key, make, {x.data, dy.data, dweight.data, dbias.data});
}

namespace {

/// One operand of `p`: a matrix, or a batch of them, which a batch stride of 0 makes one for all.
Desc matrices(const Product& p, Dims sizes, Dims strides, std::int64_t batch_stride) {
  if (p.batch > 1) {
    strides.insert(strides.begin(), batch_stride ? batch_stride : sizes[0] * sizes[1]);
    sizes.insert(sizes.begin(), batch_stride ? p.batch : 1);
  }
  return Desc(sizes, kF32, strides);
}

}  // namespace

// matmul rather than inner_product: for [100, 2304] x [2304, 600] on one thread of a Zen 4 (118
// GFLOP/s peak) matmul reaches 103 forward, 114 for the input's gradient and 112 for the weight's;
// inner_product 95, 115 and 113 on plain layouts, allocating its packing buffers anew each time.
// Letting it choose the weight's layout gives 111, but moving the weight there costs 30 % of the
// product.
void matmul(const Product& p) {
  const auto make = [&] {
    const Desc a = matrices(p, {p.m, p.k}, {p.a_row, p.a_column}, p.a_batch);
    const Desc b = matrices(p, {p.k, p.n}, {p.b_row, p.b_column}, p.b_batch);
    const Desc y = matrices(p, {p.m, p.n}, {p.y_row, 1}, p.y_batch);
    const Desc bias = p.bias ? matrices(p, {1, p.n}, {p.n, 1}, 0) : Desc();
    const auto desc = product_desc(a, b, bias, y);
    Plan plan(dnnl::matmul(desc), desc);
    plan.operand(DNNL_ARG_SRC, a);
    plan.operand(DNNL_ARG_WEIGHTS, b);
    plan.operand(DNNL_ARG_DST, y);
    if (p.bias) plan.operand(DNNL_ARG_BIAS, bias);
    return plan;
  };
  Key key(Kind::kProduct);
  for (const std::int64_t number :
       {p.batch, p.m, p.n, p.k, p.a_batch, p.a_row, p.a_column, p.b_batch, p.b_row, p.b_column,
        p.y_batch, p.y_row, std::int64_t{p.bias != nullptr}}) {
    key.add(number);
  }
  run(key, make, {p.a, p.b, p.y, p.bias});
}

}  // namespace fovea::kernels::cpu::onednn
