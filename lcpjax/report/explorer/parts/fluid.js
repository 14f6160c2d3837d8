// The live fluid: a chain that goes on while one looks, its charts and its code.

const SWEEPS_A_FRAME = 3, SWEEPS_LEFT_OUT = 50, MOST_SWEEPS_SHOWN = 400, TRAIL = 40;

class LiveFluid {
  constructor(model, colours) {
    Object.assign(this, { model, colours });
    this.isRunning = false;
    this.realHeights = model.gammas.map((_, index) => {
      const histogram = emptyHistogram();
      for (const row of model.rowsOfGamma(index)) addHeights(histogram, model.configurations[row], model.system.box_side);
      return histogram;
    });
    this.restart(model.gammas[model.gammas.length - 1], model.system.temperature, 1);
  }

  restart(gamma, temperature, seed) {
    const { model } = this;
    const { box_side: boxSide, num_particles: number } = model.system;
    const random = makeRandom(seed);
    const rows = model.rowsOfGamma(model.nearestGamma(gamma));
    const start = model.configurations[rows[Math.floor(random() * rows.length)]];
    this.random = random;
    this.fluid = new Fluid(start, { boxSide, gamma, temperature, potential: model.potential, random });
    this.scatter = () => {
      this.fluid.points = Array.from({ length: number }, () => [random() * boxSide, random() * boxSide]);
      this.forget();
    };
    this.trail = [];
    this.forget();
  }

  // After a change what was collected is of another fluid.
  forget() {
    Object.assign(this, { numSweeps: 0, total: 0, acceptance: 0, energies: [], means: [], heights: emptyHistogram() });
  }

  set(gamma, temperature) {
    Object.assign(this.fluid, { gamma, temperature });
    this.forget();
  }

  sweep() {
    this.acceptance += this.fluid.sweep();
    this.numSweeps += 1;
    const { energy } = this.fluid;
    // The first sweeps after a change are not of the equilibrium.
    const counted = this.numSweeps - SWEEPS_LEFT_OUT;
    if (counted > 0) {
      this.total += energy;
      addHeights(this.heights, this.fluid.points, this.model.system.box_side);
    }
    this.energies.push(energy);
    this.means.push(counted > 0 ? this.total / counted : NaN);
    if (this.energies.length > MOST_SWEEPS_SHOWN) {
      this.energies.shift();
      this.means.shift();
    }
  }

  encode(onCode) {
    if (!this.model.encodes) return;
    const code = this.model.encode(this.fluid.points);
    this.trail.push(this.model.inPlane(code));
    if (this.trail.length > TRAIL) this.trail.shift();
    onCode(code);
  }

  show() {
    const { model, fluid, colours } = this;
    const { box_side: boxSide, temperature } = model.system;
    const index = model.nearestGamma(fluid.gamma);
    drawParticles(element("fluid"), fluid.points, boxSide, ink("accent"));
    drawHeights(element("heights"), {
      live: this.heights, real: this.realHeights[index], realColour: colours.gammas[index],
      rate: fluid.gamma / fluid.temperature, boxSide,
    });
    const rows = model.rowsOfGamma(index);
    const isSame = Math.abs(model.gammas[index] - fluid.gamma) < 1e-9 && Math.abs(temperature - fluid.temperature) < 1e-9;
    const energies = rows.map((row) => totalEnergy(model.configurations[row], model.gammas[index], model.potential));
    const reference = isSame ? energies.reduce((total, energy) => total + energy / rows.length, 0) : null;
    drawEnergies(element("energies"), {
      energies: this.energies, means: this.means, reference, first: this.numSweeps - this.energies.length + 1,
    });
    this.say(index, isSame, reference);
  }

  say(index, isSame, reference) {
    const counted = Math.max(this.numSweeps - SWEEPS_LEFT_OUT, 0);
    element("num-sweeps").textContent = `${this.numSweeps}, the first ${SWEEPS_LEFT_OUT} not counted`;
    element("acceptance").textContent = this.numSweeps ? shown(this.acceptance / this.numSweeps, 2) : "-";
    const mean = counted ? `${shown(this.total / counted, 1)} epsilon` : "-";
    element("mean-energy").textContent = reference === null ? mean : `${mean} (test configurations ${shown(reference, 1)})`;
    element("live-height").textContent = `${shown(meanHeight(this.fluid.points), 2)} sigma`;
    const { temperature } = this.model.system;
    const same = isSame ? "" : `; they are of gamma ${this.model.gammas[index]} and temperature ${temperature}, so they may differ`;
    element("heights-note").textContent = `line: the test configurations of the nearest gamma${same}`;
  }
}
