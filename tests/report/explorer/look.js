// Runs in the page itself, after its own scripts: what does it compute, and what do its controls do?

const given = JSON.parse(document.getElementById("given").textContent);

const MOVES = 15000;

function ofModel(content) {
  const model = new Model(content);
  return given.positions.map((points) => {
    const code = model.encode(points);
    const decoded = model.decode(Float64Array.from(code));
    return {
      code: Array.from(code),
      sample: Array.from(model.decodeSample(Float64Array.from(code)).data),
      points: decoded.points,
      distances: Array.from(distanceMatrix(decoded.points).data),
    };
  });
}

// Mean of something along a chain, and its standard error from the means of forty stretches.
function chainMean(fluid, observe) {
  const means = Array.from({ length: 41 }, () => {
    let total = 0;
    for (let i = 0; i < MOVES; i++) {
      fluid.move();
      total += observe(fluid.points);
    }
    return total / MOVES;
  }).slice(1);
  const mean = means.reduce((sum, each) => sum + each, 0) / means.length;
  const variance = means.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (means.length - 1);
  return { mean, error: Math.sqrt(variance / means.length) };
}

function fluidOf(points, boxSide, gamma, temperature) {
  return new Fluid(points, { boxSide, gamma, temperature, potential: POTENTIALS.lennard_jones, random: makeRandom(3) });
}

function chains() {
  const pair = [[0.5, 0.5], [2, 2]];
  const { lennard_jones } = POTENTIALS;
  return {
    height: chainMean(fluidOf([[1, 1]], 10, 1, 1), meanHeight),
    warmer_height: chainMean(fluidOf([[1, 1]], 10, 1, 1.1), meanHeight),
    pair_energy: chainMean(fluidOf(pair, 3, 0.5, 1), (points) => pairEnergy(points, lennard_jones)),
    height_sum: chainMean(fluidOf(pair, 3, 0.5, 1), (points) => 2 * meanHeight(points)),
  };
}

function press(key) {
  element("plane").dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  return explorer.model.inPlane(explorer.code);
}

function keyboard() {
  explorer.choose({ row: 0 });
  const start = explorer.model.inPlane(explorer.code);
  const right = press("ArrowRight");
  const isReal = explorer.model.codes.some((code) => code.every((value, i) => value === explorer.code[i]));
  element("takes-point").click();
  const point = press("ArrowUp");
  press("Home");
  const zero = Array.from(explorer.code);
  const slider = explorer.inputs[0];
  slider.value = 1.5;
  slider.dispatchEvent(new Event("input"));
  const moved = explorer.code[explorer.sliders.latents[0].index];
  const before = explorer.live.numSweeps;
  element("step").click();
  const swept = explorer.live.numSweeps - before;
  element("gamma").value = 0;
  element("gamma").dispatchEvent(new Event("input"));
  return { start, right, isReal, point, zero, moved, slider: Number(slider.value), swept, gamma: explorer.live.fluid.gamma };
}

// Names of controls that a screen reader could not say, or that no key reaches.
function unnamed() {
  const controls = [...document.querySelectorAll("button, input, canvas[tabindex]")];
  const name = (each) => each.getAttribute("aria-label") || each.textContent.trim() || each.closest("label")?.textContent.trim();
  return controls.filter((each) => !name(each) || each.tabIndex < 0).map((each) => each.id || each.outerHTML);
}

const width = location.hash.slice(1);
const outcome = { [`overflow ${width}`]: document.documentElement.scrollWidth - document.documentElement.clientWidth };
if (width === "1280") {
  const sizes = ["plane", "matrix", "particles", "nearest", "fluid", "heights", "energies"].map((id) => {
    const pixels = element(id).getContext("2d").getImageData(0, 0, element(id).width, element(id).height).data;
    return new Set(new Uint32Array(pixels.buffer)).size;
  });
  Object.assign(outcome, {
    models: given.contents.map(ofModel), chains: chains(), keyboard: keyboard(), unnamed: unnamed(), colours: sizes,
    energies: given.positions.map((points) => totalEnergy(points, 0.7, POTENTIALS.lennard_jones)),
    pages_energy: explorer.decoded.of(Float64Array.from(explorer.model.codes[0])).others.pair_energy,
    resting: tumbled(given.positions[0]),
  });
}
parent.postMessage(outcome, "*");
