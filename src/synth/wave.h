// The functions of time behind every number in the recording: docs/synth.md.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace bagloom::synth {

/// A parabola that looks like a sine, -1..1; `t` may be negative. One rounding a step: the same bits everywhere.
double wave(TimeNs t, TimeNs period);

/// How far a command is ahead of its state.
inline constexpr TimeNs kCommandLead = 50'000'000;

double joint(std::uint32_t index, TimeNs tau);           ///< rad
double joint_velocity(std::uint32_t index, TimeNs tau);  ///< only something that moves
double arm(std::uint32_t index, TimeNs tau);             ///< degrees
double claw(std::uint32_t side, TimeNs tau);             ///< 0..100; 0 left, 1 right

}  // namespace bagloom::synth
