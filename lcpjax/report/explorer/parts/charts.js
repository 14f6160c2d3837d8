// The two charts of the live fluid: how high the particles are, and what the energy is.

const NUM_BINS = 20;

function emptyHistogram() {
  return { counts: new Float64Array(NUM_BINS), total: 0 };
}

function addHeights(histogram, points, boxSide) {
  for (const point of points) {
    histogram.counts[Math.min(Math.floor((point[1] / boxSide) * NUM_BINS), NUM_BINS - 1)] += 1;
    histogram.total += 1;
  }
}

function densities(histogram, boxSide) {
  const one = (histogram.total || 1) * (boxSide / NUM_BINS);
  return Array.from(histogram.counts, (count) => count / one);
}

function drawHeights(canvas, { live, real, realColour, rate, boxSide }) {
  const own = densities(live, boxSide), others = densities(real, boxSide);
  const law = Array.from({ length: 81 }, (_, i) => (i / 80) * boxSide);
  // The law may begin so high that nothing else could be seen.
  const highest = Math.min(barometricDensity(0, rate, boxSide), 2.5 * Math.max(...others));
  const frame = framed(canvas, { x: [0, boxSide], y: [0, 1.08 * Math.max(highest, ...own, ...others)], xLabel: "height y (sigma)", yLabel: "density (1 / sigma)" });
  const { context, atX, atY } = frame;
  const edge = boxSide / NUM_BINS;
  context.fillStyle = ink("accent");
  context.globalAlpha = 0.45;
  own.forEach((value, i) => context.fillRect(atX(i * edge), atY(value), atX(edge) - atX(0) - 1, atY(0) - atY(value)));
  context.globalAlpha = 1;
  context.lineWidth = 2;
  context.strokeStyle = realColour;
  line(context, others.flatMap((value, i) => [[atX(i * edge), atY(value)], [atX((i + 1) * edge), atY(value)]]));
  context.strokeStyle = ink("text");
  context.setLineDash([6, 4]);
  const places = law.map((height) => [atX(height), atY(barometricDensity(height, rate, boxSide))]);
  line(context, places.filter(([, y]) => y >= frame.top));
  context.setLineDash([]);
}

// Energies of the last sweeps, their running mean, and the mean of real configurations where there is one.
function drawEnergies(canvas, { energies, means, first, reference }) {
  const shown = [...energies, ...means, ...(reference === null ? [] : [reference])].filter(Number.isFinite);
  const sorted = [...shown].sort((a, b) => a - b);
  // A scattered start has energies of millions for a sweep or two; the chart is of what follows.
  const low = sorted[0] ?? -1, high = Math.min(sorted[sorted.length - 1] ?? 1, (sorted[sorted.length >> 1] ?? 0) + 60);
  const margin = Math.max(0.08 * (high - low), 0.5);
  const last = first + Math.max(energies.length - 1, 10);
  const frame = framed(canvas, { x: [first, last], y: [low - margin, high + margin], xLabel: "sweep", yLabel: "energy (epsilon)" });
  const { context, atX, atY, left, right, top, bottom } = frame;
  const places = (values) => values.map((value, i) => [atX(first + i), Math.max(atY(value), top)]);
  context.lineWidth = 1;
  context.strokeStyle = ink("accent");
  context.globalAlpha = 0.6;
  line(context, places(energies));
  context.globalAlpha = 1;
  context.lineWidth = 2.5;
  line(context, places(means).filter(([, y]) => Number.isFinite(y)));
  if (reference === null) return;
  context.strokeStyle = ink("text");
  context.lineWidth = 1.5;
  context.setLineDash([6, 4]);
  if (atY(reference) > top && atY(reference) < bottom) line(context, [[left, atY(reference)], [right, atY(reference)]]);
  context.setLineDash([]);
}
