// What a code decodes to: pictures, and numbers beside those of the nearest real configuration.

function shown(value, digits = 2) {
  if (!Number.isFinite(value)) return value > 0 ? "infinite" : "not a number";
  if (Math.abs(value) < 1e5) return value.toFixed(digits).replace("-", "−");
  const [factor, power] = value.toExponential(1).split("e");
  const raised = Array.from(String(Number(power)), (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit] ?? "⁻").join("");
  return `${factor.replace("-", "−")} × 10${raised}`;
}

class Decoded {
  constructor(model, colours) {
    Object.assign(this, { model, colours });
    this.longest = Math.max(...model.matrices.map((matrix) => matrix.data.reduce((most, value) => Math.max(most, value), 0)));
  }

  // Decode a code; the numbers of both configurations, at the gamma of the real one.
  of(code) {
    const { model } = this;
    const decoded = model.decode(code);
    const nearest = model.nearest(decoded.matrix);
    const real = model.configurations[nearest.row];
    const gamma = model.gammas[model.gammaIndex[nearest.row]];
    const numbers = (points) => ({
      pair_energy: pairEnergy(points, model.potential),
      energy: totalEnergy(points, gamma, model.potential),
      mean_height: meanHeight(points),
      smallest_distance: smallestDistance(points),
    });
    return { ...decoded, nearest, gamma, real, own: numbers(decoded.points), others: numbers(real) };
  }

  // row: of the configuration whose code was decoded, null of any other code.
  show(decoded, row) {
    const { model, colours } = this;
    drawMatrix(element("matrix"), decoded.matrix, this.longest, colours.distances);
    drawParticles(element("particles"), decoded.points, model.system.box_side, ink("accent"));
    const colour = colours.gammas[model.gammaIndex[decoded.nearest.row]];
    drawParticles(element("nearest"), decoded.real, model.system.box_side, colour);
    for (const name of Object.keys(decoded.own)) {
      const digits = name === "mean_height" || name === "smallest_distance" ? 2 : 1;
      element(`own-${name}`).textContent = shown(decoded.own[name], digits);
      element(`real-${name}`).textContent = shown(decoded.others[name], digits);
    }
    element("energy-gamma").textContent = String(decoded.gamma);
    element("rmsd").textContent = shown(decoded.nearest.rmsd, 3);
    const isItself = row === decoded.nearest.row;
    element("original").textContent = row === null ? "" : isItself
      ? "It is the one that the code was made of."
      : `Those of the one that the code was made of differ by ${shown(rmsd(decoded.matrix, model.matrices[row]), 3)}.`;
    element("particles-note").textContent = decoded.knowsPlace
      ? "The model itself says where in the box they are."
      : "Distances do not say how the fluid is turned: it was set down on a side of its hull, like a tumbler toy.";
  }
}
