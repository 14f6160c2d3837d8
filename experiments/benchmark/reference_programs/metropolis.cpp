// The study's sampler as a scalar program: one chain after the other, one particle after the other. It is the
// yardstick of the benchmark, so it is written as fast as plain code goes: no std::pow (15 times slower), no
// test for the particle itself among its partners (1.6 times slower in double), the energy of a move from its
// own pairs only, a move through a wall rejected at once.
//
// Two builds: REAL = double, the study's way, and REAL = float, with all that compiler and machine can add.
//
// A sweep is one of local steps or, with the probability given, one of non-local moves: a place anywhere in the box,
// x uniform and y from exp(-gamma y / T) between the walls, accepted on the pair energies alone.
//
// usage: metropolis NUM_PARTICLES BOX_SIDE TEMPERATURE STEP_SIZE NONLOCAL_FRACTION NUM_SWEEPS SEED NUM_THREADS
//        [NUM_AVERAGED_SWEEPS] < GAMMAS
// One chain for each gamma. Prints seconds, then for each chain its pair energy, mean height and the part of the pair
// energy that pairs farther apart than 2.5 have: those of its last configuration, or with NUM_AVERAGED_SWEEPS the
// averages over so many of its last sweeps, looked at after every tenth. A chain is the same whatever the number of
// threads.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>
#include <type_traits>
#include <vector>

#ifndef REAL
#define REAL double
#endif
using Real = REAL;
// One word of the generator holds one number of either kind.
using Generator = std::conditional_t<std::is_same_v<Real, float>, std::mt19937, std::mt19937_64>;

struct Fluid {
  int n;
  Real side, temperature, step, nonlocal_fraction;
  long num_sweeps, num_averaged_sweeps;
  unsigned seed;
};
struct Outcome {
  double energy = 0.0, height = 0.0, tail_energy = 0.0;
};

static inline Real pair_energy(Real dx, Real dy) {
  const Real r2 = dx * dx + dy * dy;
  const Real w = Real(1) / (r2 * r2 * r2);
  return Real(4) * w * (w - Real(1));
}

static constexpr long SWEEPS_PER_LOOK = 10;
static constexpr Real TAIL_DISTANCE = 2.5;  // where simulations often cut the potential

static Outcome look_at(const std::vector<Real> &x, const std::vector<Real> &y) {
  const int n = int(x.size());
  Outcome outcome;
  for (int i = 0; i < n; ++i) {
    outcome.height += y[i] / n;
    for (int j = 0; j < i; ++j) {
      const Real dx = x[i] - x[j], dy = y[i] - y[j], energy = pair_energy(dx, dy);
      outcome.energy += energy;
      if (dx * dx + dy * dy > TAIL_DISTANCE * TAIL_DISTANCE) outcome.tail_energy += energy;
    }
  }
  return outcome;
}

static Outcome run_chain(const Fluid &fluid, unsigned chain, Real gamma) {
  const int n = fluid.n;
  const Real side = fluid.side, step = fluid.step;
  std::seed_seq seeds{fluid.seed, chain};
  Generator generator(seeds);
  std::uniform_real_distribution<Real> uniform(0, 1);
  std::vector<Real> x(n), y(n);
  for (int i = 0; i < n; ++i) x[i] = side * uniform(generator), y[i] = side * uniform(generator);
  const Real least_weight = std::exp(-gamma * side / fluid.temperature);
  Outcome sum;
  long num_looks = 0;
  for (long sweep = 0; sweep < fluid.num_sweeps; ++sweep) {
    // No number is drawn where there is nothing to decide.
    const bool nonlocal = fluid.nonlocal_fraction > 0 && uniform(generator) < fluid.nonlocal_fraction;
    for (int i = 0; i < n; ++i) {
      Real new_x, new_y, old_energy, new_energy;
      if (nonlocal) {
        new_x = side * uniform(generator);
        const Real u = uniform(generator);
        new_y = gamma == 0 ? side * u : -std::log((1 - u) + u * least_weight) * fluid.temperature / gamma;
        old_energy = new_energy = 0;
      } else {
        new_x = x[i] + step * (2 * uniform(generator) - 1);
        new_y = y[i] + step * (2 * uniform(generator) - 1);
        old_energy = gamma * y[i], new_energy = gamma * new_y;
      }
      const Real chance = uniform(generator);
      if (new_x < 0 || new_x > side || new_y < 0 || new_y > side) continue;
      for (int j = 0; j < i; ++j) {
        old_energy += pair_energy(x[i] - x[j], y[i] - y[j]);
        new_energy += pair_energy(new_x - x[j], new_y - y[j]);
      }
      for (int j = i + 1; j < n; ++j) {
        old_energy += pair_energy(x[i] - x[j], y[i] - y[j]);
        new_energy += pair_energy(new_x - x[j], new_y - y[j]);
      }
      if (new_energy <= old_energy || chance < std::exp(-(new_energy - old_energy) / fluid.temperature)) {
        x[i] = new_x, y[i] = new_y;
      }
    }
    const long left = fluid.num_sweeps - 1 - sweep;
    if (left < fluid.num_averaged_sweeps && left % SWEEPS_PER_LOOK == 0) {
      const Outcome now = look_at(x, y);
      sum.energy += now.energy, sum.height += now.height, sum.tail_energy += now.tail_energy;
      ++num_looks;
    }
  }
  if (num_looks == 0) return look_at(x, y);
  return {sum.energy / num_looks, sum.height / num_looks, sum.tail_energy / num_looks};
}

int main(int argc, char **argv) {
  if (argc != 9 && argc != 10) return 2;
  const Fluid fluid{std::atoi(argv[1]),        Real(std::atof(argv[2])), Real(std::atof(argv[3])),
                    Real(std::atof(argv[4])),  Real(std::atof(argv[5])), std::atol(argv[6]),
                    argc == 10 ? std::atol(argv[9]) : 0,
                    unsigned(std::strtoul(argv[7], nullptr, 10))};
  const size_t num_threads = std::strtoul(argv[8], nullptr, 10);
  std::vector<double> gammas;
  for (double gamma; std::scanf("%lf", &gamma) == 1;) gammas.push_back(gamma);
  std::vector<Outcome> outcomes(gammas.size());

  const auto run_fraction = [&](size_t thread) {
    for (size_t chain = thread; chain < gammas.size(); chain += num_threads) {
      outcomes[chain] = run_chain(fluid, unsigned(chain), Real(gammas[chain]));
    }
  };
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (size_t thread = 1; thread < num_threads; ++thread) threads.emplace_back(run_fraction, thread);
  run_fraction(0);
  for (auto &thread : threads) thread.join();
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;

  std::printf("%.9f\n", elapsed.count());
  for (const auto &outcome : outcomes) {
    std::printf("%.9g %.9g %.9g\n", outcome.energy, outcome.height, outcome.tail_energy);
  }
}
