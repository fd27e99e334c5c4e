#include "synth/wave.h"

namespace bagloom::synth {

// This folder is compiled without fused multiply-add, so that 50 + 50 * y is two roundings on every CPU.
double wave(TimeNs t, TimeNs period) {
  TimeNs rest = t % period;
  if (rest < 0) rest += period;
  const double u = static_cast<double>(rest) / static_cast<double>(period);
  const double h = u < 0.5 ? u : u - 0.5;
  const double y = (16.0 * h) * (0.5 - h);
  return u < 0.5 ? y : -y;
}

double joint(std::uint32_t index, TimeNs tau) {
  const auto j = static_cast<TimeNs>(index);
  return wave(tau + 300'000'000 * j, 4'000'000'000 + 100'000'000 * j);
}
double joint_velocity(std::uint32_t index, TimeNs tau) { return joint(index, tau + 1'000'000'000); }
double arm(std::uint32_t index, TimeNs tau) { return 30.0 * wave(tau + 200'000'000 * static_cast<TimeNs>(index), 5'000'000'000); }
double claw(std::uint32_t side, TimeNs tau) {
  return 50.0 + 50.0 * wave(tau + 1'500'000'000 * static_cast<TimeNs>(side), 6'000'000'000);
}

}  // namespace bagloom::synth
