// Tensor operations against PyTorch: values and gradients, in f64.

#include <functional>
#include <map>

#include <gtest/gtest.h>

#include "fovea/tensor/ops.h"
#include "fovea/tensor/tape.h"
#include "tests/support/golden.h"

namespace fovea {
namespace {

using test::GoldenCase;

Shape dims(const GoldenCase& c) {
  if (c.is_null("dim")) return {};
  const std::string json = c.json("dim");
  return json.front() == '[' ? c.shape("dim") : Shape{c.integer("dim")};
}

int dim(const GoldenCase& c, const char* key = "dim") { return static_cast<int>(c.integer(key)); }

/// What an operation gives for one case. Inputs are named as in the file.
using Run = std::function<Tensor(const GoldenCase&, const std::map<std::string, Tensor>&)>;

Run unary(Tensor (*f)(const Tensor&)) {
  return [f](const GoldenCase&, const auto& in) { return f(in.at("x")); };
}
Run binary(Tensor (*f)(const Tensor&, const Tensor&)) {
  return [f](const GoldenCase&, const auto& in) { return f(in.at("x"), in.at("other")); };
}

Run extreme(std::tuple<Tensor, Tensor> (*along)(const Tensor&, int, bool),
            Tensor (*of_all)(const Tensor&)) {
  return [along, of_all](const GoldenCase& c, const auto& in) {
    if (c.is_null("dim")) return of_all(in.at("x"));
    auto [values, indices] = along(in.at("x"), dim(c), c.flag("keepdim"));
    EXPECT_TRUE(equal(indices, c.tensor("indices"))) << c.name();
    return values;
  };
}

Run index_of(Tensor (*f)(const Tensor&, int, bool)) {
  return [f](const GoldenCase& c, const auto& in) {
    if (c.is_null("dim"))
      return f(in.at("x").flatten(), 0, false);  // a position in the flattened tensor
    return f(in.at("x"), dim(c), c.flag("keepdim"));
  };
}

const std::map<std::string, Run>& operations() {
  static const std::map<std::string, Run> table = {
      {"sum",
       [](const auto& c, const auto& in) { return sum(in.at("x"), dims(c), c.flag("keepdim")); }},
      {"mean",
       [](const auto& c, const auto& in) { return mean(in.at("x"), dims(c), c.flag("keepdim")); }},
      {"var",
       [](const auto& c, const auto& in) {
         return var(in.at("x"), dims(c), c.flag("keepdim"), c.number("correction"));
       }},
      {"std",
       [](const auto& c, const auto& in) {
         return std(in.at("x"), dims(c), c.flag("keepdim"), c.number("correction"));
       }},
      {"max", extreme(max, max)},
      {"min", extreme(min, min)},
      {"argmax", index_of(argmax)},
      {"argmin", index_of(argmin)},
      {"matmul", binary(matmul)},
      {"add", binary(add)},
      {"sub", binary(sub)},
      {"mul", binary(mul)},
      {"div", binary(div)},
      {"maximum", binary(maximum)},
      {"minimum", binary(minimum)},
      {"pow", binary(pow)},
      {"eq", binary(eq)},
      {"ne", binary(ne)},
      {"lt", binary(lt)},
      {"le", binary(le)},
      {"gt", binary(gt)},
      {"ge", binary(ge)},
      {"where",
       [](const auto& c, const auto& in) {
         return where(c.tensor("condition"), in.at("x"), in.at("other"));
       }},
      {"exp", unary(exp)},
      {"log", unary(log)},
      {"sqrt", unary(sqrt)},
      {"abs", unary(abs)},
      {"neg", unary(neg)},
      {"reciprocal", unary(reciprocal)},
      {"square", unary(square)},
      {"pow_scalar",
       [](const auto& c, const auto& in) { return pow(in.at("x"), c.number("exponent")); }},
      {"clamp",
       [](const auto& c, const auto& in) {
         const double low = c.is_null("min") ? -HUGE_VAL : c.number("min");
         return clamp(in.at("x"), low, c.is_null("max") ? HUGE_VAL : c.number("max"));
       }},
      {"cat",
       [](const auto& c, const auto& in) {
         Tensors parts;
         for (int i = 0; in.count(str("x", i)); ++i) parts.push_back(in.at(str("x", i)));
         return cat(parts, dim(c));
       }},
      {"stack",
       [](const auto& c, const auto& in) {
         Tensors parts;
         for (int i = 0; in.count(str("x", i)); ++i) parts.push_back(in.at(str("x", i)));
         return stack(parts, dim(c));
       }},
      {"expand", [](const auto& c, const auto& in) { return in.at("x").expand(c.shape("size")); }},
      {"permute",
       [](const auto& c, const auto& in) { return in.at("x").permute(c.shape("dims")); }},
      {"transpose",
       [](const auto& c, const auto& in) {
         return in.at("x").transpose(dim(c, "dim0"), dim(c, "dim1"));
       }},
      {"reshape",
       [](const auto& c, const auto& in) { return in.at("x").reshape(c.shape("size")); }},
      {"select",
       [](const auto& c, const auto& in) { return in.at("x").select(dim(c), c.integer("index")); }},
      {"slice",
       [](const auto& c, const auto& in) {
         const auto or_else = [&](const char* key, std::int64_t other) {
           return c.is_null(key) ? other : c.integer(key);
         };
         return in.at("x").slice(dim(c), or_else("start", 0), or_else("stop", INT64_MAX),
                                 or_else("step", 1));
       }},
      {"flatten",
       [](const auto& c, const auto& in) {
         return in.at("x").flatten(dim(c, "start_dim"), dim(c, "end_dim"));
       }},
      {"index_select",
       [](const auto& c, const auto& in) {
         return index_select(in.at("x"), dim(c), c.tensor("index"));
       }},
  };
  return table;
}

TEST(Golden, TensorOperationsAgreeWithPyTorch) {
  for (const GoldenCase& c : test::load_golden("tensor")) {
    SCOPED_TRACE(c.name() + ", " + c.op());
    const auto found = operations().find(c.op());
    ASSERT_NE(found, operations().end()) << "no such operation in this test";
    std::map<std::string, Tensor> inputs;
    std::vector<std::string> names = {"x", "other"};
    for (int i = 0; c.has(str("x", i)); ++i) names.push_back(str("x", i));
    for (const std::string& name : names) {
      if (!c.has(name)) continue;
      Tensor input = c.tensor(name);
      if (c.has("grad_" + name)) input.set_requires_grad();
      inputs[name] = input;
    }
    const Tensor y = found->second(c, inputs);
    EXPECT_TRUE(allclose(y.detach(), c.tensor("y"), 1e-12, 1e-13)) << y << "\nexpected\n"
                                                                   << c.tensor("y");
    if (!c.has("grad_y")) continue;
    y.backward(c.tensor("grad_y"));
    for (const auto& [name, input] : inputs) {
      const Tensor expected = c.tensor("grad_" + name);
      if (!expected.defined()) continue;
      EXPECT_TRUE(allclose(input.grad(), expected, 1e-11, 1e-12)) << "gradient of " << name << "\n"
                                                                  << input.grad() << "\nexpected\n"
                                                                  << expected;
    }
  }
}

}  // namespace
}  // namespace fovea
