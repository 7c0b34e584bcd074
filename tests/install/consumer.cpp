// A program that uses an installed Fovea.
#include <fovea/fovea.h>

#include <cstdio>
#include <string>
#include <vector>

int main() {
  fovea::Tensor x = fovea::tensor({{1, 2}, {3, 4}});
  fovea::Tensor w = fovea::tensor({{1, 0}, {0, 2}}).set_requires_grad();
  fovea::Tensor y = x.matmul(w).sum();
  y.backward();
  // y = 1*1 + 2*2 + 3*1 + 4*2 = 16; dy/dw[i][j] is the sum of x's column i.
  const bool right = y.item() == 16 && w.grad().to_vector() == std::vector<float>({4, 4, 6, 6});
  std::printf("fovea %s says %g\n", std::string(fovea::version()).c_str(), y.item());
  return right ? 0 : 1;
}
