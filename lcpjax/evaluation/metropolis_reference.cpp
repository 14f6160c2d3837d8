// The study's sampler as a scalar program: one chain after the other, one particle after the other, double
// precision. It is the yardstick of the benchmark, so it is written as fast as plain code goes: no std::pow
// (15 times slower), the energy of a move from its own pairs only, a move through a wall rejected at once.
//
// usage: metropolis_reference NUM_PARTICLES BOX_SIDE TEMPERATURE STEP_SIZE NUM_SWEEPS SEED GAMMA...
// One chain for each GAMMA. Prints seconds, then for each chain its pair energy and mean height.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

static double pair_energy(double dx, double dy) {
  const double r2 = dx * dx + dy * dy;
  const double w = 1.0 / (r2 * r2 * r2);
  return 4.0 * w * (w - 1.0);
}

int main(int argc, char **argv) {
  if (argc < 8) return 2;
  const int n = std::atoi(argv[1]);
  const double side = std::atof(argv[2]), temperature = std::atof(argv[3]), step = std::atof(argv[4]);
  const long num_sweeps = std::atol(argv[5]);
  std::mt19937_64 generator(std::strtoull(argv[6], nullptr, 10));
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  std::vector<double> x(n), y(n), energies, heights;

  const auto start = std::chrono::steady_clock::now();
  for (int chain = 7; chain < argc; ++chain) {
    const double gamma = std::atof(argv[chain]);
    for (int i = 0; i < n; ++i) x[i] = side * uniform(generator), y[i] = side * uniform(generator);
    for (long sweep = 0; sweep < num_sweeps; ++sweep) {
      for (int i = 0; i < n; ++i) {
        const double new_x = x[i] + step * (2.0 * uniform(generator) - 1.0);
        const double new_y = y[i] + step * (2.0 * uniform(generator) - 1.0);
        const double chance = uniform(generator);
        if (new_x < 0.0 || new_x > side || new_y < 0.0 || new_y > side) continue;
        double old_energy = gamma * y[i], new_energy = gamma * new_y;
        for (int j = 0; j < n; ++j) {
          if (j == i) continue;
          old_energy += pair_energy(x[i] - x[j], y[i] - y[j]);
          new_energy += pair_energy(new_x - x[j], new_y - y[j]);
        }
        if (new_energy <= old_energy || chance < std::exp(-(new_energy - old_energy) / temperature)) {
          x[i] = new_x, y[i] = new_y;
        }
      }
    }
    double energy = 0.0, height = 0.0;
    for (int i = 0; i < n; ++i) {
      height += y[i] / n;
      for (int j = 0; j < i; ++j) energy += pair_energy(x[i] - x[j], y[i] - y[j]);
    }
    energies.push_back(energy), heights.push_back(height);
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  std::printf("%.9f\n", elapsed.count());
  for (size_t i = 0; i < energies.size(); ++i) std::printf("%.9g %.9g\n", energies[i], heights[i]);
}
