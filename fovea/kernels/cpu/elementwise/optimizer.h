// Optimiser kernels of the CPU. Contracts: KernelTable. Elements do not mix, and the cut between
// threads falls on fixed multiples, so the result is the same for any number of threads.
#pragma once

#include "fovea/kernels/kernels.h"

namespace fovea::kernels::cpu {

/// See KernelTable.
void adam_step(Queue&, const AdamSpec&, ConstView grad, View param, View exp_avg, View exp_avg_sq,
               View rounded);
/// See KernelTable.
void sgd_step(Queue&, const SgdSpec&, ConstView grad, View param, View momentum_buffer,
              View rounded);

}  // namespace fovea::kernels::cpu
