// The fluid: energies, a generator of random numbers, and Metropolis moves. Reduced units, k_B = 1.

const POTENTIALS = {
  // 4 (r^-12 - r^-6), factored so that an overlap is infinite and never undefined.
  lennard_jones: (squared) => {
    const doubled = 2 / (squared * squared * squared);
    return doubled * (doubled - 2);
  },
  soft_power: (squared) => {
    const doubled = 2 / squared;
    return doubled * (doubled - 2);
  },
};

function pairEnergy(points, potential) {
  let energy = 0;
  for (let i = 0; i < points.length; i++) {
    for (let j = 0; j < i; j++) {
      energy += potential((points[i][0] - points[j][0]) ** 2 + (points[i][1] - points[j][1]) ** 2);
    }
  }
  return energy;
}

function totalEnergy(points, gamma, potential) {
  return pairEnergy(points, potential) + gamma * points.reduce((total, point) => total + point[1], 0);
}

function meanHeight(points) {
  return points.reduce((total, point) => total + point[1], 0) / points.length;
}

function smallestDistance(points) {
  let least = Infinity;
  for (let i = 0; i < points.length; i++) {
    for (let j = 0; j < i; j++) {
      least = Math.min(least, (points[i][0] - points[j][0]) ** 2 + (points[i][1] - points[j][1]) ** 2);
    }
  }
  return Math.sqrt(least);
}

// Uniform numbers between 0 and 1: xoshiro128** (Blackman and Vigna), its state filled from the seed by splitmix32.
function makeRandom(seed) {
  let filling = seed >>> 0;
  const state = Array.from({ length: 4 }, () => {
    filling = (filling + 0x9e3779b9) >>> 0;
    let word = Math.imul(filling ^ (filling >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return (word ^ (word >>> 15)) >>> 0;
  });
  const rotated = (word, by) => (word << by) | (word >>> (32 - by));
  return () => {
    const result = Math.imul(rotated(Math.imul(state[1], 5), 7), 9) >>> 0;
    const shifted = state[1] << 9;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotated(state[3], 11);
    return (result + 0.5) / 4294967296;
  };
}

const STEP_SIZE = 0.45, SHARE_ANYWHERE = 0.2;

// One chain. Every move proposes a place for one particle, drawn at random: near it, or anywhere in the box. Both ways
// are as likely forwards as backwards, so accepting with min(1, exp(-dE / T)) keeps detailed balance.
class Fluid {
  constructor(points, { boxSide, gamma, temperature, potential, random }) {
    Object.assign(this, { boxSide, gamma, temperature, potential, random });
    this.points = points.map((point) => [...point]);
  }

  move() {
    const { points, random, boxSide } = this;
    const chosen = Math.floor(random() * points.length);
    const [x, y] = points[chosen];
    const isAnywhere = random() < SHARE_ANYWHERE;
    const place = isAnywhere
      ? [random() * boxSide, random() * boxSide]
      : [x + (2 * random() - 1) * STEP_SIZE, y + (2 * random() - 1) * STEP_SIZE];
    if (place.some((value) => value < 0 || value > boxSide)) return false;
    let change = this.gamma * (place[1] - y);
    for (let other = 0; other < points.length; other++) {
      if (other === chosen) continue;
      const [u, v] = points[other];
      change += this.potential((place[0] - u) ** 2 + (place[1] - v) ** 2) - this.potential((x - u) ** 2 + (y - v) ** 2);
    }
    if (!(change <= 0 || random() < Math.exp(-change / this.temperature))) return false;
    points[chosen] = place;
    return true;
  }

  sweep() {
    let accepted = 0;
    for (let i = 0; i < this.points.length; i++) accepted += this.move();
    return accepted / this.points.length;
  }

  get energy() {
    return totalEnergy(this.points, this.gamma, this.potential);
  }
}

// Density of heights of particles that do not feel each other, per sigma: n(y) ~ exp(-gamma y / T).
function barometricDensity(height, rate, boxSide) {
  return Math.abs(rate * boxSide) < 1e-9 ? 1 / boxSide : (rate * Math.exp(-rate * height)) / -Math.expm1(-rate * boxSide);
}
